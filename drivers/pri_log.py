# SPDX-License-Identifier: GPL-2.0-or-later
"""libpri's texts for people as log records: it has one function for them in the whole process."""

import logging

from drivers._pri import ffi

log = logging.getLogger("drivers.pri")


@ffi.def_extern()  # type: ignore[untyped-decorator]
def mx_log(link: int, text: object, error: int) -> None:
    """Log a text of libpri: level debug, or info for an error in libpri's sense."""
    log.log(logging.INFO if error else logging.DEBUG, "%#x %s", link, ffi.string(text).decode("latin-1").rstrip())
