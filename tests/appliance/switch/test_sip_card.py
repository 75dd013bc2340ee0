# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones as legs, tried on real ones: baresip, and sipp that answers word by word. And the tables of causes."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest

from appliance.config.model import EdgeConfig, ExtensionConfig, SipConfig, TrunkConfig
from appliance.contract.rtp import Rtp, rated
from appliance.contract.switch import (
    Alert,
    Alerting,
    Answer,
    Answered,
    AnyEvent,
    Cause,
    Clear,
    Cleared,
    Dial,
    Event,
    Incoming,
    Key,
    Party,
    Presentation,
    Trouble,
)
from appliance.switch.lines.card import Card
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.lines.sip.causes import CAUSE, STATUS, cause_for, status_for
from appliance.switch.sound.fabric import Sound
from drivers.errors import SipAddressError
from drivers.span import TICK_S, TICK_SAMPLES
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.drivers.sip_peers import read_wav, sipp, strongest_hz, write_tone

E = TypeVar("E", bound=Event)
PHONE_SAYS_HZ, BOX_SAYS_HZ = 700.0, 450.0


class Runner:
    """Driver of a card as the switch is, in real time; every leg is sent one tone."""

    def __init__(self, card: SipCard) -> None:
        self.card = card
        self.events: list[AnyEvent] = []
        self.heard: list[Sound] = []
        self.says: dict[int, tuple[float, float]] = {}
        self.packets: dict[int, Rtp | None] = {}
        self.now = 0
        self._next = time.monotonic()

    def tick(self) -> None:
        sound = np.zeros((self.card.rows, TICK_SAMPLES), np.float32)
        self.card.receive(sound)
        self.heard.append(sound.copy())
        self.events += [self._without_packets(event) for event in self.card.signal(self.now)]
        heard = np.zeros_like(sound)
        self.exchange(sound, heard)
        self.card.transmit(heard)
        self.now += 1
        self._next += TICK_S
        time.sleep(max(0.0, self._next - time.monotonic()))

    def _without_packets(self, event: AnyEvent) -> AnyEvent:
        """Keep what packets told at the end of a leg apart: it is never twice the same."""
        if not isinstance(event, Cleared):
            return event
        self.packets[event.leg] = event.rtp
        return msgspec.structs.replace(event, rtp=None)

    def exchange(self, said: Sound, heard: Sound) -> None:
        """Fill the sound to the lines in a tick; `said` is their own."""
        del said
        time_s = (np.arange(TICK_SAMPLES) + self.now * TICK_SAMPLES) / 8000
        for leg, (tone_hz, amplitude) in self.says.items():
            row = self.card.row(leg)
            if row is not None:
                heard[row] = amplitude * np.sin(2 * np.pi * tone_hz * time_s)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def until(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        for _ in range(round(seconds / TICK_S)):
            if done():
                return
            self.tick()
        raise AssertionError(f"did not happen in {seconds} s; events: {self.events}")

    def wait(self, kind: type[E]) -> E:
        self.until(lambda: any(isinstance(event, kind) for event in self.events))
        found = next(event for event in self.events if isinstance(event, kind))
        del self.events[: self.events.index(found) + 1]
        return found

    def hears(self, row: int, seconds: float) -> float:
        return strongest_hz(32768.0 * np.concatenate([sound[row] for sound in self.heard[-round(seconds / TICK_S) :]]))


@contextmanager
def running(*lines: str, calls: int = 4, silence_s: float = 30.0, edge_port: int = 0) -> Iterator[Runner]:
    """A card whose extensions 1001, 1002, ... are at these lines; with an edge at `edge_port`, and a trunk."""
    first = min(free_port() & ~1, 60000)
    config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=calls, silence_s=silence_s)
    edge = EdgeConfig(enabled=True, domain="box.example", port=edge_port) if edge_port else None
    trunks = [
        TrunkConfig(name="carrier", host="192.0.2.1"),
        TrunkConfig(name="friend", host="192.0.2.2", trusted=True),
    ]
    extensions = [ExtensionConfig(number=str(1001 + i), line=line, name="Ann") for i, line in enumerate(lines)]
    evens = itertools.count(2, 2)
    card = SipCard(config, extensions, lambda: next(evens), trunks, edge)
    try:
        yield Runner(card)
    finally:
        card.close()


def address(card: Card) -> str:
    return card.status()[0].values["address"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[BaresipPhone]:
    says = write_tone(tmp_path / "says.wav", PHONE_SAYS_HZ)
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1001", says=says)) as phone:
        yield phone


def test_the_box_rings_a_phone_they_talk_and_the_phone_hangs_up(desk: BaresipPhone) -> None:
    with running(desk.line) as box:
        assert box.card.takes(desk.line)
        assert box.card.has_room(desk.line)
        assert not box.card.takes("pri:carrier")
        box.card.execute(Dial(1, desk.line, "1001", Party("02088881111", "李")), 0)
        row = box.card.row(1)
        assert row is not None
        box.says[1] = (BOX_SAYS_HZ, 0.3)
        assert box.wait(Alerting) == Alerting(1)
        assert box.wait(Answered) == Answered(1)
        box.run(1.2)
        assert box.hears(row, 0.6) == pytest.approx(PHONE_SAYS_HZ, abs=2)
        assert box.card.status()[0].in_use == 1
        up = box.card.quality(1)
        assert up is not None
        desk.command("hangup")
        assert box.wait(Cleared) == Cleared(1, Cause.NORMAL_CLEARING)
        assert box.card.row(1) is None
        assert box.card.quality(1) is None
        over = box.packets[1]
        assert over is not None
        assert over.received >= up.received > 40
        assert (over.codec, over.sent > 40, over.lost, rated(over).loss) == ("PCMA", True, 0, 0.0)
        assert (rated(over).mos or 0.0) > 4.0
        desk.poll()
    assert strongest_hz(read_wav(desk.heard()[0])[-4000:]) == pytest.approx(BOX_SAYS_HZ, abs=4)
    assert any("02088881111" in str(event.get("peeruri")) for event in desk.events)


def test_a_phone_calls_hears_ringback_is_answered_presses_a_key_and_is_cleared(desk: BaresipPhone) -> None:
    with running(desk.line) as box:
        desk.command("dial", f"sip:95588@{address(box.card)}")
        came = box.wait(Incoming)
        assert came == Incoming(2, desk.line, "95588", Party("1001", "Ann"))
        assert box.card.row(2) is not None
        box.card.execute(Alert(2), box.now)
        box.card.execute(Alert(2, inband=True), box.now)
        box.until(lambda: "CALL_PROGRESS" in desk.poll())
        box.card.execute(Answer(2), box.now)
        box.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        desk.press("7")
        pressed = box.wait(Key)
        assert (pressed.leg, pressed.key) == (2, "7")
        assert 40 <= pressed.duration_ms <= 400
        box.card.execute(Clear(2), box.now)
        assert box.wait(Cleared) == Cleared(2, Cause.NORMAL_CLEARING)
        box.until(lambda: "CALL_CLOSED" in desk.poll())


def test_only_phones_that_are_configured_may_call(tmp_path: Path) -> None:
    with (
        running(f"sip:1001@127.0.0.1:{free_port()}", "station:1002") as box,
        sipp(tmp_path, "caller_forbidden", address(box.card), "-m", "2") as stranger,
    ):
        box.until(lambda: stranger.poll() is not None)
        assert stranger.returncode == 0
        assert not box.events
        assert box.card.status()[0].counters["refused"] == 2


def test_a_call_without_a_number_is_refused_and_no_leg(tmp_path: Path) -> None:
    port = free_port()
    with running(f"sip:1001@127.0.0.1:{port}") as box:
        arguments = (address(box.card), "-m", "1", "-p", str(port), "-s", "%00")
        with sipp(tmp_path, "caller_incomplete", *arguments) as phone:
            box.until(lambda: phone.poll() is not None)
            assert phone.returncode == 0
        assert not box.events


def test_a_refusal_carries_status_and_cause_and_the_line_of_a_shared_address(tmp_path: Path) -> None:
    port = free_port()
    lines = (f"sip:5000@127.0.0.1:{port}", f"sip:1001@127.0.0.1:{port}")
    with running(*lines) as box, sipp(tmp_path, "caller_busy", address(box.card), "-m", "1", "-p", str(port)) as phone:
        came = box.wait(Incoming)
        assert (came.line, came.caller.number) == (lines[1], "1002"), "From says which line of the phone it is"
        box.card.execute(Clear(came.leg, Cause.USER_BUSY), box.now)
        assert box.wait(Cleared) == Cleared(came.leg, Cause.USER_BUSY, connected=False)
        box.until(lambda: phone.poll() is not None)
        assert phone.returncode == 0, "486 with Reason: Q.850;cause=17 did not come"


@pytest.mark.parametrize(("scenario", "cause"), [("phone_busy", 17), ("phone_moved", 23)])
def test_a_phone_that_does_not_take_the_call(tmp_path: Path, scenario: str, cause: int) -> None:
    line = f"sip:1001@127.0.0.1:{free_port()}"
    with running(line) as box, sipp(tmp_path, scenario, "-p", line.rpartition(":")[2], "-m", "1"):
        box.card.execute(Dial(1, line, "1001"), 0)
        assert box.wait(Cleared) == Cleared(1, cause, connected=False)


def test_full_scale_sound_comes_back_whole_and_the_cause_goes_out(tmp_path: Path) -> None:
    line = f"sip:1001@127.0.0.1:{free_port()}"
    arguments = ("-p", line.rpartition(":")[2], "-m", "1", "-rtp_echo", "-mp", str(free_port()))
    with running(line) as box, sipp(tmp_path, "phone_wants_reason", *arguments) as phone:
        secret = Party("139", presentation=Presentation.RESTRICTED)
        box.card.execute(Dial(1, line, "1001", secret), 0)
        box.says[1] = (1000.0, 1.0)
        box.wait(Answered)
        box.run(1.0)
        echo = np.concatenate([sound[0] for sound in box.heard[-20:]])
        assert np.abs(echo).max() == pytest.approx(1.0, abs=0.03)
        # Wrapped samples would break the tone: it obeys x[n] = 2 cos(w) x[n-1] - x[n-2].
        assert np.abs(echo[2:] - 2 * np.cos(np.pi / 4) * echo[1:-1] + echo[:-2]).max() < 0.15
        box.card.execute(Clear(1, Cause.NORMAL_UNSPECIFIED), box.now)
        assert box.wait(Cleared) == Cleared(1, Cause.NORMAL_UNSPECIFIED)
        box.until(lambda: phone.poll() is not None)
        assert phone.returncode == 0, "the BYE did not carry Reason: Q.850;cause=31"


def test_what_cannot_be_dialled_is_cleared_with_words() -> None:
    with running(calls=1) as box:
        box.card.execute(Dial(1, "sip:1001@phone.example:5060", "1001"), 0)
        assert box.wait(Trouble).kind == "sip"
        assert box.wait(Cleared) == Cleared(1, Cause.INVALID_NUMBER_FORMAT)
        box.card.execute(Dial(3, "sip:1001@127.0.0.1:9", "1001"), 0)
        assert not box.card.has_room("sip:1001@127.0.0.1:9")
        box.card.execute(Dial(5, "sip:1001@127.0.0.1:9", "1001"), 0)
        assert box.wait(Cleared) == Cleared(5, Cause.SWITCH_CONGESTION)
        box.card.execute(Clear(3), box.now)
        assert box.wait(Cleared) == Cleared(3, Cause.NORMAL_CLEARING, connected=False)
        box.card.execute(Answer(99), box.now)  # crossed with the leg's end
        box.tick()
        assert box.card.has_room("sip:1001@127.0.0.1:9")


def test_an_extension_at_no_address_is_named() -> None:
    with pytest.raises(SipAddressError, match="sip:1001@phone:5060"), running("sip:1001@phone:5060"):
        pass


def test_causes_and_statuses_of_rfc_3398() -> None:
    assert [status_for(cause) for cause in (1, 17, 19, 21, 28, 34, 102, 127, 126)] == [
        404, 486, 480, 403, 484, 503, 504, 500, 500,
    ]  # fmt: skip
    assert [cause_for(status) for status in (200, 404, 408, 480, 486, 503, 600, 603, 499, 302)] == [
        16, 1, 102, 18, 17, 41, 17, 21, 127, 23,
    ]  # fmt: skip
    assert all(400 <= status < 600 for status in STATUS.values())
    assert all(1 <= cause <= 127 for cause in CAUSE.values())
