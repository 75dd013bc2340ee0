#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a root of Debian's unstable release with Asterisk in FOLDER/KEY unless it is there, KEY being the hash of what it
# is made from; prints where it is. Usage: root.sh FOLDER
#
# Stable releases have no Asterisk, and unstable's needs unstable's libraries: so it has a root, and nothing of it comes
# near this machine's packages or the product. To have a newer one, remove the folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$1/$(cat image/asterisk/inside.txt image/asterisk/root.sh | sha256sum | cut -c1-12)
if [ ! -d "$root" ]; then
    echo "test-asterisk: making a root of Debian sid with Asterisk in $root: two minutes, 300 MB, once" >&2
    rm -rf "${1:?}"/*.new
    packages=$(sed 's/#.*//' image/asterisk/inside.txt | awk 'NF {print $1}' | sort -u | paste -sd,)
    # A mirror that stands still (snapshot.debian.org) is as good: its signature is checked, its age is not.
    mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
        sid "$root.new" "${MXBOX_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >&2
    mv "$root.new" "$root"
fi
echo "$root"
