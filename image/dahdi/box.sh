#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The box itself as a disk: this tree, its C modules, PJSIP and the prompts, as set-up made them. Usage: box.sh OUT.ext4
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
pjsip=$(cat .venv/lib/python3.11/site-packages/mxbox-pjsip.pth)
mkdir -p "$work/disk/tree" "$work/disk/cache/mxbox" "$work/disk/pjsip"
tar -c --exclude=__pycache__ appliance drivers dsp hw_sim image lab tests tui firmware_tools pyproject.toml | tar -x -C "$work/disk/tree"
cp "$pjsip"/*.so "$pjsip"/*.py "$pjsip"/VERSION "$work/disk/pjsip/"
echo "$pjsip" >"$work/disk/pjsip/home" # where the C modules look for it
cp -a "$cache/sounds" "$work/disk/cache/mxbox/"
# Compiled for the paths they will have: importing is what takes time in an emulated machine.
.venv/bin/python -m compileall -q -j 1 -s "$work/disk" -p /box "$work/disk/tree" "$work/disk/pjsip"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/disk" "$work/box.ext4" 256m
mv "$work/box.ext4" "$out"
