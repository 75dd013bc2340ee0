# SPDX-License-Identifier: GPL-2.0-or-later
"""Phone features in lockstep, heard by those who use them: real switch, real books, keys and voices on the line."""

from pathlib import Path

from dsp.correlate import find
from dsp.g711 import alaw_decode
from hw_sim.calls import CallRecord
from hw_sim.sounds import Library
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, dial, finish, rows

PROMPTS = ("do-not-disturb-on", "parked-at", "digit-7", "digit-0", "digit-1")


def make(tmp_path: Path, phones: int, stations: dict[str, str]) -> LockBox:
    config = house.call_centre(phones, start="signed_out")
    library: Library = house.library("en", PROMPTS, caller=CALLER_SAYS, agent=AGENT_SAYS)
    return LockBox(tmp_path, config, house.HOTLINE, stations, library=library, line=PLAIN).start()


def hears(record: CallRecord, sentence: object) -> bool:
    return bool(find(sentence, alaw_decode(record.heard)).score > 0.95)  # type: ignore[arg-type]


def test_a_caller_is_transferred_by_keys_and_both_hear_each_other(tmp_path: Path) -> None:
    stations = {
        "1001": "alert; wait 1; answer; wait 2; key ##; wait 1; key 1002#; wait remote 20",
        "1002": "alert; wait 1; answer; wait 2; speak agent; wait 30",
    }
    with make(tmp_path, 2, stations) as box:
        record = dial(box, "wait answer 5; wait 14; speak caller; wait 6; hangup", to="1001")
        finish(box, record)
        assert record.passed, record.failures
        first, second = box.bank.records
        assert hears(record, AGENT_SAYS)
        assert hears(second, CALLER_SAYS)
        assert not hears(first, CALLER_SAYS)
        kinds = [row["kind"] for row in rows(box, "SELECT kind FROM segments ORDER BY segment")]
        assert kinds == ["ring", "talk", "ring", "talk"]
        balanced(box)


def test_consulting_then_hanging_up_joins_the_others(tmp_path: Path) -> None:
    stations = {
        "1001": "alert; wait 1; answer; wait 2; key *2; wait 1; key 1002#; wait 6; speak agent; wait 4; hangup",
        "1002": "alert; wait 1; answer; wait 40",
    }
    with make(tmp_path, 2, stations) as box:
        record = dial(box, "wait answer 5; wait 24; speak caller; wait 5; hangup", to="1001")
        finish(box, record)
        assert record.passed, record.failures
        _first, second = box.bank.records
        assert hears(second, AGENT_SAYS), "the consultation"
        assert hears(second, CALLER_SAYS), "and then the caller"
        assert not hears(record, AGENT_SAYS), "who waits hears music"
        assert [row["disposition"] for row in rows(box, "SELECT disposition FROM cdr")] == ["answered", "answered"]
        balanced(box)


def test_park_says_where_and_another_phone_takes_the_call(tmp_path: Path) -> None:
    stations = {"1001": "alert; wait 1; answer; wait 2; key *3; hear digit-1 15; wait remote 20", "1002": "answers 1"}
    with make(tmp_path, 2, stations) as box:
        record = dial(box, "wait answer 5; wait 20; speak caller; wait 6; hangup", to="1001")
        box.run_s(16)
        assert box.bank.dial("1002", "701", "wait answer 5; wait 25")
        finish(box, record)
        parker, taker = box.bank.records
        assert parker.passed, parker.failures
        assert hears(taker, CALLER_SAYS)
        balanced(box)


def test_a_feature_code_is_confirmed_in_words(tmp_path: Path) -> None:
    with make(tmp_path, 2, {"1001": "answers 1", "1002": "answers 1"}) as box:
        assert box.bank.dial("1001", "*78", "wait answer 5; hear do-not-disturb-on 10; wait remote 10")
        box.run_s(10)
        assert box.bank.dial("1002", "1001", "wait answer 5")
        box.run_s(8)
        code, call = box.bank.records
        assert code.passed, code.failures
        assert call.cause == 17
        assert rows(box, "SELECT extension, setting, value FROM settings") == [
            {"extension": "1001", "setting": "do_not_disturb", "value": "1"}
        ]
        balanced(box)
