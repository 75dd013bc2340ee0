# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m appliance.mailing CONFIG` sends voice messages by mail, in the foreground."""

import sys

from appliance.children.start import start

if __name__ == "__main__":
    sys.exit(start("appliance.mailing.main"))
