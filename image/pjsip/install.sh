#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Gives .venv our own PJSIP: takes the kept build of this recipe, or makes it (three minutes, once for a machine).
#
# Kept under ${XDG_CACHE_HOME:-~/.cache}/mxbox/pjsip/VERSION-KEY, KEY being the recipe's and the tarball's hash; the file
# VERSION in it says what it is. sid moves, so the tarball is kept too: a changed recipe builds the same version again.
# MXBOX_PJPROJECT_TARBALL=FILE names a tarball of one's own; MXBOX_DEBIAN_MIRROR=URL another mirror.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."

here=image/pjsip
kept=${XDG_CACHE_HOME:-$HOME/.cache}/mxbox/pjsip
log=$kept/build.log
site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

say() { echo "setup: PJSIP: $*" >&2; }

recipe_hash() {
    { cat $here/build.sh $here/config_site.h; /usr/bin/python3.11 --version; uname -m; } | sha256sum | cut -c1-12
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

# The build to use: kept, or made now, or an older one if there are no sources to be had.
choose() {
    local recipe tarball found
    recipe=$(recipe_hash)
    tarball=${MXBOX_PJPROJECT_TARBALL:-}
    if [ -n "$tarball" ]; then
        [ -r "$tarball" ] || { say "MXBOX_PJPROJECT_TARBALL names no file that can be read: $tarball"; return 1; }
        found=$(find_kept recipe "$recipe" sha256 "$(sha256sum "$tarball" | cut -d' ' -f1)")
        [ -n "$found" ] && echo "$found" || build "$tarball" "$recipe"
        return
    fi
    found=$(find_kept recipe "$recipe")
    [ -z "$found" ] || { echo "$found"; return; }
    tarball=$(newest "$kept"/sources/*.orig-Xpjproject.tar.*)
    if [ -z "$tarball" ] && ! tarball=$($here/fetch.sh "$kept/sources" 2>"$log"); then
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
    build "$tarball" "$recipe"
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
