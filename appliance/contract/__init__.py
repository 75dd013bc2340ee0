# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses a wall between rooms of the box: messages, records, rows, views, errors."""
