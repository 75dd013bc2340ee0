#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests of the genuine driver, in a network name space of their own: the guest's cards reach nothing but this run.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${MXBOX_TAP:-}" ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
    MXBOX_TAP=mx0 exec unshare --net "${as_root[@]}" -- "$0" "$@"
fi
ip link set lo up
ip tuntap add mx0 mode tap
ip address add 10.93.0.1/24 dev mx0
ip link set mx0 up
echo 512 >/proc/sys/net/unix/max_dgram_qlen # a tick is 20 datagrams
exec .venv/bin/python -m pytest -p no:xdist -o python_files='host_*.py' -o timeout=0 "${@:-tests/dahdi}"
