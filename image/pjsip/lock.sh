#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes source.lock: the tarball of PJSIP's sources that Debian sid has today. Usage: lock.sh
set -euo pipefail
cd "$(dirname "$0")"

sources=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox/pjsip/sources
tarball=$(./fetch.sh "$sources")
{
    echo "# SPDX-License-Identifier: GPL-2.0-or-later"
    echo "# The tarball of PJSIP's sources that is built. Made by: make lock"
    echo "tarball $(basename "$tarball")"
    echo "sha256 $(sha256sum "$tarball" | cut -d' ' -f1)"
} >source.lock.new
mv source.lock.new source.lock
