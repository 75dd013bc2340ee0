# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of users, tickets and the operation log."""
