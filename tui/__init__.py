# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal: link, picture, screens. See README.md."""
