# SPDX-License-Identifier: GPL-2.0-or-later
"""The far ends of all calls: whether they are there, and which ports of RTP they are given."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from drivers._pjmedia import ffi, lib
from drivers.pjsip_media import Counts, MediaRows
from drivers.sip import SipOptions


class InRow(Protocol):
    """A call of PJSIP's in a row of ours."""

    row: int
    pj_call: int


class FarEnds:
    """State of each row's far end, by sound and by signalling; `calls` by PJSIP's number, as they come and go."""

    def __init__(self, media: MediaRows, calls: Mapping[int, InRow]) -> None:
        self._media = media
        self._calls = calls

    def start(self, options: SipOptions) -> None:
        """Register with PJSIP, before it starts."""
        lib.mx_far_end_start(bool(options.proxy))
        lib.mx_use_ports(options.rtp_first, options.rtp_last)

    def alive(self) -> Counts:
        """Return the signs of life of each row's far end so far [rows]: packets of RTP and RTCP, answers to `ask`."""
        numbers, answers = np.full(self._media.rows, -1, np.int32), np.zeros(self._media.rows, np.uint32)
        for call in self._calls.values():
            numbers[call.row] = call.pj_call
        lib.mx_answers(ffi.from_buffer("int32_t[]", numbers), len(numbers), ffi.from_buffer("uint32_t[]", answers))
        return self._media.alive() + answers

    def ask(self, row: int) -> None:
        """Ask the far end of an answered call whether it is there (OPTIONS); `alive` counts its answers."""
        for call in self._calls.values():
            if call.row == row:
                lib.mx_ask(call.pj_call)

    @property
    def strangers(self) -> int:
        """RTP packets dropped since the endpoint was opened because they were not from the far end."""
        return int(lib.mx_strangers())
