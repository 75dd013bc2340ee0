# SPDX-License-Identifier: GPL-2.0-or-later
"""spandsp (Debian's libspandsp-dev) as the reference of the tone laboratory, bound by cffi; used by the bench only.

The loops over channels and ticks are in C, so that its times are those of the library and not of Python.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from cffi import FFI
from numpy.typing import NDArray

_BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"

_CDEF = """
int dtmf_decode(const int16_t *pcm, int samples, char *keys, int *at, int size);
void *dtmf_many(int channels);
void dtmf_many_free(void *receivers, int channels);
int dtmf_run(void *receivers, int channels, const int16_t *pcm, int ticks);
"""

_SOURCE = """
#include <stdlib.h>
#include <string.h>
#include <spandsp.h>

/* Keys found in a signal, in ticks of 160 samples; at[] is the tick's end in samples. */
static int dtmf_decode(const int16_t *pcm, int samples, char *keys, int *at, int size)
{
    dtmf_rx_state_t *rx = dtmf_rx_init(NULL, NULL, NULL);
    char got[64];
    int found = 0;
    for (int i = 0; i < samples; i += 160) {
        dtmf_rx(rx, pcm + i, samples - i < 160 ? samples - i : 160);
        int n = (int) dtmf_rx_get(rx, got, 60);
        for (int k = 0; k < n && found < size; k++) { keys[found] = got[k]; at[found++] = i + 160; }
    }
    dtmf_rx_free(rx);
    return found;
}

static void *dtmf_many(int channels)
{
    dtmf_rx_state_t **rx = malloc((size_t) channels * sizeof *rx);
    for (int c = 0; c < channels; c++) rx[c] = dtmf_rx_init(NULL, NULL, NULL);
    return rx;
}

static void dtmf_many_free(void *receivers, int channels)
{
    dtmf_rx_state_t **rx = receivers;
    for (int c = 0; c < channels; c++) dtmf_rx_free(rx[c]);
    free(rx);
}

/* pcm is [ticks][channels][160] */
static int dtmf_run(void *receivers, int channels, const int16_t *pcm, int ticks)
{
    dtmf_rx_state_t **rx = receivers;
    char got[64];
    int keys = 0;
    for (int t = 0; t < ticks; t++)
        for (int c = 0; c < channels; c++, pcm += 160) {
            dtmf_rx(rx[c], pcm, 160);
            keys += (int) dtmf_rx_get(rx[c], got, 60);
        }
    return keys;
}
"""


@cache
def library() -> Any:
    """The compiled binding: (ffi, lib). Raises whatever cffi raises when libspandsp-dev is missing."""
    ffi: Any = FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(_CDEF)
    ffi.set_source("_spandsp_peer", _SOURCE, libraries=["spandsp"], extra_compile_args=["-O2"])
    path = ffi.compile(tmpdir=str(_BUILD))
    spec = importlib.util.spec_from_file_location("_spandsp_peer", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["_spandsp_peer"] = module
    spec.loader.exec_module(module)
    return module.ffi, module.lib


def dtmf_keys(pcm: NDArray[np.int16]) -> list[tuple[str, int]]:
    """Keys spandsp finds in one signal, each with the sample by which it was told."""
    ffi, lib = library()
    size = max(64, len(pcm) // 160)
    keys, at = ffi.new("char[]", size), ffi.new("int[]", size)
    pcm = np.ascontiguousarray(pcm)
    found = lib.dtmf_decode(ffi.cast("int16_t *", ffi.from_buffer(pcm)), len(pcm), keys, at, size)
    return [(keys[i].decode(), at[i]) for i in range(found)]


class DtmfBank:
    """Receivers for many channels, run by one C loop."""

    def __init__(self, channels: int) -> None:
        self.ffi, self.lib = library()
        self.channels, self.handle = channels, self.lib.dtmf_many(channels)

    def run(self, pcm: NDArray[np.int16]) -> int:
        """Feed int16 [ticks, channels, 160]; returns the number of keys."""
        pcm = np.ascontiguousarray(pcm)
        data = self.ffi.cast("int16_t *", self.ffi.from_buffer(pcm))
        return int(self.lib.dtmf_run(self.handle, self.channels, data, len(pcm)))

    def close(self) -> None:
        self.lib.dtmf_many_free(self.handle, self.channels)
