#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches PJSIP's sources into a directory and prints the tarball's path. Usage: fetch.sh DIRECTORY
#
# Debian carries upstream's PJSIP as a component of its asterisk source package, in sid. apt fetches it and checks the
# signature, with lists and cache of its own: the machine's own package lists never learn of sid.
set -euo pipefail

directory=$1
mirror=${MXBOX_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

apt_dir=$(mktemp -d)
trap 'rm -rf "$apt_dir"' EXIT
mkdir -p "$directory" "$apt_dir"/{lists,cache/archives,download}
for part in lists cache/archives; do mkdir -p "$apt_dir/$part/partial"; done
echo "deb-src [signed-by=$keyring] $mirror sid main" >"$apt_dir/sid.list"

# A mirror that lags behind is as good: whatever version it has will do, and its signature is checked all the same.
apt=(apt-get -q -o Acquire::Check-Valid-Until=false
    -o Dir::Etc::SourceList="$apt_dir/sid.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$apt_dir/lists" -o Dir::Cache="$apt_dir/cache"
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=2 -o Acquire::http::Timeout=60
    -o APT::Update::Error-Mode=any)

{
    "${apt[@]}" update
    cd "$apt_dir/download"
    "${apt[@]}" source --download-only asterisk
} >&2
mv -f "$apt_dir"/download/*.orig-Xpjproject.tar.* "$directory/"
ls -t "$directory"/*.orig-Xpjproject.tar.* | head -n 1
