# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks of the engine, run beside it: a handler for each kind, with a limit of how many run at once.

The engine alone watches the time (`Withdraw`). A handler that raises has failed, and a trouble has the reason; calls go
on. To add a kind: its message in `contract.asks`, and a handler in `handlers`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

from appliance import bugs
from appliance.contract.asks import (
    AnyAnswer,
    AnyAsk,
    Ask,
    AskAnswered,
    AskFailed,
    CheckLock,
    CheckPin,
    Figures,
    FindRecording,
    KeepLock,
    KeepPin,
    LastAgent,
    Lookup,
    Withdraw,
)
from appliance.contract.errors import ApplianceError
from appliance.contract.records import TroubleNoted
from appliance.i18n import N_
from appliance.ivr.tables import Tables
from appliance.phones import pins

KIND: Final = "ask"
"""Kind of the troubles about asks."""
QUIET_S: Final = 600.0
"""Time from one trouble to the next with the same text: each call may bring it."""
MAX_KNOWN: Final = 64
LOOKUPS_AT_ONCE: Final = 4
PINS_AT_ONCE: Final = 1
FIGURES_AT_ONCE: Final = 2
RECORDINGS_AT_ONCE: Final = 2


class Answer(NamedTuple):
    """The answer of a handler. `trouble`: a trouble to be noted beside it."""

    result: str
    values: Mapping[str, str] = {}
    trouble: ApplianceError | None = None


class Handler(NamedTuple):
    """The function for a kind of ask, and how many run at once; the others wait. It may raise anything."""

    do: Callable[[Any], Awaitable[Answer]]
    at_once: int


class Asks:
    """The asks that are running.

    Args:
        handlers: for each kind of question.
        answer: takes each answer.
        note: takes troubles.
        guard: takes exceptions of bugs.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        handlers: Mapping[type[Any], Handler],
        answer: Callable[[AnyAnswer], None],
        note: Callable[[TroubleNoted], None],
        guard: bugs.Guard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handlers = {kind: (handler.do, asyncio.Semaphore(handler.at_once)) for kind, handler in handlers.items()}
        self._answer, self._note, self._guard, self._clock = answer, note, guard, clock
        self._running: dict[int, tuple[Ask, asyncio.Task[None]]] = {}
        self._noted: dict[str, float] = {}

    def take(self, asks: Sequence[AnyAsk]) -> None:
        """Start asks and stop those that are withdrawn; in the loop's thread."""
        for each in asks:
            if isinstance(each, Withdraw):
                self._withdraw(each)
            else:
                self._running[each.ask] = (each, asyncio.create_task(self._run(each)))

    async def settled(self) -> None:
        """Wait until no ask is running."""
        while self._running:
            await asyncio.wait([task for _ask, task in self._running.values()])

    def _withdraw(self, withdrawn: Withdraw) -> None:
        ask, task = self._running.pop(withdrawn.ask, (None, None))
        if ask is None or task is None:
            return
        task.cancel()
        if withdrawn.late:
            text = N_("{place}: no answer within {seconds} s")
            self._tell(TroubleNoted(KIND, text, values={"place": ask.place, "seconds": f"{ask.within_s:g}"}))

    async def _run(self, ask: Ask) -> None:
        answer = await self._done(ask)
        if self._running.pop(ask.ask, None) is not None:  # else it was withdrawn meanwhile
            self._answer(answer)

    async def _done(self, ask: Ask) -> AnyAnswer:
        do, gate = self._handlers[type(ask.what)]
        try:
            async with gate:
                result, values, trouble = await do(ask.what)
        except ApplianceError as error:
            self._tell(_as_trouble(error))
        except Exception as error:  # noqa: BLE001 - a bug in a handler costs its caller the answer, no more
            self._guard(error)
            self._tell(TroubleNoted(bugs.KIND, N_("no call was ended: {bug}"), values={"bug": bugs.describe(error)}))
        else:
            if trouble is not None:
                self._tell(_as_trouble(trouble))
            return AskAnswered(ask.ask, result, dict(values))
        return AskFailed(ask.ask)

    def _tell(self, trouble: TroubleNoted) -> None:
        """Note a trouble, unless it was noted lately."""
        said, now = f"{trouble.text} {trouble.values}", self._clock()
        if now < self._noted.get(said, 0.0):
            return
        if len(self._noted) >= MAX_KNOWN:
            self._noted.clear()
        self._noted[said] = now + QUIET_S
        self._note(trouble)


def _as_trouble(error: ApplianceError) -> TroubleNoted:
    return TroubleNoted(KIND, error.msgid or error.message, values=error.values)


def handlers(
    tables: Tables,
    pins_file: Path,
    figures: Callable[[str], Mapping[str, str]],
    sound_of: Callable[[str], str] = lambda _recording: "",
    last_agent: Callable[[str, int], str] = lambda _caller, _days: "",
    *,
    wall: Callable[[], int],
    more: Mapping[type[Any], Handler] | None = None,
) -> dict[type[Any], Handler]:
    """Return the handlers; `figures` reads those of an agent from the books, `sound_of` the sound of a recording or ''.

    `last_agent` reads who talked with a caller last, within so many days, or ''.

    `wall` tells the time, Unix milliseconds. `more`: handlers of kinds that others answer.

    Files are read in threads of their own, so that a disk that hangs delays lookups only.
    """
    threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, "lookup")

    async def lookup(what: Lookup) -> Answer:
        look = asyncio.get_running_loop().run_in_executor
        values, trouble = await look(threads, tables.find, what.table, what.column, what.key, what.columns)
        return Answer("found" if values is not None else "missing", values or {}, trouble)

    async def tell_figures(what: Figures) -> Answer:
        return Answer("found", await asyncio.to_thread(figures, what.agent))

    async def find_recording(what: FindRecording) -> Answer:
        sound = await asyncio.to_thread(sound_of, what.recording)
        return Answer("found", {"sound": sound}) if sound else Answer("missing")

    async def find_agent(what: LastAgent) -> Answer:
        agent = await asyncio.to_thread(last_agent, what.caller, what.days)
        return Answer("found", {"agent": agent}) if agent else Answer("missing")

    return {
        LastAgent: Handler(find_agent, LOOKUPS_AT_ONCE),
        Lookup: Handler(lookup, LOOKUPS_AT_ONCE),
        Figures: Handler(tell_figures, FIGURES_AT_ONCE),
        FindRecording: Handler(find_recording, RECORDINGS_AT_ONCE),
        **_secrets(pins_file, wall),
        **(more or {}),
    }


def _secrets(file: Path, wall: Callable[[], int]) -> dict[type[Any], Handler]:
    """Return the handlers of PINs and lock codes; a thread of their own makes their sums."""
    keeper = ThreadPoolExecutor(PINS_AT_ONCE, "pins")

    def done(what: CheckPin | KeepPin | CheckLock | KeepLock) -> str:
        match what:
            case CheckPin():
                return pins.check(file, what.agent, what.pin)
            case CheckLock():
                return pins.check_lock(file, what.agent, what.code)
            case KeepPin():
                pins.keep(file, what.agent, what.pin, wall())
            case KeepLock():
                for agent in what.agents:
                    pins.keep_lock(file, agent, what.code, wall())
        return "kept"

    async def handle(what: CheckPin | KeepPin | CheckLock | KeepLock) -> Answer:
        return Answer(await asyncio.get_running_loop().run_in_executor(keeper, done, what))

    return dict.fromkeys((CheckPin, KeepPin, CheckLock, KeepLock), Handler(handle, PINS_AT_ONCE))
