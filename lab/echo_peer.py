# SPDX-License-Identifier: GPL-2.0-or-later
"""spandsp's line echo canceller for the bench: adaptation can be stopped at a sample, as G.168's tests want it.

The Debian library (0.0.6) prints its estimate at every sample; it prints to /dev/null here, and the cost of the
printing alone can be measured, for subtraction.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from cffi import FFI
from numpy.typing import NDArray

_BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"

_CDEF = """
void cancel_row(const int16_t *far, const int16_t *near, int16_t *out, int samples, int taps, int suppress, int freeze);
void print_row(const int16_t *far, int samples);
"""

_SOURCE = r"""
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <spandsp.h>

static int hush(void)
{
    fflush(stdout);
    int keep = dup(1), null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    close(null);
    return keep;
}

static void speak(int keep)
{
    fflush(stdout);
    dup2(keep, 1);
    close(keep);
}

static void cancel_row(const int16_t *far, const int16_t *near, int16_t *out, int samples, int taps, int suppress,
                       int freeze)
{
    int keep = hush();
    int nlp = suppress ? ECHO_CAN_USE_NLP | ECHO_CAN_USE_CNG : 0;
    echo_can_state_t *ec = echo_can_init(taps, ECHO_CAN_USE_ADAPTION | nlp);
    for (int i = 0; i < samples; i++) {
        if (i == freeze) echo_can_adaption_mode(ec, nlp);
        out[i] = echo_can_update(ec, far[i], near[i]);
    }
    echo_can_free(ec);
    speak(keep);
}

static void print_row(const int16_t *far, int samples)
{
    int keep = hush();
    for (int i = 0; i < samples; i++) printf("echo is %" PRId32 "\n", (int32_t) far[i]);
    speak(keep);
}
"""


@cache
def _library() -> Any:
    ffi: Any = FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(_CDEF)
    ffi.set_source("_echo_peer", _SOURCE, libraries=["spandsp"], extra_compile_args=["-O2"])
    spec = importlib.util.spec_from_file_location("_echo_peer", ffi.compile(tmpdir=str(_BUILD)))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ffi, module.lib


def cancel(
    far: NDArray[np.int16], near: NDArray[np.int16], taps: int, *, suppress: bool, freeze: int = -1
) -> NDArray[np.int16]:
    """Return spandsp's output for `near` [rows, samples]; it learns no more from sample `freeze` on."""
    ffi, lib = _library()
    far, near = np.ascontiguousarray(far), np.ascontiguousarray(near)
    out = np.zeros_like(near)
    for row in range(len(far)):
        f, n, o = (ffi.cast("int16_t *", ffi.from_buffer(x[row])) for x in (far, near, out))
        lib.cancel_row(f, n, o, far.shape[1], taps, int(suppress), freeze)
    return out


def print_only(far: NDArray[np.int16]) -> None:
    """Run the library's printing for `far` [samples], without its work."""
    ffi, lib = _library()
    lib.print_row(ffi.cast("int16_t *", ffi.from_buffer(np.ascontiguousarray(far))), len(far))
