# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between our endpoint and a desk phone that is not ours (baresip), with sound and keys both ways."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.pjsip import open_endpoint
from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipAddress, SipAnswered, SipEnded, SipIncoming, SipKey, SipOptions, SipParty, SipProgress
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.drivers.sip_peers import Ticker, read_wav, strongest_hz, write_tone

PHONE_SAYS_HZ, BOX_SAYS_HZ = 700.0, 450.0


@pytest.fixture
def endpoint() -> Iterator[SipEndpoint]:
    first = free_port() & ~1
    codecs = ("PCMA", "PCMU", "G722", "OPUS")
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 60, calls=8, codecs=codecs, srtp="accept")
    with open_endpoint(options, lambda host, _port: host == "127.0.0.1") as opened:
        yield opened


def phone(folder: Path, *, answers: bool = True, codec: str = "PCMA") -> BaresipPhone:
    folder.mkdir(exist_ok=True)
    says = write_tone(folder / "says.wav", PHONE_SAYS_HZ)
    return BaresipPhone(folder / "phone", PhoneOptions("1001", says=says, answers=answers, codec=codec))


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_the_box_calls_a_phone_and_each_hears_the_other(endpoint: SipEndpoint, tmp_path: Path, codec: str) -> None:
    with phone(tmp_path, codec=codec) as desk:
        ticker = Ticker(endpoint)
        call = endpoint.dial(SipAddress.parse(desk.line), SipParty("88881111", '李 "X" \\'))
        row = endpoint.row(call)
        assert row is not None
        ticker.tones_hz[row] = BOX_SAYS_HZ
        assert ticker.wait(SipProgress) == SipProgress(call, 180, inband=False)
        assert ticker.wait(SipAnswered) == SipAnswered(call)
        ticker.run(1.6)
        assert strongest_hz(ticker.row(row, 1.0)) == pytest.approx(PHONE_SAYS_HZ, abs=2)
        endpoint.hangup(call, cause=16)
        assert ticker.wait(SipEnded).call == call
        assert endpoint.row(call) is None
        ticker.until(lambda: "CALL_CLOSED" in desk.poll())
    heard = read_wav(desk.heard()[0])
    assert strongest_hz(heard[-8000:]) == pytest.approx(BOX_SAYS_HZ, abs=2)
    assert any("88881111" in str(event.get("peeruri")) for event in desk.events)


@pytest.mark.parametrize(("codec", "rate", "channels"), [("G722", 16000, 1), ("opus", 48000, 2)])
def test_wideband_codecs_meet_the_fabric_at_its_rate(
    endpoint: SipEndpoint, tmp_path: Path, codec: str, rate: int, channels: int
) -> None:
    says = write_tone(tmp_path / "says.wav", PHONE_SAYS_HZ, 5.0, rate, channels)
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001", says=says, codec=codec)) as desk:
        ticker = Ticker(endpoint)
        call = endpoint.dial(SipAddress.parse(desk.line), SipParty("88881111"))
        row = endpoint.row(call)
        assert row is not None
        ticker.tones_hz[row] = BOX_SAYS_HZ
        ticker.wait(SipAnswered)
        ticker.run(1.2)
        said = ticker.row(row, 0.5)
        assert strongest_hz(said) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        assert np.abs(said).max() == pytest.approx(8000, rel=0.15)
        endpoint.hangup(call)
        ticker.wait(SipEnded)
        ticker.until(lambda: "CALL_CLOSED" in desk.poll())
    heard = read_wav(desk.heard()[0])[-rate // 2 :]
    assert strongest_hz(heard, rate) == pytest.approx(BOX_SAYS_HZ, abs=8)
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.15)


def test_a_phone_that_wants_its_sound_encrypted_gets_it(endpoint: SipEndpoint, tmp_path: Path) -> None:
    says = write_tone(tmp_path / "says.wav", PHONE_SAYS_HZ)
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001", says=says, encrypts=True)) as desk:
        ticker = Ticker(endpoint)
        desk.command("dial", f"sip:95588@{endpoint.address}")
        came = ticker.wait(SipIncoming)
        ticker.tones_hz[came.row] = BOX_SAYS_HZ
        endpoint.answer(came.call)
        ticker.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        ticker.run(1.0)
        assert strongest_hz(ticker.row(came.row, 0.5)) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        told = "".join(message.text for message in endpoint.messages(came.call_id))
        assert "RTP/SAVP" in told
        assert "inline:..." in told, "no keys, or the keys are shown"
        endpoint.hangup(came.call)
        ticker.wait(SipEnded)
        ticker.until(lambda: "CALL_CLOSED" in desk.poll())
    assert strongest_hz(read_wav(desk.heard()[0])[-4000:]) == pytest.approx(BOX_SAYS_HZ, abs=4)


def test_a_phone_calls_the_box_presses_keys_and_hangs_up(endpoint: SipEndpoint, tmp_path: Path) -> None:
    with phone(tmp_path) as desk:
        ticker = Ticker(endpoint)
        desk.command("dial", f"sip:95588@{endpoint.address}")
        came = ticker.wait(SipIncoming)
        assert (came.called, came.caller.number, came.source_host, came.source_port) == (
            "95588",
            "1001",
            "127.0.0.1",
            desk.port,
        )
        row = endpoint.row(came.call)
        assert row is not None
        ticker.tones_hz[row] = BOX_SAYS_HZ
        endpoint.progress(came.call, 180)
        ticker.until(lambda: "CALL_RINGING" in desk.poll())
        endpoint.answer(came.call)
        ticker.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        desk.press("1")
        first = ticker.wait(SipKey)
        desk.press("1")
        second = ticker.wait(SipKey)
        desk.press("#")
        assert [first.key, second.key, ticker.wait(SipKey).key] == ["1", "1", "#"]
        assert 40 <= first.duration_ms <= 400
        ticker.run(0.5)
        assert not [event for event in ticker.events if isinstance(event, SipKey)], "a key was invented"
        assert strongest_hz(ticker.row(row, 0.4)) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        desk.command("hangup")
        assert ticker.wait(SipEnded).call == came.call
    assert strongest_hz(read_wav(desk.heard()[0])[-4000:]) == pytest.approx(BOX_SAYS_HZ, abs=4)


def test_early_sound_reaches_the_caller_before_the_answer(endpoint: SipEndpoint, tmp_path: Path) -> None:
    with phone(tmp_path) as desk:
        ticker = Ticker(endpoint)
        desk.command("dial", f"sip:95588@{endpoint.address}")
        came = ticker.wait(SipIncoming)
        row = endpoint.row(came.call)
        assert row is not None
        ticker.tones_hz[row] = BOX_SAYS_HZ
        endpoint.progress(came.call, 183)
        ticker.until(lambda: "CALL_PROGRESS" in desk.poll())
        ticker.run(1.0)
        endpoint.hangup(came.call, 486, cause=17)
        assert ticker.wait(SipEnded).code == 486
        ticker.until(lambda: "CALL_CLOSED" in desk.poll())
    assert strongest_hz(read_wav(desk.heard()[0])[-4000:]) == pytest.approx(BOX_SAYS_HZ, abs=4)


def test_a_phone_that_is_killed_leaves_the_box_working(endpoint: SipEndpoint, tmp_path: Path) -> None:
    with phone(tmp_path / "a") as desk:
        ticker = Ticker(endpoint)
        call = endpoint.dial(SipAddress.parse(desk.line), SipParty("1"))
        ticker.wait(SipAnswered)
        desk.kill()
        ticker.run(0.3)
        endpoint.hangup(call)
        assert ticker.wait(SipEnded, 0.1).call == call, "the row must not wait for a phone that is gone"
    with phone(tmp_path / "b") as desk:
        call = endpoint.dial(SipAddress.parse(desk.line), SipParty("1"))
        assert ticker.wait(SipAnswered).call == call


def test_hold_and_resume_bring_the_sound_back(endpoint: SipEndpoint, tmp_path: Path) -> None:
    with phone(tmp_path) as desk:
        ticker = Ticker(endpoint)
        call = endpoint.dial(SipAddress.parse(desk.line), SipParty("1"))
        row = endpoint.row(call)
        assert row is not None
        ticker.wait(SipAnswered)
        ticker.run(0.5)
        desk.command("hold")
        ticker.run(0.8)
        assert strongest_hz(ticker.row(row, 0.2)) == 0, "a phone on hold must be silent"
        desk.command("resume")
        ticker.run(0.8)
        assert strongest_hz(ticker.row(row, 0.3)) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        endpoint.hangup(call)
        ticker.until(lambda: "CALL_CLOSED" in desk.poll())
