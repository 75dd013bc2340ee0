#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a command in the network and mount name space that it was started in, made ready: loopback, and an interface with
# an address, without which baresip finds nothing to register from. Usage: unshare --net --mount network.sh COMMAND...
set -euo pipefail

mount --make-rprivate /
mount -t sysfs sysfs /sys # of this network
ip link set lo up
ip link add phones type veth peer name switch # a kernel without the dummy driver has this one for containers
ip address add 192.0.2.1/24 dev phones        # RFC 5737: an address of nobody
ip link set phones up
ip link set switch up
exec "$@"
