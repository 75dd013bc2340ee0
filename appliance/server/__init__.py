# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server: the process around the engine, the books and the control API."""
