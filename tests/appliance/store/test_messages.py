# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in the books: kept over a start, found by box and state, in balance, their files deleted in time."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from appliance.api.messages import ChangeMessage
from appliance.config.model import BoxConfig
from appliance.contract import records as r
from appliance.contract.switch import Party, Presentation
from appliance.server.box_keeping import BoxKeeping
from appliance.store import messages
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.switch.sound.wav import header
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

SAMPLES = 24_000
DAY = 86_400 * 50


def message(n: int, box: str = "ann", greeting: str = "", **more: object) -> r.MessageOpened:
    opened = r.MessageOpened(
        n, box, 1, 2, f"voicemail/{n}.wav", Party(f"138{n}", "Wang", Presentation.RESTRICTED), "busy"
    )
    return msgspec.structs.replace(opened, greeting=greeting, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        enter(store, queue_call(1))
        yield store


def left(store: Store, folder: Path, record: r.MessageOpened, day: int = 1) -> None:
    """Leave a message on a day, with its file."""
    store.apply(None, day * DAY, [record])
    store.apply(None, day * DAY + 150, [r.MessageClosed(record.message, SAMPLES)])
    file = folder / "recordings" / record.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(header(SAMPLES, 1) + bytes(SAMPLES))


def found(store: Store, box: str = "", state: str = "", *, deleted: bool = False) -> list[int]:
    with closing(store.reader()) as books:
        return [row.message for row in messages.find(books, box, state, 0, 50, deleted=deleted)]


def findings(store: Store, folder: Path) -> list[str]:
    with closing(store.reader()) as books:
        result = Ledger(books, folder / "recordings", "none").check()
    return [each.rule for each in result.findings if "message" in each.rule or "without" in each.rule]


def test_what_is_in_boxes_is_there_again_after_a_start(store: Store, tmp_path: Path) -> None:
    left(store, tmp_path, message(7))
    left(store, tmp_path, message(8, greeting="busy"))
    left(store, tmp_path, message(9))
    store.apply(None, DAY, [message(10)])
    marks = [r.MessageMarked(7, "heard", "8001"), r.MessageMarked(7, "saved"), r.MessageMarked(9, "deleted", "8001")]
    store.apply(None, 2 * DAY, [*marks, r.MessageTasked(7, "taken", "101", 5)])
    store.apply(
        None,
        2 * DAY,
        [r.MessageOpened(11, "ann", 1, 2, "x.wav", Party("1"), "busy"), r.MessageClosed(11, 80, "", kept=False)],
    )
    books = store.open_books()
    assert books.next_recording == 12
    assert [(each.message, each.open, each.heard, each.saved) for each in books.messages] == [
        (7, 0, 1, 1), (8, 0, 0, 0), (10, 1, 0, 0),
    ]  # fmt: skip
    first = books.messages[0]
    assert (first.at, first.samples, first.presentation) == (EPOCH_MS + DAY * 20, SAMPLES, 1)
    assert (first.state, first.owner, first.due_at) == ("taken", "101", 5)


def test_messages_are_found_by_box_and_state_newest_first(store: Store, tmp_path: Path) -> None:
    for n, box in ((7, "ann"), (8, "late"), (9, "late")):
        left(store, tmp_path, message(n, box))
    left(store, tmp_path, message(10, greeting="busy"))
    store.apply(None, 2 * DAY, [r.MessageTasked(9, "open", "", 5), r.MessageMarked(8, "deleted", "101")])
    assert found(store) == [9, 7]
    assert found(store, deleted=True) == [9, 8, 7]
    assert (found(store, "late"), found(store, state="open"), found(store, "nowhere")) == ([9], [9], [])
    with closing(store.reader()) as books:
        (row,) = messages.find(books, "ann", "", 0, 50, deleted=False)
    assert (row.caller, row.name, row.withheld, row.length_s, row.why) == ("1387", "Wang", True, 3.0, "busy")


def test_a_message_that_was_passed_on_keeps_its_time(store: Store, tmp_path: Path) -> None:
    left(store, tmp_path, message(7))
    store.apply(None, 5 * DAY, [message(8, "bob", passed=7, left_at=EPOCH_MS), r.MessageClosed(8, SAMPLES)])
    assert store.open_books().messages[1].at == EPOCH_MS


def test_the_ledger_names_messages_without_a_file_or_an_end_and_knows_their_files(store: Store, tmp_path: Path) -> None:
    left(store, tmp_path, message(7))
    assert findings(store, tmp_path) == []
    stray = tmp_path / "recordings/voicemail/99.wav"
    stray.write_bytes(header(80, 1) + bytes(80))
    assert findings(store, tmp_path) == ["file_without_recording"]
    stray.unlink()
    (tmp_path / "recordings" / message(7).path).unlink()
    store.apply(None, 9 * DAY, [message(8)])
    assert findings(store, tmp_path) == ["message_outlives_call", "message_unreadable"]


def keep(store: Store, folder: Path, days: int, day: int) -> list[int]:
    """Let old messages go; return those that were deleted."""
    config = msgspec.convert({"voicemail": [{"name": "ann", "keep_days": days}]}, BoxConfig)
    asked: list[int] = []

    def change(request: ChangeMessage) -> None:
        asked.append(request.message)
        store.apply(None, day * DAY, [r.MessageMarked(request.message, "deleted")])

    asyncio.run(BoxKeeping(store, folder / "recordings", config, change).once(EPOCH_MS + day * DAY * 20))
    return asked


def files(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "recordings").rglob("*.wav"))


def test_old_messages_go_with_their_files_unless_they_were_saved(store: Store, tmp_path: Path) -> None:
    for n, day in ((7, 1), (8, 1), (9, 30)):
        left(store, tmp_path, message(n), day)
    left(store, tmp_path, message(10, greeting="busy"), 1)
    store.apply(None, DAY * 2, [r.MessageMarked(8, "saved", "8001")])
    assert keep(store, tmp_path, 0, 40) == []
    assert keep(store, tmp_path, 20, 40) == [7]
    assert files(tmp_path) == ["10", "8", "9"]
    assert findings(store, tmp_path) == []
    assert keep(store, tmp_path, 20, 41) == []


def test_a_file_stays_as_long_as_a_box_has_its_message(store: Store, tmp_path: Path) -> None:
    left(store, tmp_path, message(7))
    copy = message(8, "bob", passed=7, path=message(7).path)
    store.apply(None, DAY * 2, [copy, r.MessageClosed(8, SAMPLES), r.MessageMarked(7, "deleted", "8001")])
    keep(store, tmp_path, 0, 3)
    assert files(tmp_path) == ["7"]
    store.apply(None, DAY * 3, [r.MessageMarked(8, "deleted", "8002")])
    keep(store, tmp_path, 0, 4)
    assert files(tmp_path) == []
    assert findings(store, tmp_path) == []


def test_a_message_that_is_too_short_leaves_no_file(store: Store, tmp_path: Path) -> None:
    left(store, tmp_path, message(7))
    store.apply(None, DAY, [message(8), r.MessageClosed(8, 80, "", kept=False)])
    (tmp_path / "recordings" / message(8).path).write_bytes(header(80, 1) + bytes(80))
    keep(store, tmp_path, 0, 2)
    assert files(tmp_path) == ["7"]


def test_a_messages_file_is_found_while_it_is_a_queues_and_in_its_box(store: Store, tmp_path: Path) -> None:
    for number in (3, 4):
        left(store, tmp_path, message(number, "late" if number == 3 else "ann"))
    store.apply(None, 2 * DAY, [r.MessageTasked(3, "open", "", 0)])

    def found(number: str) -> str:
        store.flush()
        with closing(store.reader()) as books:
            return messages.file_of(books, number)

    assert found("3") == "voicemail/3.wav"
    assert [found(number) for number in ("4", "5", "", "#3", "*3", "9" * 30)] == [""] * 6, "a person's, or none"
    store.apply(None, 3 * DAY, [r.MessageMarked(3, "deleted", "8001")])
    assert found("3") == ""
