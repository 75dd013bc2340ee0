# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk of an agent: the same link and picture as the terminal, other screens."""
