# SPDX-License-Identifier: GPL-2.0-or-later
"""A call in a queue: music and position; agents are rung for it meanwhile, until one answers."""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.records import KeyPressed, LeaveReason, QueueEntered, QueueLeft
from appliance.contract.switch import Cause
from appliance.contract.ticks import ticks
from appliance.engine.parts import callback_asking, called_back, ending, lines, offering, waiting_words
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said, Stretch
from appliance.engine.parts.callback_asking import Asking
from appliance.engine.parts.entries import VIP_FIRST, Entry
from appliance.engine.parts.goals import Legs, Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.offers import OfferInput
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER, asked, nothing, on_the_way, replace
from appliance.engine.parts.starts import StartDialogue, StartFlow, StartRing, StartTalk, StartWait
from appliance.engine.parts.timers import Timer
from appliance.engine.parts.turns import Onward
from appliance.i18n import N_
from appliance.ivr import say

STRICT: Final = 1 << 40
"""The same of a priority in a queue in which others never rise above it: more ticks than a box lives."""


class WaitState(IntEnum):
    """States of the activity."""

    WAITING = 0
    OFFERING = 1
    AWAY = 2  # in a flow, or asked where to call back; another activity has the call


WAITING, OFFERING, AWAY = WaitState


class Wait(Activity):
    """A caller in a queue."""

    VIEWS: ClassVar = {WAITING: "waiting", OFFERING: "offering", AWAY: "waiting"}
    __slots__ = (
        "_back",
        "_caller",
        "_entry",
        "_keys",
        "_language",
        "_node",
        "_queue",
        "_reach",
        "_step",
        "_texts",
        "_too_long",
    )

    def __init__(self, board: Board, call: Call, start: StartWait) -> None:
        super().__init__(board, call, WAITING, start.caller)
        self._caller, self._queue, self._back, self._node = start.caller, start.queue, start.back, start.node
        self._language, self._keys = start.language, start.keys
        order = board.now - (VIP_FIRST if board.lists.vip(call.caller.number) else 0)
        if start.priority:
            order -= start.priority * (ticks(self._queue.config.promote_every_s) or STRICT)
        self._entry = Entry(call.number, order, board.now, start.needs, start.agent, start.agent_s)
        self._entry.at = self
        self._reach: Reach | None = None
        self._too_long: Timer | None = None
        self._step: Timer | None = None
        self._texts = 0  # announcements so far

    def enter(self) -> None:
        """Enter the queue and begin to wait."""
        board, call, entry = self.board, self.call, self._entry
        config = self._queue.config
        again: tuple[str, ...] = ()
        if self._queue.callbacks:
            again = called_back.called_again(call, self._caller, self._queue, entry)
        self._queue.admit(entry)
        call.disposition = "abandoned"
        position = self._queue.position(entry)
        board.records.append(QueueEntered(call.number, config.name, position, entry.predicted))
        if config.max_wait_s:
            self._too_long = self.after(config.max_wait_s, In.WAIT_OVER)
        if not self._queue.steps.alike:
            self._relax(None)
        self._say_position((*again, "all-agents-busy") if entry.waits else again)
        board.unsettled[config.name] = self._queue

    def leave(self, ending: Ending | None) -> None:
        """Leave the queue if the call ends."""
        if self.timer is not None:
            self.cancel()
        if self._reach is not None:
            self._reach.drop()
            self._reach = None
        if ending is not None:
            lost = self.call.disposition == "interrupted"
            self._leave_queue("interrupted" if lost else "left" if ending.by == "box" else "abandoned")

    def _leave_queue(self, reason: LeaveReason) -> None:
        """Remove the caller from the queue and stop the timers of waiting."""
        board, queue = self.board, self._queue
        if not queue.dismiss(self._entry, board.now, served=reason == "answered"):
            return
        del self._entry.at
        self._stop_waiting()
        board.records.append(QueueLeft(self.call.number, queue.config.name, reason))

    def _stop_waiting(self) -> None:
        self.cancel()
        self.board.timers.cancel(self._too_long)
        self.board.timers.cancel(self._step)

    @property
    def node(self) -> str:
        """Node of the flow to which the call goes back."""
        return self._node

    @property
    def queue(self) -> str:
        """Queue in which the caller waits."""
        return self._queue.config.name

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller and the agent's leg that rings."""
        return (self._caller, *(self._reach.legs() if self._reach is not None else ()))

    def stretch(self) -> Stretch:
        """Return the wait."""
        return Stretch("queue", (self._caller.number,), self._queue.config.name)

    def whole(self) -> bool:
        """Return whether the caller is in the queue, and a leg rings exactly while an offer is open."""
        stands = self._queue.entries.get(self.call.number) is self._entry
        offering = self._reach is not None and self._reach.whole()
        return stands and offering == (self.state is OFFERING)

    # --- what the caller hears

    def _say_position(self, first: tuple[str, ...]) -> None:
        self._say(waiting_words.position(self._queue, self._entry, self._language, self.board.now, first))

    def _say(self, sounds: tuple[str, ...]) -> None:
        config = self._queue.config
        lines.play(self.board, self._caller, sounds)
        every = config.announce_position_every_s / (2 if config.announce_texts else 1)
        self.timer = self.after(every) if every else None

    def _announce(self, _: Any) -> None:
        """Announce the position, or if there are texts, each time the next of them before it."""
        texts = self._queue.config.announce_texts
        self._texts += 1
        if texts and self._texts % 2:
            self._say((say.prompt(self._language, texts[self._texts // 2 % len(texts)]),))
        else:
            self._say_position(())

    def _music(self, said: Said) -> None:
        """Play music after the announcement."""
        if said.what.missing:
            note_missing(self.board, self.queue, said.what.missing)
        lines.play(self.board, self._caller, (f"music:{self._queue.config.music}",), loop=True)

    # --- agents

    def _relax(self, _: Any) -> None:
        """Go on to the step that is due, or that agents who are signed in fit; wait for the next one."""
        board, entry = self.board, self._entry
        self._queue.relax(entry, board.now)
        board.timers.cancel(self._step)
        at = self._queue.steps.next_change(entry, board.now)
        if at is not None:
            self._step = board.timers.start(at, lambda: self.take(In.STEP), self.call)
        if self._queue.idle:
            board.unsettled[self._queue.config.name] = self._queue

    def _offer(self, agents: list[Agent]) -> None:
        """Ring the phones of these agents; one for whom no line is free is not offered calls for a while."""
        board, call = self.board, self.call
        self._entry.offered = True
        rings = offering.rings(board, call, agents)
        if not rings:
            self.take(In.UNREACHED, Cause.NO_CIRCUIT)
            return
        self._reach = Reach(board, call, self, [Legs(rings, self._queue.config.ring_s)])
        self._reach.seek()
        for leg in self._reach.legs():
            offering.make(board, leg, self._queue.config, self._language)

    def _not_served(self, _: int) -> None:
        """Keep the caller in the queue: the agent does not answer, or refuses."""
        entry, self._reach = self._entry, None
        entry.offered = False
        entry.agent = ""  # that agent did not take the call
        if not entry.waits:
            self._queue.wait_on(entry, self.board.now)
        if entry.overdue:
            self._return("timeout")
        elif not self._queue.manned(self._queue.config.stay):
            self._return("no_agents")
        else:
            self.board.unsettled[self._queue.config.name] = self._queue

    def _served(self, b: Leg) -> None:
        """Begin the talk. Both parties hear the agent's number, so both know when the talk begins."""
        ending.offer(self.board, b, OfferInput.ANSWER)
        self._leave_queue("answered")
        if self._queue.callbacks:
            called_back.served_otherwise(self.call, self._caller, self._queue)
        self.call.disposition = "answered"
        language = self._language
        sounds = (
            say.prompt(language, "agent-number"),
            *say.digits(b.agent, language),
            say.prompt(language, "at-your-service"),
        )
        announce = sounds if self._queue.config.announce_agent else ()
        self.board.begin(self.call, StartTalk(self._caller, b, announce))

    # --- waiting ends

    def _key(self, said: Said) -> None:
        """Leave the queue by a key that the flow names; agents who are being rung are needed no more."""
        key, call = said.what.key, self.call
        aside = key not in self._keys
        if aside and not self._leads_aside(key):
            return
        place = f"{call.flow}/{self._node}"
        self.board.records.append(KeyPressed(call.number, said.leg.number, key, place, accepted=True))
        if self._reach is not None:
            self._reach.stop(Cause.NON_SELECTED_USER)
            self._reach = None
        if aside:
            self.take(In.ASIDE, key)
        else:
            self._return("key", key)

    def _overdue(self, _: Any) -> None:
        """Mark the entry as overdue: the agent who is rung is the last one to be tried."""
        self._entry.overdue = True

    def _wait_over(self, _: Any) -> None:
        self._return("timeout")

    def _no_agents(self, _: Any) -> None:
        self._return("no_agents")

    def _return(self, reason: LeaveReason, key: str = "") -> None:
        """Leave the queue unserved."""
        self._leave_queue(reason)
        self.call.disposition = "no_answer"
        self.board.resume(self.call, self._back, self._caller, key or reason)

    # --- the caller is elsewhere for a while, and keeps the place

    def _leads_aside(self, key: str) -> bool:
        """Return whether a key of the queue leads into a flow, or to a call-back."""
        callback, flow = self._queue.config.callback, self._queue.config.detours.get(key, "")
        if not flow or flow in self.board.flows:
            return bool(flow) or (callback is not None and callback.key == key)
        text = N_("queue {queue}: key {key} leads to flow {flow}, which is not loaded")
        self.board.trouble("flow_missing", text, queue=self.queue, key=key, flow=flow)
        return False

    def _aside(self, key: str) -> None:
        """Send the caller into a flow, or ask where to call back. Agents who were being rung are free for others."""
        board, call, entry = self.board, self.call, self._entry
        flow = self._queue.config.detours.get(key, "")
        entry.offered, entry.away = False, not flow or not self._queue.config.detours_interrupted
        call.kept = self
        board.unsettled[self.queue] = self._queue
        if flow:
            board.begin(call, StartFlow(self._caller, flow, self._language, self))
            return
        on = Onward(lambda board, call, caller: board.resume(call, self, caller, ""))
        asking = Asking(board, call, self._queue, entry, self._language, on, self._give_up_place)
        board.begin(call, StartDialogue(self._caller, callback_asking.begin(asking, self._caller), on))

    def _give_up_place(self, reason: LeaveReason) -> None:
        """Leave the queue for good; to a call-back the entry is left."""
        self.call.kept = None
        if reason == "call_back":
            self._stop_waiting()
            self.board.records.append(QueueLeft(self.call.number, self.queue, reason))
        else:
            self._leave_queue(reason)

    def _take_back(self, caller: Leg) -> None:
        """Take the caller from the flow: what is being said is said to its end."""
        self.call.activity.leave(None)
        self._come_back(caller)

    def _come_back(self, caller: Leg) -> None:
        self._caller = caller
        caller.at = self.call.activity = self
        self.call.kept, self._entry.away, self.call.disposition = None, False, "abandoned"

    def _returned(self, came: tuple[Leg, str | int]) -> None:
        """Wait on at the place that the caller has by now."""
        self._come_back(came[0])
        if self._entry.overdue:
            self._return("timeout")
        elif not self._queue.manned(self._queue.config.stay):
            self._return("no_agents")
        else:
            self._say_position(())
            self.board.unsettled[self.queue] = self._queue

    def _called_back(self, agents: list[Agent]) -> None:
        """End the flow, for an agent is free; the agents are rung."""
        self._take_back(self.call.activity.parties()[0])
        if not self._caller.playing:
            lines.play(self.board, self._caller, (f"music:{self._queue.config.music}",), loop=True)
        self._offer(agents)

    def over(self, ending: Ending) -> None:
        """Leave the queue: the call ends while the caller is elsewhere."""
        call = self.call
        call.kept = None
        lost, by_box = call.disposition == "interrupted", ending.by == "box"
        if not lost and not by_box:
            call.disposition = "abandoned"
        self._leave_queue("interrupted" if lost else "left" if by_box else "abandoned")

    def quit(self) -> None:
        """Leave the queue: the flow in which the caller is leads elsewhere."""
        self.call.kept = None
        self._leave_queue("key")

    # --- a supervisor takes the caller out

    def _taken(self, leg: Leg) -> None:
        """Connect the caller with another phone, which takes the call."""
        self._take_out()
        self.board.begin(self.call, StartTalk(self._caller, leg, tell="both"))

    def _sent_on(self, reaching: Reaching) -> None:
        self._take_out()
        self.board.begin(self.call, StartRing(self._caller, reaching))

    def _take_out(self) -> None:
        if self.call.kept is self:
            self._take_back(self.call.activity.parties()[0])
        reach, self._reach = self._reach, None
        if reach is not None:
            reach.stop(Cause.NON_SELECTED_USER)
        self._leave_queue("taken_out")

    def _replaced(self, far: Leg) -> None:
        self._caller = replace(self, self._caller, far)

    TABLE: ClassVar[Table] = {
        WAITING: {
            **on_the_way(WAITING),
            In.KEY: (WAITING, _key),
            In.PLAYED: (WAITING, _music),
            In.TIMER: (WAITING, _announce),
            In.STEP: (WAITING, _relax),
            In.WAIT_OVER: (WAITING, _wait_over),
            In.NO_AGENTS: (WAITING, _no_agents),
            In.TAKEN: (OVER, _taken),
            In.SENT_ON: (OVER, _sent_on),
            In.OFFER: (OFFERING, _offer),
            In.REPLACED: (WAITING, _replaced),
            In.ASIDE: (AWAY, _aside),
        },
        OFFERING: {
            **on_the_way(OFFERING),
            In.KEY: (OFFERING, _key),
            In.PLAYED: (OFFERING, _music),
            In.TIMER: (OFFERING, _announce),
            In.STEP: (OFFERING, _relax),
            In.WAIT_OVER: (OFFERING, _overdue),
            In.RINGS: (OFFERING, lambda _wait, _said: None),
            In.REACHED: (OFFERING, _served),
            In.UNREACHED: (WAITING, _not_served),
            In.TAKEN: (OVER, _taken),
            In.SENT_ON: (OVER, _sent_on),
            In.REPLACED: (OFFERING, _replaced),
            In.ASIDE: (AWAY, _aside),
        },
        AWAY: {
            **asked(),
            In.STEP: (AWAY, _relax),
            In.WAIT_OVER: (AWAY, _overdue),
            In.NO_AGENTS: (AWAY, nothing),
            In.OFFER: (OFFERING, _called_back),
            In.SENT_ON: (OVER, _sent_on),
            In.RETURNED: (WAITING, _returned),
        },
    }
