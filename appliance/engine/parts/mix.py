# SPDX-License-Identifier: GPL-2.0-or-later
"""The differ: gains and stretches of the activities, compared with the last ones; the difference is sent once a step.

Activities state them as pure functions; nothing else sends `Mix` or writes segments, so the books hold what was to be
heard.
"""

from appliance.contract.records import SegmentClosed, SegmentOpened
from appliance.contract.switch import Gain, Mix
from appliance.engine.parts import recording
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import ASIDE, PLAYED, Call, Mixed, Stretch


def settle(board: Board) -> None:
    """Send to the switch and the books the changes of calls in which something happened."""
    mixed: list[tuple[Call, Mixed]] = []
    calls = board.calls
    for number, call in board.stirred.items():
        if number in calls:
            activity = call.activity
            stretch = activity.stretch()
            if stretch != call.stretch:
                _write(board, call, stretch)
                if board.recording_rules.any:
                    recording.judge(board, call)
            if (activity.MIXES or call.mixed) and (wanted := activity.mix()) != call.mixed:
                mixed.append((call, wanted))
    board.stirred.clear()
    if mixed:
        _send(board, mixed)


def _send(board: Board, mixed: list[tuple[Call, Mixed]]) -> None:
    """Send the differences of the gains of calls: those that end first, unless they change."""
    removed: list[Gain] = []
    added: list[Gain] = []
    for call, wanted in mixed:
        _compare(board, call, wanted, removed, added)
    if removed and added:
        kept = {(gain.listener, gain.leg, gain.played) for gain in added}
        removed = [gain for gain in removed if (gain.listener, gain.leg, gain.played) not in kept]
    if removed or added:
        board.commands.append(Mix((*removed, *added)))


def _compare(board: Board, call: Call, wanted: Mixed, removed: list[Gain], added: list[Gain]) -> None:
    legs, told = board.legs, call.mixed
    if told:
        removed += [
            Gain(listener, leg, 0.0, what == PLAYED)
            for listener, leg, what in told.keys() - wanted.keys()
            if (listener < 0 or listener in legs) and (leg < 0 or leg in legs)  # none hears a leg that is gone anyway
        ]
    if wanted:
        added += [
            Gain(listener, leg, gain, what == PLAYED, what == ASIDE)
            for (listener, leg, what), gain in wanted.items()
            if told.get((listener, leg, what)) != gain
        ]
    call.mixed = wanted


def _write(board: Board, call: Call, stretch: Stretch | None) -> None:
    """Record the stretch of time of a call."""
    if call.segment:
        board.records.append(SegmentClosed(call.segment, call.number))
    call.stretch, call.segment = stretch, 0
    if stretch is not None:
        call.segment = segment = board.next_segment
        board.next_segment = segment + 1
        board.records.append(SegmentOpened(segment, call.number, stretch.kind, stretch.legs, stretch.what))


def close(board: Board, call: Call) -> None:
    """Record the end of the open stretch."""
    if call.segment:
        board.records.append(SegmentClosed(call.segment, call.number))
    call.stretch, call.segment = None, 0
