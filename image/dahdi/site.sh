#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Python packages that the box and its tests in the guest need, in the versions that this tree's .venv has.
# Usage: site.sh OUT
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$1
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
.venv/bin/python image/dahdi/wanted.py >"$work/wanted"
nice .venv/bin/python -m pip --disable-pip-version-check -q install --no-deps --only-binary :all: \
    --target "$work/site" -r "$work/wanted"
rm -rf "$out"
mv "$work/site" "$out"
