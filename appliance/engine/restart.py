# SPDX-License-Identifier: GPL-2.0-or-later
"""Recovery when the switch or the call server was away: calls end, and the books close in the ordinary way."""

from typing import Final

from appliance.contract.books import LastPins, OpenBooks, OpenKeying
from appliance.contract.records import DataKeyed, RecordingClosed
from appliance.contract.switch import Attached, Cause, Party
from appliance.contract.ticks import ticks
from appliance.engine.parts import called_back, ending, messages, plans
from appliance.engine.parts.board import Board, Tries
from appliance.engine.parts.call import Call, Ending, Leg, Stale, step
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import LegInput, LegState
from appliance.engine.parts.starts import StartOver
from appliance.i18n import N_

GRACE_S: Final = 2.0
"""The switch's disk may still be closing recordings of legs that are gone when the call server is back."""

LOST: Final = Ending(Cause.TEMPORARY_FAILURE, "line", "interrupted")


def reopen(board: Board, books: OpenBooks) -> None:
    """Reopen what the books left open: calls that only wait for the end of their legs."""
    for number in books.calls:
        call = board.calls[number] = Call(number, "in", Party(), "")
        call.disposition, call.ending, call.stale = "interrupted", LOST, Stale()
        board.enter(call, StartOver())
    for open_leg in books.legs:
        leg = Leg(
            open_leg.leg, board.calls[open_leg.call], open_leg.line, "caller", open_leg.number, LegState.RELEASING
        )
        leg.seated = open_leg.agent
        leg.call.legs[leg.number] = board.legs[leg.number] = leg
    for segment in books.segments:
        _stale(board, segment.call).segments.append(segment.segment)
    for offer in books.offers:
        _stale(board, offer.call).offers.append(offer.offer)
    for entry in books.entries:
        _stale(board, entry.call).queues.append(entry.queue)
    for survey in books.surveys:
        _stale(board, survey.call).surveys.append(survey.survey)
    for keying in books.keying:
        _stale(board, keying.call).keyed += _half(keying)
    board.recordings.update({recording.recording: recording.leg for recording in books.recordings})
    board.recordings.update({each.message: each.leg for each in books.messages if each.open})
    _reopen_agents(board, books)
    called_back.reopen(board, books)
    board.tries = {(each.owner, each.number): _tries(each) for each in books.pins if each.wrong or each.locked_s}


def _half(keying: OpenKeying) -> list[DataKeyed]:
    """Return what an agent had keyed in of a value that was not ended."""
    keys = keying.keys.replace("*", "#").rpartition("#")[2]
    agent, queue, caller = keying.agent, keying.queue, keying.caller
    half = DataKeyed(keying.served, keying.field, keys, whole=False, agent=agent, queue=queue, caller=caller)
    return [half] if keys else []


def _tries(last: LastPins) -> Tries:
    return Tries(last.wrong, last.counted, last.counted + ticks(last.locked_s) if last.locked_s else 0)


def _stale(board: Board, call: int) -> Stale:
    return board.calls[call].stale or Stale()


def _reopen_agents(board: Board, books: OpenBooks) -> None:
    """Restore the choices of the agents. A phone that still carries an old leg is not rung."""
    for last in books.agents:
        agent = board.agents.get(last.agent)
        if agent is not None:
            if last.borrowed and last.status != "signed_out" and last.extension in board.routes.phones:
                agent.extension, agent.borrowed = last.extension, True
            agent.status, agent.reason = last.status, last.reason if last.status != "ready" else ""
            agent.locked = bool(last.locked)
    board.seat()
    busy = {leg.number for leg in books.legs if leg.line == _line_of(board, leg.number)}
    for leg in board.legs.values():
        if leg.who in busy:
            leg.phone_of = board.phone_users.get(leg.who, ())
            leg.phone = board.routes.phones[leg.who]
        if leg.phone is not None:
            board.in_use.setdefault(leg.who, []).append(leg)
            board.touched.add(leg.who)
        else:
            board.outbound.entered(leg.line, 1)
        for agent in leg.phone_of:
            agent.phone_calls += 1
    for agent in board.agents.values():
        agent.state = agent.rest()
        for queue in board.queues_of(agent):
            queue.note(agent)
    written = {last.agent: (last.status, last.state) for last in books.agents}
    board.agents_written = {number: written.get(number) for number in board.agents}


def _line_of(board: Board, number: str) -> str:
    phone = board.routes.phones.get(number)
    return phone.line if phone is not None else ""


def let_go(board: Board) -> None:
    """End every call: the switch is away. The legs are closed as their `Cleared` come, or at `Attached`."""
    board.attached = False
    called_back.hold(board)
    for call in list(board.calls.values()):
        call.activity.take(In.LOST)


def attach(board: Board, event: Attached) -> None:
    """End the replay: legs that are not among the event's no longer exist."""
    let_go(board)
    _write_agents(board)
    still = set(event.legs)
    for leg in [leg for leg in board.legs.values() if leg.number not in still]:
        step(leg, LegInput.CLEARED)
        ending.close_leg(board, leg, Cause.TEMPORARY_FAILURE)
    for call in [call for call in board.calls.values() if not call.legs]:
        ending.close_call(board, call)
    go_on(board, still)


def go_on(board: Board, still: set[int]) -> None:
    """Begin to handle events and requests normally.

    Recordings of legs that are gone are closed, unless the switch does so.
    """
    orphans = [number for number, leg in board.recordings.items() if leg not in still]
    if orphans:
        board.timers.start(board.now + ticks(GRACE_S), lambda: _give_up(board, orphans))
    board.attached = True
    plans.go_on(board)
    called_back.go_on(board)


def _give_up(board: Board, recordings: list[int]) -> None:
    """Close the recordings of which the switch reports nothing."""
    for number in recordings:
        if board.recordings.pop(number, None) is None:
            continue
        if number in board.boxes.open:
            messages.close(board, number, 0, messages.LOST)
        else:
            board.records.append(RecordingClosed(number, 0, "lost"))
            board.trouble(
                "recording", N_("recording {recording}: {why}"), recording=number, why=N_("lost with the switch")
            )


def _write_agents(board: Board) -> None:
    """Record, once after the start, states of agents that the books lack: of new agents, or after a lost call."""
    for number, written in board.agents_written.items():
        agent = board.agents[number]
        if written != (agent.status, agent.state):
            board.records.append(agent.changed())
    board.agents_written.clear()
