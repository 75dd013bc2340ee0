# SPDX-License-Identifier: GPL-2.0-or-later
"""A call in a queue: music and position, an agent rung, and both told who serves before they talk."""

from typing import Any, Final

from appliance.contract.records import LeaveReason, OfferMade, QueueEntered, QueueLeft
from appliance.contract.switch import Cause, Played
from appliance.engine.parts import ending, lines, staffing
from appliance.engine.parts.agents import Agent, AgentInput
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput
from appliance.engine.parts.offers import Offer, OfferInput
from appliance.engine.parts.queues import Entry, Queue
from appliance.i18n import N_
from appliance.ivr import say

VIP_FIRST: Final = 1 << 60
"""Taken off the order of a VIP's entry: before all others, and among VIPs first come first."""


def refusal(board: Board, call: Call, name: str) -> LeaveReason | None:
    """Say why a queue does not take a caller, and write it down; None: it does."""
    queue = board.queues.get(name)
    if queue is None:
        board.trouble("flow", N_("{flow}: there is no queue {queue} to wait in"), flow=call.flow, queue=repr(name))
        return "no_agents"
    reason: LeaveReason | None = None
    if not queue.anyone_signed_in():
        reason = "no_agents"
    elif queue.full():
        reason = "full"
    if reason is not None:
        board.records += [QueueEntered(call.number, name, len(queue.entries) + 1), QueueLeft(call.number, name, reason)]
    return reason


def enter(board: Board, call: Call, queue: Queue) -> None:
    """TO_QUEUE: the caller begins to wait."""
    a, config = call.a, queue.config
    assert a is not None
    order = board.next_entry - (VIP_FIRST if board.lists.vip(call.caller.number) else 0)
    entry = call.entry = Entry(queue, call.number, order)
    board.next_entry += 1
    queue.admit(entry)
    call.disposition = "abandoned"
    board.records.append(QueueEntered(call.number, config.name, queue.position(entry)))
    lines.segment(board, call, "queue", (a,), config.name)
    if config.max_wait_s:
        call.wait_timer = board.start_timer(config.max_wait_s, call, CallInput.WAIT_OVER)
    busy = () if queue.idle else ("all-agents-busy",)
    _announce(board, call, entry, busy)
    board.unsettled[config.name] = queue


def _announce(board: Board, call: Call, entry: Entry, first: tuple[str, ...]) -> None:
    assert call.a is not None
    language = _language(board, call)
    sounds = (
        *say.prompts(language, (*first, "queue-position")),
        *say.number(entry.queue.position(entry), language),
        say.prompt(language, "queue-position-end"),
    )
    lines.play(board, call.a, sounds)
    every = entry.queue.config.announce_position_every_s
    call.timer = board.start_timer(every, call, CallInput.TIMER) if every else None


def _language(board: Board, call: Call) -> str:
    return call.run.caller.language if call.run is not None else board.config.language


def announce(board: Board, call: Call, _: Any) -> None:
    """TIMER: say the position again."""
    assert call.entry is not None
    _announce(board, call, call.entry, ())


def music(board: Board, call: Call, _: Played) -> None:
    """A_PLAYED: the announcement is over, music goes on."""
    assert call.a is not None
    assert call.entry is not None
    lines.play(board, call.a, (f"music:{call.entry.queue.config.music}",), loop=True)


def offer(board: Board, call: Call, agent: Agent) -> None:
    """OFFER: ring this agent's phone."""
    entry = call.entry
    assert entry is not None
    config = entry.queue.config
    entry.offered = True
    phone = board.routes.phones[agent.extension]
    agent.call, agent.wrap_up_s = call.number, config.wrap_up_s
    of = Offer(board.next_offer, agent, pause_after_no_answer=config.pause_after_no_answer)
    board.next_offer += 1
    shown = lines.on_phone(board, call.shown)
    by = call.redirecting
    call.b = lines.dial(board, call, phone.line, phone.number, shown, "agent", agent.number, phone, by)
    call.b.offer = of
    board.records.append(OfferMade(of.number, call.number, config.name, agent.number, call.b.number))
    of.timer = board.start_timer(config.ring_s, call, CallInput.RING_OVER)
    staffing.tell(board, agent, AgentInput.OFFERED)


def ring_over(board: Board, call: Call, _: Any) -> None:
    """RING_OVER: the agent does not answer; the phone is let go and the next one is tried."""
    b, call.b = call.b, None
    assert b is not None
    ending.offer(board, b, OfferInput.TIME_OUT)
    lines.clear(board, b, Cause.NO_ANSWER)
    wait_on(board, call, None)


def wait_on(board: Board, call: Call, _: Any) -> None:
    """B_CLEARED while it rang: the caller keeps the place in the queue."""
    entry = call.entry
    assert entry is not None
    entry.offered = False
    if entry.overdue:
        board.give(board, call, CallInput.TO_FLOW, "timeout")
    elif not entry.queue.anyone_signed_in():
        board.give(board, call, CallInput.TO_FLOW, "no_agents")
    else:
        board.unsettled[entry.queue.config.name] = entry.queue


def overdue(_: Board, call: Call, __: Any) -> None:
    """WAIT_OVER while an agent is rung: let this last one answer."""
    assert call.entry is not None
    call.entry.overdue = True


def wait_over(board: Board, call: Call, _: Any) -> None:
    """WAIT_OVER: waited too long."""
    board.give(board, call, CallInput.TO_FLOW, "timeout")


def give_up(board: Board, call: Call, reason: LeaveReason) -> None:
    """TO_FLOW: leave the queue unserved."""
    ending.leave_queue(board, call, reason)
    call.disposition = "no_answer"


def nobody_left(board: Board, queue: Queue) -> None:
    """The last agent of a queue signed out: who waits there is sent on."""
    if not queue.anyone_signed_in():
        for entry in [entry for entry in queue.entries.values() if not entry.offered]:
            board.give(board, board.calls[entry.call], CallInput.TO_FLOW, "no_agents")


def accept(board: Board, call: Call, _: Any) -> None:
    """B_ANSWERED: no more waiting. Both hear the agent's number, so both know when the talk begins."""
    a, b, entry = call.a, call.b, call.entry
    assert a is not None
    assert b is not None
    assert entry is not None
    config = entry.queue.config
    ending.offer(board, b, OfferInput.ANSWER)
    ending.leave_queue(board, call, "answered")
    call.disposition = "answered"
    if not config.announce_agent:
        board.give(board, call, CallInput.TO_TALK, None)
        return
    lines.segment(board, call, "announce", (a, b), b.agent)
    language = _language(board, call)
    sounds = (
        say.prompt(language, "agent-number"),
        *say.digits(b.agent, language),
        say.prompt(language, "at-your-service"),
    )
    lines.play(board, a, sounds)
    lines.play(board, b, sounds)
