# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound over bad networks and from clocks that run away: speech goes on, no delay stays, no recording is too long."""

from pathlib import Path

import numpy as np
import pytest

from dsp.levels import Float
from hw_sim.bad_network import NetworkPlan
from tests.appliance.switch.sip_lockstep import LockstepCall, delays, lockstep_call
from tests.bench.ninety import gaps
from tests.scenarios.house import prompts, speech

ALL_AT_ONCE = {"jitter_ms": 60.0, "overtaken": 0.02, "doubled": 0.02}
TEN_MINUTES_S, FOUR_MINUTES_S = 600, 240


@pytest.fixture(scope="module")
def sentences() -> Float:
    """24 s of speech."""
    spoken = np.concatenate(list(prompts("en", ["welcome", "menu-hotline"]).values()))
    return np.resize(spoken, 24 * 8000).astype(np.float32)


@pytest.mark.parametrize(
    ("plan", "intact", "found", "most_late_ms"),
    [
        (NetworkPlan(), 1.0, 1.0, 25),
        (NetworkPlan(loss=0.02), 0.93, 0.98, 25),
        (NetworkPlan(loss=0.05), 0.85, 0.95, 25),
        (NetworkPlan(jitter_ms=60), 0.99, 1.0, 85),
        (NetworkPlan(overtaken=1.0, overtaken_ms=60), 0.9, 0.97, 125),
        (NetworkPlan(doubled=0.5), 1.0, 1.0, 25),
        (NetworkPlan(loss=0.02, **ALL_AT_ONCE), 0.85, 0.95, 125),
        (NetworkPlan(loss=0.05, **ALL_AT_ONCE), 0.75, 0.9, 125),
    ],
    ids=str,
)
def test_speech_goes_on(
    tmp_path: Path, sentences: Float, plan: NetworkPlan, intact: float, found: float, most_late_ms: float
) -> None:
    with lockstep_call(tmp_path, plan) as call:
        call.speak(sentences)
        call.run(0.5)
        heard = delays(sentences, call.recorded())
        assert call.network.lost == pytest.approx(plan.loss * call.network.sent, rel=0.4)
    assert heard.share(0.9) >= intact
    assert heard.share(0.7) >= found
    assert 0 <= heard.late(0, 24) <= most_late_ms


@pytest.mark.parametrize(("ppm", "seconds"), [(200, TEN_MINUTES_S), (-200, FOUR_MINUTES_S)])
def test_a_clock_that_runs_away_leaves_no_delay(tmp_path: Path, ppm: float, seconds: int) -> None:
    """120 ms too much come in ten minutes, or 48 ms too little in four: the jitter buffer has to leave out or make up
    as much."""
    said = speech(seconds, 3)
    with lockstep_call(tmp_path, NetworkPlan(loss=0.02, jitter_ms=60), ppm=ppm) as call:
        call.speak(said)
        assert call.now == pytest.approx(seconds * 50 / call.rate, abs=2)
        heard = delays(said, call.recorded(), call.rate, every_s=1.0)
    late = [heard.late(at, at + 60) for at in range(0, seconds - 60, 60)]
    assert max(late) <= 85
    assert max(late) - min(late) <= 25, "the delay grows or shrinks by more than a packet"
    assert heard.share(0.7) > 0.9


def odd(call: LockstepCall, packet: int, what: str) -> bool:
    """Alter a phone's behaviour in the middle of a call; False swallows the packet."""
    phone = call.phone
    if packet == 300 and what == "begins anew":
        phone.sequence, phone.timestamp = 40000, 123456789
    elif packet == 300 and what == "goes back":
        phone.sequence, phone.timestamp = phone.sequence - 250, phone.timestamp - 40000
    elif 300 <= packet < 350 and what == "sends no silence":
        phone.timestamp += 160
        return False
    return True


@pytest.mark.parametrize("what", ["begins anew", "goes back", "sends no silence"])
def test_a_stream_that_jumps_is_heard_on_without_delay(tmp_path: Path, what: str) -> None:
    said = speech(20, 5)
    with lockstep_call(tmp_path) as call:
        call.speak(said, lambda packet: odd(call, packet, what))
        call.run(0.5)
        heard = delays(said, call.recorded())
    whole = (heard.said_s < 5.9) | (heard.said_s > 7.1)
    assert (heard.score[whole] > 0.9).mean() > 0.97
    assert heard.late(0, 6) == pytest.approx(heard.late(7, 20), abs=25)


def test_a_network_that_stood_still_leaves_no_delay_for_long(tmp_path: Path) -> None:
    """Packets held up for 300 ms come at once: they are heard late, and ten seconds after nothing is late any more."""
    said = speech(24, 6)
    with lockstep_call(tmp_path) as call:
        call.speak(said[: 6 * 8000])
        call.network.hold(call.now * 20 + 300)
        call.speak(said[6 * 8000 :])
        call.run(0.5)
        heard = delays(said, call.recorded())
    assert heard.late(7, 8) > 150
    assert heard.late(16, 24) <= 25


TONE = (0.25 * np.sin(2 * np.pi * 1004 / 8000 * np.arange(40 * 8000))).astype(np.float32)


@pytest.mark.parametrize(("late_ms", "gaps_at_most"), [(20, 0), (40, 3), (60, 6)])
def test_packets_that_come_late_every_few_seconds_are_heard_late_but_once(
    tmp_path: Path, late_ms: int, gaps_at_most: int
) -> None:
    """A tick is in hand from the beginning; of what is later, the first makes a gap and the others none."""
    with lockstep_call(tmp_path) as call:
        for second in range(0, 40, 4):
            call.speak(TONE[second * 8000 : (second + 4) * 8000])
            call.network.hold(call.now * 20 + late_ms)
        assert gaps(call.recorded()) <= gaps_at_most


def test_a_network_that_stands_still_again_and_again_adds_no_delay_each_time(tmp_path: Path, sentences: Float) -> None:
    with lockstep_call(tmp_path) as call:
        for second in range(24):
            call.network.hold(call.now * 20 + 120)
            call.speak(sentences[second * 8000 : (second + 1) * 8000])
        call.run(0.5)
        heard = delays(sentences, call.recorded())
    assert heard.late(16, 24) <= 155
    assert heard.late(16, 24) == pytest.approx(heard.late(4, 12), abs=25)


def test_what_is_in_hand_is_given_back_in_a_pause_that_comes_late_enough(tmp_path: Path, sentences: Float) -> None:
    with lockstep_call(tmp_path) as call:
        call.speak(sentences)
        call.run(0.5)
        heard = delays(sentences, call.recorded())
    assert heard.late(0, 9) == pytest.approx(heard.late(16, 24) + 20, abs=2)
