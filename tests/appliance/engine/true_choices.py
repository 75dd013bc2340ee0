# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds of every choice of agents: made again it is the same, the books keep it whole, and it tells the truth."""

from collections.abc import Mapping
from typing import Final

from appliance.contract.records import AgentState, QueueChose
from appliance.engine.parts.choosing import again
from appliance.engine.parts.queues import WHY_NOT, first
from appliance.store import choices

IDLE_AND_PASSED: Final = {"no_phone", "skill", "reserve", "alone"}
"""Why an agent who is idle is no candidate."""


def check(record: QueueChose, states: Mapping[str, AgentState]) -> None:
    """Check a choice beside the states of agents that the books tell by then. A broken rule is an AssertionError."""
    choice = record.choice
    assert again(choice) == choice.chosen, f"the choice made again is another: {record}"
    assert choices.read(choices.written(choice)) == choice, f"the books would tell another choice: {record}"
    if choice.rivals:
        assert min(choice.rivals, key=first)[0] == record.call, f"another came first: {record}"
    named = [*choice.candidates, *choice.passed]
    assert len(named) == len({*named}), f"an agent considered twice: {record}"
    for agent in choice.candidates:
        assert states[agent] == "idle", f"a candidate who is {states[agent]}: {record}"
    for agent, why in choice.passed.items():
        state = states[agent]
        told = why in IDLE_AND_PASSED if state == "idle" else why == WHY_NOT[state]
        assert told, f"agent {agent} is {state}: {record}"
