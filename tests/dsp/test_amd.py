# SPDX-License-Identifier: GPL-2.0-or-later
"""Human or machine at the answer, and the beep: on made signals and, where espeak-ng is installed, on greetings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.amd import AmdLimits, AnsweringMachineDetector, Decision, Reason, Verdict
from dsp.beep import Beep, BeepDetector
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.tone_table import load_tone
from dsp.tones import render_period, sine
from lab import amd_report, greetings

RATE = 8000


def talk(seconds: float, seed: int = 1) -> Float:
    """Return a sound like speech: coloured noise in syllables of a quarter of a second."""
    n = round(seconds * RATE)
    envelope = 0.1 + 0.9 * np.abs(np.sin(2 * np.pi * 2 * np.arange(n) / RATE + 0.5))
    return np.asarray(white_noise(np.random.default_rng(seed), n, -18) * envelope, np.float32)


def silence(seconds: float) -> Float:
    return np.zeros(round(seconds * RATE), np.float32)


def rows_of(*signals: list[Float]) -> Float:
    joined = [np.concatenate(parts) for parts in signals]
    x = np.zeros((len(joined), -(-max(map(len, joined)) // 160) * 160), np.float32)
    for row, signal in enumerate(joined):
        x[row, : len(signal)] = signal
    return alaw_decode(alaw_encode(x))


def events(x: Float, limits: AmdLimits | None = None) -> list[Decision | Beep]:
    detector = AnsweringMachineDetector(len(x), limits)
    for row in range(len(x)):
        detector.start(row)
    return [event for at in range(0, x.shape[1], 160) for event in detector.feed(x[:, at : at + 160])]


def verdicts(x: Float, limits: AmdLimits | None = None) -> dict[int, tuple[Verdict, Reason]]:
    found = [event for event in events(x, limits) if isinstance(event, Decision)]
    assert len({d.row for d in found}) == len(found)  # each row once
    return {d.row: (d.verdict, d.reason) for d in found}


def test_verdicts_and_reasons() -> None:
    x = rows_of(
        [silence(0.4), talk(0.6), silence(3)],
        [silence(0.2), talk(0.5), silence(0.3), talk(0.5), silence(3)],
        [silence(0.4), talk(4)],
        [silence(0.4), talk(2.5), silence(3)],
        [silence(5)],
        [silence(0.2), talk(0.6), silence(0.6), sine([1000], -12, 4000), silence(2)],
    )
    assert verdicts(x) == {
        0: (Verdict.HUMAN, Reason.SHORT_GREETING),
        1: (Verdict.HUMAN, Reason.SHORT_GREETING),
        2: (Verdict.MACHINE, Reason.LONG_GREETING),
        3: (Verdict.UNSURE, Reason.MIDDLING_GREETING),
        4: (Verdict.UNSURE, Reason.SILENCE),
        5: (Verdict.HUMAN, Reason.SHORT_GREETING),  # 0.9 s after the word, the beep has not ended yet
    }
    patient = replace(AmdLimits(), pause_s=2.0)
    assert verdicts(x, patient)[5] == (Verdict.MACHINE, Reason.BEEP)
    assert verdicts(x, replace(patient, timeout_s=1.0))[2] == (Verdict.UNSURE, Reason.TIMEOUT)


def test_features_are_what_was_said() -> None:
    x = rows_of([silence(0.5), talk(0.6), silence(0.4), talk(0.8, 2), silence(3)])
    (decision,) = events(x)
    assert isinstance(decision, Decision)
    f = decision.features
    assert f.initial_silence_s == pytest.approx(0.5, abs=0.06)
    assert f.greeting_s == pytest.approx(1.8, abs=0.1)
    assert f.words == 2
    assert f.longest_word_s == pytest.approx(0.8, abs=0.1)
    assert f.longest_pause_s == pytest.approx(0.4, abs=0.06)
    assert decision.after_s == pytest.approx(0.5 + 1.8 + 0.9, abs=0.1)


def test_a_beep_is_told_after_the_verdict_until_stopped() -> None:
    x = rows_of(
        *[[talk(4), silence(0.5), sine([1400], -15, 4000), silence(0.5), sine([1400], -15, 4000), silence(1)]] * 2
    )
    detector, beeps = AnsweringMachineDetector(2), list[Beep]()
    detector.start(0)
    detector.start(1)
    for at in range(0, x.shape[1], 160):
        beeps += [event for event in detector.feed(x[:, at : at + 160]) if isinstance(event, Beep)]
        if at == 5 * RATE:
            detector.stop(1)
    assert [b.row for b in beeps] == [0, 1, 0] or [b.row for b in beeps] == [1, 0, 0]
    assert all(b.hz == pytest.approx(1400, abs=5) for b in beeps)
    assert all(b.length_s == pytest.approx(0.5, abs=0.05) for b in beeps)
    assert all(b.level_dbm0 == pytest.approx(-15, abs=1) for b in beeps)


@pytest.mark.parametrize("hz", [400, 440, 620, 800, 1000, 1400, 2000, 2500])
@pytest.mark.parametrize("level", [-6, -20, -30])
def test_beeps_of_any_frequency_and_start(hz: float, level: float) -> None:
    x = rows_of(*[[silence(0.1 + 0.0031 * n), sine([hz + n], level, 2400), silence(0.2)] for n in range(7)])
    detector = BeepDetector(len(x))
    found = [beep for at in range(0, x.shape[1], 160) for beep in detector.feed(x[:, at : at + 160])]
    assert sorted(b.row for b in found) == list(range(7))
    assert all(b.hz == pytest.approx(hz + b.row, rel=0.01) for b in found)


def test_other_sounds_are_no_beep() -> None:
    x = rows_of(
        [talk(5)],
        [sine([697, 1209], -10, 2400), silence(1)],
        [sine([1000], -10, 5 * RATE), silence(1)],
        [sine([1000], -10, 800), silence(1)],
        [sine([1000], -40, 4000), silence(1)],
        [white_noise(np.random.default_rng(1), 40_000, -20)],
    )
    detector = BeepDetector(len(x))
    assert [b for at in range(0, x.shape[1], 160) for b in detector.feed(x[:, at : at + 160])] == []


@pytest.mark.parametrize("name", ["busy", "congestion", "ringback"])
def test_a_tone_of_the_line_is_nobody(name: str) -> None:
    tone = np.tile(render_period(load_tone("cn", name)), 20)[: 7 * RATE]
    assert verdicts(rows_of([tone])) == {0: (Verdict.UNSURE, Reason.SILENCE)}


@pytest.mark.parametrize("noise", [-60, -50, -44, -38])
def test_noise_from_the_start_is_no_speech(noise: float) -> None:
    rng = np.random.default_rng(3)
    signals = [[silence(0.5), talk(0.7), silence(4)], [silence(0.5), talk(4), silence(1)], [silence(6)]]
    x = rows_of(*signals)
    x = alaw_decode(alaw_encode(x + white_noise(rng, x.shape, noise)))
    told = verdicts(x)
    assert [told[row][0] for row in range(3)] == [Verdict.HUMAN, Verdict.MACHINE, Verdict.UNSURE]


def test_a_row_is_started_again_for_the_next_call() -> None:
    detector = AnsweringMachineDetector(1)
    x = rows_of([talk(0.5), silence(1.5)])
    for _ in range(2):
        detector.start(0)
        found = [e for at in range(0, x.shape[1], 160) for e in detector.feed(x[:, at : at + 160])]
        assert [e.verdict for e in found if isinstance(e, Decision)] == [Verdict.HUMAN]
    assert [e for at in range(0, x.shape[1], 160) for e in detector.feed(x[:, at : at + 160])] == []


def test_rows_do_not_hear_each_other() -> None:
    x = rows_of([silence(0.3), talk(0.5), silence(3)], [talk(4)], [silence(5)])
    together = {e.row: replace(e, row=0) for e in events(x) if isinstance(e, Decision)}
    for row in range(3):
        assert events(x[row : row + 1]) == [together[row]]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(["silence", "full", "dc", "square", "noise", "click"]), min_size=1, max_size=6))
def test_any_signal_gets_one_verdict_in_time(kinds: list[str]) -> None:
    n = 2 * RATE
    made = {
        "silence": np.zeros(n),
        "full": np.ones(n),
        "dc": np.full(n, 0.02),
        "square": np.where(np.arange(n) % 16 < 8, 1.0, -1.0),
        "noise": white_noise(np.random.default_rng(1), n, 5),
        "click": np.where(np.arange(n) == 777, 1.0, 0.0),
    }
    x = np.concatenate([np.asarray(made[kind], np.float32) for kind in kinds] + [np.zeros(5 * n, np.float32)])[None]
    with np.errstate(all="raise", under="ignore"):
        (decision,) = (e for e in events(x) if isinstance(e, Decision))
    assert decision.after_s <= AmdLimits().timeout_s
    assert all(np.isfinite(value) for value in (decision.features.greeting_s, decision.features.initial_silence_s))


@pytest.mark.skipif(not greetings.available(), reason="espeak-ng is not installed")
def test_greetings_of_a_voice_that_was_held_back() -> None:
    cases = greetings.greetings(("f3",), seed=9)
    decisions, beeps = amd_report.heard(cases, -58)
    for row, case in enumerate(cases):
        if case.kind != "company":  # whose greeting is as long as a machine's
            wanted = {"machine": Verdict.MACHINE, "person": Verdict.HUMAN}[case.kind]
            assert decisions[row].verdict is wanted, (case.language, case.voice, decisions[row])
    assert beeps.keys() == {row for row, case in enumerate(cases) if case.beep_s is not None}
