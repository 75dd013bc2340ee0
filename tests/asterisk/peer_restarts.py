# SPDX-License-Identifier: GPL-2.0-or-later
"""Asterisk and the box when one of them is killed; last of all: how often a registrar that refuses is asked."""

import os
import re
import signal

from appliance.demo.stage import SWITCH
from tests.asterisk.conftest import PHONES
from tests.asterisk.scene import WAYS, Scene, wait_registered


def test_asterisk_is_killed_in_a_talk_and_comes_back(scene: Scene) -> None:
    scene.dial(f"{WAYS['registered']}00000001")
    scene.sees("CALL_ESTABLISHED")
    scene.asterisk.kill()
    scene.sees("CALL_CLOSED", within_s=60)
    scene.asterisk.start()
    wait_registered(scene, PHONES, 90)
    for number in ("1002", f"{WAYS['registered']}00000001", f"{WAYS['static']}00000001"):
        scene.desks["1001"].events.clear()
        scene.dial(number)
        scene.sees("CALL_ESTABLISHED")
        scene.desks["1001"].command("hangup")
        scene.sees("CALL_CLOSED")


def test_asterisk_is_told_when_the_switch_was_killed(scene: Scene) -> None:
    call = scene.asterisk.call("1002", "1001")
    scene.answered(call)
    pid = scene.box.children.pid(SWITCH)
    assert pid
    os.kill(pid, signal.SIGKILL)
    scene.ended(call, 20)
    scene.until(lambda: scene.box.status().connected, "the box does not come back", 30)
    scene.run_s(2)
    again = scene.asterisk.call("1002", "1001")
    scene.answered(again)


def test_a_registrar_that_refuses_is_not_asked_for_ever(scene: Scene) -> None:
    log = scene.asterisk.log()
    tries = re.findall(r"^REGISTER sip:stranger\.example", log, re.MULTILINE)
    scene.run_s(20)
    more = re.findall(r"^REGISTER sip:stranger\.example", scene.asterisk.log(), re.MULTILINE)
    assert 2 <= len(tries) <= 8, "a challenge and its answer, again after two minutes at least"
    assert len(more) - len(tries) <= 2
