#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tries a PJSIP that is not the locked one, once: does our binding compile against it, do calls, codecs and SDP work?
set -euo pipefail
cd "$(dirname "$0")/../.."

chosen=$(cat .venv/lib/python3*/site-packages/mxbox-pjsip.pth)
built_from=$(sed -n 's/^sha256 //p' "$chosen/VERSION")
locked=$(sed -n 's/^sha256 //p' image/pjsip/source.lock)
if [ "$built_from" = "$locked" ] || [ -e "$chosen/TRIED" ]; then
    exit 0
fi
echo "setup: PJSIP: trying $(sed -n 's/^tarball //p' "$chosen/VERSION"), which is not the locked one" >&2
if ! .venv/bin/python -m pytest -q -x tests/drivers/test_pjsip.py tests/drivers/test_pjsip_sdp.py >&2; then
    echo "setup: PJSIP: this version does not do what the box needs (above)" >&2
    echo "setup: remedy: MXBOX_PJPROJECT_TARBALL=/path/to/$(sed -n 's/^tarball //p' image/pjsip/source.lock) make setup" >&2
    exit 1
fi
touch "$chosen/TRIED"
