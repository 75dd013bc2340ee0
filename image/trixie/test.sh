#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sets up and tests a clone of this tree in a root of Debian 13, in name spaces of its own. Usage: test.sh [PYTEST-ARGUMENT...]
#
# The root is kept under ${XDG_CACHE_HOME:-~/.cache}/mxbox/trixie (root.sh), with the PJSIP and the prompts that were built
# in it. The clone is of HEAD: commit first. Needs root, and 4 GB of disk.
# MXBOX_PACKAGES=newest is passed on to the set-up.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" -eq 0 ] || { echo "test-trixie: a root of another release can be made and entered as root only: sudo make test-trixie" >&2; exit 1; }
image/apt.sh image/trixie/packages.txt

kept=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox/trixie
tree=$PWD
mkdir -p "$kept"
exec 7>"$kept/lock"
flock 7
root=$(image/trixie/root.sh "$kept")

# The machine's own settings of pip and of whom to trust hold inside as well.
install -D -m 644 /etc/resolv.conf "$root/etc/resolv.conf"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
rm -rf "$root/srv/mxbox"
git clone -q --no-hardlinks "$tree" "$root/srv/mxbox"

# Set-up needs the registries; the tests have a network of their own, where nothing of the machine listens (network.sh).
# A mount name space of its own keeps what is mounted here from the machine; a PID name space ends all with its first.
export root
exec unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    mount --make-rprivate /
    mount --bind "$root" "$root" # a mount of its own, so that it can be the root of its name space
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    cd "$root" # not by chroot: who is in one may make no user name space (user_namespaces(7))
    pivot_root . mnt
    umount --lazy /mnt
    exec /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        MXBOX_PACKAGES="${MXBOX_PACKAGES:-locked}" bash -euo pipefail -c "
            cd /srv/mxbox
            . /etc/os-release && echo \"test-trixie: \$PRETTY_NAME, \$(python3 --version)\"
            make setup
            exec unshare --net --mount image/trixie/network.sh tests/run.sh \"\$@\"
        " test-trixie "$@"
' test-trixie "$@"
