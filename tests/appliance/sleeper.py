# SPDX-License-Identifier: GPL-2.0-or-later
"""A child for the supervisor's tests: writes its process number into the file it is given, and sleeps."""

import os
import sys
import time
from pathlib import Path

from appliance.children.keeper import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    Path(sys.argv[1]).write_text(str(os.getpid()))
    time.sleep(60)
