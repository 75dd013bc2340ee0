# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m appliance.server CONFIG` runs the call server of a box in the foreground."""

import sys

from appliance.server.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
