# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone loses its power in a call: no BYE, no RTP. The box notices, clears the other party, closes its books."""

import os
import time
from pathlib import Path

import pytest

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply
from tests.appliance.edge.house import House, count, short_folder
from tests.appliance.edge.rig import DOMAIN

SILENCE_S, SESSION_S = 3.0, 90
soak = pytest.mark.skipif(not os.environ.get("MXBOX_SOAK"), reason="takes minutes: make soak")


def vanishes(tmp_path: Path, *, held: bool, silence_s: float, within_s: float) -> float:
    """Call 1002 from 1001 and kill it, on hold or not; return the seconds until the box has noticed."""
    with (
        short_folder() as folder,
        House(folder, ("1001", "1002"), silence_s=silence_s) as box,
        box.phone(tmp_path, "1001", 700.0) as caller,
        box.phone(tmp_path, "1002", 1100.0) as called,
    ):
        box.start()
        for phone in (caller, called):
            box.wait_registered(phone)
        caller.command("dial", f"sip:1002@{DOMAIN}")
        box.until(lambda: count(caller, "CALL_ESTABLISHED") == 1, 15, "no call")
        if held:
            called.command("hold")
        box.run_s(2)
        assert not box.quiet()
        called.kill()
        begin = time.monotonic()
        box.until(lambda: count(caller, "CALL_CLOSED") == 1, within_s, "the other party is left alone", every_s=0.1)
        took_s = time.monotonic() - begin
        box.until(box.quiet, 10, "a call is left", every_s=0.2)
        (call,) = box.client.ask(Cdr(limit=10), CdrReply).calls
        assert (call.caller, call.called, call.disposition, call.cause) == ("1001", "1002", "answered", 27)
        assert box.client.ask(Ledger(files=False), LedgerReply).balanced
        return took_s


def test_in_a_talk_silence_tells(tmp_path: Path) -> None:
    took_s = vanishes(tmp_path, held=False, silence_s=SILENCE_S, within_s=SILENCE_S + 5)
    print(f"noticed after {took_s:.1f} s of silence, {SILENCE_S} s are allowed")
    assert took_s > SILENCE_S - 1


@soak
@pytest.mark.timeout(300)
def test_on_hold_the_session_timer_tells(tmp_path: Path) -> None:
    """A party on hold sends nothing, so silence means nothing: the session's refresh is not answered (RFC 4028)."""
    took_s = vanishes(tmp_path, held=True, silence_s=30.0, within_s=SESSION_S + 40)
    print(f"noticed after {took_s:.1f} s, the session timer is {SESSION_S} s")


@soak
@pytest.mark.timeout(300)
def test_in_a_talk_as_configured_at_first(tmp_path: Path) -> None:
    took_s = vanishes(tmp_path, held=False, silence_s=30.0, within_s=33)
    print(f"noticed after {took_s:.1f} s of silence, 30 s are allowed")
