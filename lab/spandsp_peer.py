# SPDX-License-Identifier: GPL-2.0-or-later
"""spandsp (Debian's libspandsp-dev) as the reference of the tone laboratory, bound by cffi; used by the bench only.

The loops over channels and ticks are in C, so that its times are those of the library and not of Python.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from cffi import FFI
from numpy.typing import NDArray

_BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"

_CDEF = """
int dtmf_decode(const int16_t *pcm, int samples, char *keys, int *at, int size);
void *dtmf_many(int channels);
void dtmf_many_free(void *receivers, int channels);
int dtmf_run(void *receivers, int channels, const int16_t *pcm, int ticks);
int r2_decode(const int16_t *pcm, int samples, int forward, char *signals, int size);
void *r2_many(int channels);
void r2_many_free(void *receivers, int channels);
int r2_run(void *receivers, int channels, const int16_t *pcm, int ticks);
int fax_decode(const int16_t *pcm, int samples, int kind);
void echo_run(const int16_t *far, const int16_t *near, int16_t *out, int samples, int taps, int suppress);
int g168_path(int model, double *taps, int size);
"""

_SOURCE = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>
#include <spandsp.h>
#include <spandsp/g168models.h>

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

/* Each change to a signal, in ticks of 160 samples. */
static int r2_decode(const int16_t *pcm, int samples, int forward, char *signals, int size)
{
    r2_mf_rx_state_t *rx = r2_mf_rx_init(NULL, forward, NULL, NULL);
    int found = 0, last = 0;
    for (int i = 0; i + 40 <= samples; i += 40) {
        r2_mf_rx(rx, pcm + i, 40);
        int now = r2_mf_rx_get(rx);
        if (now != last && now && found < size) signals[found++] = (char) now;
        last = now;
    }
    r2_mf_rx_free(rx);
    return found;
}

static void *r2_many(int channels)
{
    r2_mf_rx_state_t **rx = malloc((size_t) channels * sizeof *rx);
    for (int c = 0; c < channels; c++) rx[c] = r2_mf_rx_init(NULL, 1, NULL, NULL);
    return rx;
}

static void r2_many_free(void *receivers, int channels)
{
    r2_mf_rx_state_t **rx = receivers;
    for (int c = 0; c < channels; c++) r2_mf_rx_free(rx[c]);
    free(rx);
}

static int r2_run(void *receivers, int channels, const int16_t *pcm, int ticks)
{
    r2_mf_rx_state_t **rx = receivers;
    int sum = 0;
    for (int t = 0; t < ticks; t++)
        for (int c = 0; c < channels; c++, pcm += 160) { r2_mf_rx(rx[c], pcm, 160); sum += r2_mf_rx_get(rx[c]); }
    return sum;
}

static int fax_decode(const int16_t *pcm, int samples, int kind)
{
    modem_connect_tones_rx_state_t *rx = modem_connect_tones_rx_init(NULL, kind, NULL, NULL);
    int hits = 0;
    for (int i = 0; i + 160 <= samples; i += 160) {
        modem_connect_tones_rx(rx, pcm + i, 160);
        if (modem_connect_tones_rx_get(rx) != MODEM_CONNECT_TONES_NONE) hits++;
    }
    modem_connect_tones_rx_free(rx);
    return hits;
}

static void echo_run(const int16_t *far, const int16_t *near, int16_t *out, int samples, int taps, int suppress)
{
    /* The library tells its inner state on stdout at every sample. */
    fflush(stdout);
    int keep = dup(1), null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    echo_can_state_t *ec = echo_can_init(taps, ECHO_CAN_USE_ADAPTION | (suppress ? ECHO_CAN_USE_NLP : 0));
    for (int i = 0; i < samples; i++) out[i] = echo_can_update(ec, far[i], near[i]);
    echo_can_free(ec);
    fflush(stdout);
    dup2(keep, 1);
    close(keep);
    close(null);
}

#define MODEL(n) case n: c = line_model_d##n##_coeffs; k = sizeof line_model_d##n##_coeffs / sizeof *c; \
    g = LINE_MODEL_D##n##_GAIN; break;

/* Echo path model D.n of G.168 */
static int g168_path(int model, double *taps, int size)
{
    const int32_t *c = NULL;
    int k = 0;
    double g = 0;
    switch (model) { MODEL(2) MODEL(3) MODEL(4) MODEL(5) MODEL(6) MODEL(7) MODEL(8) MODEL(9) }
    for (int i = 0; i < k && i < size; i++) taps[i] = c[i] * g;
    return k;
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
    """Return the compiled binding: (ffi, lib). Raises an error of cffi when libspandsp-dev is missing."""
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
    """Return the keys that spandsp finds in one signal, each with the sample by which it was reported."""
    ffi, lib = library()
    size = max(64, len(pcm) // 160)
    keys, at = ffi.new("char[]", size), ffi.new("int[]", size)
    pcm = np.ascontiguousarray(pcm)
    found = lib.dtmf_decode(ffi.cast("int16_t *", ffi.from_buffer(pcm)), len(pcm), keys, at, size)
    return [(keys[i].decode(), at[i]) for i in range(found)]


def r2_signals(pcm: NDArray[np.int16], *, forward: bool) -> list[int]:
    """Return the R2 signals that spandsp finds in one signal: 1..15 in our numbering."""
    ffi, lib = library()
    signals = ffi.new("char[]", 4096)
    pcm = np.ascontiguousarray(pcm)
    found = lib.r2_decode(ffi.cast("int16_t *", ffi.from_buffer(pcm)), len(pcm), int(forward), signals, 4096)
    return ["1234567890BCDEF".index(signals[i].decode()) + 1 for i in range(found)]


CNG, CED, CED_REVERSED = 1, 2, 3


def hears_fax(pcm: NDArray[np.int16], kind: int) -> bool:
    """Return whether spandsp's detector for `kind` reports anything in the signal."""
    ffi, lib = library()
    return bool(lib.fax_decode(ffi.cast("int16_t *", ffi.from_buffer(np.ascontiguousarray(pcm))), len(pcm), kind))


def cancel_echo(far: NDArray[np.int16], near: NDArray[np.int16], taps: int, *, suppress: bool) -> NDArray[np.int16]:
    """Return spandsp's output of its echo canceller for `near`."""
    ffi, lib = library()
    out = np.zeros(len(near), np.int16)
    arrays = (ffi.cast("int16_t *", ffi.from_buffer(np.ascontiguousarray(x))) for x in (far, near))
    lib.echo_run(*arrays, ffi.cast("int16_t *", ffi.from_buffer(out)), len(near), taps, int(suppress))
    return out


def g168_path(model: int) -> NDArray[np.float64]:
    """Return echo path model D.`model` of G.168 (2 to 9), as the library's header has it."""
    ffi, lib = library()
    taps = np.zeros(512)
    return taps[: lib.g168_path(model, ffi.cast("double *", ffi.from_buffer(taps)), len(taps))]


class _Bank:
    """Receivers for many channels, run by one C loop."""

    kind = ""

    def __init__(self, channels: int) -> None:
        self.ffi, self.lib = library()
        self.channels, self.handle = channels, getattr(self.lib, f"{self.kind}_many")(channels)

    def listen(self, pcm: NDArray[np.int16]) -> Callable[[], int]:
        """Return a function that feeds the samples of `pcm` [channels, 160], and returns the number of events."""
        data = self.ffi.cast("int16_t *", self.ffi.from_buffer(pcm))
        return partial(getattr(self.lib, f"{self.kind}_run"), self.handle, self.channels, data, 1)

    def close(self) -> None:
        getattr(self.lib, f"{self.kind}_many_free")(self.handle, self.channels)


class DtmfBank(_Bank):
    """Receivers of keys."""

    kind = "dtmf"


class R2Bank(_Bank):
    """Receivers of forward R2 signals."""

    kind = "r2"
