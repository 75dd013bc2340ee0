# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch on stations: orders become sound, occurrences become events, and every leg ends once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import (
    Alerting,
    Answer,
    Answered,
    AnyEvent,
    Attached,
    Clear,
    Cleared,
    Confirm,
    Dial,
    Gain,
    Heard,
    Heartbeat,
    Hush,
    Incoming,
    Key,
    Listen,
    Mix,
    Party,
    PauseRecord,
    Play,
    Played,
    Record,
    Recorded,
    Seized,
    StopRecord,
    Trace,
    Traced,
    Trouble,
)
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.recorders import Recorders
from dsp.levels import level_dbm0
from hw_sim.station import StationBank


class TonePool:
    """A second of 1,000 Hz at -10 dBm0 and nothing else."""

    samples = (np.sin(2 * np.pi * np.arange(8000) / 8) * 32768 * 10 ** (-13.14 / 20)).astype(np.int16)

    def find(self, sound: str) -> tuple[int, int] | None:
        return (0, 8000) if sound == "prompt:en/tone" else None


class Bench:
    """A switch with four stations that answer at once and keep the sound they hear."""

    def __init__(
        self, tmp_path: Path, behaviour: str = "answer; wait 60", kind: type[StationCard] = StationCard
    ) -> None:
        journal = Journal(None)
        self.bank = StationBank(("1", "2", "3", "4"), behaviour, keep_audio=True)
        card = kind(self.bank, journal.new_leg)
        self.recordings = tmp_path
        self.switch = Switch([card], TonePool(), partial(Recorders, disk=InlineDisk(tmp_path)), journal)
        self.switch.attach(Confirm(0))
        self.events: list[AnyEvent] = []

    def ticks(self, n: int) -> list[AnyEvent]:
        events = [envelope.event for _ in range(n) for envelope in self.switch.tick()]
        self.events += events
        return events

    def talk(self, *legs: int) -> None:
        for leg in legs:
            self.switch.execute(Dial(leg, f"station:{(leg + 1) // 2}", "x", Party("100")))
        events = self.ticks(5)
        assert [e.leg for e in events if isinstance(e, Answered)] == list(legs)


def test_a_trace_is_answered_at_once_and_takes_no_number(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before = bench.switch.peek(Heartbeat()).seq
    bench.switch.execute(Trace(7, (1, 2)))
    (envelope,) = bench.switch.tick()
    assert (envelope.seq, envelope.event) == (before, Traced(7, ()))
    assert bench.switch.tick() == []


def test_an_outgoing_leg_is_rung_answered_and_cleared_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.switch.execute(Dial(1, "station:1", "1", Party("100")))
    events = bench.ticks(3)
    assert Answered(1) in events
    assert bench.switch.legs == (1,)
    for _ in range(3):
        bench.switch.execute(Clear(1))
    assert bench.ticks(3) == [Cleared(1, 16)]
    assert len(bench.switch.legs) == 0


def test_a_call_that_came_and_went_in_one_tick_is_told_whole_and_leaves_nothing(tmp_path: Path) -> None:
    class Hasty(StationCard):
        def signal(self, now: int) -> Sequence[AnyEvent]:
            came: list[AnyEvent] = [Incoming(2, "station:1", "9", Party("1")), Cleared(2, 16)] if now == 3 else []
            return [*super().signal(now), *came]

    bench = Bench(tmp_path, kind=Hasty)
    assert [type(event) for event in bench.ticks(3)] == [Incoming, Cleared]
    assert bench.switch.legs == ()
    bench.switch.execute(Play(2, 1, ("prompt:en/tone",)))
    assert bench.ticks(60) == []


def test_a_busy_station_an_unknown_one_and_a_line_without_card_end_with_their_cause(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.talk(1)
    bench.switch.execute(Dial(3, "station:1", "1"))
    bench.switch.execute(Dial(5, "station:99", "99"))
    bench.switch.execute(Dial(7, "pri:carrier", "10086"))
    events = bench.ticks(2)
    assert Cleared(3, 17) in events
    assert Cleared(5, 17) in events
    assert Cleared(7, 27) in events
    assert any(isinstance(e, Trouble) and "pri:carrier" in e.values.values() for e in events)


def test_a_prompt_is_heard_at_its_level_and_its_end_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.talk(1)
    bench.switch.execute(Play(1, 9, ("prompt:en/none", "prompt:en/tone")))
    events = bench.ticks(60)
    assert events == [Played(1, 9, ("prompt:en/none",))]
    bench.switch.execute(Clear(1))
    bench.ticks(2)
    heard = bench.bank.records[0].heard
    assert heard is not None
    from dsp.g711 import alaw_decode

    assert level_dbm0(alaw_decode(np.frombuffer(heard, np.uint8))[10 * 160 : 50 * 160]) == pytest.approx(-10, abs=0.2)


def test_two_legs_hear_each_other_and_a_key_is_told_with_the_leg_that_pressed_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 0.2; key 5; wait 60")
    bench.talk(1, 3)
    bench.switch.execute(Mix((Gain(1, 3), Gain(3, 1))))
    bench.ticks(40)
    keys = [e for e in bench.events if isinstance(e, Key)]
    assert [(k.leg, k.key) for k in sorted(keys, key=lambda k: k.leg)] == [(1, "5"), (3, "5")]
    assert all(60 <= k.duration_ms <= 140 for k in keys)


def test_a_recording_holds_both_sides_and_ends_with_its_leg(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.talk(1)
    bench.switch.execute(Record(1, 5, "a.wav"))
    bench.switch.execute(Play(1, 1, ("prompt:en/tone",)))
    bench.ticks(20)
    bench.switch.execute(Clear(1))
    events = bench.ticks(3)
    cleared, recorded = events[0], events[-1]
    assert isinstance(cleared, Cleared)
    assert isinstance(recorded, Recorded)
    assert recorded.error == ""
    assert recorded.samples in range(20 * 160, 23 * 160)
    assert (tmp_path / "a.wav").stat().st_size == 58 + 2 * recorded.samples


def test_commands_for_legs_that_are_gone_do_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for command in (Answer(2), Clear(2), Mix((Gain(2, 4),)), Play(2, 1, ("prompt:en/tone",)), Hush(2), StopRecord(1)):
        bench.switch.execute(command)
    assert bench.ticks(5) == []
    bench.switch.execute(Record(2, 7, "gone.wav"))
    (recorded,) = bench.ticks(1)
    assert isinstance(recorded, Recorded)
    assert (recorded.samples, recorded.error) == (0, ""), "it crossed with the leg's end: nothing is wrong"
    assert not (tmp_path / "gone.wav").exists()


def test_without_a_call_server_calls_are_let_go_and_told_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.talk(1)
    bench.bank.dial("2", "96900", "wait answer; wait 60")
    (incoming,) = bench.ticks(1)
    assert isinstance(incoming, Incoming)
    seq = bench.switch.peek(Attached("", 0)).seq
    bench.switch.detach()
    bench.ticks(3)
    assert bench.switch.legs == ()
    bench.bank.dial("3", "96900", "wait answer; wait 60")
    bench.ticks(5)
    missed = [envelope.event for envelope in bench.switch.attach(Confirm(seq))]
    assert [type(event) for event in missed] == [Cleared, Cleared, Incoming, Cleared, Attached]
    assert {event.cause for event in missed if isinstance(event, Cleared)} == {41}


def test_an_alerting_station_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "alert; wait 1; answer; wait 60")
    bench.switch.execute(Dial(1, "station:1", "1"))
    events = bench.ticks(70)
    assert events[0] == Alerting(1)
    assert events[-1] == Answered(1)


def test_what_is_listened_for_is_told_and_levels_are_shown(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 0.2; speak tone busy 5; wait 60")
    bench.talk(1, 3)
    bench.switch.execute(Listen(1, tones=True))
    events = bench.ticks(150)
    assert [e for e in events if isinstance(e, Heard)] == [Heard(1, "tone", "busy")]
    levels, _speaking = bench.switch.levels()
    assert set(levels) == {1, 3}
    assert -25 < max(levels.values()) < 0


class MovingCard(StationCard):
    """A card whose legs have no row until `shift` is set, and another one when it is set anew; `told` reports that."""

    shift: int | None = None
    told: tuple[Seized, ...] = ()

    def row(self, leg: int) -> int | None:
        row = super().row(leg)
        return None if row is None or self.shift is None else (row + self.shift) % self.rows

    def receive(self, sound: Sound) -> None:
        super().receive(sound)
        sound[:] = np.roll(sound, self.shift or 0, axis=0)

    def signal(self, now: int) -> Sequence[AnyEvent]:
        told, self.told = self.told, ()
        return [*super().signal(now), *told]

    def move(self, shift: int, *legs: int) -> None:
        self.shift, self.told = shift, tuple(Seized(leg, 1, 1) for leg in legs)


def test_who_is_to_be_listened_to_may_get_a_row_later_and_another_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 0.2; speak tone busy 20; wait 60", MovingCard)
    [card] = bench.switch.cards
    assert isinstance(card, MovingCard)
    bench.talk(1)
    bench.switch.execute(Listen(1, tones=True))
    assert not any(isinstance(e, Heard) for e in bench.ticks(100))
    card.move(0, 1)
    assert [e for e in bench.ticks(150) if isinstance(e, Heard)] == [Heard(1, "tone", "busy")]
    card.move(2, 1)
    assert [e for e in bench.ticks(150) if isinstance(e, Heard)] == [Heard(1, "tone", "busy")]


def test_a_leg_that_goes_is_listened_to_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 0.2; speak tone busy 5; wait 60")
    bench.talk(1)
    bench.switch.execute(Listen(1, tones=True, fax=True, answer=True))
    bench.switch.execute(Clear(1))
    bench.ticks(3)
    bench.switch.execute(Dial(5, "station:1", "1"))
    assert not any(isinstance(e, Heard) for e in bench.ticks(200))


def test_a_message_is_recorded_beside_the_call_until_the_key_that_ends_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 1; key #; wait 60")
    bench.talk(1)
    bench.switch.execute(Record(1, 5, "call.wav"))
    bench.switch.execute(Record(1, 6, "message.wav", "said", end_keys="#"))
    bench.ticks(100)
    (ended,) = [event for event in bench.events if isinstance(event, Recorded)]
    assert (ended.recording, ended.why, ended.error) == (6, "key", "")
    assert 40 * 160 < ended.samples < 80 * 160
    bench.switch.execute(Clear(1))
    assert [(e.recording, e.why) for e in bench.ticks(3) if isinstance(e, Recorded)] == [(5, "leg")]


def test_a_pause_puts_silence_into_the_file_of_a_recording(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; speak noise -20 10; wait 60")
    bench.talk(1)
    bench.switch.execute(Record(1, 5, "call.wav", "said"))
    bench.ticks(50)
    for paused in (True, False):
        bench.switch.execute(PauseRecord(5, paused=paused))
        bench.switch.execute(PauseRecord(77, paused=paused))  # it is not there
        bench.ticks(50)
    bench.switch.execute(StopRecord(5))
    bench.ticks(3)
    sound = np.frombuffer((bench.recordings / "call.wav").read_bytes()[58:], np.uint8).reshape(-1, 160)
    silent = (sound == 0xD5).all(axis=1)
    assert len(silent) == 150
    assert np.flatnonzero(silent).tolist() == list(range(50, 100))


def test_speech_is_told_from_its_second_tick_and_its_end_after_the_gap_between_words(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; wait 1; speak noise -20 1; wait 60")
    bench.talk(1, 3)
    bench.switch.execute(Listen(1, speech=True))
    heard = [(tick, event) for tick in range(150) for event in bench.ticks(1) if isinstance(event, Heard)]
    assert [event for _tick, event in heard] == [Heard(1, "speech", "begins"), Heard(1, "speech", "ends")]
    (begins, _), (ends, _) = heard
    assert 45 <= begins <= 52
    assert 50 + 8 <= ends - begins <= 50 + 12, "held for 0.2 s"
    bench.switch.execute(Listen(1))
    bench.ticks(100)
    assert sum(isinstance(event, Heard) for event in bench.events) == 2


def test_who_begins_to_listen_in_the_middle_of_a_sentence_is_told_of_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; speak noise -20 3; wait 60")
    bench.talk(1)
    bench.ticks(20)
    bench.switch.execute(Listen(1, speech=True))
    assert Heard(1, "speech", "begins") in bench.ticks(1)
