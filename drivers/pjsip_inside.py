# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of a far end inside its calls, or about them: transfers (RFC 3515), taking a call's place (RFC 3891)."""

from collections.abc import Mapping

import pjsua2 as pj

from drivers import sip_text
from drivers._pjmedia import lib
from drivers.pjsip_calls import SipCall
from drivers.sip import SipKey, SipTransfer


def replaced(replaces: str, calls: Mapping[int, SipCall]) -> tuple[int, int]:
    """Find the call that an INVITE shall replace; return the status that refuses it or 0, and the call."""
    call_id, local, remote, early_only = sip_text.replaced_dialog(replaces)
    if not (call_id and local and remote):
        return int(pj.PJSIP_SC_BAD_REQUEST), 0
    call = calls.get(lib.mx_find_call(call_id.encode(), local.encode(), remote.encode()))
    if call is None or not (call.answered or call.outgoing):  # an early dialog can be replaced by its caller only
        return int(pj.PJSIP_SC_CALL_TSX_DOES_NOT_EXIST), 0
    return (int(pj.PJSIP_SC_BUSY_HERE), 0) if early_only and call.answered else (0, call.number)


def referred(refer: str, call: SipCall, calls: Mapping[int, SipCall]) -> tuple[int, SipTransfer | None]:
    """Read a REFER in a call; return the status that answers it, and the transfer that it asks for."""
    to, replaces = sip_text.transfer_target(refer)
    other = calls.get(lib.mx_find_call(*(part.encode() for part in replaces))) if replaces else None
    if not to:
        return int(pj.PJSIP_SC_BAD_REQUEST), None
    if call.keeps or not call.answered or call.notify_transfer or (replaces and (other is None or other is call)):
        return int(pj.PJSIP_SC_DECLINE), None
    return int(pj.PJSIP_SC_ACCEPTED), SipTransfer(call.number, to, other.number if other else 0)


def informed(info: str, call: SipCall) -> tuple[int, SipKey | None]:
    """Read an INFO in a call; return the status that answers it, 0 if it carries no key, and the key."""
    if not sip_text.tells_key(info):
        return 0, None
    pressed = sip_text.info_key(info)
    return int(pj.PJSIP_SC_OK), None if pressed is None else SipKey(call.number, *pressed, way="info")
