#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes .venv from Debian's Python 3.11 and installs this tree into it, editable, with what tests and lint need.
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3.11
venv=$PWD/.venv
stamp=$venv/mxbox-stamp
# A venv does not survive being moved: its scripts name its place. So the place is part of what it is made from.
made_from=$( (echo "$venv"; "$python" --version; cat pyproject.toml image/venv.sh) | sha256sum | cut -d' ' -f1)

if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ]; then
    exit 0
fi
echo "setup: Python packages into .venv"
if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.prefix != sys.argv[1])' "$venv" 2>/dev/null; then
    "$python" -m venv --clear "$venv"
fi
"$venv/bin/python" -m pip --disable-pip-version-check -q install -e '.[dev]'
echo "$made_from" >"$stamp"
