# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `mxbox`, also as `python -m appliance.cli`."""

import sys

from appliance.children.start import start


def main() -> int:
    """Run the command line; return the exit status."""
    return start("appliance.cli.main", hears=True)


if __name__ == "__main__":
    sys.exit(main())
