# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of the site: their form, the search for a row, the errors of unusable ones."""

import os
from pathlib import Path

import pytest

from appliance.config.errors import Mistake
from appliance.config.paths import resolve
from appliance.ivr.check import check_file
from appliance.ivr.check_site import Site, site_of
from appliance.ivr.flow import Lookup
from appliance.ivr.load import load_flow
from appliance.ivr.tables import MAX_BYTES, Found, TableError, Tables, read_table
from tests.appliance.engine.box import config

CUSTOMERS = "phone,name,queue\n13800138000,Li,sales\n138 0013 8001,Zhao,service\n"


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    write(tmp_path, CUSTOMERS)
    return Tables(tmp_path)


def write(folder: Path, text: str | bytes) -> Path:
    """Write the table as programs should: a new file in the place of the old one."""
    new = folder / "new"
    new.write_bytes(text.encode() if isinstance(text, str) else text)
    return new.replace(folder / "customers.csv")


def queue_of(tables: Tables, key: str, column: str = "phone") -> str | None:
    values = tables.find("customers", column, key, ("queue",)).values
    return values["queue"] if values is not None else None


def test_a_row_is_found_by_a_number_however_either_is_written(tables: Tables) -> None:
    assert tables.find("customers", "phone", "13800138000", ("queue", "name")) == Found(
        {"queue": "sales", "name": "Li"}
    )
    assert queue_of(tables, "13800138001") == "service"
    assert queue_of(tables, "138-0013-8001") == "service"
    assert queue_of(tables, "1380013800") is None
    assert queue_of(tables, "") is None


def test_by_any_column_and_without_one_by_the_first(tables: Tables) -> None:
    assert queue_of(tables, "Zhao", "name") == "service"
    assert queue_of(tables, "zhao", "name") is None
    assert queue_of(tables, "13800138000", "") == "sales"


@pytest.mark.parametrize(
    "written",
    [
        ("\ufeff" + CUSTOMERS).encode(),
        CUSTOMERS.replace("\n", "\r\n").encode(),
        CUSTOMERS.replace(",", ";").encode(),
        CUSTOMERS.replace(",", "\t").encode(),
        CUSTOMERS.replace("Li", '"Li, Wei ""L"""').encode(),
        CUSTOMERS.replace("\n", "\n\n").replace("Li", "李").rstrip().encode(),
        ("\n" + CUSTOMERS.replace(",", ";")).encode(),
        (CUSTOMERS + "13800138000,Li,twice\n,,nobody\n").encode(),
    ],
    ids=["bom", "crlf", "semicolon", "tab", "quotes", "blank lines", "blank before", "two rows with a key"],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, written: bytes) -> None:
    write(tmp_path, written)
    assert [queue_of(Tables(tmp_path), key) for key in ("13800138000", "13800138001", "")] == ["sales", "service", None]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"", "customers.csv is empty"),
        (b"\n \n", "customers.csv is empty"),
        ("phone,queue\n1,销售\n".encode("gbk"), "customers.csv:2: is not written in UTF-8"),
        (b"phone,phone\n", "customers.csv:1: these are no names of columns"),
        (b",queue\n", "customers.csv:1: these are no names of columns"),
        (
            b"phone,queue\n1,a\n2\n3,b\n4,c,d\n",
            "customers.csv:3: not as many cells as the first line has, 2; so in lines 3, 5",
        ),
        (b'phone,queue\n1,"a\n2,b\n', "customers.csv:3: is no CSV: unexpected end of data"),
        (b'phone,queue\n1,"a"b\n', "customers.csv:2: is no CSV: "),
        (b"phone\n" + b"1" * MAX_BYTES, "customers.csv is too large"),
    ],
    ids=["empty", "blank", "gbk", "twice", "no name", "uneven", "open quotes", "behind quotes", "large"],
)
def test_what_is_wrong_is_told_with_its_line_and_a_remedy(tmp_path: Path, written: bytes, told: str) -> None:
    write(tmp_path, written)
    with pytest.raises(TableError) as raised:
        read_table(tmp_path / "customers.csv")
    assert told in raised.value.message
    assert raised.value.hint
    assert raised.value.msgid, "it is read in another process, and language"


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "customers.csv")
    with pytest.raises(TableError, match="is no file"):
        Tables(tmp_path).find("customers", "", "1", ())
    with pytest.raises(TableError, match="No such file"):
        Tables(tmp_path).find("others", "", "1", ())


@pytest.mark.parametrize("name", ["../customers", "a/b", "", ".", "/etc/passwd", "Customers", "客户", "a" * 33, "a\n"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path, CUSTOMERS)
    (tmp_path / "in").mkdir()
    with pytest.raises(TableError, match="there is no table"):
        Tables(tmp_path / "in").find(name, "", "1", ())


def test_a_column_that_is_not_there_is_told_with_those_that_are(tables: Tables) -> None:
    for column, wanted in (("fone", "queue"), ("phone", "line")):
        with pytest.raises(TableError, match="has no column") as raised:
            tables.find("customers", column, "13800138000", (wanted,))
        assert raised.value.hint == "its columns: phone, name, queue"


def test_a_table_is_read_again_when_its_file_has_changed(tmp_path: Path, tables: Tables) -> None:
    assert queue_of(tables, "1") is None
    write(tmp_path, CUSTOMERS + "1,New,sales\n")
    assert queue_of(tables, "1") == "sales"


def test_a_table_that_was_spoilt_leaves_the_one_before_in_use(tmp_path: Path, tables: Tables) -> None:
    assert queue_of(tables, "13800138000") == "sales"
    write(tmp_path, CUSTOMERS + "1,New\n")
    found = tables.find("customers", "phone", "13800138000", ("queue",))
    assert found.values == {"queue": "sales"}
    assert "customers.csv:4:" in (found.trouble.message if found.trouble else "")
    (tmp_path / "customers.csv").unlink()
    found = tables.find("customers", "phone", "13800138000", ("queue",))
    assert (found.values, "No such file" in (found.trouble.message if found.trouble else "")) == (
        {"queue": "sales"},
        True,
    )
    write(tmp_path, CUSTOMERS)
    assert tables.find("customers", "phone", "13800138000", ("queue",)).trouble is None


def test_one_that_never_could_be_read_is_tried_again_when_it_has_changed(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    for text in ("", "phone\n1,2\n"):
        write(tmp_path, text)
        for _ in range(2):
            with pytest.raises(TableError):
                tables.find("customers", "", "1", ())
    write(tmp_path, CUSTOMERS)
    assert queue_of(tables, "13800138000") == "sales"


def test_a_file_that_has_not_changed_is_read_once(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue_of(tables, "13800138000") == "sales"
    monkeypatch.setattr("appliance.ivr.tables.read_table", None)
    assert queue_of(tables, "13800138001") == "service"


# --- before a flow goes live

FLOW = """\
start = "who"
[node.who]
do = "lookup"
table = "customers"
column = "phone"
key = "{caller}"
into = { where = "queue" }
music = "default"
found = "there"
missing = "end"
failed = "end"
[node.there]
do = "queue"
queue = "{where}"
otherwise = "end"
[node.end]
do = "hangup"
"""


def checked(folder: Path, text: str, site: Site | None = None) -> list[Mistake]:
    path = folder / "flow.toml"
    path.write_text(text)
    return check_file(path, lambda _: True, config(), site or Site(None, folder))


def only(found: list[Mistake]) -> Mistake:
    assert len(found) == 1, found
    assert found[0].hint
    return found[0]


def test_a_good_flow_with_its_table(tmp_path: Path) -> None:
    write(tmp_path, CUSTOMERS)
    assert checked(tmp_path, FLOW) == []
    node = load_flow(tmp_path / "flow.toml").node["who"]
    assert isinstance(node, Lookup)
    assert (node.within_s, node.keep_keys) == (3.0, True)


@pytest.mark.parametrize(
    ("change", "key", "told", "hint"),
    [
        ('"customers"|"clients"', "node.who.table", "cannot be read: No such file", "put the table there"),
        ('"phone"|"fone"', "node.who.column", "table customers has no column fone", "did you mean phone?"),
        (
            '"queue" }|"line" }',
            "node.who.into.where",
            "table customers has no column line",
            "known: phone, name, queue",
        ),
        ('music = "default"|music = "harp"', "node.who.music", "there is no such music", 'allowed: "default"'),
        ("{caller}|{id}", "node.who.key", "nothing sets the variable id", "collect or look it up"),
        ("{where}|{wher}", "node.there.queue", "nothing sets the variable wher", "did you mean where?"),
        ('"customers"|"../customers"', "node.who.table", "not allowed here", "allowed: "),
        ('found = "there"|found = "ther"', "node.who.found", "there is no node ther", "did you mean there?"),
        ('table = "customers"|within_s = 0\ntable = "customers"', "node.who.within_s", "not allowed here", "allowed: "),
    ],
)
def test_what_is_not_there_is_named_before_it_goes_live(
    tmp_path: Path, change: str, key: str, told: str, hint: str
) -> None:
    write(tmp_path, CUSTOMERS)
    before, after = change.split("|")
    assert FLOW.count(before) == 1
    found = only(checked(tmp_path, FLOW.replace(before, after)))
    assert (found.key, told in found.message, hint in found.hint) == (key, True, True), found
    assert found.line


def test_a_table_with_a_mistake_is_a_mistake_of_the_flow_that_needs_it(tmp_path: Path) -> None:
    write(tmp_path, CUSTOMERS + "1\n")
    found = only(checked(tmp_path, FLOW))
    assert (found.key, "customers.csv:4:" in found.message) == ("node.who.table", True)


def test_a_ring_of_look_ups_is_never_left(tmp_path: Path) -> None:
    write(tmp_path, CUSTOMERS)
    found = only(checked(tmp_path, FLOW.replace('failed = "end"', 'failed = "who"')))
    assert "who -> who" in found.message


def test_without_a_site_and_at_the_start_of_the_box_tables_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "flow.toml").write_text(FLOW)
    assert check_file(tmp_path / "flow.toml", lambda _: True, None) == []
    assert checked(tmp_path, FLOW, site_of(resolve(config(), tmp_path / "box.toml"), tables=False)) == []
    assert checked(tmp_path, FLOW, site_of(resolve(config(), tmp_path / "box.toml"))) != []
