# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox extension`: the configuration and the phones' passwords change together, or not at all."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.access import operations
from appliance.cli.extension_box import config_path
from appliance.cli.extension_csv import CsvError, read_rows, row
from appliance.cli.main import main
from appliance.config.load import load_box, load_shape
from appliance.phones.book import PhoneBook, digests
from tests.appliance.cli import answers
from tests.appliance.cli.counter import Counter

Capture = pytest.CaptureFixture[str]

CONFIG = """\
# our box
[edge]
enabled = true
domain = "box.example"
[sip]
port = 5070
[[extension]]
number = "1001"
line = "station:1001"
name = "Old"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANGUAGE", "en")
    file = tmp_path / "box.toml"
    file.write_text(CONFIG)
    monkeypatch.setenv("MXBOX_CONFIG", str(file))
    return file


def told(capsys: Capture, *words: str) -> Any:
    capsys.readouterr()
    assert main(["extension", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: Capture, *words: str) -> str:
    capsys.readouterr()
    assert main(["extension", *words]) == 1
    out = capsys.readouterr()
    assert out.out == ""
    return out.err


def book(file: Path) -> PhoneBook:
    return PhoneBook(file.parent / "state/edge.db")


def ha1(file: Path, number: str) -> str:
    return str(book(file)._db.execute("SELECT ha1 FROM phones WHERE extension = ?", (number,)).fetchone()[0])


def numbers(file: Path) -> list[str]:
    return [extension.number for extension in load_box(file)[0].extension]


def test_without_a_name_the_configuration_is_that_of_the_running_box(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.delenv("MXBOX_CONFIG", raising=False)
    (folder / "mx30.toml").write_text("")
    monkeypatch.setenv("MXBOX_SOCKET", str(tmp_path / "none.sock"))
    assert main(["extension", "list"]) == 1
    told = capsys.readouterr().err
    assert "no configuration is named" in told
    assert "--config FILE (here: mx30.toml)" in told
    file = tmp_path / "site.toml"
    file.write_text('[[extension]]\nnumber = "1234"\nline = "sip:1234@127.0.0.1:5071"\n')
    status = msgspec.structs.replace(answers.STATUS, config=str(file))
    with Counter(tmp_path / "control.sock", lambda _request: status):
        monkeypatch.setenv("MXBOX_SOCKET", str(tmp_path / "control.sock"))
        assert main(["extension", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["reply"] == "extension_list"
    assert [each["number"] for each in listed["extensions"]] == ["1234"]


def test_an_extension_is_added_and_its_password_shown_once(file: Path, capsys: Capture) -> None:
    made = told(capsys, "add", "1002", "--name", "张伟")
    assert (made["number"], made["name"], made["line"], made["domain"]) == ("1002", "张伟", "phone:1002", "box.example")
    assert ha1(file, "1002") == digests("1002", "box.example", made["password"])[0]
    assert load_box(file)[0].extension[-1].name == "张伟"
    assert file.read_text().startswith("# our box\n")
    assert main(["extension", "list"]) == 0
    seen = capsys.readouterr().out
    assert "phone:1002" in seen
    assert made["password"] not in seen + json.dumps(told(capsys, "list"))
    assert made["password"] not in file.read_text()
    assert main(["extension", "add", "1003"]) == 0
    assert "this password is not shown again" in capsys.readouterr().out


def test_an_extension_with_a_telephone_gets_an_address_instead(file: Path, capsys: Capture) -> None:
    made = told(capsys, "add", "1002", "--maker", "Grandstream", "--mac", "00:0B:82:12:34:56")
    assert made["password"] == ""
    assert made["address"].startswith("https://box.example:8443/")
    assert made["address"].endswith("/cfg000b82123456.xml")
    [*_old, known] = told(capsys, "list")["extensions"]
    assert (known["telephone"]["maker"], known["telephone"]["state"]) == ("grandstream", "open")
    again = told(capsys, "provision", "1002")
    assert again["address"] != made["address"]
    other = told(capsys, "provision", "1002", "--maker", "snom", "--mac", "000413aabbcc")
    assert other["address"].endswith("/000413aabbcc.xml")
    assert main(["extension", "provision", "1002"]) == 0
    assert "set provisioning.enabled = true" in capsys.readouterr().out


def test_a_new_password_takes_the_old_ones_place(file: Path, capsys: Capture) -> None:
    first = told(capsys, "add", "1002")["password"]
    second = told(capsys, "password", "1002")["password"]
    assert first != second
    assert ha1(file, "1002") == digests("1002", "box.example", second)[0]
    assert "known by a fixed address: station:1001" in refused(capsys, "password", "1001")
    assert "there is no extension 1009" in refused(capsys, "password", "1009")


def test_a_phone_that_was_written_into_the_file_by_hand_gets_its_password(file: Path, capsys: Capture) -> None:
    file.write_text(CONFIG + '[[extension]]\nnumber = "1002"\nline = "phone:1002"\n')
    assert main(["extension", "list"]) == 0
    assert "none: it cannot register" in capsys.readouterr().out
    assert told(capsys, "password", "1002")["password"]
    file.write_text(file.read_text().replace("box.example", "other.example"))
    assert main(["extension", "list"]) == 0
    assert "for the domain box.example" in capsys.readouterr().out


def test_an_extension_is_removed_from_both_places(file: Path, capsys: Capture) -> None:
    before = file.read_text()
    told(capsys, "add", "1002")
    assert told(capsys, "remove", "1002") == {"reply": "extension_removed", "removed": "1002"}
    assert file.read_text() == before
    assert book(file).phones() == {}
    assert "there is no extension 1002" in refused(capsys, "remove", "1002")


def test_an_extension_that_an_agent_sits_at_stays(file: Path, capsys: Capture) -> None:
    told(capsys, "add", "1002")
    file.write_text(file.read_text() + '[[agent]]\nnumber = "8001"\nextension = "1002"\n')
    assert "extension 1002 is still used by agent 8001" in refused(capsys, "remove", "1002")
    assert list(book(file).phones()) == ["1002"]
    assert numbers(file) == ["1001", "1002"]


USERS = """\
[[agent]]
number = "8001"
extension = "1002"
[[hunt]]
number = "600"
extensions = ["1002", "1003"]
[[hunt]]
number = "601"
otherwise = "1002"
[[route]]
called = "96900"
flow = "desk"
"""


def test_phones_are_added_to_a_file_that_names_them_already(file: Path, capsys: Capture) -> None:
    """The natural order: agents, queues, hunts by hand; then the phones by command."""
    file.write_text(CONFIG + USERS)
    assert main(["extension", "add", "1002"]) == 0
    assert "the configuration has 1 mistake yet: mxbox config check" in capsys.readouterr().out
    told(capsys, "add", "10-03")
    assert [each.number for each in load_shape(file)[0].extension] == ["1001", "1002", "1003"]
    capsys.readouterr()
    assert main(["config", "check", str(file)]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert "there is no file" in line


def test_what_still_uses_an_extension_is_named(file: Path, capsys: Capture) -> None:
    forwards = '[[extension]]\nnumber = "1003"\nfollow_me = ["1001", "1002"]\n[[extension]]\nnumber = "1002"\n'
    file.write_text(CONFIG + forwards + USERS)
    flow = file.parent / "flows/desk.toml"
    flow.parent.mkdir()
    flow.write_text(
        'start = "a"\n[node.a]\ndo = "dial"\nextension = "1002"\notherwise = "b"\n[node.b]\ndo = "hangup"\n'
    )
    before = file.read_text()
    said = refused(capsys, "remove", "1002")
    assert "extension 1002 is still used by agent 8001, hunt 600, hunt 601, extension 1003, flow desk" in said
    assert "correct the file" not in said
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("701", "a place where calls are parked"), ("0123", "begins with the outside prefix 0"),
        ("110", "110 is an emergency number"), ("*68", "codes.park as well"),
        ("*721", "begins with codes.forward_always"),
        ("600", 'hunt[0].number = "600": is extension[1].number as well'),
        ("96900", 'route[0].called = "96900": is extension[1].number as well'),
    ],
)  # fmt: skip
def test_a_number_that_hides_another_is_not_added(file: Path, number: str, said: str, capsys: Capture) -> None:
    text = CONFIG + '[[hunt]]\nnumber = "600"\n[[route]]\ncalled = "96900"\nflow = "desk"\n'
    file.write_text(text)
    told_so = refused(capsys, "add", number)
    assert said in told_so
    assert "nothing was changed" in told_so
    assert file.read_text() == text
    assert book(file).phones() == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("1001", "extension 1001 is there already"), ("12a", "0-9 * # +"),
        ("1002 --mac 001565aabbcc", "belong together"),
        ("1002 --maker nokia --mac 001565aabbcc", "known are yealink, grandstream, fanvil, snom"),
        ("1002 --maker snom --mac 0015", "12 hexadecimal digits"), ("1002 --line mailto:x", "station:<number>"),
        ("1002 --line station:1002 --maker snom --mac 001565aabbcc", "for phones that register"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_changes(file: Path, words: str, said: str, capsys: Capture) -> None:
    assert said in refused(capsys, "add", *words.split())
    assert file.read_text() == CONFIG
    assert book(file).phones() == {}


def test_without_the_edge_no_phone_can_register(file: Path, capsys: Capture) -> None:
    file.write_text(CONFIG.replace("enabled = true", "enabled = false"))
    assert "needs the edge" in refused(capsys, "add", "1002")
    assert book(file).phones() == {}


TABLE = """\
number,name,line,maker,mac,password
1002,"Li, Na",,,,as-before-9
1003,,,yealink,00:15:65:00:00:03,

1004,Door,station:1004,,,
"""


def test_a_table_is_imported(file: Path, tmp_path: Path, capsys: Capture) -> None:
    people = tmp_path / "people.csv"
    people.write_text(TABLE, encoding="utf-8-sig")
    made = told(capsys, "import", str(people))
    assert [each["number"] for each in made] == numbers(file)[1:] == ["1002", "1003", "1004"]
    assert ha1(file, "1002") == digests("1002", "box.example", "as-before-9")[0]
    assert made[1]["address"].endswith("/001565000003.cfg")
    assert (made[2]["password"], made[2]["address"]) == ("", "")
    assert load_box(file)[0].extension[1].name == "Li, Na"


def test_one_mistake_keeps_a_whole_table_out_and_every_mistake_is_told(
    file: Path, tmp_path: Path, capsys: Capture
) -> None:
    people = tmp_path / "people.csv"
    rows = ["Number;MAC;Maker", "1002;;", "1001;;", "1002;;", "1003;zz;snom", "1004;001565000004;snom"]
    people.write_text("\n".join([*rows, "1005;001565000004;snom", ""]))
    said = refused(capsys, "import", str(people))
    for line, what in (
        (3, "'1001' is there already"),
        (4, "'1002' is there already"),
        (5, "'zz'"),
        (7, "'001565000004'"),
    ):
        assert any(f"people.csv:{line}: " in each and what in each for each in said.splitlines()), (line, said)
    assert "nothing was imported" in said
    assert file.read_text() == CONFIG
    assert book(file).phones() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"), ("name\nx\n", "must name the columns"), ("number,number\n1,1\n", "must name the columns"),
        ("number,colour\n1,red\n", "colour"), ("number,name\n1\n", "t.csv:2: 2 columns are wanted, here are 1"),
        ('number\n"1\n', "is no CSV"), ("number,password\n1,kurz\n", "8 to 64"),
        ("number,name\n1," + "x" * 65 + "\n", "64 characters"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_is_refused(text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(CsvError, match=said) as error:
        read_rows(text, "t.csv", (), ())
    assert "kurz" not in str(error.value)


def test_a_name_holds_no_line_ends() -> None:
    assert row("1", "a\r\nb\x00", "", "", "").name == "ab"


def test_other_encodings_are_named_or_refused(file: Path, tmp_path: Path, capsys: Capture) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes("number,name\n1002,张伟\n".encode("gb18030"))
    assert "--encoding gb18030" in refused(capsys, "import", str(people))
    told(capsys, "import", str(people), "--encoding", "gb18030")
    assert load_box(file)[0].extension[1].name == "张伟"
    assert "cannot be read" in refused(capsys, "import", str(tmp_path / "none.csv"))
    assert "people.csv is not written in UTF-8" in refused(capsys, "import", str(people))
    assert "is not written in klingon" in refused(capsys, "import", str(people), "--encoding", "klingon")


def test_what_was_exported_can_be_imported_elsewhere(file: Path, tmp_path: Path, capsys: Capture) -> None:
    told(capsys, "add", "1002", "--name", '"Quote", 张', "--maker", "snom", "--mac", "000413000002")
    capsys.readouterr()
    assert main(["extension", "export"]) == 0
    shown = capsys.readouterr().out
    assert [each["number"] for each in csv.DictReader(io.StringIO(shown))] == ["1001", "1002"]
    people = tmp_path / "people.csv"
    assert main(["extension", "export", "--output", str(people)]) == 0
    assert people.read_bytes().startswith(b"\xef\xbb\xbf")
    before = load_box(file)[0].extension
    other = tmp_path / "other" / "box.toml"
    other.parent.mkdir()
    other.write_text(CONFIG[: CONFIG.index("[[extension]]")])
    told(capsys, "import", str(people), "--config", str(other))
    assert load_box(other)[0].extension == before
    assert book(other).handsets()["1002"].mac == "000413000002"
    assert "cannot be written" in refused(capsys, "export", "--output", str(tmp_path / "no/such"))


def test_a_table_comes_through_a_pipe(file: Path) -> None:
    command = [sys.executable, "-m", "appliance.cli.main", "extension", "import", "-", "--json"]
    done = subprocess.run(command, input=b"number\n1002\n", capture_output=True, check=True)
    assert json.loads(done.stdout)[0]["number"] == "1002"
    assert numbers(file) == ["1001", "1002"]


def test_the_configuration_is_the_one_named_then_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config_path("a.toml", {"MXBOX_CONFIG": "b.toml"}) == Path("a.toml")
    assert config_path(None, {"MXBOX_CONFIG": "b.toml"}) == Path("b.toml")
    Path("box.toml").write_text("")
    assert config_path(None, {}) == Path("box.toml")


def test_changes_by_the_command_are_in_the_operation_log_without_passwords(
    file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "wang")
    made = told(capsys, "add", "1002", "--name", "Li Na")
    told(capsys, "password", "1002")
    told(capsys, "remove", "1002")
    assert main(["agent", "pin", "8001", "--remove"]) == 0
    log = file.parent / "state/access.db"
    rows = [(each.user, each.door, each.what, each.on) for each in operations.found(log)[::-1]]
    assert rows == [
        ("wang", "command", "extension_add", "1002"),
        ("wang", "command", "extension_password", "1002"),
        ("wang", "command", "extension_remove", "1002"),
        ("wang", "command", "agent_pin", "8001"),
    ]
    assert made["password"] not in str(operations.found(log))
    assert operations.verify(log).wrong == 0
