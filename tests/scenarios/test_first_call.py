# SPDX-License-Identifier: GPL-2.0-or-later
"""The first call in lockstep, heard by its callers: greeting, menu, queue, agents, talk, books."""

from pathlib import Path
from typing import Any

import pytest

from appliance.config.model import BoxConfig, SpanConfig
from appliance.store.ledger import Ledger
from dsp.correlate import find
from dsp.g711 import alaw_decode
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.hearing import Ear
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox

FLOW_PROMPTS = (
    "welcome", "menu-hotline", "press-again", "invalid-choice", "queue-position", "queue-position-end", "agent-number",
    "at-your-service", "nobody-available",
)  # fmt: skip
PLAIN = SpanConfig(address="sim:")
OVERLAP = SpanConfig(address="sim:", overlap=True)
CALLER_SAYS, AGENT_SAYS = house.speech(3, 1), house.speech(3, 2)


def make(
    tmp_path: Path, config: BoxConfig, stations: dict[str, str], language: str = "en", line: SpanConfig = PLAIN
) -> LockBox:
    library = house.library(language, FLOW_PROMPTS, caller=CALLER_SAYS, agent=AGENT_SAYS)
    return LockBox(tmp_path, config, house.HOTLINE, stations, library=library, line=line).start()


def dial(box: LockBox, script: str, *, to: str = "96900") -> CallRecord:
    return box.exchange.call(CallPlan(to, read_script(script), "13800138000"))


def finish(box: LockBox, *records: CallRecord, within_s: float = 200.0) -> None:
    box.until(lambda: all(record.ended is not None for record in records), within_s)
    box.run_s(5)


def rows(box: LockBox, sql: str) -> list[dict[str, Any]]:
    cursor = box.store.reader().execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def heard(box: LockBox, record: CallRecord) -> list[str]:
    """Prompts and tones in the order in which they were heard, each once a run."""
    ear = Ear("cn", box.exchange.rows.library.references)
    names = [h.what for h in ear.hear(record.heard) if h.kind in ("prompt", "tone")]
    return [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]


def balanced(box: LockBox) -> None:
    result = Ledger(box.store.reader(), box.folder / "recordings", tolerance_s=0.05, idle=True).check()
    assert result.balanced, result.findings


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_the_exchange_through_menu_and_queue_to_a_phone(tmp_path: Path, language: str) -> None:
    stations = {"1001": "alert; wait 3; answer; wait 10; speak agent; wait 60"}
    with make(tmp_path, house.call_centre(1, language=language), stations, language) as box:
        record = dial(box, "wait answer 5; wait 6; key 1; hear agent-number 30; wait 7; speak caller; wait 6; hangup")
        finish(box, record)
        assert record.passed, record.failures
        assert heard(box, record)[:3] == ["welcome", "menu-hotline", "queue-position"]
        assert {"agent-number", "agent"} <= set(heard(box, record))
        (station,) = box.bank.records
        assert find(CALLER_SAYS, alaw_decode(station.heard)).score > 0.95
        assert find(AGENT_SAYS, alaw_decode(record.heard)).score > 0.95
        (cdr,) = rows(box, "SELECT * FROM cdr")
        assert (cdr["caller"], cdr["called"], cdr["agent"], cdr["queue"]) == ("13800138000", "96900", "2001", "service")
        assert cdr["disposition"] == "answered"
        said, played = read_wav(tmp_path / "recordings" / cdr["recording"])
        assert find(CALLER_SAYS, said).score > 0.95
        assert find(AGENT_SAYS, played).score > 0.95
        assert record.ended is not None
        assert cdr["duration_s"] == pytest.approx((record.ended - record.started) / 50, abs=0.1)
        assert len(said) / 8000 == pytest.approx(cdr["billed_s"], abs=0.05)
        assert [k["key"] for k in rows(box, "SELECT key FROM keys")] == ["1"]
        assert {view.agent: view.state for view in box.engine.agents()} == {"2001": "idle"}
        balanced(box)


def test_a_silent_caller_is_asked_three_times_and_goes_where_the_flow_says(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1), {"1001": "answers 1"}) as box:
        record = dial(box, "wait answer 5; hear agent-number 90; hangup")
        finish(box, record)
        assert record.passed, record.failures
        order = heard(box, record)
        assert order.count("menu-hotline") == 3
        assert order.count("press-again") == 2
        balanced(box)


def test_nonsense_is_apologised_for_and_asked_again(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1), {"1001": "answers 1"}) as box:
        record = dial(
            box, "wait answer 5; wait 3; key 7; hear invalid-choice; wait 3; key 1; hear agent-number; hangup"
        )
        finish(box, record)
        assert record.passed, record.failures
        keys = rows(box, "SELECT key, accepted FROM keys")
        assert [(k["key"], bool(k["accepted"])) for k in keys] == [("7", False), ("1", True)]
        balanced(box)


def test_who_does_not_answer_is_paused_and_the_next_is_rung_longest_idle_first(tmp_path: Path) -> None:
    stations = {"1001": "silent", "1002": "silent", "1003": "alert; wait 2; answer; wait 60"}
    with make(tmp_path, house.call_centre(3, ring_s=5), stations) as box:
        record = dial(box, "wait answer 5; wait 3; key 1; hear agent-number 60; wait 5; hangup")
        finish(box, record)
        assert record.passed, record.failures
        offers = [(r["agent"], r["result"]) for r in rows(box, "SELECT agent, result FROM offers ORDER BY offer")]
        assert offers == [("2001", "no_answer"), ("2002", "no_answer"), ("2003", "answered")]
        states = {view.agent: view.state for view in box.engine.agents()}
        assert states == {"2001": "paused", "2002": "paused", "2003": "idle"}
        balanced(box)


def test_the_agent_who_hangs_up_ends_the_call_and_the_wrap_up_ends_by_itself(tmp_path: Path) -> None:
    stations = {"1001": "alert; wait 1; answer; wait 12; hangup"}
    with make(tmp_path, house.call_centre(1, wrap_up_s=4), stations) as box:
        record = dial(box, "wait answer 5; wait 3; key 1; wait remote 60")
        box.until(lambda: record.ended is not None)
        box.run_s(1)
        assert box.engine.agents()[0].state == "wrap_up"
        box.run_s(4)
        assert box.engine.agents()[0].state == "idle"
        assert record.ended_by == "far end"
        balanced(box)


def test_nobody_signed_in_the_caller_hears_it_and_is_let_go(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1, start="signed_out"), {"1001": "answers 1"}) as box:
        record = dial(box, "wait answer 5; wait 3; key 1; hear nobody-available; wait remote 30")
        finish(box, record)
        assert record.passed, record.failures
        (entry,) = rows(box, "SELECT * FROM queue_log")
        assert entry["reason"] == "no_agents"
        balanced(box)


def test_an_unknown_number_is_refused_with_its_cause(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1), {"1001": "answers 1"}) as box:
        record = dial(box, "wait answer 5", to="5550000")
        finish(box, record)
        assert (record.cause, record.answered) == (1, None)
        balanced(box)


def test_overlap_dialling_reaches_the_hotline(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1), {"1001": "answers 1"}, line=OVERLAP) as box:
        record = box.exchange.call(
            CallPlan("96900", read_script("wait answer 10; hear welcome; hangup"), "138", overlap=2)
        )
        finish(box, record)
        assert record.passed, record.failures
        assert rows(box, "SELECT called FROM cdr") == [{"called": "96900"}]
        balanced(box)


def test_phone_to_phone_and_phone_to_outside(tmp_path: Path) -> None:
    stations = {"1001": "answers 1", "1002": "alert; wait 2; answer; speak agent; wait 60"}
    with make(tmp_path, house.call_centre(2, start="signed_out"), stations) as box:
        box.exchange.subscribe("10086", read_script("alert; wait 2; answer; speak agent; wait remote 60"))
        assert box.bank.dial("1001", "1002", "hear ringback 5; wait answer; hear agent; speak caller; wait 4; hangup")
        box.run_s(20)
        assert box.bank.dial("1001", "010086", "wait answer; hear agent; speak caller; wait 4; hangup")
        box.run_s(20)
        assert box.bank.dial("1001", "1999", "wait answer 5")
        box.run_s(8)
        inside, callee, outside, nowhere = box.bank.records
        assert inside.passed, inside.failures
        assert outside.passed, outside.failures
        assert find(CALLER_SAYS, alaw_decode(callee.heard)).score > 0.95
        (far,) = box.exchange.records
        assert find(CALLER_SAYS, alaw_decode(far.heard)).score > 0.95
        assert far.called == "10086"
        assert nowhere.cause == 1
        cdrs = rows(box, "SELECT direction, disposition FROM cdr ORDER BY call")
        assert [(c["direction"], c["disposition"]) for c in cdrs][:2] == [("internal", "answered"), ("out", "answered")]
        balanced(box)


def test_causes_from_outside_reach_the_phone(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1, start="signed_out"), {"1001": "answers 1"}) as box:
        box.exchange.subscribe("10001", read_script("busy"))
        box.exchange.subscribe("10002", read_script("reject 21"))
        for number, cause in (("10001", 17), ("10002", 21), ("10003", 1)):
            box.bank.dial("1001", "0" + number, "wait answer 10")
            box.run_s(12)
            assert box.bank.records[-1].cause == cause
        balanced(box)


def test_a_call_that_never_gets_beyond_proceeding_ends_with_t310(tmp_path: Path) -> None:
    """Q.931 table 9-2: after 60 s, with 102 at both ends; PROGRESS stops the timer, and the ring time ends the call."""
    with make(tmp_path, house.call_centre(1, start="signed_out"), {"1001": "answers 1"}) as box:
        box.exchange.subscribe("10001", read_script("proceed; wait remote 300"))
        box.exchange.subscribe("10002", read_script("proceed; progress; wait remote 300"))
        for number, seconds, cause in (("10001", 60.0, 102), ("10002", 180.0, 19)):
            begun = box.ticks
            box.bank.dial("1001", "0" + number, "wait answer 300")
            box.until(lambda: box.bank.records[-1].ended is not None, 300)
            assert (box.ticks - begun) / 50 == pytest.approx(seconds, abs=1.0)
            box.run_s(1)
            assert (box.bank.records[-1].cause, box.exchange.records[-1].cause) == (cause, cause)
        assert [row["cause"] for row in rows(box, "SELECT cause FROM cdr ORDER BY call")] == [102, 19]
        balanced(box)


def test_a_restricted_number_is_kept_and_not_shown(tmp_path: Path) -> None:
    with make(tmp_path, house.call_centre(1), {"1001": "answers 1"}) as box:
        plan = CallPlan(
            "96900", read_script("wait answer; wait 3; key 1; hear agent-number; hangup"), "13800138000",
            presentation="restricted",
        )  # fmt: skip
        record = box.exchange.call(plan)
        finish(box, record)
        assert rows(box, "SELECT caller FROM cdr") == [{"caller": "13800138000"}]
        assert box.bank.records[0].caller == ""
        balanced(box)
