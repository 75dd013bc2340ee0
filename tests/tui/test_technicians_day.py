# SPDX-License-Identifier: GPL-2.0-or-later
"""A technician's day by keys alone: a box is set up to its first call, ten phones are added, a span is cut.

Its other hours: a queue is changed and the change undone (test_config_box), yesterday's call is found and heard on a
phone (test_heard_again).
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config.load import load_box
from tests.appliance.edge.house import House
from tests.appliance.edge.rig import Edge, End
from tests.tui.pty_rig import Terminal
from tests.tui.test_whole_box import seen

ENTER = b"\r"
SECRET = b"a_long_password"
SECRETS = ("Password", "The same once more")
ASKED = (
    *("Language", r"Name of a new technician \(-: none\)", *SECRETS, "Address at which phones reach the box"),
    *("Terminal in the browser at this address", "Time zone", "Enter: go on", "A line of the simulator.*"),
    *(r"Area code of this place.*", "Number that callers dial, as the carrier sends.*", "Number", "Name on displays.*"),
    *("Write it now; nothing was changed so far", "Make a test call on the simulator"),
)
"""What the set-up asks, in its order; the proposals are taken."""
NEW = [str(number) for number in range(1011, 1021)]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


@pytest.mark.timeout(300)
def test_a_box_is_set_up_to_its_first_call(folder: Path) -> None:
    file = folder / "box.toml"
    with Terminal(None, str(file), command="setup") as terminal:
        for asked in ASKED:
            terminal.until(lambda text, asked=asked: re.search(rf"{asked}$", text, re.MULTILINE))  # type: ignore[misc]
            terminal.send((SECRET if asked in SECRETS else b"") + ENTER)
        text = terminal.until(lambda text: "test call:" in text, 240)
        assert "test call: PASS" in text
        terminal.send(ENTER)
        terminal.process.wait(10)
    config, _paths = load_box(file)
    assert [each.number for each in config.extension] == ["1001"]
    assert config.span


def test_ten_phones_are_added_and_register_and_a_span_that_is_cut_is_explained(folder: Path) -> None:
    with House(folder, ("1001",)) as house:
        house.start()
        with Terminal(house.paths.control_socket, size=(100, 32)) as terminal:
            seen(house, terminal, lambda text: "healthy" in text)
            passwords = add_phones(house, terminal)
            edge = Edge(house.folder, port=house.edge_port)
            house.until(lambda: all(registers(edge, number, passwords[number]) for number in NEW), 20, "", every_s=1)
            seen(house, terminal, lambda text: text.count("127.0.0.1:") >= 10)
            cut(house, terminal)


def add_phones(house: House, terminal: Terminal) -> dict[str, str]:
    """Add ten phones by keys; return the passwords that were shown."""
    terminal.send(b"5")
    seen(house, terminal, lambda text: "not registered" in text)
    terminal.send(b"x")
    seen(house, terminal, lambda text: "A  add phones" in text)
    terminal.send(b"A")
    seen(house, terminal, lambda text: "numbers: 1005" in text)
    terminal.send(b"1001-1010\rdesk\r\r")
    seen(house, terminal, lambda text: "Adds phones 1001-1010" in text)
    terminal.send(b"y")
    seen(house, terminal, lambda text: "there already: 1001" in text)
    terminal.send(b"x")
    seen(house, terminal, lambda text: "A  add phones" in text)
    terminal.send(b"A")
    seen(house, terminal, lambda text: "numbers: 1005" in text)
    terminal.send(b"1011-1020\rdesk\rten new desks\r")
    seen(house, terminal, lambda text: "Adds phones 1011-1020" in text)
    terminal.send(b"y")
    text = seen(house, terminal, lambda text: "passwords of phones" in text and "1020" in text)
    terminal.send(b"\x1b")
    seen(house, terminal, lambda text: "desk 1011" in text and "passwords of phones" not in text)
    return dict(re.findall(r"(10[12]\d) +(\S{8,})", text))


def registers(edge: Edge, number: str, secret: str) -> bool:
    """Return whether a phone registers with a password."""
    with End(edge, number) as phone, contextlib.suppress(TimeoutError):
        phone.secret = secret
        return phone.register().status == 200
    return False


def cut(house: House, terminal: Terminal) -> None:
    """Cut the span, find out by keys why callers do not come, and see that it is well again."""
    house.exchange.cut(1, 20)
    terminal.send(b"1")
    seen(house, terminal, lambda text: "needs attention" in text and "RED" in text)
    terminal.send(b"2")
    seen(house, terminal, lambda text: "cable or far end down" in text)
    terminal.send(b"8")
    seen(house, terminal, lambda text: "RED, D channel down" in text.replace("…", "") or "RED,…" in text)
    terminal.send(ENTER)
    text = seen(house, terminal, lambda text: "What to do" in text and "Within a minute of it" in text)
    assert "Red: cable, plug, far end." in text
    terminal.send(b"\x1b1")
    seen(house, terminal, lambda text: "healthy" in text, 60)
