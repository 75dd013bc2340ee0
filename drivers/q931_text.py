# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of a D channel for people to read: LAPD (ITU-T Q.921) and the call control in it (ITU-T Q.931).

Pure functions of octets from anywhere: what is cut short, unknown or wrong is shown as hex and raises nothing. Names
are those of the Recommendations, in English like the messages of SIP.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

MESSAGES: Final[Mapping[int, str]] = {
    0x01: "ALERTING", 0x02: "CALL PROCEEDING", 0x03: "PROGRESS", 0x05: "SETUP", 0x07: "CONNECT",
    0x0D: "SETUP ACKNOWLEDGE", 0x0F: "CONNECT ACKNOWLEDGE", 0x20: "USER INFORMATION", 0x21: "SUSPEND REJECT",
    0x22: "RESUME REJECT", 0x24: "HOLD", 0x25: "SUSPEND", 0x26: "RESUME", 0x28: "HOLD ACKNOWLEDGE",
    0x2D: "SUSPEND ACKNOWLEDGE", 0x2E: "RESUME ACKNOWLEDGE", 0x30: "HOLD REJECT", 0x31: "RETRIEVE",
    0x33: "RETRIEVE ACKNOWLEDGE", 0x37: "RETRIEVE REJECT", 0x45: "DISCONNECT", 0x46: "RESTART", 0x4D: "RELEASE",
    0x4E: "RESTART ACKNOWLEDGE", 0x5A: "RELEASE COMPLETE", 0x60: "SEGMENT", 0x62: "FACILITY", 0x64: "REGISTER",
    0x6E: "NOTIFY", 0x75: "STATUS ENQUIRY", 0x79: "CONGESTION CONTROL", 0x7B: "INFORMATION", 0x7D: "STATUS",
}  # fmt: skip
"""Table 4-2."""
SETUP, RELEASE, RELEASE_COMPLETE = 0x05, 0x4D, 0x5A
CALL_CONTROL: Final = 0x08
"""Protocol discriminator (4.2)."""

_NUMBER_TYPES: Final = ("unknown", "international", "national", "network specific", "subscriber", "", "abbreviated", "")
_PLANS: Final = {0: "unknown", 1: "ISDN", 3: "data", 4: "telex", 8: "national", 9: "private"}
_PRESENTATIONS: Final = ("allowed", "restricted", "unavailable", "reserved")
_SCREENINGS: Final = ("not screened", "verified", "failed", "network provided")
_CAPABILITIES: Final = {
    0x00: "speech", 0x08: "unrestricted digital", 0x09: "restricted digital", 0x10: "3.1 kHz audio",
    0x11: "unrestricted digital with tones", 0x18: "video",
}  # fmt: skip
_LAYER_1: Final = {0x21: "V.110", 0x22: "G.711 mu-law", 0x23: "G.711 A-law", 0x26: "H.221"}
_PROGRESS: Final = {
    1: "not end-to-end ISDN", 2: "destination is not ISDN", 3: "origination is not ISDN", 4: "returned to the ISDN",
    8: "in-band information",
}  # fmt: skip
_LOCATIONS: Final = {
    0: "user", 1: "private network, local user", 2: "public network, local user", 3: "transit network",
    4: "public network, remote user", 5: "private network, remote user", 7: "international network",
    10: "beyond interworking",
}  # fmt: skip
_RESTARTED: Final = {0: "indicated channels", 6: "single interface", 7: "all interfaces"}
_REASONS: Final = {
    1: "busy",
    2: "no answer",
    4: "deflection",
    9: "out of order",
    10: "by terminal",
    15: "unconditional",
}
_CAUSES: Final = {
    1: "unallocated number", 3: "no route", 6: "channel unacceptable", 16: "normal clearing", 17: "user busy",
    18: "no user responding", 19: "no answer", 21: "call rejected", 22: "number changed", 27: "out of order",
    28: "invalid number format", 29: "facility rejected", 30: "response to STATUS ENQUIRY", 31: "normal, unspecified",
    34: "no circuit", 38: "network out of order", 41: "temporary failure", 42: "switching congestion",
    44: "channel not available", 47: "resource unavailable", 58: "bearer not available", 65: "bearer not implemented",
    81: "invalid call reference", 82: "channel does not exist", 88: "incompatible destination",
    96: "mandatory element missing", 97: "message type unknown", 99: "element unknown", 100: "invalid element",
    101: "message not compatible with state", 102: "recovery on timer expiry", 111: "protocol error",
    127: "interworking",
}  # fmt: skip
"""ITU-T Q.850, in short."""


@dataclass(frozen=True)
class Read:
    """A frame as it was read.

    `brief` in a few words, `text` in lines. `reference` of a message of call control: as its receiver keeps it, with
    the flag of the side that began the call in bit 15; None without one, 0 for all calls. `message` its type, or 0.
    """

    brief: str
    text: str
    reference: int | None = None
    message: int = 0


def read(frame: bytes) -> Read:
    """Return a frame of a D channel, address first and without FCS, as text."""
    link, information = _link(frame)
    if information is None or len(information) < 3:
        return Read(link, f"LAPD {link}\n  {frame.hex(' ')}")
    if information[0] != CALL_CONTROL:
        what = f"protocol {information[0]:#04x}"
        return Read(f"{link} {what}", f"LAPD {link}\n{what}\n  {information.hex(' ')}")
    length = information[1] & 0x0F
    value, rest = information[2 : 2 + length], information[2 + length :]
    flag = bool(value) and value[0] >> 7
    number = int.from_bytes(value) & (1 << 8 * length - 1) - 1 if value else 0
    kind = rest[0] if rest else 0
    name = MESSAGES.get(kind, f"message {kind:#04x}")
    elements = list(_elements(rest[1:]))
    said = ", ".join(_BRIEF[title] + text for title, text in elements if title in _BRIEF and text)
    end = "destination" if flag else "origination"
    lines = [f"LAPD {link}", f"Q.931 {name}, call reference {number}, from the side of its {end}"]
    lines += [f"  {title}: {text}".rstrip(": ") for title, text in elements]
    lines.append(f"  {frame.hex(' ')}")
    return Read(f"{name} {said}".rstrip(), "\n".join(lines), flag << 15 | number, kind)


# --- Q.921


def _link(frame: bytes) -> tuple[str, bytes | None]:
    """Return the frame of the data link in words, and the information in it."""
    if len(frame) < 3:
        return "cut short", None
    head = f"SAPI {frame[0] >> 2} TEI {frame[1] >> 1} {'C' if frame[0] & 2 else 'R'}"
    control = frame[2]
    if control & 3 == 3:
        name, poll = _UNNUMBERED.get(control & 0xEF, f"control {control:#04x}"), control >> 4 & 1
        return f"{name} P/F {poll} {head}", frame[3:] if control & 0xEF == _UI else None
    if len(frame) < 4:
        return f"cut short {head}", None
    numbered = f"N(R) {frame[3] >> 1} P/F {frame[3] & 1} {head}"
    if control & 1:
        return f"{_SUPERVISORY.get(control, f'control {control:#04x}')} {numbered}", None
    return f"I N(S) {control >> 1} {numbered}", frame[4:]


_UI: Final = 0x03
_UNNUMBERED: Final = {0x6F: "SABME", 0x0F: "DM", 0x03: "UI", 0x43: "DISC", 0x63: "UA", 0x87: "FRMR", 0xAF: "XID"}
_SUPERVISORY: Final = {0x01: "RR", 0x05: "RNR", 0x09: "REJ"}


# --- elements of Q.931 4.5


def _elements(octets: bytes) -> Iterator[tuple[str, str]]:
    at, codeset = 0, 0
    while at < len(octets):
        first = octets[at]
        if first & 0x80:  # a single octet (4.5.1)
            if first & 0x70 == 0x10:
                codeset = first & 7
                yield "Shift", f"to codeset {codeset}"
            else:
                yield _SINGLE.get(first, f"element {first:#04x}"), ""
            at += 1
            continue
        length = octets[at + 1] if at + 1 < len(octets) else 0
        content = octets[at + 2 : at + 2 + length]
        if len(content) < length or at + 1 >= len(octets):
            yield "cut short", octets[at:].hex(" ")
            return
        title, as_text = _ELEMENTS.get(first, (f"element {first:#04x}", _hex))
        if codeset:
            title, as_text = f"element {first:#04x} of codeset {codeset}", _hex
        yield title, _guarded(as_text, content)
        at += 2 + length


def _guarded(as_text: Callable[[bytes], str], content: bytes) -> str:
    try:
        return as_text(content)
    except IndexError:  # an octet that the element should have is missing
        return f"cut short {content.hex(' ')}"


def _hex(content: bytes) -> str:
    return content.hex(" ")


def _characters(content: bytes) -> str:
    return "".join(chr(each) if 0x20 <= each < 0x7F else f"\\x{each:02x}" for each in content)


def _skip(content: bytes) -> int:
    """Return the place after an octet and those that extend it (4.5.1: bit 8 is 0 until the last)."""
    at = 0
    while not content[at] & 0x80:
        at += 1
    return at + 1


def _bearer(content: bytes) -> str:
    words = [_CAPABILITIES.get(content[0] & 0x1F, f"capability {content[0]:#04x}")]
    layers = content[1 + _skip(content[1:]) :]
    if content[1] & 0x1F == 0x10:
        words.append("64 kbit/s")
    if layers and layers[0] >> 5 & 3 == 1:
        words.append(_LAYER_1.get(layers[0] & 0x7F, f"layer 1 {layers[0]:#04x}"))
    return ", ".join(words)


def _cause(content: bytes) -> str:
    after = content[_skip(content) :]
    value = after[0] & 0x7F
    where = _LOCATIONS.get(content[0] & 0x0F, f"location {content[0] & 0x0F}")
    more = f", {after[1:].hex(' ')}" if len(after) > 1 else ""
    return f"cause {value} {_CAUSES.get(value, '')}".rstrip() + f" ({where}){more}"


def _channel(content: bytes) -> str:
    first = content[0]
    how = "exclusive" if first & 0x08 else "preferred"
    which = first & 3
    if which != 1:
        return f"{('no channel', '', '', 'any channel')[which]}, {how}"
    after = content[1 + (_skip(content[1:]) if first & 0x40 else 0) :]
    if after[0] & 0x10:
        return f"channels by map {after[1:].hex(' ')}, {how}"
    slots = [str(each & 0x7F) for each in after[1:]]
    return f"timeslot {' '.join(slots)}, {how}"


def _progress(content: bytes) -> str:
    value = content[1] & 0x7F
    return f"progress {value} {_PROGRESS.get(value, '')}".rstrip()


def _call_state(content: bytes) -> str:
    return f"state {content[0] & 0x3F}"


def _called(content: bytes) -> str:
    kind = f"{_NUMBER_TYPES[content[0] >> 4 & 7]}, {_PLANS.get(content[0] & 0x0F, 'plan')}"
    return f"{_characters(content[_skip(content) :])} ({kind})"


def _calling(content: bytes) -> str:
    after = _skip(content)
    shown = ""
    if not content[0] & 0x80:
        octet = content[1]
        shown = f"; {_PRESENTATIONS[octet >> 5 & 3]}, {_SCREENINGS[octet & 3]}"
    reason = ""
    if after > 2:
        reason = f"; {_REASONS.get(content[2] & 0x0F, 'reason unknown')}"
    kind = f"{_NUMBER_TYPES[content[0] >> 4 & 7]}, {_PLANS.get(content[0] & 0x0F, 'plan')}"
    return f"{_characters(content[after:])} ({kind}{shown}{reason})"


def _restart(content: bytes) -> str:
    return _RESTARTED.get(content[0] & 7, f"class {content[0] & 7}")


_SINGLE: Final = {0xA1: "Sending complete", 0xA0: "More data"}
_ELEMENTS: Final[Mapping[int, tuple[str, Callable[[bytes], str]]]] = {
    0x00: ("Segmented message", _hex), 0x04: ("Bearer capability", _bearer), 0x08: ("Cause", _cause),
    0x14: ("Call state", _call_state), 0x18: ("Channel identification", _channel), 0x1C: ("Facility", _hex),
    0x1E: ("Progress indicator", _progress), 0x20: ("Network-specific facilities", _hex),
    0x27: ("Notification indicator", _hex), 0x28: ("Display", _characters), 0x29: ("Date/time", _hex),
    0x2C: ("Keypad facility", _characters), 0x34: ("Signal", _hex), 0x4C: ("Connected number", _calling),
    0x6C: ("Calling party number", _calling), 0x6D: ("Calling party subaddress", _hex),
    0x70: ("Called party number", _called), 0x71: ("Called party subaddress", _hex),
    0x74: ("Redirecting number", _calling), 0x78: ("Transit network selection", _hex),
    0x79: ("Restart indicator", _restart), 0x7C: ("Low layer compatibility", _hex),
    0x7D: ("High layer compatibility", _hex), 0x7E: ("User-user", _characters),
}  # fmt: skip
_BRIEF: Final = {
    "Cause": "", "Channel identification": "", "Called party number": "to ", "Calling party number": "from ",
    "Connected number": "connected ", "Redirecting number": "redirected by ", "Progress indicator": "",
    "Call state": "", "Restart indicator": "",
}  # fmt: skip
"""Elements by which a message is told in a few words, with the word before each."""
