# SPDX-License-Identifier: GPL-2.0-or-later
"""Recording of calls: it begins and ends as the rules decide, which are read anew when the parties of a call change."""

from appliance.contract.records import RecordingDecided, RecordingOpened
from appliance.contract.switch import Record, StopRecord
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.recording_rules import Decision, Talking
from appliance.ivr import say


def judge(board: Board, call: Call) -> None:
    """Begin or stop the recording of an answered call as the rules decide now."""
    leg = call.charged
    if leg is None or not call.answered or leg.call is not call or leg.state in (LegState.RELEASING, LegState.GONE):
        return
    decision = board.recording_rules.otherwise
    if board.recording_rules.any:
        answered = (each for each in call.legs.values() if each.answered)
        decision = board.recording_rules.decide(Talking.of(call, answered))
    _note(board, call, decision)
    if decision.wanted and not leg.recording:
        record(board, call, leg, decision.rule)
    elif not decision.wanted:
        stop(board, leg)


def notice(board: Board, call: Call, legs: tuple[Leg, Leg]) -> tuple[str, ...]:
    """Return the sounds that tell both parties, once a call, that they are recorded; none if no rule asks for it."""
    if call.told_recorded or not board.recording_rules.any:
        return ()
    call.told_recorded = board.recording_rules.decide(Talking.of(call, legs)).announce
    return (say.prompt(board.config.language, "call-recorded"),) if call.told_recorded else ()


def record(board: Board, call: Call, leg: Leg, rule: str) -> None:
    """Record a leg to its end. Folders hold a thousand calls, so that none grows without bound."""
    number = board.next_recording
    board.next_recording += 1
    path = f"{call.number // 1000:06d}/{call.number:09d}-{number:09d}.wav"
    leg.recording = number
    board.recordings[number] = leg.number
    board.commands.append(Record(leg.number, number, path))
    board.records.append(RecordingOpened(number, call.number, leg.number, path, rule))


def stop(board: Board, leg: Leg) -> None:
    """Stop the recording of a leg, if there is one: at the end of its talk, not when its line is idle again."""
    if leg.recording:
        board.commands.append(StopRecord(leg.recording))
        leg.recording = 0


def _note(board: Board, call: Call, decision: Decision) -> None:
    """Record a decision that differs from the last one of the call."""
    if board.recording_rules.any and decision != call.decided:
        call.decided = decision
        board.records.append(RecordingDecided(call.number, decision.rule, decision.wanted, call.told_recorded))
