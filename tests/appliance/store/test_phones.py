# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones' passwords: only digests are kept, in the tables kamailio reads; one-time secrets work once."""

import hashlib
import sqlite3
import threading
from pathlib import Path

import pytest

from appliance.contract.errors import StoreError
from appliance.phones.book import ALPHABET, PhoneBook, PhoneError, digests

REALM = "box.example"
MAC = "001565aabbcc"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state/edge.db"


@pytest.fixture
def book(path: Path) -> PhoneBook:
    return PhoneBook(path)


def test_digests_are_those_of_digest_access_authentication() -> None:
    """RFC 2617 section 3.5: the example's user, realm and password give its known HA1."""
    ha1, ha1b = digests("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert ha1 == "939e7578ed9e3c518a452acee763bce9"
    assert ha1b == hashlib.md5(b"Mufasa@testrealm@host.com:testrealm@host.com:Circle Of Life").hexdigest()


def test_kamailio_finds_the_digest_and_nothing_else(book: PhoneBook, path: Path) -> None:
    password = book.add("1001", REALM, 7)
    with sqlite3.connect(path) as kamailio:
        assert kamailio.execute("SELECT table_version FROM version WHERE table_name = 'subscriber'").fetchone() == (7,)
        [row] = kamailio.execute("SELECT username, domain, password, ha1, ha1b FROM subscriber").fetchall()
    assert row == ("1001", REALM, "", *digests("1001", REALM, password))


def test_no_secret_is_on_the_disk_and_nobody_else_may_read(book: PhoneBook, path: Path) -> None:
    secrets = [book.add("1001", REALM, 1), book.set_password("1001", REALM, 2), book.invite("1001", "snom", MAC, 3)]
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {"edge.db", "edge.db-wal"}
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert not [secret for secret in secrets for file in files if secret.encode() in file.read_bytes()]
    assert all(set(secret) <= set(ALPHABET) and len(secret) >= 20 for secret in secrets)
    assert len(set(secrets)) == 3


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    PhoneBook(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_phones_are_added_changed_and_removed(book: PhoneBook, path: Path) -> None:
    first = book.add("1001", REALM, 5)
    with pytest.raises(PhoneError, match="1001 has a password already"):
        book.add("1001", REALM, 6)
    assert book.set_password("1001", REALM, 8) != first
    assert [(p.extension, p.realm, p.set_at) for p in PhoneBook(path).phones().values()] == [("1001", REALM, 8)]
    assert book.remove("1001")
    assert not book.remove("1001")
    assert book.phones() == {}


def test_a_phone_keeps_the_password_it_has(book: PhoneBook, path: Path) -> None:
    assert book.add("1001", REALM, 5, password="as before") == "as before"
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT ha1 FROM phones").fetchone() == (digests("1001", REALM, "as before")[0],)


def add_twice(book: PhoneBook) -> None:
    with book.all_or_nothing():
        book.add("1001", REALM, 5)
        book.add("1001", REALM, 5)


def test_all_or_nothing(book: PhoneBook) -> None:
    with pytest.raises(PhoneError):
        add_twice(book)
    assert book.phones() == {}


def test_a_one_time_secret_works_once(book: PhoneBook) -> None:
    book.add("1001", REALM, 1)
    secret = book.invite("1001", "yealink", MAC, 2)
    assert book.claim("wrong") is None
    handset = book.claim(secret)
    assert handset is not None
    assert (handset.mac, handset.maker, handset.extension) == (MAC, "yealink", "1001")
    assert book.claim(secret) is None
    book.used(handset, 9)
    assert book.claim(secret) is None
    assert (book.handsets()["1001"].state, book.handsets()["1001"].used_at) == ("used", 9)


def test_a_fetch_that_failed_may_be_tried_again_and_an_old_secret_not(book: PhoneBook) -> None:
    book.add("1001", REALM, 1)
    old = book.invite("1001", "yealink", MAC, 2)
    handset = book.claim(old)
    assert handset is not None
    book.give_back(handset)
    assert book.claim(old) is not None
    book.give_back()
    new = book.invite("1001", "fanvil", MAC, 3)
    assert book.claim(old) is None
    assert book.claim(new) is not None


def test_a_telephone_belongs_to_one_extension_and_goes_with_it(book: PhoneBook) -> None:
    for number in ("1001", "1002"):
        book.add(number, REALM, 1)
    secret = book.invite("1001", "snom", MAC, 2)
    with pytest.raises(PhoneError, match="belongs to extension 1001"):
        book.invite("1002", "snom", MAC, 2)
    with pytest.raises(PhoneError, match="1009 has no phone that registers"):
        book.invite("1009", "snom", "001565000001", 2)
    book.invite("1001", "snom", "001565000002", 3)  # a new telephone on the desk
    assert [each.mac for each in book.handsets().values()] == ["001565000002"]
    book.remove("1001")
    assert book.handsets() == {}
    assert book.claim(secret) is None


def test_of_many_fetches_at_once_one_gets_it(book: PhoneBook, path: Path) -> None:
    book.add("1001", REALM, 1)
    secret = book.invite("1001", "snom", MAC, 2)
    got: list[object] = []
    begin = threading.Barrier(8, timeout=10)

    def fetch() -> None:
        with PhoneBook(path) as mine:
            begin.wait()
            got.append(mine.claim(secret))

    threads = [threading.Thread(target=fetch) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert sum(each is not None for each in got) == 1


def test_a_file_that_is_none_is_refused_in_plain_words(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        PhoneBook(path)
