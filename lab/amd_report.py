# SPDX-License-Identifier: GPL-2.0-or-later
"""Answering machine detection on greetings in eleven languages by three synthesizers, as confusion tables.

    python -m lab.tones_report --only answer

Needs the Debian packages espeak-ng, flite and festival with voices. spandsp has no such detector. The sets to judge by
are `FRESH` and `others`: see `greetings`. All is synthetic and clean speech; real lines, rooms and music in greetings
are not in it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: all times are those of one core

import time
from collections.abc import Iterator

import numpy as np

from dsp.amd import AnsweringMachineDetector, Decision, Verdict
from dsp.beep import TICK_S, Beep, BeepDetector
from dsp.levels import Float
from dsp.noise import white_noise
from lab import greetings
from lab.greetings import Greeting
from lab.tones_audio import as_rows, line, music, recorded_speech
from lab.tones_dtmf import Result, table

_NOISES = (-90.0, -58.0, -50.0, -44.0)
_RIGHT = {"machine": Verdict.MACHINE, "person": Verdict.HUMAN}


def heard(cases: list[Greeting], noise_dbm0: float) -> tuple[dict[int, Decision], dict[int, list[Beep]]]:
    """Return the verdict on each greeting, and the beeps in it; those where none is are under row -1."""
    x = np.zeros((len(cases), (max(len(c.sound) for c in cases) // 160 + 1) * 160), np.float32)
    for row, case in enumerate(cases):
        x[row, : len(case.sound)] = case.sound
    x = line(x + white_noise(np.random.default_rng(1), x.shape, noise_dbm0))
    detector = AnsweringMachineDetector(len(cases))
    decisions, beeps = dict[int, Decision](), dict[int, list[Beep]]()
    for row in range(len(cases)):
        detector.start(row)
    for at in range(0, x.shape[1], 160):
        for event in detector.feed(x[:, at : at + 160]):
            if isinstance(event, Decision):
                decisions[event.row] = event
            else:
                begun, right = at / 8000 - event.length_s, cases[event.row].beep_s
                true = right is not None and abs(begun - right) < 0.2
                beeps.setdefault(event.row if true else -1, []).append(event)
    return decisions, beeps


def confusion(cases: list[Greeting], noise_dbm0: float) -> Iterator[str]:
    """Yield the rows of the table for one level of noise."""
    decisions, _ = heard(cases, noise_dbm0)
    for kind in ("person", "machine", "company"):
        rows = [row for row, case in enumerate(cases) if case.kind == kind]
        if not rows:
            continue
        counts = [sum(decisions[row].verdict is verdict for row in rows) for verdict in Verdict]
        mean = np.mean([decisions[row].after_s for row in rows])
        yield f"| {noise_dbm0:.0f} dBm0 | {kind} | {' | '.join(map(str, counts))} | {mean:.1f} s |"


def rows() -> list[Result]:
    """Return the figures of the sets to judge by, one line a measure."""
    fresh = greetings.greetings(greetings.FRESH, 2, greetings.FRESH_LANGUAGES)
    return [*_figures("fresh voices", fresh), *_figures("other synthesizers", greetings.others()), *_false_beeps()]


def _figures(title: str, cases: list[Greeting]) -> list[Result]:
    results = []
    for noise in _NOISES:
        decisions, beeps = heard(cases, noise)
        for kind, right in _RIGHT.items():
            of = [row for row, case in enumerate(cases) if case.kind == kind]
            share = sum(decisions[row].verdict is right for row in of) / len(of)
            wrong = sum(decisions[row].verdict not in {right, Verdict.UNSURE} for row in of)
            text = f"{share:.1%} of {len(of)}, {wrong} wrong"
            what = f"{title}: {kind} told, noise {noise:.0f} dBm0"
            results.append(Result(what, ">= 95 %", text, "-", share >= 0.95))
        beeping = sum(case.beep_s is not None for case in cases)
        found, false = len(beeps.keys() - {-1}), len(beeps.get(-1, []))
        text = f"{found} of {beeping}, {false} false"
        what = f"{title}: beeps, noise {noise:.0f} dBm0"
        results.append(Result(what, ">= 98 %", text, "-", found >= 0.98 * beeping))
    return results


def _false_beeps() -> list[Result]:
    results = []
    for what, sounds in (("speech", recorded_speech()), ("music", music())):
        if sounds:
            x = line(as_rows(np.concatenate(list(sounds.values())), 32))
            detector = BeepDetector(len(x))
            false = sum(len(detector.feed(x[:, at : at + 160])) for at in range(0, x.shape[1], 160))
            hours = x.size / 8000 / 3600
            wanted = 2 + 2 * hours
            results.append(
                Result(f"beeps in {hours:.1f} h of {what}", f"<= {wanted:.0f}", str(false), "-", false <= wanted)
            )
    return results


def cost(rows: int = 90, ticks: int = 300) -> float:
    """Return the CPU seconds a tick with all rows listening."""
    x: Float = white_noise(np.random.default_rng(1), (rows, 160), -30)
    best = float("inf")
    for _ in range(3):
        detector = AnsweringMachineDetector(rows)
        for row in range(rows):
            detector.start(row)
        begin = time.thread_time()
        for _ in range(ticks):
            detector.feed(x)
        best = min(best, time.thread_time() - begin)
    return best / ticks


def report() -> Iterator[str]:
    """Yield the tables in Markdown."""
    sets = {
        f"voices {title} ({', '.join(variants)})": greetings.greetings(variants, len(variants), languages)
        for title, variants, languages in (
            ("tuned", greetings.TUNED, greetings.LANGUAGES),
            ("held back", greetings.HELD_BACK, greetings.LANGUAGES),
            ("fresh", greetings.FRESH, greetings.FRESH_LANGUAGES),
        )
    }
    others = greetings.others()
    sets[f"other synthesizers ({', '.join(dict.fromkeys(case.voice for case in others))})"] = others
    for title, cases in sets.items():
        yield f"\n## Answering machine detection: {len(cases)} greetings, {title}\n"
        yield "| noise | was | taken for human | machine | unsure | mean time to decide |"
        yield "|---|---|---|---|---|---|"
        for noise in _NOISES:
            yield from confusion(cases, noise)
    yield from table("Answering machine detection: figures of the sets to judge by", rows())


def cost_report() -> Iterator[str]:
    """Yield the cost, in Markdown."""
    seconds = cost()
    yield f"\nWho answered, 90 rows asked for: {seconds * 1e6:.0f} us a tick ({seconds / TICK_S:.2%} of a core)."
