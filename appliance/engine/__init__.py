# SPDX-License-Identifier: GPL-2.0-or-later
"""Call control: pure, time passed in; events and requests in, commands and records out."""
