# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes of the box: how they start, end, and are kept running."""
