# SPDX-License-Identifier: GPL-2.0-or-later
"""What activities are made of: the board, calls, legs, timers, agents, queues."""
