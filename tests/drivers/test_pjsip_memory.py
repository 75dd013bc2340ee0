# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that PJSIP holds, and for how long: transactions keep each for 32 s for repetition (RFC 3261 17.2)."""

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager

import _pjsua2
from drivers._pjmedia import lib

from drivers.sip import SipAddress, SipParty
from tests.drivers.memory import in_use
from tests.drivers.test_pjsip_dialogs import Talk, field_of, status, talking

REQUESTS = 100
TRANSACTION = 16_384
"""Octets that a short request and its answer may take: as many as the longest message has."""
AS_AT_REST = 1_000
POLLS = 10
T1_MS, T2_MS, T4_MS, KEPT_MS = 500, 4_000, 5_000, 32_000
SOON_MS = 1_500


def test_a_short_message_takes_little_memory() -> None:
    with talking() as talk:
        talk.ask("OPTIONS")
        before = in_use()
        for _ in range(REQUESTS):
            assert status(talk.ask("OPTIONS")) == 200
        assert (in_use() - before) / REQUESTS < TRANSACTION


@contextmanager
def kept_for(milliseconds: int) -> Iterator[None]:
    """Keep transactions for a shorter time."""
    set_timers = ctypes.CDLL(_pjsua2.__file__).pjsip_tsx_set_timers
    set_timers(T1_MS, T2_MS, T4_MS, milliseconds)
    try:
        yield
    finally:
        set_timers(T1_MS, T2_MS, T4_MS, KEPT_MS)


def test_all_that_a_burst_left_is_let_go_when_its_time_is_over() -> None:
    with kept_for(SOON_MS), talking() as talk:
        talk.run(2 * SOON_MS / 1000)
        lib.mx_ring_clear()
        before = in_use()
        for _ in range(REQUESTS):
            talk.phone.send(talk.phone.request("OPTIONS"))
        talk.until(lambda: len(talk.phone.received) > REQUESTS)
        time.sleep(2 * SOON_MS / 1000)
        assert (in_use() - before) / REQUESTS > AS_AT_REST, "they are kept until their timers are looked at"
        for _ in range(POLLS):
            talk.endpoint.poll()
        lib.mx_ring_clear()
        assert (in_use() - before) / REQUESTS < AS_AT_REST


def dialled(talk: Talk, name: str) -> str:
    """The INVITE of a call to the phone by a caller of that name, as it arrived."""
    host, _, port = talk.phone.here.rpartition(":")
    seen = len(talk.sent("INVITE"))
    call = talk.endpoint.dial(SipAddress("1001", host, int(port)), SipParty("8001", name))
    talk.until(lambda: len(talk.sent("INVITE")) > seen)
    talk.endpoint.hangup(call)
    return talk.sent("INVITE")[-1]


def test_messages_of_any_length_arrive_whole() -> None:
    with talking() as talk:
        for length in (1, 900, 2_000, 4_000, 14_000):
            invite = dialled(talk, "n" * length)
            head, _, body = invite.partition("\r\n\r\n")
            assert "n" * length in field_of(invite, "From")
            assert len(body) == int(field_of(head, "Content-Length"))
