# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutated messages in a call and mutated RTP: nothing crashes, no error comes up, other calls go on, memory is flat."""

import os
import random
import resource
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from drivers._pjmedia import lib

from drivers.pjsip import open_endpoint
from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipEnded, SipIncoming, SipOptions
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.drivers.sip_peers import Ticker, strongest_hz, write_tone
from tests.sip.mutate import ATTRIBUTES, mutated
from tests.sip.torture import SDP

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "2000"))
IN_CALL = (
    ("REFER", "Refer-To: <sip:1002@box?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\nRefer-Sub: true\r\n", ""),
    ("REFER", "Refer-To: sip:1002@box\r\n", ""),
    ("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\nDuration=160\r\n"),
    ("INFO", "Content-Type: application/dtmf\r\n", "5"),
    ("UPDATE", "Session-Expires: 90;refresher=uac\r\n", ""),
    ("INVITE", "Content-Type: application/sdp\r\n", SDP.replace("{host}", "127.0.0.1") + "".join(ATTRIBUTES)),
    ("UPDATE", "Content-Type: application/sdp\r\n", SDP.replace("{host}", "127.0.0.1") + "a=sendonly\r\n"),
    ("INVITE", "P-Asserted-Identity: <sip:1@box>\r\nX-MXBox-From: 1001\r\n", ""),
    ("NOTIFY", "Event: refer\r\nSubscription-State: active\r\n", ""),
)
CALL_RTP_HZ = 700.0


@pytest.fixture
def endpoint() -> Iterator[SipEndpoint]:
    first = free_port() & ~1
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 60, calls=8)
    with open_endpoint(options, lambda host, _port: host == "127.0.0.1") as opened:
        yield opened


def in_call(chance: random.Random, dialog: dict[str, str], number: int) -> bytes:
    method, headers, body = chance.choice(IN_CALL)
    dialog_lines = "".join(f"{name}: {value}\r\n" for name, value in dialog.items())
    text = (
        f"{method} sip:mxbox@box SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{number};rport\r\n{dialog_lines}"
        f"CSeq: {1_000_000 + number} {method}\r\nContact: <sip:1001@127.0.0.1:9>\r\nMax-Forwards: 70\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    return text.encode()


def dialog_of(endpoint: SipEndpoint, call_id: str) -> dict[str, str]:
    """Return the dialog of our 200, seen from the far end."""
    said = next(each.text for each in endpoint.messages(call_id) if each.text.startswith("SIP/2.0 200"))
    lines = dict(line.split(": ", 1) for line in said.partition("\r\n\r\n")[0].split("\r\n")[1:] if ": " in line)
    return {"From": lines["From"], "To": lines["To"], "Call-ID": lines["Call-ID"]}


def test_mutated_messages_and_packets_harm_nobody(endpoint: SipEndpoint, tmp_path: Path) -> None:
    chance = random.Random(20)
    says = write_tone(tmp_path / "says.wav", CALL_RTP_HZ, 120 + MESSAGES / 50)  # longer than the slowest machine needs
    target = endpoint.address.split(":")
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001", says=says)) as desk, socket.socket(type=2) as wire:
        ticker = Ticker(endpoint)
        for name in ("victim", "witness"):
            desk.command("dial", f"sip:{name}@{endpoint.address}")
            came = ticker.wait(SipIncoming)
            endpoint.answer(came.call)
            ticker.until(lambda: "CALL_ESTABLISHED" in desk.poll())
            if name == "victim":
                dialog = dialog_of(endpoint, came.call_id)
        ticker.run(0.5)  # baresip's sound comes from elsewhere than it says: the first that comes is taken for its own
        before = 0
        for number in range(MESSAGES):
            wire.sendto(mutated(chance, in_call(chance, dialog, number)), (target[0], int(target[1])))
            rtp = struct.pack("!BBHII", 0x80, chance.choice((8, 120, 0, 77)), number & 0xFFFF, number * 160, 7)
            port = endpoint.options.rtp_first + chance.randrange(8)
            wire.sendto(mutated(chance, rtp + b"\x01\x0a\x00\xa0"), ("127.0.0.1", port))
            if number % 20 == 0:
                ticker.tick()
                ticker.events = [event for event in ticker.events if isinstance(event, SipEnded)]
            if number == MESSAGES // 2:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ticker.run(1.0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "memory grows (kB)"
        assert not [event for event in ticker.events if isinstance(event, SipEnded) and event.call == came.call]
        assert strongest_hz(ticker.row(came.row, 0.5)) == pytest.approx(CALL_RTP_HZ, abs=4), "the other call suffered"


def test_a_refer_with_another_call_id_makes_no_call(endpoint: SipEndpoint, tmp_path: Path) -> None:
    """PJSIP finds calls by their tags alone, we do not: it would make a call of its own, and end ours with that."""
    target = endpoint.address.split(":")
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001")) as desk, socket.socket(type=2) as wire:
        ticker = Ticker(endpoint)
        desk.command("dial", f"sip:victim@{endpoint.address}")
        came = ticker.wait(SipIncoming)
        endpoint.answer(came.call)
        ticker.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        dialog = dialog_of(endpoint, came.call_id) | {"Call-ID": "another"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in dialog.items())
        wire.sendto(
            "REFER sip:mxbox@box SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx;rport\r\n"
            f"{lines}"
            "CSeq: 1000000 REFER\r\nContact: <sip:1001@127.0.0.1:9>\r\nMax-Forwards: 70\r\n"
            "Refer-To: <sip:1002@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n".encode(),
            (target[0], int(target[1])),
        )
        ticker.until(lambda: any(each.sent for each in endpoint.messages("another")))
        ticker.run(0.3)
        assert lib.mx_calls() == 1
        assert not [event for event in ticker.events if isinstance(event, SipEnded)]
