#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes .venv from Debian's Python and installs this tree into it, editable, with what tests and lint need.
#
# Every package comes as image/requirements.lock says, by version and hash, so a clone of next year is as one of today.
# MXBOX_PACKAGES=newest takes the newest that pyproject.toml allows instead (make test-newest).
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(image/python.sh)
packages=${MXBOX_PACKAGES:-locked}
venv=$PWD/.venv
stamp=$venv/mxbox-stamp
# A venv does not survive being moved: its scripts name its place. So the place is part of what it is made from.
made_from=$( (echo "$venv" "$packages"; "$python" --version; cat pyproject.toml image/venv.sh image/requirements.lock) |
    sha256sum | cut -d' ' -f1)

if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ]; then
    exit 0
fi
echo "setup: Python packages into .venv ($packages)"
if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.prefix != sys.argv[1])' "$venv" 2>/dev/null; then
    "$python" -m venv --clear "$venv"
fi
pip() { "$venv/bin/python" -m pip --disable-pip-version-check -q "$@"; }
if [ "$packages" = newest ]; then
    pip install --upgrade --upgrade-strategy eager -e '.[dev,tools]'
else
    pip install --require-hashes -r image/requirements.lock
    PYTHONWARNINGS=ignore pip install --no-deps --no-build-isolation -e . # setuptools has advice for those who publish
fi
echo "$made_from" >"$stamp"
