# SPDX-License-Identifier: GPL-2.0-or-later
"""What all tests of the switch share."""

from tests.drivers.parting import brief_parting

__all__ = ["brief_parting"]
