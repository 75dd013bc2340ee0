# SPDX-License-Identifier: GPL-2.0-or-later
"""Binding of PJMEDIA's ports: ``drivers._pjmedia``, compiled against our PJSIP build and linked to its Python module.

Linking to the module, not to libraries of its own, is what makes both see one and the same PJSIP.
"""

import importlib.util
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).parent
SOURCE = HERE / "pjmedia_rows.c"
HEADER = HERE / "pjmedia_rows.h"
DECLARATIONS = """
typedef struct mx_leg mx_leg;
mx_leg *mx_leg_open(void *stream, int *status);
void mx_leg_close(mx_leg *leg);
void mx_rows_get(mx_leg **legs, int rows, int16_t *sound);
void mx_rows_put(mx_leg **legs, int rows, const int16_t *sound);
unsigned mx_max_calls(void);
unsigned mx_calls(void);
void mx_quiet(void);
const char *mx_pjsip_folder(void);
enum { PJMEDIA_STREAM_DTMF_IS_END = ..., ... };
"""
NOT_OURS = "pjsua2 in .venv is not this box's own build; make setup puts it there"


def build_dir() -> Path | None:
    """Folder of the kept PJSIP build that ``import pjsua2`` finds, or None if it finds none or another."""
    spec = importlib.util.find_spec("pjsua2")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return folder if folder and (folder / "VERSION").exists() else None


def unavailable() -> str | None:
    """Why the binding cannot be compiled here."""
    return None if build_dir() else NOT_OURS


def _inputs() -> list[Path]:
    folder = build_dir()
    return [SOURCE, HEADER, *([folder / "VERSION"] if folder else [])]


INPUTS = _inputs


def ffibuilder() -> FFI:
    """Give the builder (called when the module has to be compiled)."""
    folder = build_dir()
    if folder is None:
        raise RuntimeError(NOT_OURS)
    (library,) = folder.glob("_pjsua2*.so")
    ffi = FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(DECLARATIONS)  # type: ignore[no-untyped-call]
    ffi.set_source(  # type: ignore[no-untyped-call]
        "drivers._pjmedia",
        '#include <pjlib.h>\n#include <pjmedia.h>\n#include "pjmedia_rows.h"',
        sources=[str(SOURCE)],
        include_dirs=[str(HERE), str(folder / "include")],
        define_macros=[
            ("PJ_AUTOCONF", "1"),
            ("PJ_IS_LITTLE_ENDIAN", "1"),
            ("PJ_IS_BIG_ENDIAN", "0"),
            ("MX_PJSIP_FOLDER", f'"{folder}"'),
        ],
        extra_compile_args=["-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"],
        extra_link_args=[str(library)],
    )
    return ffi
