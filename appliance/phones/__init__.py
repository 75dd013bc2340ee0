# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may register."""
