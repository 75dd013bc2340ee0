# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent hands a caller of a queue on by phone codes: to a phone, outside, a flow, a queue, a conference of three.

In lockstep, at stations: keys on the line, voices heard, books real. A caller whom an agent rejects goes to the next.
"""

from pathlib import Path
from typing import Final

import msgspec
import pytest

from appliance.config.model import RouteConfig
from appliance.config.queues import AgentConfig, QueueConfig
from hw_sim.calls import CallRecord
from hw_sim.script import read_script
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, dial, finish, rows
from tests.scenarios.test_phone_features import hears

CALLER: Final = "wait answer 5; wait 6; key 1; hear agent-number 30; wait 32; speak caller; wait 6; hangup"
OTHER_SAYS: Final = house.speech(3, 9)
TALKS: Final = "alert; wait 1; answer; wait remote 120"
SECOND: Final = """
flow_version = 1
start = "wait"
[node.wait]
do = "queue"
queue = "second"
otherwise = "end"
[node.end]
do = "hangup"
"""


def make(tmp_path: Path, stations: dict[str, str], start: str = "ready") -> LockBox:
    """Return a box with agent 2001 in the first queue, 2002 in both, and a phone without an agent."""
    flow = tmp_path / "second.toml"
    flow.write_text(SECOND)
    config = house.call_centre(3)
    queue = msgspec.structs.replace(config.queue[0], agents=(house.agent(1), house.agent(2)), announce_agent=True)
    config = msgspec.structs.replace(
        config,
        agent=tuple(
            AgentConfig(number=house.agent(n), extension=house.extension(n), start=given)  # type: ignore[arg-type]
            for n, given in ((1, "ready"), (2, start))
        ),
        queue=(queue, QueueConfig(name="second", agents=(house.agent(2),))),
        route=(*config.route, RouteConfig(called="96901", flow="second")),
    )
    library = house.library("en", ("agent-number", "welcome"), caller=CALLER_SAYS, agent=AGENT_SAYS, other=OTHER_SAYS)
    box = LockBox(tmp_path, config, {**house.HOTLINE, "second": flow}, stations, library=library, line=PLAIN).start()
    box.exchange.subscribe("138*", read_script("answers 1"))
    return box


def pressing(keys: str) -> str:
    """Return the script of an agent who answers, talks for a while, and presses a code and a number."""
    return f"alert; wait 1; answer; wait 8; {keys}; wait remote 60"


def heard_by(box: LockBox, number: str) -> CallRecord:
    return [record for record in box.bank.records if record.called == number][-1]


@pytest.mark.parametrize(
    ("number", "rings"), [("1003", "1003"), ("013800000000", ""), ("96901", "1002")], ids=["phone", "outside", "queue"]
)
def test_a_caller_is_sent_on_by_code_and_the_agent_is_free(tmp_path: Path, number: str, rings: str) -> None:
    stations = {"1001": pressing(f"key ##; wait 1; key {number}#"), "1002": TALKS, "1003": TALKS}
    with make(tmp_path, stations) as box:
        record = dial(box, CALLER)
        finish(box, record)
        assert record.passed, record.failures
        first = heard_by(box, "1001")
        assert first.ended is not None
        assert record.ended is not None
        assert first.ended < record.ended - 1000, "the agent is free long before the caller has hung up"
        assert not hears(first, CALLER_SAYS)
        far = heard_by(box, rings) if rings else next(each for each in box.exchange.records if each is not record)
        assert hears(far, CALLER_SAYS)
        [row] = rows(box, "SELECT agent, talked_with FROM cdr ORDER BY call LIMIT 1")
        assert str(row["talked_with"]).split()[0] == "2001"
        offers = [(each["queue"], each["agent"]) for each in rows(box, "SELECT queue, agent FROM offers")]
        assert offers == [("service", "2001"), *([("second", "2002")] if rings == "1002" else [])]
        balanced(box)


def test_a_caller_is_sent_into_a_flow_and_chooses_there(tmp_path: Path) -> None:
    stations = {"1001": pressing("key ##; wait 1; key 96900#"), "1002": TALKS, "1003": TALKS}
    script = CALLER.replace("wait 32", "wait 4; hear welcome 30; wait 6; key 1; hear agent-number 40; wait 6")
    with make(tmp_path, stations) as box:
        record = dial(box, script)
        finish(box, record)
        assert record.passed, record.failures
        assert {each["flow"] for each in rows(box, "SELECT flow FROM cdr")} == {"hotline"}
        kinds = [each["kind"] for each in rows(box, "SELECT kind FROM segments ORDER BY segment")]
        assert kinds.count("flow") >= 2
        balanced(box)


def test_three_talk_when_the_agent_adds_a_colleague_to_the_talk(tmp_path: Path) -> None:
    keys = "key *2; wait 1; key 1003#; wait 6; key *5; wait 1; speak agent; wait 20; hangup"
    stations = {
        "1001": pressing(keys),
        "1002": TALKS,
        "1003": "alert; wait 1; answer; wait 14; speak other; wait remote 60",
    }
    with make(tmp_path, stations, "paused") as box:
        record = dial(box, CALLER)
        finish(box, record)
        finish(box, *box.bank.records)
        assert record.passed, record.failures
        agent, colleague = heard_by(box, "1001"), heard_by(box, "1003")
        assert hears(record, AGENT_SAYS)
        assert hears(record, OTHER_SAYS)
        assert hears(agent, OTHER_SAYS)
        assert hears(agent, CALLER_SAYS)
        assert hears(colleague, AGENT_SAYS)
        assert hears(colleague, CALLER_SAYS)
        assert [each["what"] for each in rows(box, "SELECT what FROM room_changes")].count("joined") == 3
        balanced(box)


def test_a_caller_whom_an_agent_rejects_rings_at_the_next_agent(tmp_path: Path) -> None:
    stations = {"1001": "alert; wait 2; reject 21", "1002": TALKS, "1003": TALKS}
    with make(tmp_path, stations) as box:
        record = dial(box, CALLER)
        finish(box, record)
        assert record.passed, record.failures
        found = rows(box, "SELECT agent, result FROM offers ORDER BY offer")
        assert [(each["agent"], each["result"]) for each in found] == [("2001", "rejected"), ("2002", "answered")]
        assert hears(heard_by(box, "1002"), CALLER_SAYS)
        states = [each["state"] for each in rows(box, "SELECT state FROM agent_log WHERE agent = '2001'")]
        assert "unreachable" in states, "a while passes before the next offer"
        assert "paused" not in states, "and a refusal is no miss"
        balanced(box)
