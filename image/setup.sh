#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes this tree run on a machine with nothing but Debian 12 or 13. Every step looks first and does only what is
# missing, so a second run takes a second. Steps: Debian packages, .venv, PJSIP, C modules, translations, sounds.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
exec 9>build/setup.lock
flock 9 # two set-ups at once would build the same things twice; the second waits and finds them made

image/apt.sh image/packages.txt
image/venv.sh
image/pjsip/install.sh
.venv/bin/python -m drivers.build
image/pjsip/smoke.sh
.venv/bin/python -m appliance.i18n_catalog
.venv/bin/python -m appliance.sounds.setup
