# SPDX-License-Identifier: GPL-2.0-or-later
"""The test pattern of bit error rate tests: 2^15 - 1 bits (ITU-T O.150 5.3, O.151), on channels of 64 kbit/s.

The pattern is x^15 + x^14 + 1, inverted, the first bit in the highest bit of an octet. It has an odd number of bits, so
as octets it comes again after 32,767 of them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]
PERIOD: Final = (1 << 15) - 1


def _pattern() -> Octets:
    state, bits = PERIOD, np.empty(PERIOD, np.uint8)
    for at in range(PERIOD):
        bits[at] = ~state & 1
        state = state >> 1 | ((state ^ state >> 1) & 1) << 14
    octets: Octets = np.packbits(np.tile(bits, 8))
    return octets


PATTERN: Final = _pattern()
"""One period in octets."""


def _places() -> NDArray[np.int32]:
    """Return where in the pattern two octets are, by their value: 15 bits say it; -1: nowhere."""
    pairs = PATTERN.astype(np.int32) << 8 | np.roll(PATTERN, -1)
    places: NDArray[np.int32] = np.full(1 << 16, -1, np.int32)
    places[pairs] = np.arange(PERIOD, dtype=np.int32)
    return places


_PLACES: Final = _places()


def stretch(place: int, octets: int) -> Octets:
    """Return `octets` of the pattern from a place in it."""
    cut: Octets = np.take(PATTERN, np.arange(place, place + octets), mode="wrap")
    return cut


def errors(got: Octets, expected: Octets) -> int:
    """Return in how many bits they differ."""
    return int(np.unpackbits(got ^ expected).sum())


def find(got: Octets, most: float = 0.1) -> int | None:
    """Return the place in the pattern that `got` begins at, None if it is not the pattern.

    Up to the share `most` of its bits may be wrong. It is looked for by each pair of octets until one tells it.
    """
    for at in range(len(got) - 1):
        there = int(_PLACES[int(got[at]) << 8 | int(got[at + 1])])
        if there >= 0:
            place = (there - at) % PERIOD
            if errors(got, stretch(place, len(got))) <= most * 8 * len(got):
                return place
    return None
