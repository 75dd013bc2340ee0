# SPDX-License-Identifier: GPL-2.0-or-later
"""The refresh of a session (RFC 4028) that the far end refuses, and the end of the call."""

import json
from itertools import pairwise

import pytest

from tests.drivers.quick_clock import run_quickly

TIMES = 20
"""As fast as the clocks run; a moment in which the machine is busy is so many times as long."""
SESSION_S = 90
STATUSES = (302, 401, 403, 405, 488, 491, 500, 502, 503, 603)
REFUSED = [f"{kind},{status}" for kind in ("update", "invite") for status in STATUSES]
ACCEPTED_LATER = "update,405,405,200"
GONE = ("update,408", "update,481", "invite,481", "update,0")
SWITCHED_OFF = "off,488,200"
CASES = (*REFUSED, ACCEPTED_LATER, *GONE, SWITCHED_OFF)

Played = dict[str, tuple[list[tuple[float, str]], str]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return for each phone the messages to it, second and method; and the end of its call."""
    folder = tmp_path_factory.mktemp("quick")
    said = run_quickly(folder, TIMES, "-m", "tests.drivers.refreshed_calls", str(2.5 * SESSION_S), *CASES)
    return dict(zip(CASES, json.loads(said), strict=True))


@pytest.mark.parametrize("case", REFUSED)
def test_a_call_whose_far_end_refuses_to_be_refreshed_lives_on(played: Played, case: str) -> None:
    sent, end = played[case]
    assert end == "lives", sent
    assert sent[-1][0] > 2 * SESSION_S, "it is tried again"
    if case.endswith("491"):  # RFC 3261 14.1: it may be accepted a moment later
        assert all(later - earlier >= 2 for (earlier, _), (later, _) in pairwise(sent[1:]))
    else:
        assert {method for _, method in sent} == ({"UPDATE", "INVITE"} if case.startswith("update") else {"INVITE"})
        assert len(sent) < 16, "and not all the time"


def test_a_refresh_that_is_accepted_by_the_other_method_brings_the_timers_back(played: Played) -> None:
    sent, end = played[ACCEPTED_LATER]
    assert end == "lives", sent
    assert [method for _, method in sent][:4] == ["UPDATE", "UPDATE", "INVITE", "UPDATE"]
    waited = [later - earlier for (earlier, _), (later, _) in pairwise(sent)]
    assert 4.9 < waited[1] < 12
    assert SESSION_S / 2 - 0.1 < waited[2] < SESSION_S - 32


@pytest.mark.parametrize("case", GONE)
def test_a_far_end_that_knows_no_such_call_or_is_silent_ends_it(played: Played, case: str) -> None:
    _sent, end = played[case]
    assert end == ("ended 481" if case.endswith("481") else "ended 408")


def test_a_phone_that_has_switched_its_sound_off_is_asked_for_none_and_its_call_lives_on(played: Played) -> None:
    sent, end = played[SWITCHED_OFF]
    assert end == "lives", sent
    assert {what for _, what in sent} == {"INVITE off"}, "as it stands (RFC 4028 7.4)"
    assert sent[-1][0] > 1.5 * SESSION_S, "and again after one that was accepted"
