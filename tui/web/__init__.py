# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal in the browser: a process of its own that speaks HTTPS, with a login, and a process a session."""
