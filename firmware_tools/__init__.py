# SPDX-License-Identifier: GPL-2.0-or-later
"""Reserved: no issue has built this room yet."""
