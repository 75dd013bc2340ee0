# SPDX-License-Identifier: GPL-2.0-or-later
"""ITU-T G.711 A-law and mu-law, bytes to float32 and back, any shape at once.

Bytes are as on an E1 or in RTP: A-law with the even bits inverted (0x55), mu-law with all magnitude bits inverted.
Decoding is a table of 256. Encoding is a table too, over the 13-bit (A-law) or 14-bit (mu-law) uniform code that the
Recommendation's tables 1 and 2 start from: a sample belongs to the interval between two decision values, so it is
floored to that code, not rounded, and values beyond the last decision value saturate.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.errors import ShapeError
from dsp.levels import Float

Bytes = NDArray[np.uint8]

ALAW_SILENCE: Final = 0xD5
"""The A-law byte of the smallest positive value, sent as silence."""
ULAW_SILENCE: Final = 0xFF
"""The mu-law byte of zero."""

_ALAW_CODES: Final = 4096  # int16 >> 4: the finest A-law step is 2 of 4096, i.e. 16 of 32768
_ULAW_CODES: Final = 16384  # int16 >> 2: 14 bit, decision values are odd multiples of 1 of 8159
_NO_CODE: Final = np.float32(0)
_STRETCH = 100 * 160  # samples handled at a time: the temporaries stay in the cache and in malloc's own pools


def _alaw_table() -> NDArray[np.int16]:
    """Return the int16 value of every A-law byte (G.711 table 1a/1b, column 8, times 8)."""
    code = np.arange(256) ^ 0x55
    segment, step = (code >> 4) & 7, code & 15
    magnitude = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0)) * 8
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _ulaw_table() -> NDArray[np.int16]:
    """Return the int16 value of every mu-law byte (G.711 table 2a/2b, column 8, times 4)."""
    code = np.arange(256) ^ 0xFF
    segment, step = (code >> 4) & 7, code & 15
    magnitude = (((2 * step + 33) << segment) - 33) * 4
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_codes() -> Bytes:
    """Return the A-law byte of every 12-bit-plus-sign code, lowest first; negative codes mirror by one's complement."""
    code = np.arange(-_ALAW_CODES // 2, _ALAW_CODES // 2)
    magnitude = np.where(code < 0, ~code, code)
    segment = np.maximum(np.frexp(magnitude >> 4)[1], 0)
    step = np.where(segment == 0, magnitude, magnitude >> np.maximum(segment - 1, 0)) & 15
    coded: Bytes = ((np.where(code < 0, 0, 0x80) | segment << 4 | step) ^ 0x55).astype(np.uint8)
    return coded


def _ulaw_codes() -> Bytes:
    """Return the mu-law byte of every 13-bit-plus-sign code, lowest code first."""
    code = np.arange(-_ULAW_CODES // 2, _ULAW_CODES // 2)
    biased = np.minimum(np.where(code < 0, ~code, code) + 33, 0x1FFF)
    segment = np.frexp(biased >> 5)[1] - 1
    step = (biased >> (segment + 1)) & 15
    coded: Bytes = ((np.where(code < 0, 0x80, 0) | segment << 4 | step) ^ 0xFF).astype(np.uint8)
    return coded


ALAW_TO_INT16: Final = _alaw_table()
ULAW_TO_INT16: Final = _ulaw_table()
ALAW_TO_FLOAT: Final[Float] = ALAW_TO_INT16.astype(np.float32) / np.float32(32768)
ULAW_TO_FLOAT: Final[Float] = ULAW_TO_INT16.astype(np.float32) / np.float32(32768)
_CODE_TO_ALAW: Final = _alaw_codes()
_CODE_TO_ULAW: Final = _ulaw_codes()


def alaw_decode(coded: Bytes, out: Float | None = None) -> Float:
    """Return the samples (float32, same shape) of A-law bytes; in `out` if given (C-contiguous, same shape)."""
    return _decode(ALAW_TO_FLOAT, coded, out)


def alaw_encode(x: NDArray[Any], out: Bytes | None = None) -> Bytes:
    """Return the A-law bytes (same shape) of samples, full scale 1.0, saturating.

    A NaN becomes full scale, no error.
    """
    return _encode(_CODE_TO_ALAW, x, out)


def ulaw_decode(coded: Bytes, out: Float | None = None) -> Float:
    """Return the samples (float32, same shape) of mu-law bytes; in `out` if given (C-contiguous, same shape)."""
    return _decode(ULAW_TO_FLOAT, coded, out)


def ulaw_encode(x: NDArray[Any], out: Bytes | None = None) -> Bytes:
    """Return the mu-law bytes (same shape) of samples, full scale 1.0, saturating.

    A NaN becomes full scale, no error.
    """
    return _encode(_CODE_TO_ULAW, x, out)


def int16_to_float(pcm: NDArray[np.int16], out: Float | None = None) -> Float:
    """Return the samples (float32, full scale 1.0) of linear int16."""
    return np.multiply(pcm, np.float32(1 / 32768), out=out, dtype=np.float32)


def float_to_int16(x: NDArray[Any], out: NDArray[np.int16] | None = None) -> NDArray[np.int16]:
    """Return linear int16 of samples, rounded to the nearest, saturating."""
    scaled = np.multiply(x, np.float32(32768), dtype=np.float32)
    np.rint(scaled, out=scaled)
    np.clip(scaled, -32768, 32767, out=scaled)
    pcm = np.empty(x.shape, np.int16) if out is None else out
    pcm[...] = scaled
    return pcm


def _encode(table: Bytes, x: NDArray[Any], out: Bytes | None) -> Bytes:
    """Look up every sample's uniform code."""
    coded = np.empty(x.shape, np.uint8) if out is None else out
    samples, into = x.reshape(-1), _flat(coded)
    half, scaled = np.float32(len(table) // 2), np.empty(min(_STRETCH, x.size), np.float32)
    most = half + half - np.float32(1)
    for start in range(0, x.size, _STRETCH):
        stretch = samples[start : start + _STRETCH]
        code = scaled[: len(stretch)]
        np.multiply(stretch, half, out=code, casting="same_kind")
        np.add(code, half, out=code)  # positive, so that the cast floors
        np.fmin(np.fmax(code, _NO_CODE, out=code), most, out=code)  # ... and a number, where there was none
        table.take(code.astype(np.int16), out=into[start : start + _STRETCH], mode="clip")
    return coded


def _decode(table: Float, coded: Bytes, out: Float | None) -> Float:
    """Look up every byte's sample."""
    x = np.empty(coded.shape, np.float32) if out is None else out
    into, codes = _flat(x), coded.reshape(-1)
    for start in range(0, codes.size, _STRETCH):
        table.take(codes[start : start + _STRETCH], out=into[start : start + _STRETCH], mode="clip")
    return x


def _flat(out: NDArray[Any]) -> NDArray[Any]:
    """Return `out` as one row, without a copy."""
    if not out.flags.c_contiguous:
        raise ShapeError("C-contiguous for `out`", out.shape)
    return out.reshape(-1)
