# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends of processes, reported by their supervisor to the books."""

import io
import signal
from pathlib import Path

import pytest

from appliance.children.child import NOT_NOW
from appliance.children.crashes import CRASH, NOT_READY, REPORT_INTERVAL_S, RESTART, Ended, Endings
from appliance.children.last_words import LastWords

SWITCH = "appliance.switch"
KILLED = Ended(SWITCH, -9, "")


def taken(endings: Endings) -> list[tuple[str, int]]:
    return [(ended.module, ended.count) for ended in endings.take()]


def test_what_happened_while_nobody_read_is_there_when_somebody_does(tmp_path: Path) -> None:
    watcher = Endings(tmp_path)
    for _ in range(3):
        watcher.tell(KILLED)
    watcher.tell(Ended("appliance.server", 1, "KeyError: 1"))
    assert sorted(taken(Endings(tmp_path))) == [("appliance.server", 1), (SWITCH, 3)]
    assert taken(Endings(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_the_same_again_is_told_once_an_hour_with_its_count(tmp_path: Path) -> None:
    now = [0.0]
    watcher, reader = Endings(tmp_path), Endings(tmp_path, lambda: now[0])
    watcher.tell(KILLED)
    assert taken(reader) == [(SWITCH, 1)]
    for _ in range(1000):
        watcher.tell(KILLED)
        now[0] += 1.5
        assert taken(reader) == []
    watcher.tell(Ended(SWITCH, -11, ""))
    assert taken(reader) == [(SWITCH, 1)], "another end is told at once"
    now[0] = REPORT_INTERVAL_S
    assert taken(reader) == [(SWITCH, 1000)]


@pytest.mark.parametrize(
    ("ended", "kind", "text"),
    [
        (KILLED, CRASH, "switch ended (SIGKILL) and was started again"),
        (Ended(SWITCH, 1, "KeyError: 1"), CRASH, "switch ended (status 1) and was started again: KeyError: 1"),
        (Ended(SWITCH, -63, ""), CRASH, "switch ended (signal 63) and was started again"),
        (Ended(SWITCH, NOT_NOW, "no driver"), NOT_READY, "switch ended (status 3) and was started again: no driver"),
        (Ended(SWITCH, -signal.SIGTERM, ""), RESTART, "switch ended (SIGTERM) and was started again"),
        (Ended(SWITCH, 0, ""), RESTART, "switch ended (status 0) and was started again"),
    ],
)
def test_how_it_is_said(ended: Ended, kind: str, text: str) -> None:
    trouble = ended.trouble()
    assert (trouble.kind, trouble.english) == (kind, text)


def test_a_folder_that_takes_nothing_and_a_file_that_is_none_are_no_matter(tmp_path: Path) -> None:
    Endings(tmp_path / "is" / "not" / "there").tell(KILLED)
    (tmp_path / "ended-0123.json").write_text("{")
    assert taken(Endings(tmp_path)) == []


TRACEBACK = """callserver: connected to the switch
Traceback (most recent call last):
  File "/x/appliance/server/server.py", line 104, in on_envelopes
    taken = []
  File "/x/appliance/engine/table.py", line 157, in give
    raise MissingTransition("call", call.state.name, given.name)
appliance.engine.machine.MissingTransition: call: no transition from OFFERING on R_REDIRECTED
sys:1: RuntimeWarning: never awaited
"""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            TRACEBACK,
            'OFFERING on R_REDIRECTED (File "/x/appliance/engine/table.py", line 157, in give)',
        ),
        (TRACEBACK + TRACEBACK.replace("OFFERING", "ORIGINATING"), "ORIGINATING"),
        ("the span cannot be opened\n  load its driver\n", "the span cannot be opened / load its driver"),
        ("Assertion failed: x\xff", "Assertion failed: x"),
        ("", ""),
        ("x" * 100_000, "x"),
    ],
)
def test_last_words(said: str, reason: str) -> None:
    found = LastWords(io.BytesIO(said.encode("latin-1"))).reason()
    assert reason in found
    assert bool(found) == bool(said)
    assert len(found) <= 400
