# SPDX-License-Identifier: GPL-2.0-or-later
"""Recipe of `drivers._pri`: libpri (Debian libpri-dev), linked into the module so that its clock can be ours.

`--wrap` sends libpri's gettimeofday, q931_destroycall, q921_transmit_iframe and q931_dl_event to pri_shim.c. That works
on the static library only, and only inside this module: the rest of the process keeps its clock.
"""

from pathlib import Path

import cffi

HERE = Path(__file__).parent
LIBPRI = Path("/usr/lib/libpri.a")
HEADER = HERE / "pri_shim.h"
SOURCE = HERE / "pri_shim.c"
PARTS = ("pri_elements.h", "pri_link.h", "pri_screen.h", "pri_flatten.h")
INPUTS = (HEADER, SOURCE, *(HERE / part for part in PARTS))
WRAPPED = ("gettimeofday", "q931_destroycall", "q921_transmit_iframe", "q931_dl_event")

EVENTS = (
    "DCHAN_UP",
    "DCHAN_DOWN",
    "RESTART",
    "CONFIG_ERR",
    "RING",
    "HANGUP",
    "RINGING",
    "ANSWER",
    "HANGUP_ACK",
    "RESTART_ACK",
    "INFO_RECEIVED",
    "PROCEEDING",
    "SETUP_ACK",
    "HANGUP_REQ",
    "PROGRESS",
    "KEYPAD_DIGIT",
    "NOTIFY",
)


def unavailable() -> str | None:
    """Return why the module cannot be compiled here; None if it can."""
    return None if LIBPRI.exists() else f"{LIBPRI} is missing (apt-get install libpri-dev)"


def _declarations() -> str:
    constants = [f"#define PRI_EVENT_{name} ..." for name in EVENTS]
    constants += ["#define PRI_NETWORK ...", "#define PRI_CPE ..."]
    python = 'extern "Python" void mx_log(size_t link, char *text, int error);'
    return "\n".join([*constants, HEADER.read_text(), python])


def ffibuilder() -> cffi.FFI:
    """Return the description of the module for cffi."""
    ffi = cffi.FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(_declarations())  # type: ignore[no-untyped-call]
    ffi.set_source(  # type: ignore[no-untyped-call]
        "drivers._pri",
        SOURCE.read_text(),
        include_dirs=[str(HERE)],
        extra_objects=[str(LIBPRI)],
        extra_compile_args=["-Wall"],
        extra_link_args=[f"-Wl,--wrap={name}" for name in WRAPPED],
    )
    return ffi
