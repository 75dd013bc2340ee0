#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Renews the locks: image/requirements.lock from PyPI, image/pjsip/source.lock from Debian sid. Usage: make lock
#
# One file holds for every Python that pyproject.toml allows, by markers. Run `make test-newest` before, and read it.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
"$(image/python.sh)" -m venv "$tool"
"$tool/bin/python" -m pip --disable-pip-version-check -q install uv
{
    echo "# SPDX-License-Identifier: GPL-2.0-or-later"
    echo "# Every PyPI package of .venv by version and hash, for Python 3.11 to 3.13. Made by: make lock"
    "$tool/bin/uv" pip compile pyproject.toml --extra dev --extra tools --universal --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --quiet
} >"$tool/requirements.lock"
mv "$tool/requirements.lock" image/requirements.lock
image/pjsip/lock.sh
git --no-pager diff --stat -- image/requirements.lock image/pjsip/source.lock
