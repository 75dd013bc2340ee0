# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor in a talk, in lockstep: what each party hears and both tracks of the recording hold, tick by tick."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest

from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.contract.ticks import TICKS_PER_S
from drivers.span import TICK_SAMPLES
from dsp.levels import Float
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import PLAIN, balanced, dial, rows

HZ = {"caller": 550, "agent": 1050, "supervisor": 1850}
"""Whole periods in a tick, so that a tick tells them apart exactly."""
AGENT_PHONE, DESK = house.extension(1), house.extension(2)
SUPERVISOR = "wait answer 5; " + "; ".join(
    f"speak tone {HZ['supervisor']} -12 1.5; key {key}" for key in ("5", "6", "5", "4")
)
SUPERVISOR += f"; speak tone {HZ['supervisor']} -12 1.5; wait remote 60"
LATEST_TICKS = 5
"""100 ms from the end of a key on the line to the change."""
TONE = 0.02
"""Amplitude above which a tone is there; those that speak send 0.35."""


def config() -> BoxConfig:
    box = house.call_centre(1)
    desk = ExtensionConfig(number=DESK, line=f"station:{DESK}", supervisor=True)
    return msgspec.structs.replace(box, extension=(*box.extension, desk))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[LockBox]:
    stations = {AGENT_PHONE: f"alert; wait 1; answer; speak tone {HZ['agent']} -12 60", DESK: "alert; wait 60"}
    with LockBox(tmp_path, config(), house.HOTLINE, stations, library=house.library("en"), line=PLAIN).start() as made:
        yield made


class Ears:
    """Ticks of what legs said and what their lines were sent: from the switch, behind all of its detectors."""

    def __init__(self, box: LockBox, legs: Mapping[str, int]) -> None:
        self.legs, self.box = legs, box
        self.ticks: list[int] = []
        self.said: dict[str, list[Float]] = {name: [] for name in legs}
        self.heard: dict[str, list[Float]] = {name: [] for name in legs}

    def run_s(self, seconds: float) -> None:
        fabric = self.box.switch._sound.fabric
        for _ in range(round(seconds * TICKS_PER_S)):
            self.box.tick()
            self.ticks.append(self.box.switch.now)
            for name, leg in self.legs.items():
                row = fabric.row(leg)
                assert row is not None
                self.said[name].append(fabric.said[row].copy())
                self.heard[name].append(fabric.y[row].copy())

    def has(self, sound: list[Float], who: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return in which ticks a sound holds somebody's tone."""
        return tone(np.concatenate(sound), HZ[who])


def tone(sound: Float, hz: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    blocks = sound[: len(sound) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, TICK_SAMPLES)
    wave = np.exp(-2j * np.pi * hz * np.arange(TICK_SAMPLES) / 8000)
    return np.asarray(np.abs(blocks @ wave) * 2 / TICK_SAMPLES > TONE)


def legs(box: LockBox) -> dict[str, int]:
    """Return the legs of the talk by what they are here."""
    board = box.engine._board
    phones = {DESK: "supervisor", AGENT_PHONE: "agent"}
    named = {leg.number: phones.get(leg.phone.number if leg.phone else "", "caller") for leg in board.legs.values()}
    return {name: number for number, name in named.items()}


def supervised(box: LockBox) -> tuple[Ears, dict[str, list[int]]]:
    """Let a supervisor whisper, barge in, whisper and listen; return what was heard, and the ticks of each act."""
    assert box.bank.dial(DESK, f"*34{house.agent(1)}", SUPERVISOR)
    box.until(lambda: len(legs(box)) == 3 and rows(box, "SELECT 1 FROM supervisor_acts"))
    ears = Ears(box, legs(box))
    ears.run_s(8.5)
    done: dict[str, list[int]] = {}
    for row in rows(box, "SELECT act, done FROM supervisor_acts ORDER BY number"):
        done.setdefault(row["act"], []).append(row["done"])
    return ears, done


def within(ears: Ears, spans: list[tuple[int, int]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which ticks lie behind the first and up to the second of one of these pairs."""
    ticks = np.array(ears.ticks)
    return np.asarray(np.any([(ticks > first) & (ticks <= last) for first, last in spans], axis=0))


def modes(ears: Ears, done: dict[str, list[int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the spans of ticks in which the agent, and in which both, hear the supervisor."""
    (first, second), (barge,), (_began, quiet) = done["whisper"], done["barge"], done["listen"]
    return [(first, quiet)], [(barge, second)]


def on_time(ears: Ears, done: dict[str, list[int]]) -> None:
    """Check that each key counts within 100 ms of its end on the line."""
    loud = np.abs(np.array(ears.said["supervisor"])).max(axis=1) > TONE
    keyed = loud & ~ears.has(ears.said["supervisor"], "supervisor")
    for tick in (*done["whisper"], *done["barge"], done["listen"][1]):
        pressed = np.array(ears.ticks)[keyed & (np.array(ears.ticks) <= tick)]
        assert tick - pressed[-1] <= LATEST_TICKS


def tone_now(box: LockBox, who: str) -> bool:
    fabric = box.switch._sound.fabric
    row = fabric.row(legs(box).get(who, -1))
    return row is not None and bool(tone(fabric.said[row], HZ[who])[0])


def in_recording(box: LockBox, ears: Ears, done: dict[str, list[int]], of: str) -> None:
    """Check both tracks: a whisper is in none; the leg's voice is the left one, the others are the right one."""
    (row,) = rows(box, "SELECT path, opened FROM recordings")
    left, right = read_wav(box.folder / "recordings" / row["path"])
    first = ears.ticks[0] - row["opened"] - 1
    window = slice(first, first + len(ears.ticks))
    assert not tone(left, HZ["supervisor"]).any()
    _agent, both_hear = modes(ears, done)
    says = ears.has(ears.said["supervisor"], "supervisor") & within(ears, both_hear)
    assert says.any()
    assert np.array_equal(tone(right, HZ["supervisor"])[window], says)
    assert tone(left, HZ[of])[window].all()
    assert tone(right, HZ["agent" if of == "caller" else "caller"])[window].all()


def heard_as_each_mode_says(ears: Ears, done: dict[str, list[int]]) -> None:
    agent_hears, both_hear = modes(ears, done)
    on_time(ears, done)
    says = ears.has(ears.said["supervisor"], "supervisor")
    assert np.array_equal(ears.has(ears.heard["agent"], "supervisor"), says & within(ears, agent_hears))
    assert np.array_equal(ears.has(ears.heard["caller"], "supervisor"), says & within(ears, both_hear))
    for one, other in (("caller", "agent"), ("agent", "caller"), ("supervisor", "caller"), ("supervisor", "agent")):
        assert ears.has(ears.heard[one], other).all(), f"{one} hears {other} all the time"


def test_each_party_hears_what_the_mode_says_and_the_recording_what_the_caller_hears(box: LockBox) -> None:
    record = dial(box, f"wait answer 5; wait 6; key 1; wait 12; speak tone {HZ['caller']} -12 14; hangup")
    box.until(lambda: tone_now(box, "caller"), 40)
    ears, done = supervised(box)
    heard_as_each_mode_says(ears, done)
    box.until(lambda: record.ended is not None)
    box.run_s(4)
    in_recording(box, ears, done, "caller")
    balanced(box)


def test_a_whisper_is_in_no_recording_of_a_call_that_the_agent_made(box: LockBox) -> None:
    box.exchange.subscribe("10086", read_script(f"alert; answer; speak tone {HZ['caller']} -12 14; hangup"))
    assert box.bank.dial(AGENT_PHONE, "010086", f"wait answer 5; speak tone {HZ['agent']} -12 40")
    box.until(lambda: tone_now(box, "caller"), 20)
    ears, done = supervised(box)
    heard_as_each_mode_says(ears, done)
    box.until(lambda: not box.engine.calls(), 60)
    box.run_s(4)
    in_recording(box, ears, done, "agent")
    balanced(box)
