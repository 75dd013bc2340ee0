# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of SIP headers by their grammar (RFC 3261 7.3 and 25.1), and the telephone numbers in URIs (RFC 3966).

Functions here raise nothing, on any text: a text that is no such value gives None or ''.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from drivers.text import plain

_COMPACT: Final = {
    "call-id": "i", "contact": "m", "content-encoding": "e", "content-type": "c", "from": "f", "refer-to": "r",
    "subject": "s", "supported": "k", "to": "t", "via": "v",
}  # fmt: skip
"""RFC 3261 7.3.3, RFC 3515 2.1."""
_UNIT: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^>]*>?|[^"<,;]+|[,;]', re.DOTALL)
"""One unit of reading: a quoted-string, a URI in brackets, other text, a separator."""
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LWS: Final = re.compile(r"\s+")
_HEAD_END: Final = re.compile(r"\r?\n\r?\n")
_VISUAL: Final = str.maketrans("", "", "-.() ")
"""RFC 3966 3: visual-separator; and the space, which people write."""
_DIALLED: Final = re.compile(r"\+?[0-9*#]{1,64}", re.ASCII)
_USER: Final = re.compile(r"[0-9A-Za-z*#+_.-]{1,64}", re.ASCII)
_MAX_DEPTH: Final = 4
_SIP: Final = frozenset({"sip", "sips"})


class Uri(NamedTuple):
    """A URI. Of sip: and sips: `user` is without password and parameters, of tel: it is the number; unescaped both.

    `parameters` have their names in small letters; those within the user part (RFC 3261 19.1.6) are among them.
    `headers` is the text after '?', as it is written.
    """

    scheme: str
    user: str = ""
    host: str = ""
    parameters: dict[str, str] = {}  # noqa: RUF012 - never written to
    headers: str = ""


class Address(NamedTuple):
    """A name-addr or an addr-spec with the parameters that follow it."""

    uri: Uri
    name: str = ""
    parameters: dict[str, str] = {}  # noqa: RUF012 - never written to


def head(message: str) -> str:
    """Return the lines above the body."""
    end = _HEAD_END.search(message)
    return message[: end.start()] if end else message


def bodies(message: str, name: str) -> list[str]:
    """Return the text of each header of a name, or of its compact form, unfolded, in order."""
    names = {name.lower(), _COMPACT.get(name.lower(), name.lower())}
    found: list[str] = []
    wanted = False
    for line in head(message).split("\n"):
        if line[:1] in {" ", "\t"}:  # RFC 3261 7.3.1: folded
            if wanted:
                found[-1] += line
            continue
        field, colon, value = line.partition(":")
        wanted = bool(colon) and field.strip(" \t").lower() in names
        if wanted:
            found.append(value)
    return [_LWS.sub(" ", value).strip() for value in found]


def parts(message: str, depth: int = 0) -> Iterator[str]:
    """Return the parts of a body, of parts of parts those within (RFC 2046 5.1), each with its head.

    Else the message.
    """
    kind, *rest = split(next(iter(bodies(message, "Content-Type")), ""), ";") or [""]
    boundary = _parameters(rest).get("boundary", "")
    end = _HEAD_END.search(message)
    if not kind.lower().startswith("multipart/") or not boundary or end is None or depth > _MAX_DEPTH:
        yield message
        return
    for part in ("\n" + message[end.end() :]).split("\n--" + boundary)[1:]:
        if part.startswith("--"):
            return
        yield from parts(part, depth + 1)


def values(message: str, name: str) -> list[str]:
    """Return the values of all headers of a name.

    Several values in one header, separated by commas, and several headers are the same.
    """
    return [value for body in bodies(message, name) for value in split(body, ",")]


def split(text: str, separator: str) -> list[str]:
    """Split at a separator that is neither in a quoted-string nor in a URI's brackets; empty parts are left out."""
    parts = [""]
    for unit in _UNIT.findall(text):
        if unit == separator:
            parts.append("")
        else:
            parts[-1] += unit
    return [part.strip() for part in parts if part.strip()]


def address(value: str) -> Address | None:
    """Return the address in a value; None if there is none. A parameter without a value has ''."""
    first, *rest = split(value, ";") or [""]
    parameters = _parameters(rest)
    name, bracket, bare = "", "", first
    for unit in _UNIT.findall(first):
        if unit.startswith("<"):
            bracket = unit
            break
        name += unit
    if bracket:
        found = uri(bracket.strip("<>"))
        return found and Address(found, _display_name(name), parameters)
    found = uri(bare)
    # RFC 3261 20.10: they are the header's; but only they say whose number it is.
    return found and Address(found._replace(parameters=found.parameters | parameters), "", parameters)


def addresses(message: str, name: str) -> Iterator[Address]:
    """Return the addresses in all headers of a name; values that are none are passed over."""
    for value in values(message, name):
        if (found := address(value)) is not None:
            yield found


def uri(text: str) -> Uri | None:
    """Return a text as a URI; None if it is none."""
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if not colon or not scheme.isascii() or not scheme.isalnum():
        return None
    if scheme in _SIP:
        return _sip(scheme, rest)
    first, *parameters = rest.partition("?")[0].split(";")
    return Uri(scheme, unquote(first).strip(), "", _parameters(parameters))


def number(uri: Uri | None) -> str:
    """Return the number that a URI names, without separators, from '+' on where its phone-context says so.

    RFC 3966 5.1.5: a context that begins with '+' is put before; not where the number begins with 0, a prefix that was
    dialled. A user that is no number is returned as it is; '' if it holds anything else than letters, digits and *#+_.-
    """
    if uri is None:
        return ""
    digits = uri.user.translate(_VISUAL)
    if not _DIALLED.fullmatch(digits):
        return uri.user if _USER.fullmatch(uri.user) else ""
    context = uri.parameters.get("phone-context", "").translate(_VISUAL)
    whole = context + digits
    return whole if digits[0] not in "+0" and context[:1] == "+" and _DIALLED.fullmatch(whole) else digits


def is_number(text: str) -> bool:
    """Return whether a text is a number that a telephone dials, not a name."""
    return _DIALLED.fullmatch(text) is not None


def _sip(scheme: str, rest: str) -> Uri:
    user, at, place = rest.partition("@")
    if not at:
        user, place = "", rest
    place, _mark, headers = place.partition("?")
    host, *parameters = place.split(";")
    name, *of_user = user.split(";")
    return Uri(scheme, unquote(name.split(":")[0]).strip(), host.strip(), _parameters([*of_user, *parameters]), headers)


def _parameters(parts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        name, _equals, value = part.partition("=")
        found.setdefault(name.strip().lower(), unquoted(value.strip()))
    return found


def unquoted(text: str) -> str:
    """Return the meaning of a quoted-string; other text as it is."""
    return _ESCAPED.sub(r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def _display_name(text: str) -> str:
    return plain(unquoted(text.strip()))
