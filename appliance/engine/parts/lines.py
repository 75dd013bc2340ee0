# SPDX-License-Identifier: GPL-2.0-or-later
"""What the box does to legs: each function is one command and the facts that go with it."""

from appliance.config.model import ExtensionConfig
from appliance.contract.records import (
    CallAnswered,
    CallNotAnswered,
    LegAnswered,
    RecordingOpened,
    Role,
    SegmentClosed,
    SegmentKind,
    SegmentOpened,
)
from appliance.contract.switch import (
    Alert,
    Answer,
    Clear,
    Dial,
    Gain,
    Hush,
    Mix,
    Party,
    Play,
    Presentation,
    Proceed,
    Record,
    Redirecting,
    SendKey,
    StopRecord,
)
from appliance.engine.parts import staffing
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, step
from appliance.engine.parts.legs import LegInput, LegState, Use
from appliance.engine.routes.outbound import presented
from appliance.engine.routes.site_numbers import OutsideParty


def on_phone(board: Board, party: Party) -> Party:
    """Return what a phone may see of a party; a restricted number is in the books and on no phone."""
    if party.presentation is Presentation.ALLOWED:
        return board.site.on_phone(party)
    return Party(presentation=party.presentation)


def on_line(board: Board, party: Party) -> Party:
    """Return what a line outside is told of a party: a restricted number, marked so, without the name (Q.951.4)."""
    if party.presentation is Presentation.UNAVAILABLE:
        return Party(presentation=party.presentation)
    told = board.site.on_line(party)
    return told if told.presentation is Presentation.ALLOWED else Party(told.number, "", told.presentation)


def connected(board: Board, leg: Leg, party: Party, phone: ExtensionConfig | None) -> Party:
    """Return what a leg's line is told of a party that it is connected with; `phone`: that of the house that it is."""
    if leg.phone is not None:
        return on_phone(board, party)
    number = board.outbound.shown(leg.line, phone) if phone is not None else ""
    return on_line(board, presented(party, number))


def _redirecting(board: Board, leg: Leg) -> Redirecting | None:
    """Return what a leg's line is told of who sent the call on: as much as if that one called."""
    said = leg.redirecting
    if said is None:
        return None
    inside = None if isinstance(said.party, OutsideParty) else board.routes.phones.get(said.party.number)
    party = connected(board, leg, said.party, inside)
    return Redirecting(party, said.reason) if party.number else None


def enter(board: Board, call: Call, leg: Leg, phone: ExtensionConfig | None = None) -> None:
    """Put a new leg into its call; `phone`: the phone of the house that it is."""
    call.legs[leg.number] = leg
    board.legs[leg.number] = leg
    board.records.append(leg.opened(call.number))
    if phone is None:
        board.outbound.entered(leg.line, 1)
        return
    leg.phone = phone
    board.in_use.setdefault(phone.number, []).append(leg)
    board.touched.add(phone.number)
    if not leg.agent:  # beside the queue
        leg.phone_of = board.phone_users[phone.number]
        staffing.phone_taken(board, leg.phone_of)


def leave(board: Board, leg: Leg) -> None:
    """Take back what `enter` counted."""
    drop_keys(board, leg)
    phone = leg.phone
    if phone is None:
        board.outbound.entered(leg.line, -1)
    else:
        legs = board.in_use[phone.number]
        legs.remove(leg)
        if not legs:
            del board.in_use[phone.number]
        board.touched.add(phone.number)
    staffing.phone_free(board, leg.phone_of)


def dial(
    board: Board, call: Call, line: str, called: str, caller: Party, role: Role, agent: str = "",
    phone: ExtensionConfig | None = None, redirecting: Redirecting | None = None,
) -> Leg:  # fmt: skip
    """Start a leg of our own; `redirecting`: who sent the call on to it."""
    leg = Leg(board.next_leg, call, line, role, called, LegState.INITIATED)
    board.next_leg += 2
    leg.agent, leg.phone, leg.redirecting = agent, phone, redirecting
    leg.told = caller if phone is None else None
    board.commands.append(Dial(leg.number, line, called, caller, _redirecting(board, leg)))
    enter(board, call, leg, phone)
    return leg


def proceed(board: Board, leg: Leg) -> None:
    """Say that the number is complete."""
    if step(leg, LegInput.PROCEED) is Use.SEND:
        board.commands.append(Proceed(leg.number))


def alert(board: Board, leg: Leg) -> None:
    """Say that the called party is rung; the tone is on the voice path, ours or the far end's."""
    if step(leg, LegInput.ALERT) is Use.SEND:
        board.commands.append(Alert(leg.number, inband=True))


def answer(board: Board, leg: Leg) -> None:
    """Answer a leg, if it is not answered."""
    if step(leg, LegInput.ANSWER) is Use.SEND:
        board.commands.append(Answer(leg.number))
        note_answer(board, leg)


def note_answer(board: Board, leg: Leg) -> None:
    """Write down that the leg's voice path counts from now on."""
    leg.answered = True
    if leg.phone is not None:
        board.touched.add(leg.phone.number)
    board.records.append(LegAnswered(leg.number, leg.call.number))


def unanswer(board: Board, leg: Leg) -> None:
    """Take back an answer that never left: its leg was gone before."""
    leg.answered = False
    call = leg.call
    if leg is call.a and call.answered:
        call.answered = False
        board.records.append(CallNotAnswered(call.number))
        if call.disposition == "answered":
            call.disposition = "abandoned"


def charge(board: Board, call: Call) -> None:
    """Write down that the call is answered: once, and from then on its caller is recorded."""
    if not call.answered:
        call.answered = True
        board.records.append(CallAnswered(call.number))
    if call.a is not None and not call.a.recording and board.config.recording.rule == "all":
        record(board, call, call.a)


def clear(board: Board, leg: Leg, cause: int) -> None:
    """End a leg, unless it is ending."""
    if step(leg, LegInput.CLEAR) is Use.SEND:
        stop_recording(board, leg)
        board.commands.append(Clear(leg.number, cause))
        leg.playing = 0


def play(board: Board, leg: Leg, sounds: tuple[str, ...], *, loop: bool = False) -> None:
    """Play to a leg instead of what it was being played."""
    leg.playing, leg.plays = board.next_play, (sounds, loop)
    board.next_play += 1
    board.commands.append(Play(leg.number, leg.playing, sounds, loop))


def hush(board: Board, leg: Leg) -> None:
    """Stop what is played to a leg, if anything."""
    if leg.playing:
        leg.playing = 0
        board.commands.append(Hush(leg.number))


def hear(board: Board, listener: Leg, speaker: Leg) -> None:
    """Let a leg hear another."""
    if listener.hears != speaker.number:
        drop_keys(board, listener)
        listener.hears = speaker.number
        board.commands.append(Mix((Gain(listener.number, speaker.number),)))


def deafen(board: Board, listener: Leg) -> None:
    """Let a leg hear no other leg."""
    if listener.hears in board.legs:  # a leg that is gone is heard by nobody anyway
        board.commands.append(Mix((Gain(listener.number, listener.hears, 0.0),)))
    listener.hears = 0


def send_key(board: Board, leg: Leg, key: str, duration_ms: int) -> None:
    """Send a key to a leg's party."""
    board.commands.append(SendKey(leg.number, key, duration_ms))


def drop_keys(board: Board, leg: Leg) -> None:
    """Forget the keys of a leg that wait to be sent to the other party."""
    board.timers.cancel(leg.key_timer)
    leg.unsent = ()


def record(board: Board, call: Call, leg: Leg) -> None:
    """Record a leg to its end. Folders hold a thousand calls, so that none grows without bound."""
    number = board.next_recording
    board.next_recording += 1
    path = f"{call.number // 1000:06d}/{call.number:09d}-{number:09d}.wav"
    leg.recording = number
    board.recordings[number] = leg.number
    board.commands.append(Record(leg.number, number, path))
    board.records.append(RecordingOpened(number, call.number, leg.number, path))


def take_over(board: Board, leg: Leg, former: Leg) -> None:
    """Let a leg hear what the one before it in its place heard: what was played begins anew."""
    if former.playing:
        play(board, leg, former.plays[0], loop=former.plays[1])
    speaker = board.legs.get(former.hears)
    if speaker is not None:
        hear(board, leg, speaker)


def stop_recording(board: Board, leg: Leg) -> None:
    """End the recording of a leg, if there is one: with its talk, not when its line is idle again."""
    if leg.recording:
        board.commands.append(StopRecord(leg.recording))
        leg.recording = 0


def segment(board: Board, call: Call, kind: SegmentKind, legs: tuple[Leg, ...], what: str) -> None:
    """Begin a stretch of time in the call; the one before ends."""
    end_segments(board, call)
    call.place, call.kind = what, kind
    call.segments.append(board.next_segment)
    numbers = tuple([leg.number for leg in legs])
    board.records.append(SegmentOpened(board.next_segment, call.number, kind, numbers, what))
    board.next_segment += 1


def end_segments(board: Board, call: Call) -> None:
    """End the stretches of time that are open."""
    board.records.extend([SegmentClosed(number, call.number) for number in call.segments])
    call.segments.clear()
    call.place = ""
