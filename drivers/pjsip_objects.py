# SPDX-License-Identifier: GPL-2.0-or-later
"""PJSIP's objects and errors: one place that makes its one endpoint, turns its errors into ours, deletes in time."""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any, Final

import pjsua2 as pj

from drivers import sip_diversion, sip_parties, sip_text
from drivers._pjmedia import ffi, lib
from drivers.errors import SipError
from drivers.pjsip_settings import header
from drivers.sip import SipMessage, SipOptions, SipParty, SipRedirecting, SipTrunk

PRIVACY: Final = "id"
"""RFC 3325 9.3."""
NON_SELECTED_USER: Final = 26
"""Q.850: the call was answered elsewhere."""
_PHRASES: Final = {100: "Trying", 200: "OK", 503: "Service Unavailable"}


@contextlib.contextmanager
def pjsip(doing: str, kind: type[SipError] = SipError, hint: str = "") -> Iterator[None]:
    """Turn PJSIP's errors into ours."""
    try:
        yield
    except pj.Error as error:
        raise kind(f"{doing}: {error.reason} (PJSIP status {error.status})", hint) from error


def the_endpoint() -> pj.Endpoint:
    """Return PJSIP's own object, of which a process can have one; asked for a second, PJSIP would end the process."""
    try:
        pj.Endpoint.instance()
    except pj.Error:
        return pj.Endpoint()
    raise SipError("this process has a SIP endpoint already", "close it first, or use another process")


def listen(endpoint: pj.Endpoint, options: SipOptions) -> str:
    """Bind the UDP transport; return host:port as bound."""
    transport = pj.TransportConfig()
    transport.boundAddress = options.bind
    transport.port = options.port
    place = f"{options.bind}:{options.port}"
    with pjsip(f"SIP cannot listen on UDP {place}", hint="is another program using the port? (ss -lup)"):
        number = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        return str(endpoint.transportGetInfo(number).localName)


def asserted_header(party: SipParty, host: str) -> pj.SipHeader:
    """Return P-Asserted-Identity; far ends that we trust get also an identity that must not be shown (RFC 3325 7)."""
    return header("P-Asserted-Identity", sip_text.name_addr(dataclasses.replace(party, private=False), host))


def identity_headers(party: SipParty, host: str) -> list[pj.SipHeader]:
    """Return the identity headers for a far end that we trust; Privacy marks a number not to be shown (RFC 3325 7)."""
    privacy = [header("Privacy", PRIVACY)] if party.private and party.number else []
    return [asserted_header(party, host), *privacy]


def identify(options: pj.CallOpParam, party: SipParty, host: str) -> None:
    """Add the identity headers of a party to a response."""
    for each in identity_headers(party, host):
        options.txOption.headers.append(each)


def call_options(
    caller: SipParty, asserted: SipParty | None, host: str, trunk: SipTrunk | None, by: SipRedirecting | None
) -> pj.CallOpParam:
    """Return an INVITE's headers on the caller, at `host` of ours, and the proxy of the trunk.

    See `SipEndpoint.dial`.
    """
    options = pj.CallOpParam(True)  # noqa: FBT003 - its default settings
    options.opt.videoCount = options.opt.textCount = 0
    options.txOption.localUri = sip_text.name_addr(caller, host)
    if caller.private:
        options.txOption.headers.append(header("Privacy", PRIVACY))
    if asserted is not None:
        options.txOption.headers.append(asserted_header(asserted, host))
    if by is not None:
        options.txOption.headers.append(header("Diversion", sip_diversion.header(by, host)))
    if trunk is not None:
        options.txOption.headers.append(header(sip_parties.TRUNK, trunk.name))
    return options


def reasons(cause: int | None, *, rings: bool) -> list[pj.SipHeader]:
    """Return the reasons for ending a call (RFC 3326 2); they show a ringing phone an answer elsewhere."""
    elsewhere = cause == NON_SELECTED_USER and rings
    return [
        *([header("Reason", 'SIP;cause=200;text="Call completed elsewhere"')] if elsewhere else []),
        *([header("Reason", f"Q.850;cause={cause}")] if cause is not None else []),
    ]


def call_id(pj_call: int) -> str:
    """Return the Call-ID of PJSIP's call of that number, '' when it is over."""
    length = ffi.new("int *")
    name = lib.mx_call_id(pj_call, length)
    return ffi.unpack(name, length[0]).decode("utf-8", "replace") if name else ""


def delete(thing: Any) -> None:
    """Delete PJSIP's object behind one of Python's at once, even if a traceback's frames still refer to it."""
    if thing is not None:
        thing.__swig_destroy__(thing)


def transfer_notice(status: int) -> pj.CallSendRequestParam:
    """Return a NOTIFY of a transfer's state, with the fragment that states it (RFC 3515, RFC 3420)."""
    request = pj.CallSendRequestParam()
    request.method = "NOTIFY"
    state = "active;expires=60" if status < pj.PJSIP_SC_OK else "terminated;reason=noresource"
    for name, value in (("Event", "refer"), ("Subscription-State", state)):
        request.txOption.headers.append(header(name, value))
    request.txOption.contentType = "message/sipfrag;version=2.0"
    request.txOption.msgBody = f"SIP/2.0 {status} {_PHRASES[status]}\r\n"
    return request


def key_info(key: str, duration_ms: int) -> pj.CallSendRequestParam:
    """Return an INFO with a key, of the kind that most phones send and take."""
    request = pj.CallSendRequestParam()
    request.method = "INFO"
    request.txOption.contentType = "application/dtmf-relay"
    request.txOption.msgBody = f"Signal={key}\r\nDuration={duration_ms}\r\n"
    return request


def remembered(call_id: str) -> list[SipMessage]:
    """Return the messages with a Call-ID that the ring still has, oldest first, without their secrets."""
    found, note = [], ffi.new("mx_note *")
    lib.mx_ring_find(call_id.encode(), 1, note)
    while note.number:
        text = sip_text.without_secrets(ffi.buffer(note.text, note.length)[:])
        found.append(SipMessage(note.time_us, bool(note.sent), ffi.string(note.peer).decode(), text))
        lib.mx_ring_find(call_id.encode(), note.number + 1, note)
    return found
