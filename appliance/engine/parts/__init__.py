# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of activities: the board, calls, legs, timers, agents, queues."""
