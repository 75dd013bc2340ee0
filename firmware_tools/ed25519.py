# SPDX-License-Identifier: GPL-2.0-or-later
"""Signatures of Ed25519 checked (RFC 8032, 5.1.7), where the standard library has none.

Only public numbers are worked on, so it need not hide how long it takes; nothing is signed here.
"""

import hashlib
from typing import Final, NamedTuple

P: Final = 2**255 - 19
Q: Final = 2**252 + 27742317777372353535851937790883648493
"""The order of the base point."""
D: Final = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE: Final = pow(2, (P - 1) // 4, P)


class Point(NamedTuple):
    """A point of the curve in extended coordinates (5.1.4): x = X/Z, y = Y/Z, x * y = T/Z."""

    x: int
    y: int
    z: int
    t: int


def _sum(a: Point, b: Point) -> Point:
    low, high = (a.y - a.x) * (b.y - b.x), (a.y + a.x) * (b.y + b.x)
    c, d = 2 * a.t * b.t * D, 2 * a.z * b.z
    e, f, g, h = high - low, d - c, d + c, high + low
    return Point(e * f % P, g * h % P, f * g % P, e * h % P)


def _times(n: int, point: Point) -> Point:
    total = Point(0, 1, 1, 0)
    while n:
        if n & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        n >>= 1
    return total


def _x_of(y: int, sign: int) -> int | None:
    """Return the x of a point (5.1.3), None if no point of the curve has this y."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return x if x & 1 == sign else P - x


def _point(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    y = number & (1 << 255) - 1
    x = _x_of(y, number >> 255)
    return None if x is None else Point(x, y, 1, x * y % P)


_BASE_Y: Final = 4 * pow(5, -1, P) % P
_BASE_X: Final = _x_of(_BASE_Y, 0) or 0
BASE: Final = Point(_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Return whether the holder of a public key has signed a message."""
    a, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or len(key) != 32 or a is None or r is None or s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = _times(s, BASE), _sum(r, _times(k, a))
    return not ((left.x * right.z - right.x * left.z) % P or (left.y * right.z - right.y * left.z) % P)
