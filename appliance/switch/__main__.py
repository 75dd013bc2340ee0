# SPDX-License-Identifier: GPL-2.0-or-later
"""Entry of `python -m appliance.switch CONFIG`: the switch of a box in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("appliance.switch.main"))
