#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a root of Debian 13 with all packages in FOLDER/KEY unless it is there, KEY being the hash of what it is made from;
# prints where it is. Usage: root.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$1/$(cat image/packages.txt image/trixie/inside.txt image/trixie/root.sh | sha256sum | cut -c1-12)
if [ ! -d "$root" ]; then
    echo "test-trixie: making a root of Debian 13 in $root, some minutes, once" >&2
    rm -rf "$1"/*.new
    packages=$(sed 's/#.*//' image/packages.txt image/trixie/inside.txt | awk 'NF {print $1}' | sort -u | paste -sd,)
    mmdebstrap --quiet --variant=minbase --include="$packages" trixie "$root.new" \
        "${MXBOX_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >&2
    mv "$root.new" "$root"
fi
echo "$root"
