# SPDX-License-Identifier: GPL-2.0-or-later
"""Costs of the box: `make bench`. Nothing here is a test; the small versions in the tests check that it works."""

import appliance.switch  # noqa: F401 - one thread for matrix products, as in the switch; before anything loads numpy
