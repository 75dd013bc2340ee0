#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests with Asterisk: it runs from a root of its own (image/asterisk), beside the box in name spaces of this run.
# Usage: run.sh [PYTEST-ARGUMENT...]
#
# The root is kept under ${XDG_CACHE_HOME:-~/.cache}/mxbox/asterisk. Needs root.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${MXBOX_ASTERISK_ROOT:-}" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "test-asterisk: another release's root can be made and entered as root only: sudo make test-asterisk" >&2; exit 1; }
    image/apt.sh image/asterisk/packages.txt
    kept=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox/asterisk
    mkdir -p "$kept"
    exec 7>"$kept/lock"
    flock 7 # of two that begin together one makes the root
    MXBOX_ASTERISK_ROOT=$(image/asterisk/root.sh "$kept")
    exec 7>&-
    export MXBOX_ASTERISK_ROOT
    exec unshare --net --mount --pid --fork --kill-child --mount-proc -- "$0" "$@"
fi
mount --make-rprivate /
mount -t proc proc "$MXBOX_ASTERISK_ROOT/proc"
mount --rbind /dev "$MXBOX_ASTERISK_ROOT/dev"
mount --bind /tmp "$MXBOX_ASTERISK_ROOT/tmp" # its settings lie there, and what it hears
exec image/trixie/network.sh .venv/bin/python -m pytest -p no:xdist -o python_files='peer_*.py' "${@:-tests/asterisk}"
