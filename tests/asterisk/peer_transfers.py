# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that Asterisk gives to others: REFER blind and attended, 302, INVITE with Replaces."""

import pytest

from tests.asterisk.pbx import SAYS_HZ
from tests.asterisk.scene import DESKS_HZ, SILENT, WAYS, Scene


def answer(scene: Scene) -> None:
    scene.sees("CALL_INCOMING", SILENT)
    scene.desks[SILENT].command("accept")
    scene.sees("CALL_ESTABLISHED", SILENT)


def test_a_phone_gives_its_call_to_another(scene: Scene) -> None:
    call = scene.asterisk.call("1002", "1001")
    scene.answered(call)
    scene.asterisk.do(call, "transfer", TRANSFER_TO="sip:1003@mxbox")
    answer(scene)
    scene.ended(call)
    scene.shows("^NOTIFY.*SIP/2.0 200")
    scene.run_s(2)
    scene.desks[SILENT].command("hangup")
    scene.sees("CALL_CLOSED")
    assert scene.desk_heard_hz() == pytest.approx(DESKS_HZ[SILENT], abs=4)
    assert scene.desk_heard_hz(SILENT) == pytest.approx(DESKS_HZ["1001"], abs=4)


def test_a_phone_asks_another_before_it_gives_its_call_away(scene: Scene) -> None:
    first = scene.asterisk.call("1002", "1001")
    scene.answered(first)
    second = scene.asterisk.call("1002", SILENT)
    answer(scene)
    scene.answered(second)
    call_id, ours, theirs = scene.asterisk.dialog(second)
    replaces = f"{call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"
    scene.asterisk.do(first, "transfer", TRANSFER_TO=f"sip:{SILENT}@mxbox?Replaces={replaces}")
    scene.ended(first)
    scene.ended(second)
    scene.run_s(2)
    assert not scene.seen("CALL_CLOSED")
    scene.desks[SILENT].command("hangup")
    scene.sees("CALL_CLOSED")
    assert scene.desk_heard_hz() == pytest.approx(DESKS_HZ[SILENT], abs=4)
    assert scene.desk_heard_hz(SILENT) == pytest.approx(DESKS_HZ["1001"], abs=4)


def test_a_trunk_gives_no_call_away_and_keeps_it(scene: Scene) -> None:
    call = scene.asterisk.call("static", "1001")
    scene.answered(call)
    scene.asterisk.do(call, "transfer", TRANSFER_TO="sip:1003@mxbox")
    scene.until(lambda: scene.asterisk.told("UserEvent"), "the transfer is not refused", 3)
    assert scene.asterisk.told("UserEvent")[0]["Status"] == "FAILURE"
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.asterisk.hang_up(call)
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


def test_a_phone_sends_its_caller_elsewhere(scene: Scene) -> None:
    scene.dial("1007")
    answer(scene)
    scene.sees("CALL_ESTABLISHED")
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    scene.sees("CALL_CLOSED", SILENT)
    assert scene.desk_heard_hz() == pytest.approx(DESKS_HZ[SILENT], abs=4)


def test_a_trunk_sends_a_call_elsewhere(scene: Scene) -> None:
    scene.dial(f"{WAYS['static']}00000006")
    scene.sees("CALL_ESTABLISHED")
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    scene.sees("CALL_CLOSED")
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


def test_a_phone_takes_the_place_of_another_in_a_talk(scene: Scene) -> None:
    old = scene.asterisk.call("1002", "1001")
    scene.answered(old)
    call_id, ours, theirs = scene.asterisk.dialog(old)
    new = scene.asterisk.call_out("1011", "1001", replaces=f"{call_id};to-tag={theirs};from-tag={ours}")
    scene.ended(old)
    assert not scene.seen("CALL_CLOSED")
    heard = scene.asterisk.record(new)
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    scene.ended(new)
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)


def test_a_phone_picks_up_what_rings_at_another(scene: Scene) -> None:
    scene.dial("1006")
    rung = scene.comes("1006")
    scene.sees("CALL_RINGING")
    call_id, ours, theirs = scene.asterisk.dialog(rung)
    replaces = f"{call_id};to-tag={theirs};from-tag={ours};early-only"
    new = scene.asterisk.call_out("1011", "1006", replaces=replaces)
    scene.sees("CALL_ESTABLISHED")
    scene.ended(rung)
    heard = scene.asterisk.record(new)
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    scene.ended(new)
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
