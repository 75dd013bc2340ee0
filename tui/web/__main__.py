# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m tui.web CONFIG` serves the terminal to browsers, in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("tui.web.main"))
