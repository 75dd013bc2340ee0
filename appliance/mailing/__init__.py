# SPDX-License-Identifier: GPL-2.0-or-later
"""Voice messages by mail: a process of its own, so that no call waits for a mail server."""
