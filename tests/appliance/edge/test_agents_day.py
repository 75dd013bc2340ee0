# SPDX-License-Identifier: GPL-2.0-or-later
"""A day of an agent with nothing but a desk phone (baresip), as docs/en/agent.md tells it, and what the books tell."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from appliance.api.messages import (
    Agents,
    AgentsReply,
    AgentTotals,
    AgentTotalsReply,
    Cdr,
    CdrReply,
    Keyed,
    KeyedReply,
    Ledger,
    LedgerReply,
)
from appliance.config.agents import AgentsConfig, WrapUpCodeConfig
from appliance.config.keyed import KeyedConfig
from appliance.config.model import RouteConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.contract.rows import CodeTotal
from appliance.phones import pins
from dsp.correlate import find
from dsp.levels import Float
from hw_sim.baresip import BaresipPhone
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.appliance.edge.house import House, count, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.scenarios import house

DESK, COLLEAGUE = "1001", "1002"
AGENT = "2001"
WORDS = house.prompts(
    "en",
    (
        *("agent-enter-number", "agent-enter-pin", "agent-signed-in", "agent-signed-out"),
        *("enter-number", "digit-4", "pause-meal", "agent-resumed", "agent-wrap-up-code", "agent-calls-today"),
    ),
)
CONFIG: dict[str, Any] = {
    "flows": {name: file.read_text() for name, file in house.HOTLINE.items()},
    "agent": (AgentConfig(number=AGENT, extension=COLLEAGUE),),
    "agents": AgentsConfig(wrap_up_codes=(WrapUpCodeConfig(key="1", name="sold"),)),
    "keyed": (KeyedConfig(name="pickup", code="*41", after_hang_up=False),),
    "queue": (QueueConfig(name="service", agents=(AGENT,), wrap_up_s=4.0, announce_agent=False),),
    "route": (RouteConfig(called="96900", flow="hotline"),),
}
HEADER: Final = 44
"""Bytes of a WAV file before its samples."""
LIKE: Final = 0.8
LOST: Final = 2400
"""Samples at the end of the last words that the phone's jitter buffer may still hold when the call ends."""


class Day:
    """The box, the agent's phone, and a colleague's."""

    def __init__(self, box: House, desk: BaresipPhone, colleague: BaresipPhone) -> None:
        self.box, self.desk, self.colleague = box, desk, colleague
        self.before: list[Path] = []

    def afresh(self) -> None:
        """Drop the reports of the agent's phone, and what it has heard."""
        self.desk.poll()
        self.desk.events.clear()
        self.before = self.desk.heard()

    def dials(self, code: str) -> None:
        """Dial from the agent's phone, and wait for the answer."""
        self.afresh()
        self.desk.command("dial", f"sip:{code}@{DOMAIN}")
        self.sees(self.desk, "CALL_ESTABLISHED")

    def hears(self, prompt: str) -> None:
        """Wait until the agent's phone has received a prompt, in whatever call: the next may come at once."""
        self.box.until(lambda: self._has_heard(prompt), 15, f"{prompt} is not heard", every_s=0.2)

    def _has_heard(self, prompt: str) -> bool:
        return any(_is_in(WORDS[prompt][:-LOST], file) for file in self.desk.heard() if file not in self.before)

    def over(self) -> None:
        """Wait until the box has ended the call of a code."""
        self.sees(self.desk, "CALL_CLOSED")
        self.box.until(self.box.quiet, 15, "a call is left", every_s=0.2)

    def sees(self, phone: BaresipPhone, event: str, times: int = 1) -> None:
        self.box.until(lambda: count(phone, event) >= times, 15, f"{phone.options.number} sees no {event}")

    def calls(self) -> CallRecord:
        """Let a customer call, and ask for the service."""
        self.afresh()
        return self.box.exchange.call(
            CallPlan("96900", read_script("wait answer 10; wait 4; key 1; wait remote 60"), "13800138000")
        )

    def state(self) -> str:
        (agent,) = self.box.client.ask(Agents(), AgentsReply).agents
        return agent.state

    def becomes(self, state: str) -> None:
        self.box.until(lambda: self.state() == state, 15, f"the agent is not {state}", every_s=0.2)


def _is_in(word: Float, file: Path) -> bool:
    data = file.read_bytes()[HEADER:]
    samples = np.asarray(np.frombuffer(data[: len(data) & ~1], np.int16) / 32768, np.float32)
    return samples.size >= word.size and find(word, samples).score > LIKE


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(House(stack.enter_context(short_folder()), (DESK, COLLEAGUE), **CONFIG))
        desk, colleague = (
            stack.enter_context(box.phone(tmp_path, number, hz)) for number, hz in ((DESK, 700.0), (COLLEAGUE, 900.0))
        )
        box.start()
        for phone in (desk, colleague):
            box.wait_registered(phone)
        yield Day(box, desk, colleague)


def test_a_day_of_an_agent_with_nothing_but_a_desk_phone(day: Day) -> None:
    pin = pins.renew(day.box.paths.state / pins.FILE, AGENT, round(time.time() * 1000))

    day.dials("*60")
    day.hears("agent-enter-number")
    day.desk.press(f"{AGENT}#")
    day.hears("agent-enter-pin")
    day.desk.press(f"{pin}#")
    day.hears("agent-signed-in")
    day.over()

    first = day.calls()
    day.sees(day.desk, "CALL_ESTABLISHED")
    day.box.run_s(1)
    day.desk.press("*41")
    day.hears("enter-number")
    day.desk.press("4711#")
    day.hears("digit-4")
    day.desk.press("#")
    day.over()
    day.becomes("wrap_up")
    day.dials("*651")
    day.hears("agent-wrap-up-code")
    day.over()
    day.becomes("idle")

    day.dials("*622")
    day.hears("pause-meal")
    day.over()
    second = day.calls()
    day.box.until(lambda: second.answered is not None, 15, "the caller is not answered")
    day.box.run_s(6)
    assert (day.state(), count(day.desk, "CALL_INCOMING")) == ("paused", 0)
    day.dials("*63")
    day.hears("agent-resumed")
    day.sees(day.desk, "CALL_ESTABLISHED", 2)
    day.box.run_s(1)
    day.desk.command("hangup")
    day.becomes("idle")

    third = day.calls()
    day.sees(day.desk, "CALL_ESTABLISHED")
    day.box.run_s(1)
    day.desk.press(f"##{COLLEAGUE}#")
    day.sees(day.colleague, "CALL_ESTABLISHED")
    day.sees(day.desk, "CALL_CLOSED")
    day.box.run_s(1)
    day.colleague.command("hangup")
    day.box.until(lambda: third.ended is not None, 15, "the caller is not let go")
    day.becomes("idle")

    day.dials("*67")
    day.hears("agent-calls-today")
    day.over()
    day.dials("*61")
    day.hears("agent-signed-out")
    day.over()

    for caller in (first, second, third):
        assert caller.passed, caller.failures
    the_books_tell_the_same(day)


def the_books_tell_the_same(day: Day) -> None:
    calls = day.box.client.ask(Cdr(number="13800138000"), CdrReply).calls
    told = [(row.agent, row.talked_with, row.wrap_up_code, row.served) for row in reversed(calls)]
    assert told == [(AGENT, AGENT, "sold", True), (AGENT, AGENT, "", True), (AGENT, f"{AGENT} {COLLEAGUE}", "", True)]
    (keyed,) = day.box.client.ask(Keyed(field="pickup"), KeyedReply).keyed
    assert (keyed.value, keyed.whole, keyed.agent, keyed.call) == ("4711", True, AGENT, calls[-1].call)
    (total,) = day.box.client.ask(AgentTotals(agent=AGENT), AgentTotalsReply).agents
    assert total.codes == (CodeTotal(name="sold", calls=1),)
    (pause,) = total.pauses
    assert (pause.reason, pause.pauses) == ("meal", 1)
    assert 5 < pause.paused_s < total.signed_in_s
    parts = (total.ready_s, total.ringing_s, total.talking_s, total.wrap_up_s, total.paused_s)
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(total.signed_in_s)
    (agent,) = day.box.client.ask(Agents(), AgentsReply).agents
    assert (agent.status, agent.extension, agent.offered, agent.answered) == ("signed_out", COLLEAGUE, 3, 3)
    assert day.box.client.ask(Ledger(files=False), LedgerReply).balanced
