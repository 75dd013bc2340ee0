# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls whose names and numbers are any text, through call control into the books, and out of them to programs.

MXBOX_FUZZ_MESSAGES is the number of texts (`make fuzz`: 200,000)."""

import os
import random
from pathlib import Path

import msgspec

from appliance.api.messages import CdrReply
from appliance.contract import switch as m
from appliance.server.server import CallServer
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from tests.appliance.engine.box import config
from tests.appliance.server.switchboard import Switchboard
from tests.appliance.server.test_callserver import open_server
from tests.bench.callsource import Habits
from tests.sip.varied_words import NAMES, NUMBERS

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "2000"))
SEED = int(os.environ.get("MXBOX_FUZZ_SEED", "10"))
TAKEN = 0.6
HABITS = Habits(
    calls_per_s=0.5, called=("96900", "96900", "8001"), keys="1125", talk_s=10, patience_s=60, glare=0.1, overlap=0.1,
)  # fmt: skip


def text(chance: random.Random) -> str:
    """Return a text as a driver may have read it: any characters, none of them half a pair."""
    match chance.randrange(4):
        case 0:
            return chance.choice(NAMES).decode(chance.choice(("utf-8", "gb18030", "latin-1")), "replace")
        case 1:
            return chance.choice(NUMBERS)
        case 2:
            return "".join(
                chr(chance.choice((chance.randrange(0x20, 0x500), chance.randrange(0xE000, 0x110000))))
                for _ in range(chance.randrange(60))
            )
        case _:
            return "".join(chance.choices("0123456789+*#", k=chance.randrange(1, 33)))


class Texts:
    """A switchboard's events with other texts in them."""

    def __init__(self, board: Switchboard, chance: random.Random) -> None:
        self._take, self._chance, self.given = board.source.take, chance, 0
        self.callers: dict[int, m.Party] = {}
        board.source.take = self.take  # type: ignore[method-assign]

    def take(self) -> m.AnyEvent | None:
        event = self._take()
        if isinstance(event, m.Incoming) and event.line.startswith("pri"):
            self.given += 2
            caller = msgspec.structs.replace(event.caller, number=text(self._chance), name=text(self._chance))
            called = text(self._chance) if self._chance.random() < 0.1 else event.called
            return msgspec.structs.replace(event, caller=caller, called=called)
        if isinstance(event, m.Digits) and self._chance.random() < 0.05:
            self.given += 1
            return msgspec.structs.replace(event, digits=text(self._chance))
        if isinstance(event, m.Answered) and self._chance.random() < 0.05:
            self.given += 1
            return m.Redirected(event.leg, text(self._chance), (text(self._chance), text(self._chance)))
        return event


def read(server: CallServer) -> bytes:
    """Return the control API's replies about calls: those in the books, and those that are up."""
    reads = Reads(server.store.reader())
    reply = CdrReply(reads.cdr(0, 0, "", 0, 200))
    live = reads.live(server.engine.calls(), server.now)
    return msgspec.json.encode((reply, live))


def test_any_text_goes_through_a_call_into_the_books_and_out(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    server, board = open_server(tmp_path / "store.db"), Switchboard(config(), HABITS, seed=SEED)
    texts = Texts(board, chance)
    board.attach(server)
    while texts.given < MESSAGES:
        board.turn(server)
        if chance.random() < 0.002:
            assert msgspec.json.decode(read(server))
    board.drain(server)
    count = server.store.reader().execute
    calls, answered = count("SELECT count(*), count(answered) FROM calls").fetchone()
    print(f"seed {SEED}, {texts.given} texts in {calls} calls, {answered} answered")
    assert answered > TAKEN * calls
    known = {caller for (caller,) in count("SELECT DISTINCT caller FROM calls")}
    assert len(known) > calls / 4
    result = Ledger(server.store.reader(), idle=True).check()
    assert result.balanced, result.findings
