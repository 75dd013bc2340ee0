# SPDX-License-Identifier: GPL-2.0-or-later
"""What libpri writes for people becomes log records: it has one function for that in the whole process."""

import logging

from drivers._pri import ffi

log = logging.getLogger("drivers.pri")


@ffi.def_extern()  # type: ignore[untyped-decorator]
def mx_log(link: int, text: object, error: int) -> None:
    """Pass on what libpri says: level debug, or info for what it calls an error."""
    log.log(logging.INFO if error else logging.DEBUG, "%#x %s", link, ffi.string(text).decode("latin-1").rstrip())
