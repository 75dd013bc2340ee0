# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that settings wait for."""

from typing import Literal

Restart = Literal["box", "edge", "provisioning", "mailing", "web"]
"""The process that has to be started again. `box`: all of it, and calls end; the others touch no call in talk."""
