# SPDX-License-Identifier: GPL-2.0-or-later
"""Users prove themselves by password and second factor; who guesses is locked out, by user and by address."""

import base64
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from appliance.access import passwords, totp, users
from appliance.access.errors import AccessError
from appliance.access.tickets import Lives, Ticket, Tickets, write
from appliance.access.tries import Bounds
from appliance.access.users import Account

NOW = 1_790_000_000_000
RIGHT = "correct horse battery"
BOUNDS = Bounds(user=3, address=5, lock_s=900)
MINUTE = 60_000


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "access.db"
    users.add(made, Account("lina", "supervisor", ""), "Li Na", RIGHT, NOW)
    return made


def prove(path: Path, password: str = RIGHT, user: str = "lina", at: int = NOW, **more: str | None) -> None:
    users.prove(path, user, password, str(more.get("address", "192.0.2.7")), at, BOUNDS, more.get("code", ""))


def why_not(path: Path, password: str = RIGHT, user: str = "lina", at: int = NOW, **more: str | None) -> str:
    with pytest.raises(AccessError) as refused:
        prove(path, password, user, at, **more)
    return refused.value.message


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert totp.code(base64.b32encode(b"12345678901234567890").decode(), seconds // 30) == code


def test_a_code_is_taken_once_and_half_a_minute_early_or_late() -> None:
    secret = totp.new_secret()
    step = NOW // 30_000
    for away, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (totp.step_of(secret, totp.code(secret, step + away), NOW, 0) is not None) == taken
    assert totp.step_of(secret, totp.code(secret, step), NOW, step) is None
    assert totp.step_of(secret, "", NOW, 0) is None


def test_a_password_is_not_in_the_file_and_the_file_is_its_owners(path: Path) -> None:
    assert RIGHT.encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    users.add(path, Account("wang", "agent", "8001"), "", RIGHT, NOW)
    with closing(sqlite3.connect(path)) as db:
        kept = [row[0] for row in db.execute("SELECT password FROM users")]
    assert len({*kept}) == 2, "the same password is kept with a salt of its own each time"


@pytest.mark.parametrize("plain", ["short", "1234567890123", "aaaaaaaaaaaaaa", "lina-is-here-1", "x" * 129, ""])
def test_a_plain_password_is_not_taken(path: Path, plain: str) -> None:
    with pytest.raises(AccessError, match="password"):
        users.set_password(path, "lina", plain, NOW)
    prove(path)


def test_a_guess_costs_what_owasp_advises_and_a_raised_cost_spoils_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    old = passwords.kept(RIGHT)
    monkeypatch.undo()
    assert passwords.COST == (14, 8, 5)
    assert passwords.fits(RIGHT, old)
    assert passwords.kept(RIGHT).startswith("14$8$5$")
    assert not passwords.fits(RIGHT, passwords.nothing())


def test_the_same_letters_typed_in_another_form_are_the_same_password() -> None:
    assert passwords.fits("ｐａｓｓｗｏｒｄ-Ａé", passwords.kept("password-Ae\u0301"))


@pytest.mark.parametrize("user", ["Lina", "1ina", "", "li na", "x" * 33, "李娜"])
def test_a_users_name_is_small_letters(path: Path, user: str) -> None:
    with pytest.raises(AccessError, match="no name of a user"):
        users.add(path, Account(user, "agent", "8001"), "", RIGHT, NOW)


def test_three_wrong_passwords_lock_the_user_everywhere_and_time_or_a_person_unlocks(path: Path) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert "is wrong" in why_not(path, "wrong horse battery", address=address)
    assert "none is taken for 15 minutes" in why_not(path, address="192.0.2.4")
    assert "none is taken for 1 minutes" in why_not(path, at=NOW + 14 * MINUTE + 1)
    prove(path, at=NOW + 15 * MINUTE)
    for _try in range(3):
        why_not(path, "wrong horse battery", at=NOW + 16 * MINUTE)
    users.change(path, "lina", None, None, None, locked=False)
    prove(path, at=NOW + 16 * MINUTE)


def test_wrong_passwords_of_many_users_lock_the_address_alone(path: Path) -> None:
    for n in range(5):
        assert "is wrong" in why_not(path, "wrong horse battery", f"nobody{n}")
    assert "too many" in why_not(path)
    prove(path, address="192.0.2.8")


def test_wrong_tries_far_apart_lock_nothing(path: Path) -> None:
    for n in range(6):
        why_not(path, "wrong horse battery", at=NOW + n * 16 * MINUTE)
    prove(path, at=NOW + 96 * MINUTE)


def test_a_user_who_is_not_there_is_refused_in_the_same_words(path: Path) -> None:
    assert why_not(path, "wrong horse battery") == why_not(path, "wrong horse battery", "nobody")


def test_a_clock_that_was_set_back_by_a_year_locks_no_longer_than_written(path: Path) -> None:
    for _try in range(3):
        why_not(path, "wrong horse battery", at=NOW + 365 * 24 * 60 * MINUTE)
    assert "15 minutes" in why_not(path, at=NOW)


def test_a_second_factor_is_asked_for_after_the_right_password_only(path: Path) -> None:
    secret = totp.new_secret()
    users.set_secret(path, "lina", secret)
    code = totp.code(secret, NOW // 30_000)
    assert "with a second factor" in why_not(path)
    assert "is wrong" in why_not(path, "wrong horse battery", code=code)
    assert "is wrong" in why_not(path, code="000000" if code != "000000" else "111111")
    prove(path, code=code)
    assert "is wrong" in why_not(path, code=code), "a code that was seen opens nothing"
    prove(path, code=None)


def test_a_locked_user_is_refused_with_the_right_password(path: Path) -> None:
    users.change(path, "lina", None, None, None, locked=True)
    assert "is wrong" in why_not(path)
    with pytest.raises(AccessError, match="no user lina"):
        users.account(path, "lina")


def test_tickets_outlive_a_restart_and_end_by_idleness_and_age(path: Path) -> None:
    ended: list[Ticket] = []
    tickets = Tickets(path, Lives(idle_s=600, most_s=3600), ended.append)
    text, ticket = tickets.make("lina", "192.0.2.7", NOW)
    write(path, tickets.unwritten())
    assert text.encode() not in path.read_bytes()
    again = Tickets(path, Lives(idle_s=600, most_s=3600))
    assert again.find(text, NOW + 599_000) is not None
    again.sweep(NOW + 599_000)
    write(path, again.unwritten())
    once_more = Tickets(path, Lives(idle_s=600, most_s=3600))
    assert once_more.find(text, NOW + 1_198_000) is not None
    assert once_more.find(text, NOW + 1_799_000) is None
    assert once_more.find("no such ticket", NOW) is None
    ticket.connections = 1
    assert tickets.use(ticket, NOW + 3_599_000), "it is in use while a connection is open with it"
    tickets.sweep(NOW + 3_600_000)
    assert ended == [ticket]
    write(path, tickets.unwritten())
    assert Tickets(path, Lives()).find(text, NOW) is None


def test_a_file_that_is_spoilt_is_named_and_hinders_no_start(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 500)
    with pytest.raises(AccessError, match="cannot be opened"):
        users.listed(path)
    assert Tickets(path, Lives()).of("lina") == []
