# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys between Asterisk and the box, in all ways that Asterisk has (dtmf_mode), in talks and in flows."""

import pytest

from tests.asterisk.scene import WAYS, Scene, keys_in

MODES = {"1021": "rfc4733", "1022": "inband", "1023": "info", "1024": "auto", "1018": "events of 40 ms"}
KEYS = "159#0"


@pytest.mark.parametrize("number", MODES, ids=MODES.values())
def test_keys_of_a_desk_are_told_to_asterisk(scene: Scene, number: str) -> None:
    scene.dial(number)
    scene.sees("CALL_ESTABLISHED")
    call = scene.comes(number)
    scene.run_s(1)
    for key in KEYS:
        scene.desks["1001"].press(key)
        scene.run_s(0.4)
    scene.run_s(1)
    assert scene.asterisk.pressed(call) == KEYS


@pytest.mark.parametrize("number", MODES, ids=MODES.values())
def test_keys_of_asterisk_are_told_to_a_desk(scene: Scene, number: str) -> None:
    call = scene.asterisk.call(number, "1001", "quiet")
    scene.answered(call)
    scene.run_s(1)
    scene.asterisk.press(call, KEYS)
    scene.run_s(1)
    told = "".join(str(each.get("param")) for each in scene.seen("CALL_DTMF_START"))
    scene.asterisk.hang_up(call)
    scene.sees("CALL_CLOSED")
    sounded = keys_in(scene.desks["1001"].heard()[-1])
    assert (told, sounded) == (KEYS, ""), "a desk that takes events hears no tone beside them"


@pytest.mark.parametrize("number", MODES, ids=MODES.values())
def test_keys_of_asterisk_are_heard_in_a_flow(scene: Scene, number: str) -> None:
    call = scene.asterisk.call(number, "96900", "quiet")
    scene.answered(call)
    scene.run_s(1)
    scene.asterisk.press(call, "12339")
    scene.ended(call)
    kept = "SELECT key FROM keys WHERE call = ? ORDER BY pressed"
    assert "".join(key for (key,) in scene.read(kept, scene.last_call())) == "12339"


def test_keys_reach_a_trunk_and_come_from_it(scene: Scene) -> None:
    scene.dial(f"{WAYS['static']}00000004")
    scene.sees("CALL_ESTABLISHED")
    call = scene.comes("static")
    scene.run_s(1)
    for key in KEYS:
        scene.desks["1001"].press(key)
        scene.run_s(0.4)
    scene.asterisk.press(call, "77*")
    scene.run_s(1)
    assert scene.asterisk.pressed(call) == KEYS
    assert "".join(str(each.get("param")) for each in scene.seen("CALL_DTMF_START")) == "77*"
