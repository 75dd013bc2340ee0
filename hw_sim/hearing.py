# SPDX-License-Identifier: GPL-2.0-or-later
"""Times of tones, keys, known prompts, and other sounds in the octets of a call.

A prompt is found where half a second of it (a quarter at its end) correlates with a reference, and followed from there
on, so it is also found when it was joined late or cut off. Not modelled: understanding speech. Sounds that are mixed
with others of like loudness are reported as the louder one or as `sound`; anything weaker than -50 dBm0 is silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dsp.dtmf import KEYS, DtmfDetector, KeyEnd
from dsp.g711 import alaw_decode
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float, level_dbm0
from hw_sim.prompt_ear import PromptEar
from hw_sim.tone_ear import Burst, ToneEar, find_bursts

_JOIN: Final = SAMPLE_RATE
"""Unknown sounds are one while the pauses in them are shorter than this."""
_TONE_PAUSE: Final = 10 * SAMPLE_RATE + SAMPLE_RATE // 2
"""The longest pause in a cadence of the table, and a little more."""
NEWEST: Final = SAMPLE_RATE
"""Samples of a prompt by which it is found; with half as many, synthetic voices are mistaken for each other."""
Kind = Literal["tone", "key", "prompt", "sound"]


class Heard(msgspec.Struct, frozen=True):
    """A sound and its time (seconds from the beginning of the octets).

    The level is that of a tone or key while it sounds, of a prompt or another sound with its short pauses.
    """

    kind: Kind
    what: str
    at_s: float
    until_s: float
    level_dbm0: float


class Ear:
    """Recogniser of the tones of a country and of `references` (name -> samples float32 [n])."""

    def __init__(self, country: str = "cn", references: Mapping[str, Float] | None = None) -> None:
        self._tones = ToneEar(country)
        self._prompts = PromptEar(references or {})

    def hear(self, octets: NDArray[np.uint8]) -> tuple[Heard, ...]:
        """Return all sounds in A-law `octets` [n], in order of time."""
        sound = alaw_decode(octets)
        keys = _keys(sound)
        heard = list(keys)
        bursts = [self._tones.look(sound, burst) for burst in find_bursts(_without(sound, keys))]
        heard += self._tones_of(bursts, sound.size)
        heard += self._others(sound, [burst for burst in bursts if not burst.frequencies_hz])
        return tuple(sorted(heard, key=lambda h: h.at_s))

    def knows(self, what: str, octets: NDArray[np.uint8]) -> bool:
        """Return whether `what` (a tone, a key, a reference, or Hz) is in the latest octets, `octets` [n].

        Cheap enough to be asked on the line's own time: it searches for that one sound only, a reference in the last
        `NEWEST` samples, a key in the last two seconds, a tone in as much as its cadence may take.
        """
        if self._prompts.has(what):
            return self._prompts.hears(what, alaw_decode(octets[-NEWEST:]), NEWEST)
        if what in KEYS:
            return was_heard(what, _keys(alaw_decode(octets[-2 * SAMPLE_RATE :])))
        sound = alaw_decode(octets[-_TONE_PAUSE:])
        bursts = [self._tones.look(sound, burst) for burst in find_bursts(sound)]
        return was_heard(what, list(self._tones_of(bursts, sound.size)))

    def _tones_of(self, bursts: Sequence[Burst], end: int) -> Iterator[Heard]:
        """Yield the tones: bursts of one set of frequencies, one after the other, are one tone."""
        run: list[Burst] = []
        for burst in [*bursts, Burst(end, end)]:
            if run and (burst.frequencies_hz != run[0].frequencies_hz or burst.start - run[-1].end > _TONE_PAUSE):
                level = float(np.mean([b.level_dbm0 for b in run]))
                name = self._tones.name(run, burst.start)
                yield _heard("tone", name, run[0].start, run[-1].end, level)
                run = []
            if burst.frequencies_hz:
                run.append(burst)

    def _others(self, sound: Float, bursts: Sequence[Burst]) -> list[Heard]:
        found: list[Heard] = []
        done = 0
        for burst in bursts:
            at = max(burst.start, done)
            while at < burst.end:
                match = self._prompts.find(sound, at)
                name, until = match or ("", burst.end)
                done = until
                _append(found, sound, name, at, until)
                at = until
        return [self._rare(sound, h) if h.kind == "sound" else h for h in found]

    def _rare(self, sound: Float, heard: Heard) -> Heard:
        """Return an unknown sound as a tone of a rarer kind, if it is one."""
        name = self._tones.rare(sound[round(heard.at_s * SAMPLE_RATE) : round(heard.until_s * SAMPLE_RATE)])
        return msgspec.structs.replace(heard, kind="tone", what=name) if name else heard


def was_heard(what: str, heard: Sequence[Heard]) -> bool:
    """Return whether `what` is among the sounds heard; a number is a frequency in Hz, within 1 %."""
    if any(h.what == what for h in heard):
        return True
    if not what.replace(".", "", 1).isdigit():
        return False
    return any(abs(float(h.what[:-3]) - float(what)) <= 0.01 * float(what) for h in heard if _is_hz(h))


def _is_hz(heard: Heard) -> bool:
    return heard.what.endswith(" Hz") and heard.what[:-3].isdigit()


def _append(found: list[Heard], sound: Float, name: str, start: int, end: int) -> None:
    """Add a stretch, as part of the last one if that goes on."""
    kind: Kind = "prompt" if name else "sound"
    name = name or "sound"
    if found and found[-1].what == name and start - found[-1].until_s * SAMPLE_RATE <= _JOIN:
        start = round(found.pop().at_s * SAMPLE_RATE)
    found.append(_heard(kind, name, start, end, float(level_dbm0(sound[start:end]))))


def _heard(kind: Kind, what: str, start: int, end: int, level: float) -> Heard:
    return Heard(kind, what, round(start / SAMPLE_RATE, 3), round(end / SAMPLE_RATE, 3), round(level, 2))


def _keys(sound: Float) -> list[Heard]:
    detector = DtmfDetector(1)
    ticks = [*sound[: sound.size // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, 1, TICK_SAMPLES)]
    silence = np.zeros((1, TICK_SAMPLES), np.float32)
    ends = [e for tick in [*ticks, silence, silence, silence] for e in detector.feed(tick) if isinstance(e, KeyEnd)]
    return [_heard("key", e.key, e.at_sample - round(e.duration_ms * 8), e.at_sample, e.level_dbm0) for e in ends]


def _without(sound: Float, keys: Sequence[Heard]) -> Float:
    """Return the sound with silence in place of the keys."""
    if not keys:
        return sound
    rest = sound.copy()
    for key in keys:
        rest[max(0, round(key.at_s * SAMPLE_RATE) - 80) : round(key.until_s * SAMPLE_RATE) + 80] = 0
    return rest
