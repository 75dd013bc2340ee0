#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A root of Debian packages alone. Usage: root.sh LIST OUT.tar
set -euo pipefail
cd "$(dirname "$0")"
packages=$(sed 's/#.*//' "$1" | awk 'NF {print $1}' | paste -sd,)
nice mmdebstrap --quiet --variant=essential --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
    bookworm "$2.new.tar"
mv "$2.new.tar" "$2"
