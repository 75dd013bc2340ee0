# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to requests that PJSIP drops because it cannot read them: else their senders would repeat them for 32 s."""

from typing import Any

from drivers._pjmedia import ffi, lib
from drivers.sip_refusal import refusal


class Unreadable:
    """Sender of these answers, from the port of SIP; made when PJSIP is up, and kept as long."""

    def __init__(self) -> None:
        self._told = ffi.callback("void(*)(const char *, int, const char *, int, const char *, int)", self._answer)
        lib.mx_dropped_start(self._told)

    def _answer(self, message: Any, length: int, host: Any, port: int, header: Any, header_length: int) -> None:
        source = (ffi.string(host).decode("latin-1"), port)
        name = ffi.unpack(header, header_length).decode("latin-1") if header_length > 0 else ""
        answer = refusal(ffi.unpack(message, length), source, name)
        if answer is not None:
            text, to = answer
            lib.mx_say(text, len(text), "{}:{}".format(*to).encode())
