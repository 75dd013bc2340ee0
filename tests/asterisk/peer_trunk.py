# SPDX-License-Identifier: GPL-2.0-or-later
"""Asterisk as a carrier, known by its address or by a registration: calls out and in, sound, early media, causes."""

import pytest

from tests.asterisk.pbx import SAYS_HZ
from tests.asterisk.scene import DESKS_HZ, WAYS, Scene

ENDPOINTS = {"static": "static", "registered": "box"}


@pytest.mark.parametrize("trunk", WAYS)
def test_a_call_goes_out_and_both_hear(scene: Scene, trunk: str) -> None:
    scene.dial(f"{WAYS[trunk]}00000001")
    scene.sees("CALL_ESTABLISHED")
    call = scene.comes(ENDPOINTS[trunk])
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.desks["1001"].command("hangup")
    assert scene.ended(call) == 16
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


@pytest.mark.parametrize("trunk", WAYS)
def test_a_call_comes_in_and_both_hear(scene: Scene, trunk: str) -> None:
    call = scene.asterisk.call(ENDPOINTS[trunk], "1001", caller='"Anna" <02155550100>')
    scene.answered(call)
    heard = scene.asterisk.record(call)
    scene.run_s(2)
    scene.asterisk.hang_up(call)
    scene.sees("CALL_CLOSED")
    assert scene.heard_hz(heard) == pytest.approx(DESKS_HZ["1001"], abs=4)
    assert scene.desk_heard_hz() == pytest.approx(SAYS_HZ, abs=4)


@pytest.mark.parametrize("trunk", WAYS)
def test_early_media_is_heard_and_why_it_ends_is_told(scene: Scene, trunk: str) -> None:
    scene.dial(f"{WAYS[trunk]}00000002")
    call = scene.comes(ENDPOINTS[trunk])
    scene.sees("CALL_CLOSED")
    assert not scene.seen("CALL_ESTABLISHED")
    assert scene.ended(call) == 17
    assert "486" in str(scene.seen("CALL_CLOSED")[0])
    assert scene.desk_heard_hz(from_s=-1.5, to_s=-0.5) == pytest.approx(1300, abs=4)


def test_a_phone_is_told_that_it_rings(scene: Scene) -> None:
    scene.dial(f"{WAYS['static']}00000003")
    scene.sees("CALL_RINGING")
    scene.sees("CALL_ESTABLISHED")


@pytest.mark.parametrize("trunk", WAYS)
@pytest.mark.parametrize(
    ("cause", "status"),
    [(1, 404), (17, 486), (19, 480), (21, 403), (27, 502), (28, 484), (34, 503), (38, 503), (41, 503), (42, 503)],
)
def test_why_a_call_is_refused_comes_through(scene: Scene, trunk: str, cause: int, status: int) -> None:
    scene.dial(f"{WAYS[trunk]}000011{cause:02}")
    scene.sees("CALL_CLOSED")
    assert str(status) in scene.seen("CALL_CLOSED")[0]["param"]
    scene.shows(f"^SIP/2.0 {status}.*Q.850;cause={cause}")


@pytest.mark.parametrize("endpoint", ENDPOINTS.values())
@pytest.mark.parametrize(("number", "cause"), [("1009", 1), ("1004", 1), ("1005", 17)])
def test_why_we_refuse_a_call_comes_through(scene: Scene, endpoint: str, number: str, cause: int) -> None:
    call = scene.asterisk.call(endpoint, number)
    assert scene.ended(call) == cause
