# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of what counts at once and what waits for a restart: every key is in it, and differences are told by it."""

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from appliance.config.hidden import hidden, hidden_text
from appliance.config.live import NEEDS, changes, merged, needs
from appliance.config.load import parse_config
from appliance.config.model import BoxConfig
from appliance.config.shape import branch, fields_of
from appliance.contract.errors import RequestError

BASE = """
[sip]
port = 5070
[edge]
enabled = true
[[extension]]
number = "1001"
name = "Li Na"
[[extension]]
number = "1002"
line = "sip:1002@192.0.2.7:5060"
[[trunk]]
name = "voip"
host = "192.0.2.1"
password = "geheim"
"""


def keys(kind: Any, path: str = "") -> Iterator[str]:
    """Return every key of the configuration, without places: extension.line."""
    for name, (wanted, _required) in fields_of(kind).items():
        below = f"{path}.{name}" if path else name
        yield below
        for inner in inside(wanted):
            yield from keys(inner, below)


def inside(wanted: Any) -> Iterator[type[msgspec.Struct]]:
    wanted = branch(None, wanted)
    for each in (wanted, *typing.get_args(wanted)):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            yield each


KEYS = sorted(keys(BoxConfig))


def test_every_table_of_the_configuration_is_in_the_table() -> None:
    assert set(BoxConfig.__struct_fields__) <= NEEDS.keys()
    assert set(NEEDS) <= set(KEYS), "and nothing else is"
    assert len(KEYS) > 300


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("queue.step.after_s", ()),
        ("extension.name", ()),
        ("extension.send_keys", ("box",)),
        ("site.coding", ("box",)),
        ("site.area_code", ()),
        ("codes.park", ()),
        ("codes.agent_pause", ("edge",)),
        ("voicemail.mail", ("mailing",)),
        ("web.port", ("web",)),
        ("web.enabled", ("box",)),
        ("trunk.host", ("box",)),
        ("recording.archive.folder", ("box",)),
        ("recording.keep.max_mb", ()),
        ("not.there", ("box",)),
    ],
)
def test_the_longest_beginning_of_a_key_decides(key: str, told: tuple[str, ...]) -> None:
    assert needs(key) == told


def differ(more: str = "", old: str = BASE, new: str = BASE, *, hide: bool = False) -> list[tuple[str, str, str, Any]]:
    found = changes(parse_config(old, "old"), parse_config(new + more, "new"), hide=hide)
    return [tuple(each) for each in found]  # type: ignore[misc]


def test_a_changed_value_is_named_by_the_tables_own_name() -> None:
    new = BASE.replace("Li Na", "李娜")
    assert differ(new=new) == [("extension[1001].name", '"Li Na"', '"李娜"', ())]


def test_a_phone_that_registers_counts_at_once_one_at_an_address_waits() -> None:
    [(key, before, after, wait)] = differ('[[extension]]\nnumber = "1003"\n')
    assert (key, before, wait) == ("extension[1003]", "", ())
    assert '"number":"1003"' in after
    told = differ('[[extension]]\nnumber = "1004"\nline = "sip:1004@192.0.2.8:5060"\n')
    assert [(each[0], each[3]) for each in told] == [("extension[1004]", ()), ("extension[1004].line", ("box",))]
    moved = BASE.replace('line = "sip:1002@192.0.2.7:5060"', "")
    assert [(each[0], each[3]) for each in differ(new=moved)] == [("extension[1002].line", ("box",))]
    gone = BASE.replace('[[extension]]\nnumber = "1002"\nline = "sip:1002@192.0.2.7:5060"\n', "")
    assert [each[0] for each in differ(new=gone)] == ["extension[1002]", "extension[1002].line"]


def test_the_order_of_routes_matters_and_is_told() -> None:
    routes = ['[[route]]\ncalled = "77"\nflow = "a"\n', '[[route]]\ncalled = "78"\nflow = "b"\n']
    found = differ(old=BASE + "".join(routes), new=BASE + "".join(routes[::-1]))
    assert found == [("route", '"77, 78"', '"78, 77"', ())]


def test_tables_that_no_name_tells_apart_are_told_whole() -> None:
    same = '[[route]]\ncalled = "77"\nflow = "a"\ncallers = ["138*"]\n[[route]]\ncalled = "77"\nflow = "{}"\n'
    [(key, before, after, wait)] = differ(old=BASE + same.format("b"), new=BASE + same.format("c"))
    assert (key, wait) == ("route", ())
    assert before != after


def test_secrets_are_told_to_few() -> None:
    new = BASE.replace("geheim", "anders")
    assert differ(new=new) == [("trunk[voip].password", '"geheim"', '"anders"', ("box",))]
    assert differ(new=new, hide=True) == [("trunk[voip].password", '"***"', '"***"', ("box",))]
    more = '[[trunk]]\nname = "b"\nhost = "192.0.2.2"\npassword = "geheim"\n'
    assert "geheim" not in str(differ(more, hide=True))


@pytest.mark.parametrize(
    "line",
    [
        'password = "geheim"',
        "password='geheim'",
        'password = """ge\nheim"""',
        'password = "ge\\"heim" # geheim is old',
        '"password" = "geheim"',
        '# password = "geheim"',
    ],
)
def test_a_text_is_shown_without_secrets_however_they_are_written(line: str) -> None:
    shown = hidden_text(f'[[trunk]]\nname = "voip"\n{line}\nhost = "192.0.2.1"\n')
    assert 'name = "voip"' in shown
    assert '"***"' in shown
    assert "heim" not in shown.replace("# geheim is old", "")


def test_a_secret_that_cannot_be_told_from_the_rest_is_not_shown() -> None:
    with pytest.raises(RequestError, match="without the secrets"):
        hidden_text('trunk = [{name = "voip", host = "192.0.2.1", "pass\\u0077ord" = "geheim"}]\n')
    assert hidden({"trunk": [{"password": ""}]}) == {"trunk": [{"password": ""}]}


def test_tables_that_wait_stay_as_they_run() -> None:
    running = parse_config(BASE, "old")
    new = BASE.replace("192.0.2.1", "192.0.2.9").replace("port = 5070", "port = 5080").replace("Li Na", "Lin")
    both = merged(running, parse_config(new, "new"))
    assert (both.trunk, both.sip) == (running.trunk, running.sip)
    assert both.extension[0].name == "Lin"
