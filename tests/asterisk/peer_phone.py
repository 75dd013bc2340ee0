# SPDX-License-Identifier: GPL-2.0-or-later
"""Asterisk as phones that register at the box: calls both ways in all codecs, encrypted, with 100rel and timers."""

import re

import pytest

from tests.asterisk.pbx import SAYS_HZ
from tests.asterisk.scene import DESKS_HZ, Scene

KINDS = ["1002", "1011", "1012", "1013", "1014", "1015", "1016", "1017", "1018"]
LENGTHS_MS = {"1002": 20, "1017": 30, "1018": 40}


@pytest.mark.parametrize("number", KINDS)
def test_it_is_called_and_both_hear(scene: Scene, number: str) -> None:
    scene.dial(number)
    scene.sees("CALL_ESTABLISHED")
    call = scene.comes(number)
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    scene.ended(call)
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


@pytest.mark.parametrize("number", KINDS)
def test_it_calls_and_both_hear(scene: Scene, number: str) -> None:
    call = scene.asterisk.call(number, "1001")
    scene.answered(call)
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.asterisk.hang_up(call)
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


@pytest.mark.parametrize("asterisk_calls", [True, False])
@pytest.mark.parametrize("number", LENGTHS_MS)
def test_it_is_sent_packets_of_the_length_it_asks_for(scene: Scene, number: str, asterisk_calls: bool) -> None:
    scene.asterisk.console("rtp set debug on")
    before = len(scene.asterisk.log())
    if asterisk_calls:
        scene.answered(scene.asterisk.call(number, "1001"))
    else:
        scene.dial(number)
        scene.sees("CALL_ESTABLISHED")
    scene.run_s(1)
    scene.asterisk.console("rtp set debug off")
    got = re.findall(r"Got +RTP packet from .*type 08.*len (\d+)\)", scene.asterisk.log()[before:])
    assert got
    assert {int(octets) for octets in got[5:]} == {LENGTHS_MS[number] * 8}, "RFC 8866 6.4"


def test_a_session_is_refreshed(scene: Scene) -> None:
    call = scene.asterisk.call("1016", "1001")
    scene.answered(call)
    scene.run_s(100)
    assert scene.asterisk.cause(call) is None
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.asterisk.hang_up(call)
    scene.ended(call)
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
