# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that crosses a wall between rooms of the box: messages, records, rows, views, errors."""
