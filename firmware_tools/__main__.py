# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m firmware_tools`: the command `mxbox-tools`."""

import sys

from firmware_tools.cli import main

sys.exit(main())
