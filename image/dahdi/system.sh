#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Joins the root, the modules and the Python packages to a disk, and makes the first root in memory that finds it.
# Usage: system.sh ROOT.tar KERNEL SITE OUT. Leaves OUT/{vmlinuz,initrd,root.ext4}.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tar=$1 kernel=$2 site=$3 out=$4
if [ "$(id -u)" -ne 0 ] && [ -z "${MXBOX_MAPPED:-}" ]; then
    MXBOX_MAPPED=1 exec unshare --map-root-user "$0" "$@" # files on the disk are root's
fi
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
version=$(cat "$kernel/version")

mkdir -p "$work/root" "$work/result"
tar -C "$work/root" --no-same-owner --exclude='./dev/*' -xf "$tar"
mkdir -p "$work/root/opt/mxbox" "$work/root/lib/modules" "$work/root/box" "$work/root/share"
cp -a "$kernel/lib/modules/$version" "$work/root/lib/modules/"
cp -a "$site" "$work/root/opt/mxbox/site"
install -m 755 "$here/guest/init" "$work/root/opt/mxbox-init"
rm -rf "$work/root/var/cache/apt" "$work/root/var/lib/apt/lists"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$work/root" "$work/result/root.ext4" 2g

mkdir -p "$work/initrd/bin" "$work/initrd/modules"
cp /usr/bin/busybox "$work/initrd/bin/busybox"
install -m 755 "$here/guest/initrd-init" "$work/initrd/init"
# modprobe's own answer to what depends on what, in order.
for module in virtio_pci virtio_blk ext4; do
    modprobe -d "$kernel" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ {print $2}' | while read -r path; do
    cp "$path" "$work/initrd/modules/"
    basename "$path"
done >"$work/initrd/modules.order"
(cd "$work/initrd" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/result/initrd"
cp "$kernel/vmlinuz" "$work/result/"
rm -rf "$out"
mv "$work/result" "$out"
