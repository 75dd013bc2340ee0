# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones in a call: keys by every way, hold, transfer, redirection, vanishing; and strangers' packets."""

import socket
import struct
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import (
    Answer,
    Answered,
    Cause,
    Clear,
    Cleared,
    Dial,
    Held,
    Incoming,
    Key,
    Party,
    Redirected,
    Resumed,
    Show,
    Transferred,
    TransferWanted,
)
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.appliance.switch.test_sip_card import PHONE_SAYS_HZ, Runner, address, running
from tests.drivers.sip_peers import sipp, write_tone


def desk(tmp_path: Path, number: str = "1001") -> BaresipPhone:
    says = write_tone(tmp_path / f"says{number}.wav", PHONE_SAYS_HZ)
    return BaresipPhone(tmp_path / f"phone{number}", PhoneOptions(number, says=says))


def come_in(box: Runner, phone: BaresipPhone, number: str) -> int:
    phone.command("dial", f"sip:{number}@{address(box.card)}")
    leg = box.wait(Incoming).leg
    box.card.execute(Answer(leg), box.now)
    box.until(lambda: "CALL_ESTABLISHED" in phone.poll())
    return leg


def texts(box: Runner, leg: int) -> list[str]:
    return [message.text for message in box.card.trace(leg)]


def test_keys_by_info_are_told_once_and_end_the_listening_for_tones(tmp_path: Path) -> None:
    port = free_port()
    with running(f"sip:1001@127.0.0.1:{port}") as box:
        arguments = (address(box.card), "-m", "1", "-p", str(port), "-s", "95588")
        with sipp(tmp_path, "caller_info_keys", *arguments) as phone:
            leg = box.wait(Incoming).leg
            box.card.execute(Answer(leg), box.now)
            box.tick()
            assert box.card.takes_inband_key(leg, "9", 60), "it promises no telephone-events: its sound counts"
            keys = [box.wait(Key) for _ in range(3)]
            assert [(key.key, key.duration_ms) for key in keys] == [("5", 160), ("*", 80), ("#", 0)]
            assert not box.card.takes_inband_key(leg, "#", 60), "INFO is the better way"
            assert isinstance(box.wait(Cleared), Cleared)
            box.until(lambda: phone.poll() is not None)
            assert phone.returncode == 0


def test_a_phone_is_listened_to_until_its_first_telephone_event(tmp_path: Path) -> None:
    """Its announcement is no proof: there are phones that announce events and send tones."""
    with desk(tmp_path) as phone, running(phone.line) as box:
        leg = come_in(box, phone, "95588")
        assert box.card.takes_inband_key(leg, "4", 60)
        phone.press("5")
        assert box.wait(Key).key == "5"
        assert not box.card.takes_inband_key(leg, "5", 60)


def test_a_phone_holds_and_resumes(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box:
        leg = come_in(box, phone, "95588")
        phone.command("hold")
        assert box.wait(Held) == Held(leg)
        phone.command("resume")
        assert box.wait(Resumed) == Resumed(leg)
        box.run(0.6)
        row = box.card.row(leg)
        assert row is not None
        assert box.hears(row, 0.3) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        assert not [event for event in box.events if isinstance(event, Held | Resumed)]


def test_a_blind_transfer_is_wanted_and_its_end_told(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box:
        leg = come_in(box, phone, "95588")
        phone.command("transfer", f"sip:1002@{address(box.card)}")
        assert box.wait(TransferWanted) == TransferWanted(leg, "1002")
        box.card.execute(Transferred(leg, ok=True), box.now)
        box.until(lambda: any("sipfrag" in text and "SIP/2.0 200 OK\r\n" in text for text in texts(box, leg)))


def test_an_attended_transfer_names_the_other_leg(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box:
        first = come_in(box, phone, "95588")
        phone.command("hold")
        box.wait(Held)
        second = come_in(box, phone, "1002")
        refer_with_replaces(box, first, second)
        assert box.wait(TransferWanted) == TransferWanted(first, "1002", second)


def refer_with_replaces(box: Runner, first: int, second: int) -> None:
    """Send REFER as the phone would, in the first dialog, whose Replaces names the second (RFC 3891, RFC 5589 7)."""
    ask = next(text for text in texts(box, second) if text.startswith("INVITE"))
    said = next(text for text in texts(box, second) if text.startswith("SIP/2.0 200") and "INVITE" in text)
    in_first = next(text for text in texts(box, first) if text.startswith("SIP/2.0 200") and "INVITE" in text)

    def field(text: str, name: str) -> str:
        return next(line.split(":", 1)[1].strip() for line in text.split("\r\n") if line.startswith(f"{name}:"))

    def tag(value: str) -> str:
        return value.split("tag=")[1].partition(";")[0]

    replaces = f"{field(ask, 'Call-ID')}%3Bto-tag%3D{tag(field(said, 'To'))}%3Bfrom-tag%3D{tag(field(ask, 'From'))}"
    with socket.socket(type=socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        host, port = address(box.card).split(":")
        lines = [
            f"REFER sip:mxbox@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{wire.getsockname()[1]};branch=z9hG4bKrefer;rport",
            f"From: {field(in_first, 'From')}",
            f"To: {field(in_first, 'To')}",
            f"Call-ID: {field(in_first, 'Call-ID')}",
            "CSeq: 900000000 REFER",
            "Contact: <sip:1001@127.0.0.1>",
            "Max-Forwards: 70",
            f"Refer-To: <sip:1002@{host}:{port}?Replaces={replaces}>",
            "Content-Length: 0",
        ]
        wire.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), (host, int(port)))
        box.run(0.1)


def test_a_phone_sends_the_caller_elsewhere(tmp_path: Path) -> None:
    line = f"sip:1001@127.0.0.1:{free_port()}"
    with running(line) as box, sipp(tmp_path, "phone_moved", "-p", line.rpartition(":")[2], "-m", "1"):
        box.card.execute(Dial(1, line, "1001"), 0)
        assert box.wait(Redirected) == Redirected(1, "0099123")
        assert box.wait(Cleared) == Cleared(1, 23, connected=False)


def test_a_phone_that_vanishes_ends_its_call_and_the_books_can_close(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line, silence_s=2.0) as box:
        box.card.execute(Dial(1, phone.line, "1001"), 0)
        box.wait(Answered)
        box.run(3.0)
        assert not [event for event in box.events if isinstance(event, Cleared)], "it lives"
        phone.kill()
        gone = box.now
        assert box.wait(Cleared) == Cleared(1, Cause.DESTINATION_OUT_OF_ORDER)
        assert 80 <= box.now - gone <= 160, "2 s of silence, looked at once a second"


def test_session_timers_are_asked_for(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box:
        box.card.execute(Dial(1, phone.line, "1001"), 0)
        box.wait(Answered)
        assert "Session-Expires: 90" in texts(box, 1)[0]


def test_sound_comes_from_nobody_but_the_phone(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box, socket.socket(type=socket.SOCK_DGRAM) as stranger:
        leg = come_in(box, phone, "95588")
        box.run(0.6)
        sdp = next(text for text in texts(box, leg) if text.startswith("SIP/2.0 200"))
        port = int(sdp.split("m=audio ")[1].split()[0])
        noise = np.random.default_rng(1).integers(0, 256, 160, np.uint8).tobytes()
        for sequence in range(50):
            header = struct.pack("!BBHII", 0x80, 8, sequence, sequence * 160, 0x1234)
            stranger.sendto(header + noise, ("127.0.0.1", port))
            box.tick()
        row = box.card.row(leg)
        assert row is not None
        assert box.card.status()[0].counters["strange_rtp"] == 50
        said = np.concatenate([sound[row] for sound in box.heard[-40:]]) * 32768
        assert box.hears(row, 0.8) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        assert np.abs(said).max() < 9000, "noise was mixed in"


def test_a_display_is_told_before_the_answer(tmp_path: Path) -> None:
    with desk(tmp_path) as phone, running(phone.line) as box:
        phone.command("dial", f"sip:95588@{address(box.card)}")
        leg = box.wait(Incoming).leg
        box.card.execute(Show(leg, Party("1002", "Bob")), box.now)
        box.card.execute(Answer(leg), box.now)
        box.until(lambda: "CALL_ESTABLISHED" in phone.poll())
        assert any('P-Asserted-Identity: "Bob" <sip:1002@' in text for text in texts(box, leg))
        box.card.execute(Show(leg, Party("1003")), box.now)  # this phone takes no UPDATE: nothing happens
        box.run(0.2)
        assert not any(text.startswith("UPDATE") for text in texts(box, leg))
        box.card.execute(Clear(leg), box.now)
        box.wait(Cleared)
        box.run(0.1)
        assert texts(box, leg)[-1].startswith("SIP/2.0 200"), "the messages of a leg outlive it"


def test_with_an_edge_the_caller_is_who_the_edge_says(tmp_path: Path) -> None:
    port = free_port()
    with running("phone:1001", edge_port=port) as box:
        called = ("-m", "1", "-p", str(port), "-s", "95588")
        for who, name, line, party in (
            ("From", "1001", "phone:1001", Party("1001", "Ann")),
            ("From", "1009", "phone:1009", Party("1009")),  # call control knows whether it came meanwhile
            ("Trunk", "carrier", "trunk:carrier", Party("02087654321", "Carrier")),
        ):
            keys = ("-key", "who", who, "-key", "name", name)
            with sipp(tmp_path, "caller_from_edge", address(box.card), *called, *keys) as caller:
                came = box.wait(Incoming)
                assert (came.line, came.caller) == (line, party)
                box.card.execute(Answer(came.leg), box.now)
                box.wait(Cleared)
                box.until(lambda caller=caller: caller.poll() is not None)  # type: ignore[misc]
                assert caller.returncode == 0
        with sipp(
            tmp_path, "caller_edge_refused", address(box.card), *called, "-key", "who", "Trunk", "-key", "name", "9"
        ) as caller:
            box.until(lambda: caller.poll() is not None)
            assert caller.returncode == 0
        assert not [event for event in box.events if isinstance(event, Incoming)]


def test_with_an_edge_phones_and_trunks_are_called_through_it(tmp_path: Path) -> None:
    port = free_port()
    with (
        running("phone:1001", edge_port=port) as box,
        sipp(tmp_path, "phone_busy", "-p", str(port), "-m", "2"),
    ):
        box.card.execute(Dial(1, "phone:1001", "1001", Party("02011112222")), 0)
        assert box.wait(Cleared) == Cleared(1, Cause.USER_BUSY, connected=False)
        invite = texts(box, 1)[0]
        assert invite.startswith("INVITE sip:1001@box.example:5060 SIP/2.0")
        assert "From: <sip:02011112222@box.example>" in invite
        assert "Route:" not in invite
        box.card.execute(Dial(3, "trunk:carrier", "13800138000", Party("02011112222")), 0)
        assert box.wait(Cleared) == Cleared(3, Cause.USER_BUSY, connected=False)
        invite = texts(box, 3)[0]
        assert invite.startswith("INVITE sip:13800138000@192.0.2.1:5060 SIP/2.0")
        assert "P-Asserted-Identity: <sip:02011112222@box.example>" in invite
