# SPDX-License-Identifier: GPL-2.0-or-later
"""G.711 against values of the Recommendation's tables and against plain twins written from its text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp import g711
from dsp.errors import ShapeError

# Table 1a/G.711, positive values: (decision value x_n, quantised value y_n, of 4096) at the end of each segment.
ALAW_POSITIVE = [(0, 1), (62, 63), (64, 66), (124, 126), (128, 132), (256, 264), (512, 528), (1024, 1056), (2048, 2112)]
# Table 2a/G.711: quantised values (of 8159) at the start of each segment and at its top.
ULAW_POSITIVE = {
    0xFF: 0,
    0xFE: 2,
    0xEF: 33,
    0xDF: 99,
    0xCF: 231,
    0xBF: 495,
    0xAF: 1023,
    0x9F: 2079,
    0x8F: 4191,
    0x80: 8031,
}


def alaw_twin(pcm: int) -> int:
    """G.711 clause 3.1 by search: the interval the 13-bit value lies in, mirrored for negative ones."""
    edges = [d for seg in range(8) for d in _segment_edges(seg)]
    magnitude = (pcm if pcm >= 0 else ~pcm) / 8
    code = max(i for i, edge in enumerate(edges) if magnitude >= edge)
    return (code | (0x80 if pcm >= 0 else 0)) ^ 0x55


def _segment_edges(segment: int) -> list[int]:
    step = 2 if segment == 0 else 2**segment
    start = 0 if segment == 0 else 16 * 2**segment
    return [start + step * i for i in range(16)]


def test_alaw_decodes_to_the_table() -> None:
    for decision, value in ALAW_POSITIVE:
        byte = g711.alaw_encode(np.array([decision / 4096], np.float32))
        assert g711.alaw_decode(byte)[0] * 4096 == value
    assert g711.ALAW_TO_FLOAT[0xD5] * 4096 == 1
    assert g711.ALAW_TO_FLOAT[0x55] * 4096 == -1
    assert g711.ALAW_TO_FLOAT[0xAA] * 4096 == 4032
    assert g711.ALAW_TO_FLOAT[0x2A] * 4096 == -4032


def test_ulaw_decodes_to_the_table() -> None:
    for byte, value in ULAW_POSITIVE.items():
        assert g711.ULAW_TO_FLOAT[byte] * 8192 == value
        assert g711.ULAW_TO_FLOAT[byte & 0x7F] * 8192 == -value


def test_alaw_encodes_every_int16_like_the_twin() -> None:
    pcm = np.arange(-32768, 32768, 5, dtype=np.int16)
    want = np.array([alaw_twin(int(v)) for v in pcm])
    np.testing.assert_array_equal(g711.alaw_encode(g711.int16_to_float(pcm)), want)


def test_ulaw_encodes_every_int16_like_the_twin() -> None:
    """Table 2a: decision values 0, 1, 3, 5 ... 31, then 16 steps of 4 up to 95, of 8 up to 223, and so on."""
    edges = [0, 1]
    for segment in range(8):
        edges += [edges[-1] + 2 ** (segment + 1) * i for i in range(1, 16 if segment == 0 else 17)]
    pcm = np.arange(-32768, 32768, 5)
    magnitude = np.where(pcm < 0, ~pcm, pcm) / 4
    code = np.minimum(np.searchsorted(edges, magnitude, side="right") - 1, 127)
    want = (code | np.where(pcm < 0, 0x80, 0)) ^ 0xFF
    np.testing.assert_array_equal(g711.ulaw_encode((pcm / 32768).astype(np.float32)), want)


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_every_byte_survives(law: str) -> None:
    encode, decode = getattr(g711, f"{law}_encode"), getattr(g711, f"{law}_decode")
    every = np.arange(256, dtype=np.uint8)
    back = encode(decode(every))
    same = every if law == "alaw" else np.where(every == 0x7F, 0xFF, every)  # minus zero comes back as zero
    np.testing.assert_array_equal(back, same)


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_saturates_and_survives_nonsense(law: str) -> None:
    encode, decode = getattr(g711, f"{law}_encode"), getattr(g711, f"{law}_decode")
    x = np.array([1.0, 7.0, 1e30, np.inf, -1.0, -7.0, -np.inf, np.nan], np.float32)
    y = decode(encode(x))
    assert (y[:4] == y.max()).all()
    assert (y[4:7] == y.min()).all()
    assert np.isfinite(y).all()


def test_writes_into_out_of_any_shape_and_refuses_strides() -> None:
    x = np.linspace(-1, 1, 3 * 5 * 160, dtype=np.float32).reshape(3, 5, 160)
    coded = np.zeros(x.shape, np.uint8)
    assert g711.alaw_encode(x, out=coded) is coded
    np.testing.assert_array_equal(coded, g711.alaw_encode(x))
    back = np.zeros_like(x)
    g711.alaw_decode(coded, out=back)
    np.testing.assert_array_equal(back, g711.ALAW_TO_FLOAT[coded])
    with pytest.raises(ShapeError, match="C-contiguous"):
        g711.alaw_encode(x, out=np.zeros((3, 5, 320), np.uint8)[:, :, ::2])


def test_strided_input_and_stretches_longer_than_one() -> None:
    x = np.linspace(-1, 1, 70_000, dtype=np.float32)
    np.testing.assert_array_equal(g711.alaw_encode(x[::2]), g711.alaw_encode(x)[::2])
    assert g711.alaw_encode(np.zeros((0, 160), np.float32)).shape == (0, 160)


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_int16_round_trip(values: list[int]) -> None:
    pcm = np.array(values, np.int16)
    np.testing.assert_array_equal(g711.float_to_int16(g711.int16_to_float(pcm)), pcm)


def test_float_to_int16_saturates() -> None:
    out = np.zeros(2, np.int16)
    assert g711.float_to_int16(np.array([1.5, -1.5], np.float32), out=out) is out
    assert out.tolist() == [32767, -32768]
