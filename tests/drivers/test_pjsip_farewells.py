# SPDX-License-Identifier: GPL-2.0-or-later
"""The messages that a killed process could not send are sent by the next: BYE in talks, CANCEL while ringing."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivers.pjsip import open_endpoint
from drivers.pjsip_farewells import SLOT, Farewells
from drivers.sip import SipOptions
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.ending import ending

DOOMED = """
import sys, time
from pathlib import Path
from drivers.pjsip import open_endpoint
from drivers.sip import SipAddress, SipOptions, SipParty
port, path, line = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
options = SipOptions(port=port, rtp_first=port + 10, rtp_last=port + 18, calls=4, farewells=path)
with open_endpoint(options, lambda *_: True) as endpoint:
    endpoint.dial(SipAddress.parse(line), SipParty("95588"))
    while True:
        endpoint.poll()
        time.sleep(0.01)
"""


def seen(phone: BaresipPhone, event: str) -> bool:
    phone.poll()
    return any(each["type"] == event for each in phone.events)


@pytest.mark.parametrize("answers", [True, False])
def test_the_next_process_ends_the_calls_of_one_that_was_killed(tmp_path: Path, answers: bool) -> None:
    port, kept = free_port(), tmp_path / "farewells"
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001", answers=answers)) as phone:
        command = [sys.executable, "-c", DOOMED, str(port), str(kept), phone.line]
        with ending(subprocess.Popen(command)) as doomed:
            deadline = time.monotonic() + 10
            while not seen(phone, "CALL_ESTABLISHED" if answers else "CALL_INCOMING"):
                assert time.monotonic() < deadline, "no call"
                time.sleep(0.02)
            time.sleep(0.2)  # what the phone has just sent has come to the other end
            doomed.send_signal(signal.SIGKILL)
        assert not seen(phone, "CALL_CLOSED")
        with open_endpoint(SipOptions(port=port, calls=4, farewells=kept), lambda *_: True) as endpoint:
            deadline = time.monotonic() + 3
            while not seen(phone, "CALL_CLOSED"):
                assert time.monotonic() < deadline, "the phone is not told"
                endpoint.poll()
                time.sleep(0.02)
        assert not any(kept.read_bytes()), "said once, not for ever"


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "OPTIONS", "INFO", "REFER"])
def test_who_missed_it_hears_that_there_is_no_such_call(method: str) -> None:
    """RFC 3261 12.2.2: any request of a phone in a call that this process does not know, a refresh among them."""
    with (
        open_endpoint(SipOptions(port=free_port(), calls=1), lambda *_: True) as endpoint,
        socket.socket(type=socket.SOCK_DGRAM) as phone,
    ):
        host, port = endpoint.address.split(":")
        phone.bind((host, 0))
        phone.setblocking(False)
        here = "{}:{}".format(*phone.getsockname())
        phone.sendto(
            f"{method} sip:{endpoint.address} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{method};rport\r\n"
            f"From: <sip:1001@{here}>;tag=theirs\r\nTo: <sip:95588@{host}>;tag=lost\r\nCall-ID: lost\r\n"
            f"CSeq: 7 {method}\r\nContact: <sip:1001@{here}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode(),
            (host, int(port)),
        )
        answer = b""
        deadline = time.monotonic() + 3
        while not answer:
            assert time.monotonic() < deadline, "no answer"
            endpoint.poll()
            with contextlib.suppress(BlockingIOError):
                answer = phone.recv(4096)
    assert answer.startswith(b"SIP/2.0 481 ")


@pytest.mark.parametrize("left", [b"", b"short", b"\xff" * 2 * SLOT, b"\3\0\0\0\3\0\0\0one" + bytes(SLOT)])
def test_a_file_that_is_not_ours_is_passed_over(tmp_path: Path, left: bytes) -> None:
    kept = tmp_path / "farewells"
    kept.write_bytes(left)
    farewells = Farewells(kept, 2)
    farewells.poll()
    farewells.drop(1)
    farewells.close()
    assert kept.read_bytes() == bytes(2 * SLOT)
