# SPDX-License-Identifier: GPL-2.0-or-later
"""A box on the bench: the engine, a small configuration, an audit of all it writes, short ways to play the switch."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from appliance.bugs import Guard
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import AnyAnswer, AnyAsk, AnyQuestion, Ask, AskAnswered
from appliance.contract.books import OpenBooks
from appliance.contract.ticks import ticks
from appliance.engine.engine import Engine, Step, Wall, midday_monday
from appliance.ivr.flow import Flow
from tests.appliance.engine.audit import Audit

T = TypeVar("T")

CONFIG: Mapping[str, Any] = {
    "language": "en",
    "extension": [
        {"number": number, "line": f"sip:{number}@127.0.0.1:50{number[-2:]}", "name": name}
        for number, name in (("8001", "Ann"), ("8002", "Bob"), ("8003", "Cai"), ("8009", "Desk"))
    ],
    "agent": [{"number": f"10{n}", "name": f"agent {n}", "extension": f"800{n}", "start": "ready"} for n in (1, 2, 3)],
    "queue": [
        {"name": "sales", "agents": ["101", "102"], "max_length": 3, "max_wait_s": 120},
        {"name": "service", "agents": ["102", "103"], "wrap_up_s": 0, "announce_agent": False},
    ],
    "route": [
        {"called": "96900", "flow": "hotline"},
        {"called": "9690*", "flow": "hotline"},
        {"called": "77", "flow": "gone"},
    ],
}

HOTLINE = {
    "start": "welcome",
    "node": {
        "welcome": {"do": "play", "prompts": ["welcome"], "next": "menu"},
        "menu": {
            "do": "menu",
            "prompts": ["menu-hotline"],
            "keys": {"1": "sales", "2": "service", "3": "desk", "4": "outside"},
            "otherwise": "sales",
        },
        "sales": {"do": "queue", "queue": "sales", "otherwise": "nobody"},
        "service": {"do": "queue", "queue": "service", "otherwise": "nobody"},
        "desk": {"do": "dial", "extension": "8009", "ring_s": 20, "otherwise": "nobody"},
        "outside": {"do": "dial", "outside": "5551234", "otherwise": "nobody"},
        "nobody": {"do": "play", "prompts": ["nobody-available"], "next": "bye"},
        "bye": {"do": "hangup"},
    },
}


_KEYS: Mapping[str, str] = {"agents": "agent", "queues": "queue", "rules": "agents", "plans": "plan", "duties": "duty"}


def reloaded(engine: Engine, extensions: tuple[ExtensionConfig, ...], now: int, **more: Any) -> Step:
    """Put a configuration in force that differs in extensions, and more by name; None: as before."""
    changes = {_KEYS.get(name, name): value for name, value in more.items() if value is not None}
    return engine.reload(msgspec.structs.replace(engine._board.config, extension=extensions, **changes), now)


def config(**changes: Any) -> BoxConfig:
    """Return the configuration, with some keys of the top changed."""
    return msgspec.convert({**CONFIG, **changes}, BoxConfig)


def flow(document: Mapping[str, Any] = HOTLINE) -> Flow:
    """Return the flow of a document."""
    return msgspec.convert(document, Flow)


class Box:
    """An engine whose every step is audited. `commands` and `records` are those of the last step, `asks` all so far."""

    def __init__(
        self,
        settings: BoxConfig | None = None,
        flows: Mapping[str, Flow] | None = None,
        books: OpenBooks | None = None,
        guard: Guard | None = None,
        wall: Wall = midday_monday,
    ) -> None:
        books_now = books or OpenBooks()
        self.engine = Engine(settings or config(), flows or {"hotline": flow()}, books_now, wall, guard)
        self.audit = Audit()
        self.audit.by_hand |= {each.plan: each for each in books_now.plans if each.state != "by_plan"}
        self.now = 0
        self.commands: list[m.AnyCommand] = []
        self.records: list[r.AnyRecord] = []
        self.history: list[r.AnyRecord] = []
        self.asks: list[AnyAsk] = []
        self._next_leg = 2
        if books is None:
            self.tell(m.Attached("test", 64))

    def did(self, step: Step) -> Step:
        """Audit and keep the output of a step."""
        self.commands, self.records = step.commands, step.records
        self.history += step.records
        self.asks += step.asks
        self.audit.step(step.commands, step.records, step.asks)
        return step

    def tell(self, *events: m.AnyEvent) -> None:
        """Send events to the engine; commands and records of all of them are kept."""
        commands: list[m.AnyCommand] = []
        records: list[r.AnyRecord] = []
        for event in events:
            step = self.did(self.engine.handle(event, self.now))
            commands += step.commands
            records += step.records
        self.commands, self.records = commands, records

    def wait(self, seconds: float) -> None:
        """Advance time, timer by timer."""
        commands: list[m.AnyCommand] = []
        records: list[r.AnyRecord] = []
        end = self.now + ticks(seconds)
        while (due := self.engine.next_deadline()) is not None and due <= end:
            self.now = max(due, self.now)
            step = self.did(self.engine.advance(self.now))
            commands += step.commands
            records += step.records
        self.now = end
        self.commands, self.records = commands, records

    # --- the far ends -----------------------------------------------------------------------------------------------

    def call_in(self, called: str = "96900", caller: m.Party | None = None, **more: Any) -> int:
        """Begin a call from the trunk; return its leg."""
        leg = self._next_leg
        self._next_leg += 2
        self.tell(m.Incoming(leg, "pri:carrier", called, caller or m.Party("13800138000"), 1, leg // 2, **more))
        return leg

    def phone_dials(self, called: str, phone: str = "8009") -> int:
        """Begin a call from a phone; return its leg."""
        leg = self._next_leg
        self._next_leg += 2
        self.tell(m.Incoming(leg, "sip", called, m.Party(phone)))
        return leg

    def played(self, leg: int, missing: tuple[str, ...] = ()) -> None:
        """End the sounds that play to a leg."""
        play = next(leg_.playing for leg_ in self.engine._board.legs.values() if leg_.number == leg)
        assert play, f"nothing plays to leg {leg}"
        self.tell(m.Played(leg, play, missing))

    def key(self, leg: int, keys: str) -> None:
        """Press keys."""
        self.tell(*[m.Key(leg, key, 80) for key in keys])

    def answer(self, answer: AnyAnswer) -> None:
        """Answer an ask."""
        self.audit.answer(answer)
        self.did(self.engine.handle(answer, self.now))

    def last_ask(self) -> AnyQuestion:
        """Return the question of the last ask."""
        ask = self.asks[-1]
        assert isinstance(ask, Ask), ask
        return ask.what

    def found(self, result: str = "found", **values: str) -> None:
        """Answer the last ask."""
        ask = self.asks[-1]
        assert isinstance(ask, Ask), ask
        self.answer(AskAnswered(ask.ask, result, values))

    def to_queue(self, key: str = "1", **more: Any) -> int:
        """Call in and press the key of a queue; return the caller's leg."""
        leg = self.call_in(**more)
        self.played(leg)
        self.key(leg, key)
        return leg

    # --- the output -------------------------------------------------------------------------------------------------

    def asked(self, kind: type[T]) -> T:
        """Return the only command of a kind in the last step."""
        found = [command for command in self.commands if isinstance(command, kind)]
        assert len(found) == 1, f"{kind.__name__}: {self.commands}"
        return found[0]

    def mixed(self) -> list[m.Gain]:
        """Return the gains that the last step changed."""
        return [gain for command in self.commands if isinstance(command, m.Mix) for gain in command.changes]

    def wrote(self, kind: type[T]) -> T:
        """Return the only record of a kind in the last step."""
        found = [record for record in self.records if isinstance(record, kind)]
        assert len(found) == 1, f"{kind.__name__}: {self.records}"
        return found[0]

    def heard(self) -> dict[int, int]:
        """Return which leg hears whose voice."""
        mixed = [entry for call in self.engine._board.calls.values() for entry in call.mixed]
        return {listener: leg for listener, leg, played in mixed if not played}

    def all(self, kind: type[T]) -> list[T]:
        """Return all records of a kind so far."""
        return [record for record in self.history if isinstance(record, kind)]

    def agent(self, number: str) -> tuple[str, str, str]:
        """Return status, state and reason of an agent."""
        view = next(view for view in self.engine.agents() if view.agent == number)
        return view.status, view.state, view.reason
