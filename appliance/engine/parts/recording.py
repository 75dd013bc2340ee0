# SPDX-License-Identifier: GPL-2.0-or-later
"""Recording of calls: it begins and ends as the rules decide, which are read anew when the parties of a call change.

A person may decide in place of the rules (`ask`), and have silence recorded for a while (`pause`), such as while a card
number is said. Both stay with the call, and go with a leg that moves to another call.
"""

from typing import Final

import msgspec

from appliance.contract.records import RecordingDecided, RecordingOpened, RecordingPaused, RecordingResumed
from appliance.contract.switch import PauseRecord, Record, StopRecord, Tracks
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.recording_rules import Decision, Talking
from appliance.ivr import say

CONFERENCE: Final = "conference"
"""In the books, the rule by which a `[[conference]]` is recorded, or not, of its own."""


_CLEARED: Final = frozenset({LegState.RELEASING, LegState.GONE})


def judge(board: Board, call: Call, phone: str = "") -> None:
    """Begin or stop the recording of an answered call as the rules decide now, or a person, asking at `phone`."""
    leg = call.charged
    if leg is None or not call.answered or leg.call is not call or leg.state in _CLEARED:
        return
    decision = board.recording_rules.otherwise
    if call.wanted is not None:
        decision = Decision("", call.wanted, asked=True)
    elif (own := call.activity.recorded) is not None:
        decision = Decision(CONFERENCE, own)
    elif board.recording_rules.any:
        answered = (each for each in call.legs.values() if each.answered)
        decision = board.recording_rules.decide(Talking.of(call, answered))
    _note(board, call, decision, phone)
    if call.paused is not None:
        _resume_for_others(board, call)
    if not decision.wanted:
        stop(board, leg)
    elif not leg.recording:
        record(board, call, leg, decision.rule)


def notice(board: Board, call: Call, legs: tuple[Leg, Leg]) -> tuple[str, ...]:
    """Return the sounds that tell both parties, once a call, that they are recorded; none if no rule asks for it."""
    if call.told_recorded or not board.recording_rules.any:
        return ()
    call.told_recorded = board.recording_rules.decide(Talking.of(call, legs)).announce
    return (say.prompt(board.config.language, "call-recorded"),) if call.told_recorded else ()


def record(board: Board, call: Call, leg: Leg, rule: str) -> None:
    """Record a leg to its end."""
    leg.recording = order(board, call, leg, rule, Bounds())
    if call.paused is not None:
        _silence(board, call, leg, "")


class Bounds(msgspec.Struct, frozen=True):
    """The part of a leg's sound that is recorded, and the end besides that of the leg, as in `switch.Record`."""

    tracks: Tracks = "both"
    longest_s: float = 0.0
    end_keys: str = ""
    silence_s: float = 0.0


def order(board: Board, call: Call, leg: Leg, rule: str, bounds: Bounds) -> int:
    """Order a recording of a leg; return its number. Folders hold a thousand calls, so that none grows without bound.

    It is in the books and sent to the switch in one go: half of it would be a recording that never ends.
    """
    number = board.next_recording
    board.next_recording += 1
    path = f"{call.number // 1000:06d}/{call.number:09d}-{number:09d}.wav"
    board.recordings[number] = leg.number
    tracks, longest_s, end_keys, silence_s = bounds.tracks, bounds.longest_s, bounds.end_keys, bounds.silence_s
    board.commands.append(Record(leg.number, number, path, tracks, longest_s, end_keys, silence_s))
    board.records.append(RecordingOpened(number, call.number, leg.number, path, rule))
    return number


def stop(board: Board, leg: Leg) -> None:
    """Stop the recording of a leg, if there is one: at the end of its talk, not when its line is idle again."""
    if leg.recording:
        board.commands.append(StopRecord(leg.recording))
        leg.recording = 0


# --- persons ----------------------------------------------------------------------------------------------------------


def ask(board: Board, call: Call, wanted: bool | None, phone: str = "") -> None:  # noqa: FBT001 - a value, no switch
    """Record a call or do not, in place of the rules; None: as they decide. `phone`: the extension that asks."""
    call.wanted = wanted
    judge(board, call, phone)


def pause(board: Board, call: Call, phone: str = "") -> None:
    """Record silence on both tracks from now on, also in recordings that begin later."""
    if call.paused is None:
        call.paused = _talking(call)
        for leg in _recorded(call):
            _silence(board, call, leg, phone)


def resume(board: Board, call: Call, phone: str = "") -> None:
    """Record sound again after `pause`."""
    if call.paused is not None:
        call.paused = None
        for leg in _recorded(call):
            board.commands.append(PauseRecord(leg.recording, paused=False))
            board.records.append(RecordingResumed(leg.recording, call.number, phone))


def pressed(board: Board, call: Call, phone: str, code: str) -> str:
    """Carry out a code that a phone pressed in a talk; return the name of the prompt that says what holds now."""
    if code == "record":
        ask(board, call, None if call.wanted else True, phone)
    elif call.paused is None:
        pause(board, call, phone)
    else:
        resume(board, call, phone)
    if call.paused is not None:
        return "recording-paused"
    return "recording-on" if goes_on(call) else "recording-off"


def goes_on(call: Call) -> bool:
    """Return whether a call is being recorded."""
    return bool(_recorded(call))


def hand_on(old: Call, new: Call) -> None:
    """Keep what persons asked for when a leg moves to another call."""
    if new.wanted is None:
        new.wanted = old.wanted
    if new.paused is None:
        new.paused = old.paused


def _resume_for_others(board: Board, call: Call) -> None:
    """End a pause with the first talk of other parties, if it is configured to end so."""
    ends = board.config.recording.pause_until == "transfer"
    if ends and call.paused is not None and not _talking(call) <= call.paused:
        resume(board, call)


def _talking(call: Call) -> frozenset[int]:
    parties = call.activity.parties()
    return frozenset(leg.number for leg in parties if leg.answered and leg.role != "supervisor")


def _recorded(call: Call) -> list[Leg]:
    return [leg for leg in call.legs.values() if leg.recording]


def _silence(board: Board, call: Call, leg: Leg, phone: str) -> None:
    board.commands.append(PauseRecord(leg.recording))
    board.records.append(RecordingPaused(leg.recording, call.number, phone))


def _note(board: Board, call: Call, decision: Decision, phone: str) -> None:
    """Record a decision that differs from the last one of the call; without rules there are those of persons only."""
    known = board.recording_rules.any or call.decided is not None or decision.asked or decision.rule == CONFERENCE
    if known and decision != call.decided:
        call.decided = decision
        told = call.told_recorded
        record_ = RecordingDecided(call.number, decision.rule, decision.wanted, told, decision.asked, phone)
        board.records.append(record_)
