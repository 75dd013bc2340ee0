# SPDX-License-Identifier: GPL-2.0-or-later
"""The second factor: codes of six digits by time (RFC 6238, RFC 4226), as authenticators make them."""

import base64
import hmac
import secrets
from typing import Final
from urllib.parse import quote

STEP_S: Final = 30
DIGITS: Final = 6
_AROUND: Final = 1
"""Steps before and after now whose code is taken (RFC 6238 5.2): clocks differ, and people type."""


def new_secret() -> str:
    """Return a new key, in base32 (RFC 4226 4, R6: 160 bits)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(user: str, secret: str) -> str:
    """Return the address that authenticators read from a QR code."""
    return f"otpauth://totp/{quote('MXBox:' + user)}?secret={secret}&issuer=MXBox&digits={DIGITS}&period={STEP_S}"


def code(secret: str, step: int) -> str:
    """Return the code of a step of time (RFC 4226 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0xF
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, typed: str, now_ms: int, last: int) -> int | None:
    """Return the step of which `typed` is the code, None if it is of none; steps up to `last` were used already."""
    now = now_ms // 1000 // STEP_S
    for step in range(now - _AROUND, now + _AROUND + 1):
        if step > last and hmac.compare_digest(code(secret, step).encode(), typed.strip().encode()):
            return step
    return None
