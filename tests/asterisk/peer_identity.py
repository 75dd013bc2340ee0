# SPDX-License-Identifier: GPL-2.0-or-later
"""Parties from and to Asterisk: names in UTF-8, numbers that are withheld."""

import re

import pytest

from tests.asterisk.scene import NAMES, WAYS, Scene


def test_a_name_reaches_a_display(scene: Scene) -> None:
    call = scene.asterisk.call("static", "1001", caller='"李娜" <02155550100>')
    scene.answered(call)
    scene.sees("CALL_ESTABLISHED")
    shown = scene.seen("CALL_ESTABLISHED")[0]
    assert (shown["peerdisplayname"], "02155550100" in shown["peeruri"]) == ("李娜", True)


def test_a_name_reaches_asterisk(scene: Scene) -> None:
    scene.dial("1011")
    told = scene.asterisk.told("Newchannel", scene.comes("1011"))[0]
    assert (told["CallerIDName"], told["CallerIDNum"]) == (NAMES["1001"], "1001")


@pytest.mark.parametrize(("trunk", "asserted"), [("static", True), ("registered", False)])
def test_a_phone_that_withholds_its_number_is_not_named_outside(scene: Scene, trunk: str, asserted: bool) -> None:
    scene.asterisk.call_out("1002", f"{WAYS[trunk]}00000001", presentation="prohib")
    scene.comes({"static": "static", "registered": "box"}[trunk])
    invite = next(text for text in scene.ladder() if re.match(r"INVITE sip:13[89]00000001@(static|registrar)", text))
    assert re.search(r"^From: .*<sip:anonymous@anonymous.invalid>", invite, re.MULTILINE)
    assert re.search(r"^Privacy: .*\bid\b", invite, re.MULTILINE)
    assert ("<sip:1002@" in invite) == asserted, "RFC 3325 7: only to whom we trust"
