# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up line by line: what is asked and told, in both languages, and what leaving it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access import passwords
from appliance.cli.setup import converse
from appliance.wizard.course import STEPS
from appliance.wizard.wizard import Wizard
from tests.appliance.wizard.rig import CARD, PASSWORD, made, site


class Person:
    """Types lines; what is said and asked is kept."""

    def __init__(self, *lines: str) -> None:
        self._lines: Iterator[str] = iter(lines)
        self.seen: list[str] = []

    def ask(self, prompt: str, secret: bool) -> str:
        self.seen.append(prompt + ("*" if secret else ""))
        try:
            return next(self._lines)
        except StopIteration:
            raise EOFError from None

    def say(self, text: str = "", /) -> None:
        self.seen.append(text)

    @property
    def text(self) -> str:
        return "\n".join(self.seen)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))
    monkeypatch.setenv("LANGUAGE", "en")


def test_a_technician_sets_up_a_box_with_two_ports_by_numbers_and_enter(tmp_path: Path) -> None:
    person = Person("2", "", PASSWORD, "wrong", PASSWORD, "1", "", "", "1", "", "2", "2", "", "96900", "", "李娜", "")
    assert converse(Wizard(STEPS, site(tmp_path / "box.toml", CARD)), person.ask, person.say) == 0
    assert [(each.address, each.side, each.crc4) for each in made(tmp_path / "box.toml").span] == [
        ("dahdi:1", "user", True),
        ("dahdi:2", "network", False),
    ]
    assert "  ! the two are different: go back, and type it once more" in person.seen
    assert "  2 E1 ports were found:" in person.seen
    assert "    1 WCTE131/0 E1 card RED" in person.seen
    assert '    +called = "96900"' in person.seen
    assert PASSWORD not in person.text
    assert made(tmp_path / "box.toml").extension[0].name == "李娜"


def test_it_goes_on_in_chinese_when_chinese_is_chosen(tmp_path: Path) -> None:
    person = Person("1")
    assert converse(Wizard(STEPS, site(tmp_path / "box.toml")), person.ask, person.say) == 1
    assert "2/11 用户和密码" in person.text
    assert list(tmp_path.iterdir()) == []


def test_back_is_one_key(tmp_path: Path) -> None:
    person = Person("2", "<", "2", "lina")
    converse(Wizard(STEPS, site(tmp_path / "box.toml")), person.ask, person.say)
    assert person.text.count("1/11 Language") == 2
    assert [line for line in person.seen if line][-1].startswith("  Password: ")
