# SPDX-License-Identifier: GPL-2.0-or-later
"""Our endpoint against sipp, which plays SIP word by word: refusals, packet sizes, many calls at once, bad packets."""

import gc
import random
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from drivers._pjmedia import lib

from drivers import sip_text
from drivers.errors import SipBusyError
from drivers.pjsip import open_endpoint
from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipAddress, SipAnswered, SipEnded, SipIncoming, SipOptions, SipParty, SipTransfer
from hw_sim.baresip import free_port
from tests.drivers.sip_peers import Ticker, sipp, strongest_hz

CALLS = 100


@contextmanager
def opened(calls: int = 4, *, friend: str = "127.0.0.1") -> Iterator[SipEndpoint]:
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 8 * calls, calls=calls)
    with open_endpoint(options, lambda host, _port: host == friend) as endpoint:
        yield endpoint


def played(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() is not None


@pytest.mark.parametrize("scenario", ["caller_forbidden", "caller_g729"])
def test_calls_that_must_not_come_in_are_refused_and_never_told(tmp_path: Path, scenario: str) -> None:
    friend = "127.0.0.9" if scenario == "caller_forbidden" else "127.0.0.1"
    with opened(friend=friend) as endpoint, sipp(tmp_path, scenario, endpoint.address, "-m", "3") as caller:
        ticker = Ticker(endpoint)
        ticker.until(lambda: played(caller))
        assert caller.returncode == 0, "sipp did not get the response it expects"
        assert not ticker.events
        assert endpoint.refused == (3 if scenario == "caller_forbidden" else 0)
        assert endpoint.free_rows == 4


def test_a_call_too_many_gets_503_and_the_others_go_on(tmp_path: Path) -> None:
    with opened(1) as endpoint, sipp(tmp_path, "caller_cancels", endpoint.address, "-m", "1", "-p", "0"):
        ticker = Ticker(endpoint)
        first = ticker.wait(SipIncoming)
        with sipp(tmp_path, "caller_full", endpoint.address, "-m", "1") as second:
            ticker.until(lambda: played(second))
            assert second.returncode == 0
        with pytest.raises(SipBusyError):
            endpoint.dial(SipAddress("1", "127.0.0.1", 9), SipParty())
        assert endpoint.row(first.call) is not None


def words(method: str, end: socket.socket, to: str, call: str, to_tag: str = "", number: int = 1) -> bytes:
    """A request as short as may be; an INVITE asks for a description in the answer (RFC 3261 13.2.1)."""
    here = "{}:{}".format(*end.getsockname())
    return (
        f"{method} sip:1@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{call}{method}\r\n"
        f"From: <sip:2@{here}>;tag={call}\r\nTo: <sip:1@{to}>{to_tag}\r\nCall-ID: {call}\r\nCSeq: {number} {method}\r\n"
        f"Contact: <sip:2@{here}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def test_a_call_that_gets_the_number_of_one_just_over_goes_on() -> None:
    with (
        opened(2) as endpoint,
        socket.socket(type=socket.SOCK_DGRAM) as friend,
        socket.socket(type=socket.SOCK_DGRAM) as stranger,
    ):
        friend.bind(("127.0.0.1", 0))
        stranger.bind(("127.0.0.9", 0))
        host, _colon, port = endpoint.address.partition(":")
        to, ticker = (host, int(port)), Ticker(endpoint)
        friend.sendto(words("INVITE", friend, endpoint.address, "first"), to)
        ticker.wait(SipIncoming)
        friend.sendto(
            words("CANCEL", friend, endpoint.address, "first").replace(b"CANCEL\r\nFrom", b"INVITE\r\nFrom"), to
        )
        for n in range(lib.mx_max_calls() - 1):  # PJSIP's numbers go round
            stranger.sendto(words("INVITE", stranger, endpoint.address, f"strange{n}"), to)
        friend.sendto(words("INVITE", friend, endpoint.address, "second"), to)
        ticker.wait(SipEnded)
        second = ticker.wait(SipIncoming)
        ticker.run(0.1)
        assert endpoint.call_id(second.call) == "second"
        assert not ticker.events


def test_a_caller_who_gives_up_is_told_with_the_reason(tmp_path: Path) -> None:
    with opened() as endpoint, sipp(tmp_path, "caller_cancels", endpoint.address, "-m", "1", "-s", "400888") as caller:
        ticker = Ticker(endpoint)
        came = ticker.wait(SipIncoming)
        assert (came.called, came.caller) == ("400888", SipParty("1001", "Reception"))
        endpoint.progress(came.call, 180)
        ended = ticker.wait(SipEnded)
        assert (ended.call, ended.code) == (came.call, 487)
        ticker.until(lambda: played(caller))
        assert caller.returncode == 0


@pytest.mark.parametrize(("ok", "result"), [(True, "200 OK"), (False, "503 Service Unavailable")])
def test_a_transfer_is_asked_for_and_told_how_it_ended(tmp_path: Path, ok: bool, result: str) -> None:
    with opened() as endpoint, sipp(tmp_path, "caller_refers", endpoint.address, "-m", "1") as caller:
        ticker = Ticker(endpoint)
        came = ticker.wait(SipIncoming)
        call = came.call
        endpoint.answer(call)
        assert ticker.wait(SipTransfer) == SipTransfer(call, "0099123")
        endpoint.transferred(call, ok=ok)
        endpoint.transferred(call, ok=ok)  # once is enough
        ticker.wait(SipEnded)
        ticker.until(lambda: played(caller))
        assert caller.returncode == 0
        assert not ticker.events, "the box placed a call by itself"
        notified = [message.text for message in endpoint.messages(came.call_id) if message.text.startswith("NOTIFY")]
        assert [sip_text.body(text) for text in notified] == ["SIP/2.0 100 Trying\r\n", f"SIP/2.0 {result}\r\n"]


@pytest.mark.parametrize(("scenario", "code", "cause"), [("phone_busy", 486, 17), ("phone_moved", 302, None)])
def test_a_phone_that_does_not_take_the_call(tmp_path: Path, scenario: str, code: int, cause: int | None) -> None:
    port = free_port()
    with opened() as endpoint, sipp(tmp_path, scenario, "-p", str(port), "-m", "1") as phone:
        ticker = Ticker(endpoint)
        call = endpoint.dial(SipAddress("1001", "127.0.0.1", port), SipParty("1"))
        ended = ticker.wait(SipEnded)
        assert (ended.call, ended.code, ended.cause) == (call, code, cause)
        ticker.until(lambda: played(phone))
        assert phone.returncode == 0
        assert not ticker.events


def test_a_phone_that_never_answers_can_be_given_up_at_once(tmp_path: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as dead, opened(1) as endpoint:
        dead.bind(("127.0.0.1", 0))
        ticker = Ticker(endpoint)
        for _ in range(3):  # PJSIP keeps its own part of such a call for 32 s; the only row is free again at once
            call = endpoint.dial(SipAddress("1001", *dead.getsockname()), SipParty("1"))
            ticker.run(0.1)
            assert not ticker.events
            endpoint.hangup(call)
            assert ticker.wait(SipEnded, 0.1).call == call


@pytest.mark.parametrize("ptime", [10, 20, 30])
def test_packets_of_the_length_a_phone_asks_for(tmp_path: Path, ptime: int) -> None:
    port = free_port()
    arguments = ["-p", str(port), "-m", "1", "-rtp_echo", "-mp", str(free_port())]
    with opened() as endpoint, sipp(tmp_path, f"phone_ptime_{ptime}", *arguments) as phone:
        ticker = Ticker(endpoint, {0: 1000.0})
        call = endpoint.dial(SipAddress("1001", "127.0.0.1", port), SipParty("1"))
        ticker.wait(SipAnswered)
        ticker.run(1.2)
        echo = ticker.row(0, 0.6)
        assert strongest_hz(echo) == pytest.approx(1000, abs=2)
        # A pure tone obeys x[n] = 2 cos(w) x[n-1] - x[n-2]: what breaks it is a gap or a repeated stretch.
        broken = np.abs(echo[2:] - 2 * np.cos(2 * np.pi * 1000 / 8000) * echo[1:-1] + echo[:-2]) > 2500
        assert not broken.any(), f"sound is broken at {np.flatnonzero(broken)[:5]}"
        endpoint.hangup(call)
        ticker.until(lambda: played(phone))
        assert phone.returncode == 0


def test_many_calls_at_once_each_with_its_own_sound(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["-p", str(port), "-m", str(CALLS), "-rtp_echo", "-mp", str(free_port())]
    with opened(CALLS) as endpoint, sipp(tmp_path, "phone_ptime_20", *arguments) as phone:
        ticker = Ticker(endpoint, {row: 400.0 + 20 * row for row in range(CALLS)})
        calls = []
        for _ in range(CALLS):
            calls.append(endpoint.dial(SipAddress("1001", "127.0.0.1", port), SipParty("1")))
            ticker.tick()
        ticker.until(lambda: sum(isinstance(event, SipAnswered) for event in ticker.events) == CALLS)
        ticker.run(1.5)
        wrong = [
            (row, heard)
            for row, said in ticker.tones_hz.items()
            if abs((heard := strongest_hz(ticker.row(row, 0.5))) - said) > 3
        ]
        assert not wrong
        for call in calls:
            endpoint.hangup(call)
        ticker.until(lambda: sum(isinstance(event, SipEnded) for event in ticker.events) == CALLS)
        ticker.until(lambda: played(phone))
        assert phone.returncode == 0
        assert endpoint.free_rows == CALLS
        gc.collect()
        assert not [thing for thing in gc.get_objects() if type(thing).__name__ == "SipCall"], "calls are kept"


def test_bad_packets_end_no_call(tmp_path: Path) -> None:
    port, noise = free_port(), random.Random(1)
    host, own_port = "127.0.0.1", 0
    arguments = ["-p", str(port), "-m", "1", "-rtp_echo", "-mp", str(free_port())]
    with opened(40) as endpoint, sipp(tmp_path, "phone_ptime_20", *arguments) as phone:
        own_port = int(endpoint.address.rpartition(":")[2])
        ticker = Ticker(endpoint, {0: 700.0})
        call = endpoint.dial(SipAddress("1001", host, port), SipParty("1"))
        ticker.wait(SipAnswered)
        ticker.events.clear()
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            for packet in bad_packets(noise):
                stranger.sendto(packet, (host, own_port))
                stranger.sendto(packet, (host, endpoint.options.rtp_first))
                ticker.tick()
        ticker.run(0.5)
        assert call not in [event.call for event in ticker.events]
        assert strongest_hz(ticker.row(0, 0.4)) == pytest.approx(700, abs=4)
        endpoint.hangup(call)
        ticker.until(lambda: played(phone))
        assert phone.returncode == 0


def test_a_bug_in_our_own_code_is_raised_by_poll_and_not_lost_in_c() -> None:
    def bug(_host: str, _port: int) -> bool:
        raise ZeroDivisionError

    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 8)
    with open_endpoint(options, bug) as endpoint, socket.socket(type=socket.SOCK_DGRAM) as caller:
        caller.bind(("127.0.0.1", 0))
        caller.settimeout(0)
        via = f"Via: SIP/2.0/UDP 127.0.0.1:{caller.getsockname()[1]};".encode()
        host, _, port = endpoint.address.partition(":")
        caller.sendto(INVITE.replace(b"Via: SIP/2.0/UDP 127.0.0.1:9;", via), (host, int(port)))
        with pytest.raises(ZeroDivisionError):
            Ticker(endpoint).run(1)
        assert endpoint.poll() == []
        assert b"500" in b"".join(caller.recv(4096) for _ in range(2))


INVITE = (
    b"INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n"
    b"From: <sip:2@127.0.0.1>;tag=1\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:2@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n"
)


def bad_packets(noise: random.Random) -> Iterator[bytes]:
    """Random bytes, torn and bent INVITEs, headers without end."""
    yield b""
    yield b"\0" * 500
    yield b"SIP/2.0 200 OK\r\n\r\n"
    yield INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: 99999999999999999999 INVITE")
    yield INVITE.replace(b"Content-Length: 0", b"Content-Length: -7")
    yield INVITE.replace(b"Call-ID: 1", b"Call-ID: " + b"A" * 3500)
    yield INVITE.replace(b"\r\n\r\n", b"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=audio")
    for _ in range(20):
        yield noise.randbytes(noise.randrange(1, 1400))
        yield INVITE[: noise.randrange(len(INVITE))]
        bent = bytearray(INVITE)
        bent[noise.randrange(len(bent))] = noise.randrange(256)
        yield bytes(bent)
