#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests a clone of HEAD on the newest of all packages that pyproject.toml allows, and on the PJSIP that sid has today.
# Read what it says before the locks are renewed (make lock). Usage: newest.sh [PYTEST-ARGUMENT...]
set -euo pipefail
cd "$(dirname "$0")/.."

clone=$PWD/build/newest
mkdir -p build
rm -rf "$clone"
git clone -q --no-hardlinks . "$clone"
cd "$clone"
export MXBOX_PACKAGES=newest
make --no-print-directory setup
changed=$(.venv/bin/python -m pip --disable-pip-version-check freeze --exclude-editable |
    sed -E 's/^[^=]+/\L&/; :name s/^([^=]*)_/\1-/; t name' | # names as in the lock (PEP 503)
    while IFS= read -r package; do grep -q -F "$package " image/requirements.lock || echo "$package"; done)
echo "test-newest: not as locked: $(echo ${changed:-nothing})"
exec tests/run.sh "$@"
