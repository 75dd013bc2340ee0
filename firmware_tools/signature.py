# SPDX-License-Identifier: GPL-2.0-or-later
"""Signatures of files as minisign(1) makes them: which key signed, and whether these bytes are what it signed."""

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from firmware_tools import ed25519
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _

KEYS: Final = Path(__file__).with_name("keys")
"""The keys of releases, `*.pub`."""
PLAIN, HASHED = b"Ed", b"ED"
TRUSTED: Final = "trusted comment: "


class Key(NamedTuple):
    """A public key and its number."""

    number: bytes
    key: bytes


class Signature(NamedTuple):
    """A signature, and the comment that is signed with it."""

    algorithm: bytes
    number: bytes
    signature: bytes
    comment: str
    of_comment: bytes


def read_key(path: Path) -> Key:
    """Read a public key."""
    try:
        text = path.read_text(encoding="utf-8")
        decoded = b64decode(text.splitlines()[1], validate=True)
    except (ValueError, IndexError) as error:
        raise _unreadable(path, error) from error
    if len(decoded) != 42 or decoded[:2] != PLAIN:
        raise _unreadable(path, ValueError(_("not a public key of minisign")))
    return Key(decoded[2:10], decoded[10:])


def keys(more: Iterable[Path]) -> list[Key]:
    """Return the keys of releases, and those of more files."""
    return [read_key(path) for path in (*sorted(KEYS.glob("*.pub")), *more)]


def _parsed(path: Path) -> Signature:
    try:
        _comment, signature, trusted, of_comment = path.read_text(encoding="utf-8").splitlines()[:4]
        decoded = b64decode(signature, validate=True)
        second = b64decode(of_comment, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _unreadable(path, error) from error
    if len(decoded) != 74 or not trusted.startswith(TRUSTED):
        raise _unreadable(path, ValueError(_("not a signature of minisign")))
    return Signature(decoded[:2], decoded[2:10], decoded[10:], trusted.removeprefix(TRUSTED), second)


def _unreadable(path: Path, error: Exception) -> ToolError:
    return ToolError("bad_file", _("{file} cannot be read: {error}").format(file=path, error=error))


def check(path: Path, content: bytes, signature_file: Path, known: Iterable[Key]) -> str:
    """Return the signed comment of a file's signature.

    Raise:
        ToolError: it is not there, is not of a known key, or is not the signature of this content.
    """
    if not signature_file.exists():
        text = _("{file} is not signed: there is no {signature}").format(file=path, signature=signature_file.name)
        raise ToolError("not_signed", text, _("fetch the image again, with all files beside it"))
    signed = _parsed(signature_file)
    key = next((each for each in known if each.number == signed.number), None)
    if key is None:
        number = signed.number[::-1].hex().upper()
        text = _("{file} is signed with the key {number}, which is not known here").format(file=path, number=number)
        raise ToolError("unknown_key", text, _("--key FILE.pub names one more key; take it from its owner only"))
    message = hashlib.blake2b(content).digest() if signed.algorithm == HASHED else content
    both = signed.signature + signed.comment.encode()
    if not ed25519.is_signed(message, signed.signature, key.key) or not ed25519.is_signed(
        both, signed.of_comment, key.key
    ):
        text = _("{file} is not what was signed").format(file=path)
        raise ToolError("bad_signature", text, _("fetch the image again, with all files beside it"))
    return signed.comment
