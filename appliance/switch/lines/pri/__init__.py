# SPDX-License-Identifier: GPL-2.0-or-later
"""A PRI span as a card."""
