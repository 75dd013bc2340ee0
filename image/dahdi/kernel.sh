#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's kernel, unpacked and not installed, with DAHDI's modules built for it from dahdi-dkms' sources.
# Usage: kernel.sh VERSION OUT; needs linux-headers-VERSION. Leaves OUT/vmlinuz, OUT/version, OUT/lib/modules/VERSION.
set -euo pipefail

version=$1 out=$2
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT

cd "$work"
apt-get -qq download "linux-image-$version" dahdi-dkms 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
nice make -s -C root/usr/src/dahdi-* modules KVERS="$version" KSRC="/usr/src/linux-headers-$version" -j2 >make.log 2>&1 || {
    tail -n 30 make.log >&2
    exit 1
}

mkdir -p result/lib
cp -a root/boot/vmlinuz-* result/vmlinuz
echo "$version" >result/version
# Of the kernel's own modules only what a machine in QEMU and the analogue cards' neighbours need: the rest is 300 MB.
modules=lib/modules/$version
mkdir -p "result/$modules/kernel" "result/$modules/dahdi"
[ -d root/lib/modules ] || mv root/usr/lib/modules root/lib/
for part in drivers/virtio drivers/block drivers/net lib crypto fs/9p net/9p fs/ext4 fs/jbd2 fs/mbcache.ko fs/fscache fs/netfs \
    drivers/char/virtio_console.ko net/802 net/core net/packet; do
    [ -e "root/$modules/kernel/$part" ] || continue
    (cd "root/$modules/kernel" && cp -a --parents "$part" "$work/result/$modules/kernel/")
done
rm -rf "result/$modules/kernel/drivers/net/"{wireless,ethernet,usb,can}
cp -a root/"$modules"/modules.* "result/$modules/"
find root/usr/src/dahdi-* -name '*.ko' -exec cp {} "result/$modules/dahdi/" \;
strip --strip-debug "result/$modules"/dahdi/*.ko
depmod -b result "$version"
rm -rf "$out"
mv result "$out"
