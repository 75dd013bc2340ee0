#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Gives .venv our own PJSIP: takes the kept build of this recipe, or makes it (three minutes, once for a machine).
#
# Kept under ${XDG_CACHE_HOME:-~/.cache}/mxbox/pjsip/VERSION-KEY, KEY being the recipe's and the tarball's hash; the file
# VERSION in it says what it is. source.lock names the tarball by hash. sid moves: where it has another one by now, that
# is taken with a warning, and smoke.sh tries it before the box runs on it. A tarball once fetched is kept.
# MXBOX_PJPROJECT_TARBALL=FILE names a tarball of one's own; MXBOX_DEBIAN_MIRROR=URL another mirror;
# MXBOX_PACKAGES=newest takes what sid has today, whatever source.lock says.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."

here=image/pjsip
kept=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox/pjsip
log=$kept/build.log
site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

say() { echo "setup: PJSIP: $*" >&2; }

recipe_hash() {
    { cat $here/build.sh $here/config_site.h $here/*.patch; "$(image/python.sh)" --version; uname -m; } | sha256sum | cut -c1-12
}

# Newest kept build whose VERSION says KEY VALUE, if any.
find_kept() {
    local file
    for file in $(ls -t "$kept"/*/VERSION 2>/dev/null); do
        if grep -qx "$1 $2" "$file" && { [ -z "${3:-}" ] || grep -qx "$3 $4" "$file"; }; then
            dirname "$file"
            return
        fi
    done
}

# Newest of the files that exist, if any.
newest() { ls -t "$@" 2>/dev/null | head -n 1 || true; }

# Builds TARBALL and prints where it is kept.
build() {
    local tarball=$1 recipe=$2 work sha256 version result
    sha256=$(sha256sum "$tarball" | cut -d' ' -f1)
    work=$(mktemp -d "$kept/build.XXXXXX")
    mkdir "$work/source" "$work/result"
    say "building $(basename "$tarball"), about three minutes (log: $log)"
    # The person's PATH, flags and compilers stay out: the build depends on Debian's packages alone.
    if ! env -i HOME="$HOME" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        "$here/build.sh" "$tarball" "$work/source" "$work/result" >"$log" 2>&1; then
        rm -rf "$work"
        tail -n 30 "$log" >&2
        say "the build failed; its last lines are above, the whole log is $log"
        say "remedy: read the first error in it; packages it needs are in image/packages.txt;"
        say "        another version builds with MXBOX_PJPROJECT_TARBALL=/path/to/pjproject.tar.gz make setup"
        return 1
    fi
    version=$(cat "$work/result/version") && rm "$work/result/version"
    {
        echo "version $version"
        echo "recipe $recipe"
        echo "tarball $(basename "$tarball")"
        echo "sha256 $sha256"
        sed -n 's/^#define PJSUA_MAX_CALLS /calls /p' $here/config_site.h
    } >"$work/result/VERSION"
    result=$kept/$version-$(echo "$recipe $sha256" | sha256sum | cut -c1-12)
    rm -rf "$result"
    mv "$work/result" "$result"
    rm -rf "$work"
    say "built $version, kept in $result"
    echo "$result"
}

hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# A kept tarball with this hash, if any.
source_with() {
    local file
    for file in "$kept"/sources/*.orig-Xpjproject.tar.*; do
        if [ -e "$file" ] && [ "$(hash_of "$file")" = "$1" ]; then echo "$file"; return; fi
    done
}

# The build of a tarball: kept, or made now.
built() {
    local found
    found=$(find_kept recipe "$2" sha256 "$(hash_of "$1")")
    [ -n "$found" ] && echo "$found" || build "$1" "$2"
}

# The build to use: of one's own tarball, of the locked one, of what sid has, or an older one if nothing can be had.
choose() {
    local recipe tarball found locked
    recipe=$(recipe_hash)
    tarball=${MXBOX_PJPROJECT_TARBALL:-}
    if [ -n "$tarball" ]; then
        [ -r "$tarball" ] || { say "MXBOX_PJPROJECT_TARBALL names no file that can be read: $tarball"; return 1; }
        built "$tarball" "$recipe"
        return
    fi
    locked=$(sed -n 's/^sha256 //p' $here/source.lock)
    if [ "${MXBOX_PACKAGES:-locked}" != newest ]; then
        found=$(find_kept recipe "$recipe" sha256 "$locked")
        [ -z "$found" ] || { echo "$found"; return; }
        tarball=$(source_with "$locked")
    fi
    if [ -z "$tarball" ]; then
        if ! tarball=$($here/fetch.sh "$kept/sources" 2>"$log"); then
            tail -n 10 "$log" >&2
            found=$(newest "$kept"/*/VERSION)
            if [ -n "$found" ]; then
                say "Debian sid cannot be reached; using the older build $(dirname "$found")"
                dirname "$found"
                return
            fi
            say "Debian sid cannot be reached (above, and $log), and no build is kept"
            say "remedy: get online, or MXBOX_PJPROJECT_TARBALL=/path/to/pjproject.tar.gz make setup"
            return 1
        fi
        [ "$(hash_of "$tarball")" = "$locked" ] ||
            say "WARNING: Debian sid has $(basename "$tarball"), not the locked $(sed -n 's/^tarball //p' $here/source.lock)"
    fi
    built "$tarball" "$recipe"
}

mkdir -p "$kept"
exec 8>"$kept/lock"
flock 8 # another tree of the same person may be building the same thing
chosen=$(choose)
pth=$site_packages/mxbox-pjsip.pth
if [ "$(cat "$pth" 2>/dev/null)" != "$chosen" ]; then
    echo "$chosen" >"$pth"
    say "using $(sed -n 's/^version //p' "$chosen/VERSION") from $chosen"
fi
