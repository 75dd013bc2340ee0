# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m appliance.switch CONFIG` runs the switch of a box in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("appliance.switch.main"))
