#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All tests: four files at a time, for most wait on phones and lines; then two at a time those that compare the time of
# one process with that of another, and are misled where more processes want to run than there are cores.
#
# With arguments these go to pytest instead: tests/run.sh tests/appliance/edge
set -uo pipefail
cd "$(dirname "$0")/.."

files_at_once() { .venv/bin/python -m pytest -n "$1" --dist loadfile --no-loadscope-reorder "${@:2}"; }

if [ $# -gt 0 ]; then
    files_at_once 2 "$@"
    exit
fi
by_themselves=(tests/scenarios/test_demo.py tests/appliance/edge/test_supervisor_phones.py)
files_at_once 4 "${by_themselves[@]/#/--ignore=}"
most=$?
files_at_once 2 "${by_themselves[@]}"
exit $((most ? most : $?))
