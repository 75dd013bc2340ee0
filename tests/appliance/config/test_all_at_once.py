# SPDX-License-Identifier: GPL-2.0-or-later
"""All mistakes of a configuration in one pass, of shape and of sense; and its cost."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from appliance.config.checks import sense_mistakes
from appliance.config.load import look, read_config
from appliance.config.model import BoxConfig, ExtensionConfig, HuntConfig
from appliance.config.queues import AgentConfig, QueueConfig
from tests.appliance.config.test_numbering_plan import found, keys, phones

NONSENSE = """\
profil = "mx30"

[[span]]
address = "tdmoe:foo"

[sip]
port = "5070"

[[extension]]
nunber = 1001
ring_s = 0

[[extension]]
number = "701"

[[extension]]
number = "10a1"

[[extension]]
number = "1003"
line = "station:1"
follow_me = ["1003", "9999"]

[[extension]]
number = "0123"
line = "station:1"
name = "two\\nlines"

[[hunt]]
number = "119"
extensions = ["1003", "1003", "4711"]
otherwise = "*72"

[[agent]]
number = "8001"
extension = "1001"
flow = 3

[[route]]
called = "**"
flow = "hotline"
country = "cn"
"""


def test_mistakes_of_shape_hide_none_of_sense_and_make_no_new_ones(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text(NONSENSE)
    _config, told = look(file)
    assert [(each.line, each.key) for each in told] == [
        (1, "profil"),
        (4, "span[0].address"),
        (7, "sip.port"),
        (9, "extension[0].number"),
        (9, "extension[0].line"),  # phone:1001 needs the edge
        (10, "extension[0].nunber"),
        (11, "extension[0].ring_s"),
        (13, "extension[1].line"),
        (14, "extension[1].number"),
        (17, "extension[2].number"),
        (22, "extension[3].follow_me[0]"),
        (22, "extension[3].follow_me[1]"),
        (25, "extension[4].number"),
        (26, "extension[4].line"),
        (27, "extension[4].name"),
        (30, "hunt[0].number"),
        (31, "hunt[0].extensions[1]"),
        (31, "hunt[0].extensions[2]"),
        (32, "hunt[0].otherwise"),
        (37, "agent[0].flow"),
        (40, "route[0].called"),
        (41, "route[0].flow"),
        (42, "route[0].country"),
    ]
    hints = {each.key: each.hint for each in told}
    assert hints["route[0].country"] == "country stands above the first [table] of the file"
    assert hints["extension[0].nunber"] == "did you mean number?"


def test_places_in_lists_are_those_of_the_file_where_some_cannot_be_read() -> None:
    agents = '[[agent]]\nnumber = "1"\n[[queue]]\nname = "q"\nagents = [[], "1", {}, "1"]\n'
    assert keys(agents) == [("queue[0].agents[0]", []), ("queue[0].agents[2]", {}), ("queue[0].agents[3]", "1")]


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n"])
def test_an_empty_file_configures_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "box.toml"
    file.write_text(text)
    [told] = look(file)[1]
    assert told.message == "is empty: it configures nothing"
    assert "examples" in told.hint


def test_a_key_in_other_letters_needs_quotation_marks_and_the_line_is_told_once() -> None:
    [told] = found("[sip]\n端口 = 5060\n")
    assert told.text("box.toml").count("2") == 1
    assert "quotation marks" in told.hint


def test_no_hint_names_more_than_a_person_reads() -> None:
    text = phones(*map(str, range(1000, 1400))) + '[[agent]]\nnumber = "1"\nextension = "1399x"\n'
    [told] = [each for each in found(text.replace("1399x", "139")) if each.key == "agent[0].extension"]
    assert len(told.hint) < 200
    assert "and 388 more" in told.hint
    assert "did you mean 139" in told.hint
    [told] = found(phones("1001", "1001") + '[[agent]]\nnumber = "1"\nextension = "7"\n')[1:]
    assert told.hint == "known: 1001"


@pytest.mark.parametrize("wrong", [False, True])
def test_the_work_grows_with_the_file_and_not_with_its_square(wrong: bool) -> None:
    """Steps are counted, not time: of a file twice as long a check takes about twice as many."""

    def document(n: int) -> str:
        ring = [str(100000 + each) for each in range(n)]
        spoilt = "ring_s = 'x'" if wrong else ""
        tables = phones(*(f'{each} forward_busy = "{to}"\n{spoilt}' for each, to in pairwise([*ring, "0110"])))
        agents = "".join(f'[[agent]]\nnumber = "{each}"\nextension = "{each}"\n' for each in ring)
        return (
            tables + agents + f'[[queue]]\nname = "q"\nagents = {ring}\n[[hunt]]\nnumber = "6"\nextensions = {ring}\n'
        )

    few, many = (lines_run(partial(read_config, document(n), "box.toml")) for n in (150, 600))
    assert many < 5 * few


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_no_number_is_compared_with_all_others() -> None:
    """`in` of a list is one line of Python and a search through all of it."""

    def compared(n: int) -> int:
        ring = tuple(Counted(100000 + each) for each in range(n))
        config = BoxConfig(
            extension=tuple(ExtensionConfig(number=each, line=f"station:{each}") for each in ring),
            agent=tuple(AgentConfig(number=each, extension=Counted(each)) for each in ring),
            queue=(QueueConfig(name="q", agents=tuple(map(Counted, ring))),),
            hunt=(HuntConfig(number="6", extensions=tuple(map(Counted, ring))),),
        )
        Counted.compared = 0
        assert not list(sense_mistakes(config))
        return Counted.compared

    assert compared(1200) < 5 * compared(300)


def lines_run(work: Callable[[], object]) -> int:
    """Return the number of lines of Python that `work` runs."""
    count = 0

    def trace(_frame: object, event: str, _what: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
