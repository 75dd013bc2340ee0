#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds PJSIP and its Python module from a tarball. Usage: build.sh TARBALL WORK_DIR RESULT_DIR
#
# RESULT_DIR gets pjsua2.py and _pjsua2.*.so (all libraries linked into it), include/ (what drivers/build_pjmedia.py is
# compiled against) and version (upstream's number).
set -euo pipefail

tarball=$(realpath "$1") work=$(realpath "$2") result=$(realpath "$3")
recipe=$(realpath "$(dirname "$0")")
python=$("$recipe/../python.sh")
jobs=$(nproc)
optimise='-O2 -DNDEBUG -fPIC'

cd "$work"
tar -xf "$tarball" --strip-components=1
cp "$recipe/config_site.h" pjlib/include/pj/config_site.h
# Debian strips what is not free; the makefile still names this one, which an empty file satisfies.
touch pjmedia/src/pjmedia-audiodev/bdimad_dev.c
for change in "$recipe"/*.patch; do
    patch -p1 --fuzz=0 <"$change"
done

# PJSUA would take and offer a line for text (RFC 4103) in each call that it does not start itself, and has no setting.
calls=pjsip/src/pjsua-lib/pjsua_call.c
grep -q 'opt->txt_cnt = 1;' $calls
sed -i 's/opt->txt_cnt = 1;/opt->txt_cnt = 0;/' $calls

# No sound card, no video, no codec beyond G.711 and Opus; epoll, for select ends at 1024 sockets.
./configure --disable-resample --enable-libsamplerate --disable-video --disable-sound \
    --disable-speex-aec --disable-speex-codec --disable-gsm-codec --disable-ilbc-codec --disable-g7221-codec \
    --disable-libwebrtc --disable-libwebrtc-aec3 --disable-libyuv --disable-v4l2 --disable-sdl --disable-ffmpeg \
    --disable-openh264 --disable-vpx --disable-bcg729 --disable-silk --disable-upnp \
    --enable-epoll --with-external-srtp CFLAGS="$optimise" CXXFLAGS="$optimise"
make dep
make -j"$jobs" lib
make -C pjsip-apps/src/swig/python PYTHON_EXE="$python" GEN_DOC=

cp pjsip-apps/src/swig/python/pjsua2.py "$result/"
cp pjsip-apps/src/swig/python/build/lib*/_pjsua2*.so "$result/"
strip --strip-debug "$result"/_pjsua2*.so
mkdir "$result/include"
for library in pjlib pjlib-util pjnath pjmedia pjsip; do
    cp -r "$library/include/." "$result/include/"
done
sed -n 's/^export PJ_VERSION_\(MAJOR\|MINOR\|REV\) *:= *//p' version.mak | grep . | paste -sd. >"$result/version"
