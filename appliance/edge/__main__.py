# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m appliance.edge CONFIG` runs the edge of a box in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("appliance.edge.process"))
