#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the Python that everything is made from: the Debian release's own (3.11 on Debian 12, 3.13 on Debian 13).
set -euo pipefail
python=/usr/bin/python3
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
    echo "setup: MXBox runs on Python 3.11 to 3.13; $python is $("$python" --version 2>&1 || true)" >&2
    echo "setup: remedy: use Debian 12 or 13, whose own Python this is" >&2
    exit 1
fi
realpath "$python"
