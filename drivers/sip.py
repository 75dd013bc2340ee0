# SPDX-License-Identifier: GPL-2.0-or-later
"""What a SIP endpoint says and is told, free of any SIP library (RFC 3261; addresses RFC 3261 19.1, keys RFC 4733)."""

import ipaddress
import re
from dataclasses import dataclass

from drivers.errors import SipAddressError


@dataclass(frozen=True)
class SipOptions:
    """How to open the endpoint. Nothing listens beyond loopback unless `bind` says so; port 0 takes any free one."""

    bind: str = "127.0.0.1"
    port: int = 5060
    rtp_first: int = 20000
    rtp_last: int = 20999
    calls: int = 120  # rows of sound, and calls at once
    user_agent: str = "MXBox"
    log_file: str = ""  # PJSIP's own log, with every message, for a technician
    log_level: int = 4


@dataclass(frozen=True)
class SipAddress:
    """A phone at a fixed address: ``sip:user@host:port``."""

    user: str
    host: str
    port: int = 5060

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
        return f"sip:{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True)
class SipParty:
    """Who calls, as the From header tells it; `private`: the number must not be shown (RFC 3323, RFC 3325)."""

    number: str = ""
    name: str = ""
    private: bool = False


# --- events: what SipEndpoint.poll gives; `call` is a number never used twice in an endpoint's life ---


@dataclass(frozen=True)
class SipIncoming:
    """A call that came in and waits for progress, answer or hangup. `source` is where its packet came from."""

    call: int
    row: int
    called: str
    caller: SipParty
    call_id: str
    source_host: str
    source_port: int


@dataclass(frozen=True)
class SipProgress:
    """An outgoing call got a provisional response 101-199; `inband`: with it comes sound (RFC 3960)."""

    call: int
    code: int
    inband: bool


@dataclass(frozen=True)
class SipAnswered:
    """An outgoing call was answered."""

    call: int


@dataclass(frozen=True)
class SipEnded:
    """The call is over, whoever ended it; its last event. `cause` is the far end's Q.850 value (RFC 3326)."""

    call: int
    code: int
    reason: str
    cause: int | None = None


@dataclass(frozen=True)
class SipKey:
    """A telephone-event key was released, each press once."""

    call: int
    key: str
    duration_ms: int


SipEvent = SipIncoming | SipProgress | SipAnswered | SipEnded | SipKey
