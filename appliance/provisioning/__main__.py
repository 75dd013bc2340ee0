# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m appliance.provisioning CONFIG` runs the server of telephones' settings in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("appliance.provisioning.main"))
