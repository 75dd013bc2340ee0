# SPDX-License-Identifier: GPL-2.0-or-later
"""Impairments of a tick by a bad line: attenuation, echo, noise, slips, bit errors, in this order, all rows at once.

Not modelled: frequency response, group delay, non-linear echo paths, phase jitter, impulse noise, bursts of bit errors
(errors are independent), and everything on the D channel but its loss as a whole: its octets never leave the span's
driver. A slip shifts one row only; on a real span it shifts all timeslots, as an impairment of the whole span does
here.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import amplitude, gain_from_db

_SAMPLES_PER_MS: Final = 8
_ECHO_SAMPLES: Final = 8000
_SLIP_SPAN: Final = 4000
"""Octets a row may have slipped either way before its buffer starts again in the middle."""
_COLUMNS: Final = np.arange(TICK_SAMPLES)
_BITS_PER_TICK: Final = TICK_SAMPLES * 8


class Impairment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Impairments of some channels in one direction; `send` is the sound to the far end of this exchange.

    Echo is of the received sound, so only the far end hears it: it belongs to `send`.
    """

    span: Annotated[int, Meta(ge=1, le=8)] = 1
    timeslot: Annotated[int, Meta(ge=0, le=31)] = 0  # 0: all of the span
    direction: Literal["send", "receive"] = "send"
    attenuation_db: Annotated[float, Meta(ge=-20, le=60)] = 0.0
    noise_dbm0: Annotated[float, Meta(ge=-70, le=0)] | None = None  # white, over the whole band of 4 kHz
    echo_delay_ms: Annotated[float, Meta(ge=0, le=900)] = 0.0
    echo_loss_db: Annotated[float, Meta(ge=0, le=60)] | None = None  # None: no echo
    bit_error_ratio: Annotated[float, Meta(ge=0, le=0.4)] = 0.0
    slips_per_s: Annotated[float, Meta(ge=-50, le=50)] = 0.0  # above zero: an octet is repeated; below: one is lost


class Impairments:
    """The impairments of all rows of one direction. Rows without any are not changed and cost nothing.

    Args:
        rows: channels, as rows of the arrays given to `apply`.
        seed: the same seed and the same octets give the same result.
    """

    def __init__(self, rows: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._plans: list[Impairment] = [Impairment()] * rows
        self._sound: _Sound | None = None
        self._slips: _Slips | None = None
        self._errors: _Errors | None = None

    @property
    def active(self) -> bool:
        """Whether any row is impaired."""
        return any(part is not None for part in (self._sound, self._slips, self._errors))

    def set(self, rows: Sequence[int], plan: Impairment) -> None:
        """Set the impairment of `rows` (`Impairment()` heals them).

        Buffers of echo and slips of all rows start again.
        """
        for row in rows:
            self._plans[row] = plan
        sound = [
            r
            for r, p in enumerate(self._plans)
            if p.attenuation_db or p.noise_dbm0 is not None or p.echo_loss_db is not None
        ]
        slips = [r for r, p in enumerate(self._plans) if p.slips_per_s]
        errors = [r for r, p in enumerate(self._plans) if p.bit_error_ratio]
        self._sound = _Sound(sound, self._plans, self._random) if sound else None
        self._slips = _Slips(slips, self._plans) if slips else None
        self._errors = _Errors(errors, self._plans, self._random) if errors else None

    def apply(self, octets: Octets, other_way: Octets) -> None:
        """Impair one tick of A-law `octets` [rows, 160] in place; `other_way` [rows, 160] is the source of echo."""
        if self._sound is not None:
            self._sound.apply(octets, other_way)
        if self._slips is not None:
            self._slips.apply(octets)
        if self._errors is not None:
            self._errors.apply(octets)


class _Sound:
    """Attenuation, echo and noise of some rows."""

    def __init__(self, rows: Sequence[int], plans: Sequence[Impairment], random: np.random.Generator) -> None:
        chosen = [plans[row] for row in rows]
        self._rows = np.array(rows)
        self._gain = _column([gain_from_db(-p.attenuation_db) for p in chosen])
        self._noise = _column([0.0 if p.noise_dbm0 is None else _rms(p.noise_dbm0) for p in chosen])
        self._echo = _column([0.0 if p.echo_loss_db is None else gain_from_db(-p.echo_loss_db) for p in chosen])
        self._delay = np.array([round(p.echo_delay_ms * _SAMPLES_PER_MS) for p in chosen])
        self._past = np.zeros((len(rows), _ECHO_SAMPLES), np.float32)
        self._random = random

    def apply(self, octets: Octets, other_way: Octets) -> None:
        sound = alaw_decode(octets[self._rows]) * self._gain
        if self._echo.any():
            sound += self._echo * self._delayed(alaw_decode(other_way[self._rows]))
        if self._noise.any():
            sound += self._noise * self._random.standard_normal(sound.shape, dtype=np.float32)
        octets[self._rows] = alaw_encode(sound)

    def _delayed(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        self._past[:, :-TICK_SAMPLES] = self._past[:, TICK_SAMPLES:]
        self._past[:, -TICK_SAMPLES:] = sound
        at = (_ECHO_SAMPLES - TICK_SAMPLES - self._delay)[:, None] + _COLUMNS
        return np.take_along_axis(self._past, at, axis=1)


class _Slips:
    """Octets repeated or lost at a steady rate: each row reads its own past from a place that drifts."""

    def __init__(self, rows: Sequence[int], plans: Sequence[Impairment]) -> None:
        self._rows = np.array(rows)
        self._per_tick = np.array([plans[row].slips_per_s * TICK_SAMPLES / 8000 for row in rows])
        self._due = np.zeros(len(rows))
        # A row that loses octets has to have some in store; one that repeats starts without delay.
        self._behind = np.where(self._per_tick < 0, _SLIP_SPAN, 0)
        self._past = np.full((len(rows), _SLIP_SPAN + TICK_SAMPLES), IDLE_BYTE, np.uint8)

    def apply(self, octets: Octets) -> None:
        self._past[:, :-TICK_SAMPLES] = self._past[:, TICK_SAMPLES:]
        self._past[:, -TICK_SAMPLES:] = octets[self._rows]
        start = _SLIP_SPAN - self._behind[:, None]
        at = start + _COLUMNS
        self._due += self._per_tick
        slipping = np.abs(self._due) >= 1
        step = np.where(slipping, np.sign(self._due), 0).astype(int)
        self._due -= step
        # The slip falls in the middle of the tick: from there on each octet is read one earlier (repeat) or one later
        # (loss).
        at[:, TICK_SAMPLES // 2 :] -= step[:, None]
        octets[self._rows] = np.take_along_axis(self._past, np.clip(at, 0, self._past.shape[1] - 1), axis=1)
        behind = self._behind + step
        self._behind = np.where((behind < 0) | (behind > _SLIP_SPAN), _SLIP_SPAN // 2, behind)


class _Errors:
    """Independent bit errors.

    Hits per bit are Poisson; a bit hit an odd number of times is wrong. With the rate -ln(1 - 2p)/2 that is p
    exactly, and the work grows with the errors, not with the bits.
    """

    def __init__(self, rows: Sequence[int], plans: Sequence[Impairment], random: np.random.Generator) -> None:
        self._rows = np.array(rows)
        ratio = np.array([plans[row].bit_error_ratio for row in rows])
        self._hits = -np.log1p(-2 * ratio) / 2 * _BITS_PER_TICK
        self._random = random

    def apply(self, octets: Octets) -> None:
        hits = self._random.poisson(self._hits)
        rows = np.repeat(self._rows, hits)
        bits = self._random.integers(0, _BITS_PER_TICK, rows.size)
        np.bitwise_xor.at(octets, (rows, bits >> 3), np.left_shift(1, bits & 7).astype(np.uint8))


def _column(values: Sequence[float]) -> NDArray[np.float32]:
    return np.array(values, np.float32)[:, None]


def _rms(dbm0: float) -> float:
    """Return the root mean square of a sine of `dbm0`."""
    return amplitude(dbm0) / 2**0.5
