# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins and their sessions, without a network: bounds, and what time makes of them."""

import pytest

from tui.web.files import Files
from tui.web.logins import MAX_LOGINS, FullError, Logins
from tui.web.visit import Guest

IDLE_S = 100.0


async def _nothing(_data: bytes) -> None:
    return None


class Some:
    """A session that is told when it is ended."""

    def __init__(self) -> None:
        self.files, self.why = Files(_nothing), ""

    def end(self, why: str) -> None:
        self.why = why


def test_a_login_without_sessions_is_over_after_a_while_and_one_that_shows_something_is_not() -> None:
    logins = Logins(10, 3, IDLE_S)
    idle, busy = logins.enter(Guest("li"), "en", 0.0), logins.enter(Guest("wang"), "en", 0.0)
    session = Some()
    logins.begin(busy, session)
    assert logins.find(idle.token, IDLE_S - 1) is idle
    assert logins.find(idle.token, IDLE_S) is None
    assert logins.find(busy.token, 10 * IDLE_S) is busy
    assert logins.stale(IDLE_S) == [idle]
    logins.over(busy, session, "gone", 10 * IDLE_S)
    assert logins.find(busy.token, 11 * IDLE_S - 1) is busy
    assert logins.find(busy.token, 11 * IDLE_S) is None


def test_a_login_ends_with_its_ticket_whatever_it_shows() -> None:
    logins = Logins(10, 3, IDLE_S)
    login = logins.enter(Guest("li", good_s=50.0), "en", 1000.0)
    logins.begin(login, Some())
    assert logins.find(login.token, 1049.0) is login
    assert logins.find(login.token, 1050.0) is None
    assert logins.stale(1050.0) == [login]


def test_tokens_are_long_and_never_the_same() -> None:
    logins = Logins(10, 3, IDLE_S)
    tokens = {logins.enter(Guest("li"), "en", 0.0).token for _login in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43
    assert logins.find("", 0.0) is None


def test_sessions_are_bounded_for_all_and_for_each_user() -> None:
    logins = Logins(3, 2, IDLE_S)
    li, again, wang = (logins.enter(Guest(user), "en", 0.0) for user in ("li", "li", "wang"))
    logins.begin(li, Some())
    logins.begin(again, Some())
    with pytest.raises(FullError, match="you have 2 sessions open"):
        logins.begin(li, Some())
    logins.begin(wang, Some())
    with pytest.raises(FullError, match="all 3 sessions"):
        logins.begin(wang, Some())


def test_leaving_ends_every_session_of_the_login() -> None:
    logins = Logins(10, 3, IDLE_S)
    login, sessions = logins.enter(Guest("li"), "en", 0.0), (Some(), Some())
    for session in sessions:
        logins.begin(login, session)
    logins.leave(login, "signed out")
    assert [session.why for session in sessions] == ["signed out"] * 2
    assert logins.find(login.token, 0.0) is None


def test_too_many_logins_make_room_by_those_that_were_silent_longest() -> None:
    logins = Logins(10, 3, 1e9)
    made = [logins.enter(Guest("li"), "en", float(n)) for n in range(MAX_LOGINS + 2)]
    logins.begin(made[0], Some())
    assert logins.stale(200.0) == [made[1], made[2]]
