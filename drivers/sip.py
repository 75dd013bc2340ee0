# SPDX-License-Identifier: GPL-2.0-or-later
"""Options and events of a SIP endpoint, free of any SIP library (RFC 3261; addresses RFC 3261 19.1, keys RFC 4733)."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from drivers.errors import SipAddressError
from drivers.sip_rtp import SipRtp
from drivers.text import CODING


@dataclass(frozen=True)
class SipOptions:
    """Options of the endpoint. It listens on loopback only, unless `bind` says more; port 0 takes any free one."""

    bind: str = "127.0.0.1"
    port: int = 5060
    rtp_first: int = 20000
    rtp_last: int = 20999
    calls: int = 120  # rows of sound, and calls at once
    media: str = ""  # address of RTP; empty: as `bind`
    codecs: tuple[str, ...] = ("PCMA", "PCMU")  # by their names in SDP, the most wanted first
    srtp: str = "off"  # off; accept: if the far end asks for it; offer: ask for it as well (SDES, RFC 4568)
    behind_nat: bool = True  # the far end's RTP may come from another place than its SDP names; see pjmedia_sources.h
    session_s: int = 1800  # RFC 4028: calls without a refresh for so long end; at least 90
    proxy: str = ""  # ip:port through which calls with `through_proxy` go
    domain: str = ""  # our host in From; empty: our address
    user_agent: str = "MXBox"
    farewells: Path | None = None  # file of each call's last message, for the next process if this is killed
    coding: str = CODING  # of texts that are no UTF-8, see drivers.text
    log_file: str = ""  # PJSIP's own log, with every message, for a technician
    log_level: int = 4


@dataclass(frozen=True)
class SipAddress:
    """A phone at a fixed address: ``sip:user@host:port``."""

    user: str
    host: str
    port: int = 5060
    transport: str = ""  # tcp, tls; empty: udp

    @classmethod
    def parse(cls, uri: str) -> "SipAddress":
        """Read ``sip:user@host[:port]``.

        Raises:
            SipAddressError: it is not of that form, or the host is a name (looking it up would stop the tick).
        """
        match = re.fullmatch(r"sip:([A-Za-z0-9_.!~*'()&=+$,;?/#%-]+)@(\[[0-9a-fA-F:]+\]|[0-9.]+)(?::(\d{1,5}))?", uri)
        hint = "write sip:<user>@<IP address>:<port>, for example sip:1001@192.168.1.20:5060"
        if not match:
            raise SipAddressError(f"{uri!r} is not the address of a phone", hint)
        user, host, port = match[1], match[2], int(match[3] or 5060)
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError as error:
            raise SipAddressError(f"{uri!r}: {error}", hint) from error
        if not 0 < port < 65536:
            raise SipAddressError(f"{uri!r}: no such port: {port}", hint)
        return cls(user, host, port)

    def __str__(self) -> str:
        user = self.user.replace("%", "%25").replace("#", "%23")
        return f"sip:{user}@{self.host}:{self.port}" + (f";transport={self.transport}" if self.transport else "")


@dataclass(frozen=True)
class SipWay:
    """Way out of a call: straight or through `SipOptions.proxy`; `secure`: with nothing but SRTP (RTP/SAVP)."""

    through_proxy: bool = False
    secure: bool = False


@dataclass(frozen=True)
class SipTrunk:
    """A trunk as the proxy knows it, and the credentials for its challenges (RFC 3261 22)."""

    name: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class SipParty:
    """A party as a header names it; `private`: the number must not be shown (RFC 3323, RFC 3325)."""

    number: str = ""
    name: str = ""
    private: bool = False


@dataclass(frozen=True)
class SipRedirecting:
    """The party that sent a call on (RFC 5806), and the reason of Q.952.

    1 busy, 2 no answer, 4 deflection, 15 all calls, 0 unknown.
    """

    party: SipParty
    reason: int = 0


# --- events of SipEndpoint.poll; `call` is a number never used twice in an endpoint's life ---


@dataclass(frozen=True)
class SipIncoming:
    """A call that came in and waits for progress, answer or hangup. `source` is where its packet came from.

    `phone`, `trunk` and `asserted` (RFC 3325) are of headers about the caller: worth as much as the source.
    """

    call: int
    row: int
    called: str
    caller: SipParty
    call_id: str
    source_host: str
    source_port: int
    phone: str = ""
    trunk: str = ""
    asserted: SipParty | None = None
    replaces: int = 0  # the call whose place it shall take (RFC 3891)
    redirecting: SipRedirecting | None = None


@dataclass(frozen=True)
class SipProgress:
    """An outgoing call got a provisional response 101-199; `inband`: with it comes sound (RFC 3960)."""

    call: int
    code: int
    inband: bool


@dataclass(frozen=True)
class SipConnected:
    """The far end's own identity, in a response or a request inside the call; worth as much as the far end is.

    `party` is '' and private if the far end only asks not to be known.
    """

    call: int
    party: SipParty


@dataclass(frozen=True)
class SipAnswered:
    """An outgoing call was answered."""

    call: int


@dataclass(frozen=True)
class SipEnded:
    """The end of a call, by either side; its last event.

    `cause` is the far end's Q.850 value (RFC 3326), `contacts` the numbers that a redirection names (3xx), in order,
    `rtp` what the packets of its sound told, None if there were none.
    """

    call: int
    code: int
    reason: str
    cause: int | None = None
    contacts: tuple[str, ...] = ()
    rtp: SipRtp | None = None


@dataclass(frozen=True)
class SipHeld:
    """Hold: the far end does not want to hear (RFC 3264 8.4); with `held` False its end."""

    call: int
    held: bool


@dataclass(frozen=True)
class SipTransfer:
    """The far end asks for its other party to be transferred to a number (REFER, RFC 3515).

    `with_call`: attended, the other party is that of this call of ours (Replaces, RFC 3891); 0: blind.
    """

    call: int
    to: str
    with_call: int = 0


@dataclass(frozen=True)
class SipKey:
    """A key was released.

    Reported once by each `way`, telephone-event packets (RFC 4733) or INFO requests (RFC 6086).
    """

    call: int
    key: str
    duration_ms: int
    way: str = "event"  # or info


@dataclass(frozen=True)
class SipMessage:
    """A message as it was on the wire, without its secrets. `time_us` since 1970."""

    time_us: int
    sent: bool
    peer: str
    text: str


SipEvent = SipIncoming | SipProgress | SipConnected | SipAnswered | SipEnded | SipHeld | SipTransfer | SipKey
