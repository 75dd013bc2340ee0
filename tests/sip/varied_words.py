# SPDX-License-Identifier: GPL-2.0-or-later
"""Names, numbers, addresses and headers that RFC 3261 and its kin allow, or that real phones send, each in many forms.

All text is Latin-1, an octet for each character: what is no UTF-8 can be written, too.
"""

import random
from typing import Final

NAMES: Final = (
    "张伟".encode(),
    "张伟公司".encode("gb18030"),
    "張偉".encode("big5"),
    "Müller".encode("latin-1"),
    "Зоя".encode("koi8-r"),
    "佐藤".encode("shift-jis"),
    "😀 Ann".encode(),
    "e\u0301\u202eabc\u200b".encode(),
    b"\xed\xa0\x80\xed\xb0\x80",  # halves of a pair, each as if it were a character
    b"\xc0\xaf\xe0\x80\xaf",  # longer than need be
    b"\xff\xfe\xfd",
    b"\xf4\x90\x80\x80",  # beyond the last character
    "张".encode()[:2],
    b"%s%n%d %41 {0} $du",
    b'say \\"hi\\" \\\\ there',
    b"BEL \\\x07 DEL \\\x7f",
    b"tab\there",
    b"a;b,c<d>e",
    b"",
    b" ",
    b"x" * 300,
    "长".encode() * 120,
    b"1;phone-context=+86",
    b"'; DROP TABLE calls; --",
    b"Anonymous",
)
TOKENS: Final = ("Ann", "Ann Lee", "a.b-c!d%e*f_g+h`i'j~k", "")
NUMBERS: Final = (
    "13800138000",
    "+8613800138000",
    "008613800138000",
    "0571-8888(7777)",
    "%31%33800",
    "138;phone-context=+86",
    "138;ext=22;isub=1",
    "4008001234p99",
    "anonymous",
    "Ann.Lee",
    "%E5%BC%A0",
    "%D5%C5%CE%B0",
    "a:secret",
    "1" * 32,
    "7" * 180,
    "*43",
    "",
    "&=+$,;?/",
    "%00",
    "0",
    "+",
)
TELEPHONE: Final = ("+86138", "138;phone-context=+86", "+86-138-0013.8000", "(0571)88;phone-context=a.b")
HOSTS: Final = (
    "127.0.0.1",
    "carrier.example",
    "[2001:db8::1]",
    "ims.mnc000.mcc460.3gppnetwork.org",
    "a" * 63 + ".example",
)
PARAMETERS: Final = (";user=phone", ";transport=udp", ";ob", ";x=%41", ";cpc=ordinary", ";lr", ";method=INVITE", "")


def name(chance: random.Random) -> str:
    """A display name with what parts it from an address."""
    if chance.random() < 0.3:
        return chance.choice(TOKENS) + chance.choice((" ", "  ", "\t", ""))
    octets = chance.choice(NAMES)
    if chance.random() < 0.2:
        octets = chance.randbytes(chance.randrange(1, 30)).translate(None, b'"\\\r\n\0')
    return f'"{octets.decode("latin-1")}"{chance.choice((" ", ""))}'


def number(chance: random.Random) -> str:
    """Return the part of an address before the @."""
    if chance.random() < 0.3:
        return "".join(chance.choices("0123456789", k=chance.randint(1, 20)))
    return chance.choice(NUMBERS)


def uri(chance: random.Random) -> str:
    """An address, not one to send anything to."""
    kind, user, host = chance.random(), number(chance), chance.choice(HOSTS)
    if kind < 0.15:
        return f"tel:{chance.choice(TELEPHONE)}"
    at = f"{user}@" if user else ""
    if kind < 0.2:
        return f"sips:{at}{host}"
    port = chance.choice(("", "", ":5060", ":65535"))
    return f"{chance.choice(('sip', 'SIP', 'sip'))}:{at}{host}{port}{chance.choice(PARAMETERS)}"


def address(chance: random.Random) -> str:
    """A name and an address."""
    return f"{name(chance)}<{uri(chance)}>"


def header(chance: random.Random) -> str:
    """One of those that say something of the parties, or nothing that matters here."""
    made = HEADERS[chance.randrange(len(HEADERS))]
    return made.replace("{address}", address(chance)).replace("{other}", address(chance)).replace("{uri}", uri(chance))


def headers(chance: random.Random) -> list[str]:
    """Several of them, some of them more than once."""
    made = [header(chance) for _ in range(chance.choice((0, 1, 1, 2, 3, 5)))]
    if made and chance.random() < 0.2:
        made.append(chance.choice(made))
    if chance.random() < 0.03:
        made += [f"X-Filler-{number}: {'y' * chance.randrange(80)}" for number in range(chance.randrange(25))]
    return [_written(chance, line) for line in made]


def _written(chance: random.Random, line: str) -> str:
    """The same header in another way of writing (RFC 3261 7.3.1)."""
    key, _colon, value = line.partition(": ")
    match chance.randrange(12):
        case 0:
            return f"{key.upper()}: {value}"
        case 1:
            return f"{key.lower()} \t:{value}"
        case 2:
            return f"{key}:\r\n {value}"
        case 3:
            return f"{key}:   {value}  "
        case _:
            return line


HEADERS: Final = (
    "P-Asserted-Identity: {address}",
    "P-Asserted-Identity: {address}, <tel:+8613800138000>",
    "P-Asserted-Identity: <{uri}>",
    "P-Preferred-Identity: {address}",
    "P-Called-Party-ID: {address}",
    "Remote-Party-ID: {address};party=calling;screen=yes;privacy=off",
    "Remote-Party-ID: {address};party=called;privacy=full",
    "Privacy: id",
    "Privacy: user;id;critical",
    "Privacy: none",
    "Privacy: header;session;history",
    "Diversion: {address};reason=unconditional;counter=1",
    "Diversion: {address};reason=\"no answer\";privacy=full, {other};reason=user-busy",
    "History-Info: {address};index=1, {other};index=1.1;rc=1",
    "Referred-By: {address};cid=\"2@x\"",
    "Reply-To: {address}",
    "Subject: 关于账单".encode().decode("latin-1"),
    "Subject: " + "账单".encode("gb18030").decode("latin-1"),
    "Organization: \xff\xfe",
    "User-Agent: Phone/1.0 (%s) \xe4",
    "Call-Info: <http://example.com/a.png>;purpose=icon",
    "Alert-Info: <urn:alert:source:external>",
    "Alert-Info: <http://127.0.0.1/x>;info=alert-autoanswer;delay=0",
    "Date: Fri, 13 Nov 2026 08:00:00 GMT",
    "Timestamp: 1.5",
    "Allow: INVITE, ACK, CANCEL, BYE, UPDATE, REFER, NOTIFY, INFO",
    "Allow: INVITE, ACK, BYE, CANCEL",
    "Allow-Events: talk, hold, refer",
    "Supported: timer, replaces, outbound, path, norefersub",
    "Supported: 100rel",
    "Supported:",
    "Session-Expires: 1800;refresher=uac",
    "Session-Expires: 90;refresher=uas",
    "Min-SE: 90",
    "Accept: application/sdp, multipart/mixed;q=0.1, */*;q=0",
    "Accept-Language: zh-CN, en;q=0.5",
    "Accept-Encoding: identity",
    "Accept-Contact: *;audio;require",
    "P-Early-Media: supported",
    "P-Charging-Vector: icid-value=\"a;b\";orig-ioi=x",
    "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1",
    "Geolocation: <cid:x@y>",
    "User-to-User: 00C81031;encoding=hex",
    "Answer-Mode: Auto",
    "Priority: emergency",
    "In-Reply-To: a@b, c@d",
    "Max-Breadth: 60",
    "Content-Language: zh",
    "MIME-Version: 1.0",
    "X-Long: " + "long" * 300,
    "X-MXBox-From: 8001",
    "X-Empty:",
    "X-Octets: \x01\x02\x80",
    "Reason: Q.850;cause=16;text=\"Normal\", SIP;cause=200",
    "Warning: 399 x \"a \\\" b\"",
    "Expires: 120",
)  # fmt: skip
