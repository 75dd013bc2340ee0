# SPDX-License-Identifier: GPL-2.0-or-later
"""Passwords: what is kept of them, and which may be chosen.

Kept is scrypt (RFC 7914), and what it cost: it may be raised without new passwords.
"""

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final, NamedTuple

from appliance.access.errors import AccessError
from appliance.i18n import N_

SHORTEST: Final = 10
LONGEST: Final = 128
_MIN_DIFFERENT: Final = 5


class Cost(NamedTuple):
    """Cost of a guess (RFC 7914 2): `log_n`, `r`, `p`."""

    log_n: int
    r: int
    p: int


COST: Final = Cost(14, 8, 5)
"""OWASP's advice for 16 MB: a fifth of a second of a core."""


def kept(password: str) -> str:
    """Return what is kept of a password: the cost, a salt of its own, and the hash."""
    salt = secrets.token_bytes(16)
    return _written(COST, salt, _scrypt(password, salt, COST))


def fits(password: str, known: str) -> bool:
    """Return whether a password is the one of which `known` is kept. It takes a while on purpose."""
    log_n, r, p, salt, hash_ = known.split("$")
    cost = Cost(int(log_n), int(r), int(p))
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt), cost), bytes.fromhex(hash_))


def nothing() -> str:
    """Return what fits no password, for users who are not there: so the time tells nothing."""
    return _written(COST, bytes(16), bytes(32))


def _written(cost: Cost, salt: bytes, hash_: bytes) -> str:
    return "$".join((*map(str, cost), salt.hex(), hash_.hex()))


def check(password: str, user: str) -> None:
    """Raise AccessError if a password is too short or too plain to be chosen."""
    hint = N_("a sentence of some words is easy to keep in mind")
    if not SHORTEST <= len(password) <= LONGEST:
        text = N_("a password has {least} to {most} characters")
        raise AccessError.of(text, hint, least=SHORTEST, most=LONGEST)
    if len({*password}) < _MIN_DIFFERENT or user in password.lower() or password.isdigit():
        raise AccessError.of(N_("the password is too plain: digits alone, few letters, or the user's name"), hint)


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    text = unicodedata.normalize("NFKC", password).encode()  # keyboards write the same letter in more than one way
    return hashlib.scrypt(text, salt=salt, n=1 << cost.log_n, r=cost.r, p=cost.p, dklen=32)
