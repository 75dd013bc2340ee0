# SPDX-License-Identifier: GPL-2.0-or-later
"""Users who sign in, their tickets, and the log of what was changed by whom: `<state>/access.db`."""
