# SPDX-License-Identifier: GPL-2.0-or-later
"""Events inside calls with Asterisk: requests that are not used, fax, direct media, challenges, further digits."""

import re

import pytest

from tests.asterisk.pbx import SAYS_HZ
from tests.asterisk.scene import DESKS_HZ, SILENT, WAYS, Scene


def still_talks(scene: Scene, call: str) -> None:
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.asterisk.hang_up(call)
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


def test_a_message_is_refused_and_the_call_kept(scene: Scene) -> None:
    call = scene.asterisk.call("1002", "1001")
    scene.answered(call)
    scene.asterisk.do(call, "text")
    scene.until(lambda: scene.asterisk.told("UserEvent"), "no answer")
    scene.shows("^SIP/2.0 405")
    still_talks(scene, call)


def test_a_notification_is_refused_and_the_call_kept(scene: Scene) -> None:
    call = scene.asterisk.call("1002", "1001")
    scene.answered(call)
    scene.asterisk.manager.act("PJSIPNotify", Channel=scene.asterisk.channel(call), variables={"Event": "talk"})
    scene.shows("^NOTIFY")
    still_talks(scene, call)


def test_fax_is_refused_and_the_call_kept(scene: Scene) -> None:
    scene.dial(f"{WAYS['static']}00000005")
    scene.sees("CALL_ESTABLISHED")
    call = scene.comes("static")
    scene.shows("m=image")
    scene.run_s(3)
    scene.shows("^SIP/2.0 488")
    assert scene.asterisk.cause(call) is None
    assert not scene.seen("CALL_CLOSED")


def test_two_calls_of_ours_that_asterisk_joins_directly(scene: Scene) -> None:
    scene.dial("1031")
    scene.sees("CALL_INCOMING", SILENT)
    scene.desks[SILENT].command("accept")
    scene.sees("CALL_ESTABLISHED")
    scene.run_s(4)
    scene.desks["1001"].command("hangup")
    scene.sees("CALL_CLOSED", SILENT)
    scene.sees("CALL_CLOSED")
    assert scene.desk_heard_hz() == pytest.approx(DESKS_HZ[SILENT], abs=4)
    assert scene.desk_heard_hz(SILENT) == pytest.approx(DESKS_HZ["1001"], abs=4)


def test_a_challenge_is_answered_by_a_request_of_the_next_number(scene: Scene) -> None:
    scene.dial(f"{WAYS['registered']}00000001")
    scene.sees("CALL_ESTABLISHED")
    scene.run_s(0.5)
    scene.desks["1001"].command("hangup")
    scene.ended(scene.comes("box"))
    ours = [text for text in scene.ladder() if "registrar.example" in text]
    numbers = [int(found[1]) for text in ours if (found := re.search(r"^CSeq: (\d+) INVITE", text, re.MULTILINE))]
    assert len(set(numbers)) == 2
    assert max(numbers) == min(numbers) + 1, "RFC 3261 22.2"


def test_a_flow_that_dials_out_lets_busy_through(scene: Scene) -> None:
    call = scene.asterisk.call("box", "96901")
    assert scene.ended(call) == 17
    assert not scene.asterisk.up(call), "it has not spoken, so it has not answered"
