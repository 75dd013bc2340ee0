#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages a list names that this machine does not have yet. Usage: apt.sh LIST
set -euo pipefail

mapfile -t wanted < <(sed 's/#.*//' "$1" | awk 'NF {print $1}')
missing=()
for package in "${wanted[@]}"; do
    # The status field, for dpkg also lists packages that were removed and left their settings.
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=
    [ "$status" = 'install ok installed' ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: these Debian packages are missing and neither root nor sudo is at hand." >&2
        echo "setup: as root, run:  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}
echo "setup: installing Debian packages: ${missing[*]}"
apt update
apt install -y --no-install-recommends "${missing[@]}" >/dev/null

# Debian starts its kamailio at once, on every address. Ours is a child of the box, where the box says.
if [[ " ${missing[*]} " == *" kamailio "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable --now kamailio.service >/dev/null 2>&1 || true
fi
