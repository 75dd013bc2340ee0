# SPDX-License-Identifier: GPL-2.0-or-later
"""First set-up of a box: steps with questions, shown by two faces (`appliance.cli.setup`, `tui.setup`)."""
