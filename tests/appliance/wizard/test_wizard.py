# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up: what it makes of answers, that nothing of what is there is lost, and that wrong answers are explained."""

from pathlib import Path

import pytest

from appliance.access import passwords, users
from appliance.config.paths import resolve
from appliance.contract.errors import ApplianceError
from appliance.phones.book import PhoneBook
from appliance.phones.schema import FILE
from appliance.wizard.course import STEPS
from appliance.wizard.machine import _ports
from appliance.wizard.wizard import Wizard
from tests.appliance.wizard.rig import BARE, CARD, NEW, PASSWORD, made, site, walk


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))


def test_enter_alone_makes_a_box_that_works_on_the_simulator(tmp_path: Path) -> None:
    file = tmp_path / "site" / "box.toml"
    _wizard, told = walk(site(file), NEW)
    config = made(file)
    assert config.edge.enabled
    assert config.edge.bind == ("192.0.2.10",)
    assert (config.sip.bind, config.sip.port) == ("127.0.0.1", 5070)
    assert (config.web.enabled, config.web.bind) == (True, "192.0.2.10")
    assert config.site.timezone == "Asia/Shanghai"
    assert [span.address.partition(":")[0] for span in config.span] == ["tdmoe"]
    assert [(route.called, route.flow) for route in config.route] == [("12345", "hotline")]
    assert [(each.number, each.line) for each in config.extension] == [("1001", "phone:1001")]
    assert [(each.number, each.extension) for each in config.agent] == [("8001", "1001")]
    paths = resolve(config, file)
    assert [user.role for user in users.listed(paths.access)] == ["technician"]
    with PhoneBook(paths.state / FILE) as book:
        assert set(book.phones()) == {"1001"}
    assert "test call: PASS" in told
    assert "called in en" in told
    assert [line for line in told if line.startswith("phone 1001: user name 1001, domain mxbox, password ")]
    assert PASSWORD not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o640


def test_run_again_with_enter_alone_nothing_changes(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    walk(site(file), NEW)
    before = file.read_bytes()
    wizard, told = walk(site(file, users=("admin",)), {})
    assert file.read_bytes() == before
    assert not [line for line in told if "password" in line]
    assert wizard.answers["language"] == "en"


def test_what_was_written_by_hand_stays_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    walk(site(file), NEW)
    text = file.read_text(encoding="utf-8")
    mine = text.replace("[web]", "# the browser\n[web]\nidle_min = 5 # short").replace("[[route]]", "# ours\n[[route]]")
    file.write_text(mine + '\n[[hunt]] # all\nnumber = "1100"\nextensions = ["1001"]\n', encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    walk(site(file, users=("admin",)), {"area_code": "21", "timezone": "Asia/Urumqi"})
    after = file.read_text(encoding="utf-8")
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert changed == {'timezone = "Asia/Shanghai"', 'timezone = "Asia/Urumqi"', 'area_code = "21"'}
    assert list((tmp_path / "state" / "history").iterdir()), "the old text is kept"


def test_a_hand_made_example_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    examples = Path("appliance/config/examples")
    file.write_bytes((examples / "mx30.toml").read_bytes())
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "hotline.toml").write_bytes((examples / "flows" / "hotline.toml").read_bytes())
    walk(site(file), {**NEW, "language": "", "user": "-", "web": "no", "bind": "127.0.0.1"})
    config = made(file)
    old = site(examples / "mx30.toml").config
    assert (config.extension, config.agent) == (old.extension, old.agent)
    assert (config.queue, config.route) == (old.queue, old.route)
    assert config.language == old.language


def test_each_port_of_a_card_becomes_a_line_as_its_carrier_has_it(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    walk(site(file, CARD), {**NEW, "side2": "network", "crc42": "no"})
    config = made(file)
    assert [(each.address, each.side, each.crc4) for each in config.span] == [
        ("dahdi:1", "user", True),
        ("dahdi:2", "network", False),
    ]
    assert config.profile == "mx90"
    walk(site(file, CARD, ("admin",)), {"side2": "unused", "crc41": "no"})
    assert [(each.side, each.crc4) for each in made(file).span] == [("user", False), ("network", False)], "not removed"


def test_no_leaves_everything_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    _wizard, told = walk(site(file), {**NEW, "write": "no", "call": "no"})
    assert told == ["nothing was changed"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("language", "fr", "choose one of: zh, en"),
        ("user", "Li Na", "small letters"),
        ("password", "short", "a password has 10 to 128 characters"),
        ("again", "something else", "the two are different"),
        ("bind", "203.0.113.7", "choose one of: 192.0.2.10, 127.0.0.1"),
        ("timezone", "Asia/Peking", "no such time zone"),
        ("area_code", "021x", "digits without the leading zero"),
        ("hotline", "one", "digits"),
        ("extension", "12345", "this number is taken"),
        ("extension", "701", "this number is taken"),
    ],
)
def test_a_wrong_answer_is_explained_and_asked_again(tmp_path: Path, name: str, text: str, why: str) -> None:
    wizard = Wizard(STEPS, site(tmp_path / "box.toml"))
    while (question := wizard.question) is None or question.name != name:
        if question is None:
            wizard.go_on()
        else:
            assert not wizard.take(question, NEW.get(question.name, ""))
    assert why in wizard.take(question, text)
    assert wizard.question is question


def test_back_goes_through_all_questions_and_proposes_what_was_answered(tmp_path: Path) -> None:
    wizard = Wizard(STEPS, site(tmp_path / "box.toml"))
    seen = []
    while wizard.step.name != "extension":
        while (question := wizard.question) is not None:
            wizard.take(question, {**NEW, "hotline": "96900"}.get(question.name, ""))
            seen.append(question.name)
        wizard.go_on()
    for name in reversed(seen):
        wizard.back()
        assert wizard.question is not None
        assert wizard.question.name == name
        assert wizard.proposal(wizard.question) == wizard.answers[name]
    wizard.back()
    assert wizard.place == 0


def test_what_is_done_is_not_done_twice_by_going_back(tmp_path: Path) -> None:
    wizard, _told = walk(site(tmp_path / "box.toml"), NEW)
    for _ in range(40):
        wizard.back()
    assert wizard.step.name == "end"


def test_a_box_that_cannot_be_as_answered_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text('[web]\nport = 5061\n[parking]\nfirst = "1001"\n', encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(ApplianceError):
        walk(site(file), {**NEW, "extension": "1050", "web": "yes"})
    assert file.read_bytes() == before


def test_the_drivers_listing_is_read(tmp_path: Path) -> None:
    (tmp_path / "1").write_text('Span 1: WCTE131/0 "Digium TE131/TE133 Card 0" HDB3/CCS/CRC4 RED\n\n\t 1 ...\n')
    (tmp_path / "2").write_text('Span 2: TE4/0/2 "T4XXP (PCI) Card 0 Span 2" (MASTER) HDB3/CCS/CRC4 \n')
    (tmp_path / "10").write_text("no listing\n")
    assert [(each.number, each.state) for each in _ports(tmp_path)] == [(1, "RED"), (2, ""), (10, "")]
    assert _ports(tmp_path)[0].name == "WCTE131/0 Digium TE131/TE133 Card 0"


def test_this_machine_is_looked_at() -> None:
    from appliance.wizard.machine import look

    assert look().addresses[-1] == ("127.0.0.1", "lo")
    assert BARE.addresses[-1] == look().addresses[-1]
