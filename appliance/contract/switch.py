# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages between switch and call server: commands down, events up. Nothing else crosses between them.

Encoded as MessagePack by msgspec, one length-prefixed message each, on a Unix socket (`wire`). Times are box time in
ticks of 20 ms (`ticks`). A *leg* is one party's half of a call, named by a number that is never used twice in the life
of a box: legs that the network starts are even (the switch numbers them), legs that the box starts are odd (call
control numbers them). Legs are alike on every kind of line.

`line` addresses a line: `pri:<group>` any channel of the trunk group, `phone:<extension>` a phone that registers with
the edge, `trunk:<name>` a SIP trunk, `sip:<number>@<host>:<port>` a phone at a fixed address, `station:<number>` a
station of the simulator. Causes are Q.850 values.

Call control has a third kind of message, to the edge: `EdgeCommand`s, for lamps and displays of phones.
"""

from enum import IntEnum
from typing import Literal

import msgspec

from appliance.contract.rtp import Rtp


class Cause(IntEnum):
    """Q.850 cause values of the box's own (any other value may arrive from a line and is passed on)."""

    UNALLOCATED_NUMBER = 1
    NORMAL_CLEARING = 16
    USER_BUSY = 17
    NO_USER_RESPONDING = 18
    NO_ANSWER = 19
    CALL_REJECTED = 21
    REDIRECTED = 23
    EXCHANGE_ROUTING_ERROR = 25
    NON_SELECTED_USER = 26
    DESTINATION_OUT_OF_ORDER = 27
    INVALID_NUMBER_FORMAT = 28
    NORMAL_UNSPECIFIED = 31
    NO_CIRCUIT = 34
    NETWORK_OUT_OF_ORDER = 38
    TEMPORARY_FAILURE = 41
    SWITCH_CONGESTION = 42
    REQUESTED_CIRCUIT_UNAVAILABLE = 44
    RECOVERY_ON_TIMER_EXPIRY = 102
    PROTOCOL_ERROR = 111
    INTERWORKING = 127


class Presentation(IntEnum):
    """Presentation of the caller's number (Q.931 4.5.10, octet 3a)."""

    ALLOWED = 0
    RESTRICTED = 1
    UNAVAILABLE = 2


class NumberType(IntEnum):
    """Type of number (Q.931 4.5.10, octet 3)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER = 4
    ABBREVIATED = 6


class Party(msgspec.Struct, frozen=True, gc=False):
    """A caller as shown to the other side. `type` is the line's type of the number; '+' before it is international."""

    number: str = ""
    name: str = ""
    presentation: Presentation = Presentation.ALLOWED
    type: NumberType = NumberType.UNKNOWN


class RedirectReason(IntEnum):
    """Reason of a redirection (Q.952, octet 3b of a Redirecting number; RFC 5806)."""

    UNKNOWN = 0
    BUSY = 1
    NO_ANSWER = 2
    DEFLECTION = 4
    OUT_OF_ORDER = 9
    BY_TERMINAL = 10
    UNCONDITIONAL = 15


class Redirecting(msgspec.Struct, frozen=True, gc=False):
    """The party that sent a call on to the called number, the last one of several, and the reason."""

    party: Party
    reason: RedirectReason = RedirectReason.UNKNOWN


Tracks = Literal["said", "heard", "both", "mixed"]
"""Tracks of a recording of a leg."""
RecordingEnd = Literal["stopped", "key", "silence", "longest", "leg", "disk"]
"""End of a recording: `StopRecord`, a key, silence, its longest time, the leg's end, or a fault of its file."""


# --- commands, down


class Command(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Base of call control's commands to the switch.

    A command for a leg that is gone already is ignored: it crossed with `Cleared`.
    """


class Dial(Command, frozen=True, gc=False, tag="dial"):
    """Start the odd-numbered `leg` towards `called` on `line`.

    Answered by Seized?, Proceeding?, Alerting?, Answered, or Cleared.
    """

    leg: int
    line: str
    called: str
    caller: Party = Party()
    redirecting: Redirecting | None = None


class Proceed(Command, frozen=True, gc=False, tag="proceed"):
    """Incoming leg: the number is complete, no more digits are wanted (PRI CALL PROCEEDING, SIP 100)."""

    leg: int


class Alert(Command, frozen=True, gc=False, tag="alert"):
    """Incoming leg: the called party is being rung (PRI ALERTING, SIP 180).

    With `inband`, our ringback is on the voice path (SIP 183, after the 180).
    """

    leg: int
    inband: bool = False


class Answer(Command, frozen=True, gc=False, tag="answer"):
    """Incoming leg: answer it (PRI CONNECT, SIP 200)."""

    leg: int


class Clear(Command, frozen=True, gc=False, tag="clear"):
    """End a leg in any state, with a Q.850 cause. Always followed by `Cleared`, once, when the line is free again."""

    leg: int
    cause: int = Cause.NORMAL_CLEARING


class Gain(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One entry of the fabric: `listener` hears a leg with linear `gain`; 0 removes the entry.

    The source is the voice of `leg` or, with `played`, the sound being played to it. A leg hears its own player with
    gain 1 unless an entry states otherwise. `aside`: recordings of `listener` leave this source out.

    A conference is named by a negative number of call control's choice. It hears legs, and legs hear it: the sum of its
    eight loudest voices, and of what the legs that it hears so are played; each leg without its own part. A key in the
    sound of a leg is not heard there.
    """

    listener: int
    leg: int
    gain: float = 1.0
    played: bool = False
    aside: bool = False


class Mix(Command, frozen=True, gc=False, tag="mix"):
    """Change entries of the fabric, all of them within the same tick. A talk is two entries."""

    changes: tuple[Gain, ...]


class Play(Command, frozen=True, gc=False, tag="play"):
    """Play sounds one after the other to `leg`, in place of those being played; ended by `Played`.

    A sound is `prompt:<language>/<name>`, `tone:<name>` (the box's country), `music:<name>`, `silence:<milliseconds>`,
    or `file:<folder>/<path>` with the folder `recordings`, `archive` (of recordings) or `sounds` (the owner's), as the
    file is now. A list with files begins when they are read. With `loop` the list starts again and `Played` never
    comes. For a list that is replaced or stopped no `Played` comes.
    """

    leg: int
    play: int
    sounds: tuple[str, ...]
    loop: bool = False


class Hush(Command, frozen=True, gc=False, tag="hush"):
    """Stop all sound being played to `leg`."""

    leg: int


class Listen(Command, frozen=True, gc=False, tag="listen"):
    """Report sounds of `leg` from now on, by `Heard`: call progress tones, fax tones, human or machine, speech.

    Replaces an earlier `Listen`. Keys are always reported.
    """

    leg: int
    tones: bool = False
    fax: bool = False
    answer: bool = False
    speech: bool = False


class Record(Command, frozen=True, gc=False, tag="record"):
    """Record `leg` to `path` (relative to the recordings folder), an A-law WAV; a leg may be recorded twice at once.

    `tracks`: the leg's voice ('said'), the sound sent to it ('heard'), one track each ('both', 'said' is left), or the
    sum of them on one ('mixed').

    Ended by `StopRecord`, by the leg's end, after `longest_s`, by one of `end_keys` pressed on the leg, or after
    `silence_s` without speech on it; 0 and '': not by these. Answered by `Recorded` in every case.
    """

    leg: int
    recording: int
    path: str
    tracks: Tracks = "both"
    longest_s: float = 0.0
    end_keys: str = ""
    silence_s: float = 0.0


class StopRecord(Command, frozen=True, gc=False, tag="stop_record"):
    """End one recording."""

    recording: int


class PauseRecord(Command, frozen=True, gc=False, tag="pause_record"):
    """Write silence to all tracks of a recording from now on; not `paused`: sound again. Its length stays true."""

    recording: int
    paused: bool = True


class Transferred(Command, frozen=True, gc=False, tag="transferred"):
    """Report the end of a transfer to the phone that asked for it (`TransferWanted`).

    As SIP NOTIFY 200 or 503 (RFC 3515 2.4.5). Changes nothing else: call control clears or keeps the leg itself.
    """

    leg: int
    ok: bool


class Show(Command, frozen=True, gc=False, tag="show"):
    """Show the far end of a leg its present other party: with the next response, or in a talk by itself.

    P-Asserted-Identity (RFC 3325) in 180, 200 and UPDATE; Connected number in CONNECT (Q.951.5), which cannot be sent
    later. A number that is RESTRICTED goes, marked so, only to lines that are trusted with it.
    """

    leg: int
    party: Party


class SendKey(Command, frozen=True, gc=False, tag="send_key"):
    """Send a DTMF key to the party of a leg, in its line's form: telephone-events, INFO, or tones.

    Keys of one leg are sent one after the other. `duration_ms` is how long it was pressed, 0 if that is not known.
    """

    leg: int
    key: str
    duration_ms: int = 0


class Trace(Command, frozen=True, gc=False, tag="trace"):
    """Ask for the signalling messages of these legs that the switch remembers, also of legs that are over.

    Or, with `span`, for the newest of that span, whatever they are about. Answered by `Traced`.
    """

    request: int
    legs: tuple[int, ...]
    span: int = 0


class Measure(Command, frozen=True, gc=False, tag="measure"):
    """Ask for the quality of these legs' sound by now. Answered by `Measured`."""

    request: int
    legs: tuple[int, ...]


ChannelState = Literal[
    "in_use", "restarting", "blocked_near", "blocked_far", "testing", "looped", "out_of_service"
]  # fmt: skip
"""State of a channel that is not idle. blocked_near: by the box's technician; blocked_far: by the far end's."""
SpanAct = Literal["block", "unblock", "restart", "loop", "clear", "test", "end_test"]
Loop = Literal["none", "local", "line", "payload"]
"""local: towards us; line: all goes back, with its framing; payload: the octets of timeslots go back."""


class SpanDo(Command, frozen=True, gc=False, tag="span_do"):
    """Do a technician's work on channels of a span, without `timeslots` on all. Answered by `SpanDone`.

    block, unblock: calls may not take them; those under way go on. restart: both ends agree that they are idle (Q.931
    5.5). loop: as `loop` says. clear: the counters that are shown count from 0. test, end_test: a bit error test with a
    pattern of 2^15 - 1 bits (O.151); without `timeslots` on those without a call.
    """

    request: int
    span: int
    do: SpanAct
    timeslots: tuple[int, ...] = ()
    loop: Loop = "none"


class ReadSounds(Command, frozen=True, gc=False, tag="read_sounds"):
    """Read the owner's sound files again; sounds being played are not changed. Answered by `SoundsRead`."""

    request: int


class Confirm(Command, frozen=True, gc=False, tag="confirm"):
    """Confirm that all events up to `seq` are in the store: the switch need not keep them.

    Sent first on a new connection, to state where to go on; `tick` is then the box time that the store has seen, which
    must never be set back, even if the switch has lost its journal.
    """

    seq: int
    tick: int = 0


AnyCommand = (
    Dial
    | Proceed
    | Alert
    | Answer
    | Clear
    | Mix
    | Play
    | Hush
    | Listen
    | Record
    | StopRecord
    | PauseRecord
    | Transferred
    | Show
    | SendKey
    | Trace
    | Measure
    | SpanDo
    | ReadSounds
    | Confirm
)


# --- events, up


class Event(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Base of the switch's reports."""


class Attached(Event, frozen=True, gc=False, tag="attached"):
    """First live event of every new connection, after the replay of events that were not confirmed.

    Both sides start anew after a break: the switch clears all legs when its call server goes away, and has none when it
    was itself restarted. `legs` are those still on their way out (their `Cleared` follows); no other leg of before
    exists.
    """

    version: str
    rows: int
    legs: tuple[int, ...] = ()


class Incoming(Event, frozen=True, gc=False, tag="incoming"):
    """A new even-numbered leg from the network or from a phone.

    `span` 1.., `timeslot` 1..31, both 0 where a line has no channel.

    `called` may be incomplete (overlap receiving, Q.931 5.1.3) when `complete` is False: more comes as `Digits`.
    `replaces`: the leg whose place it shall take (RFC 3891), 0 for none.
    """

    leg: int
    line: str
    called: str
    caller: Party = Party()
    span: int = 0
    timeslot: int = 0
    complete: bool = True
    replaces: int = 0
    redirecting: Redirecting | None = None


class Digits(Event, frozen=True, gc=False, tag="digits"):
    """Further called digits of an incoming leg in overlap receiving."""

    leg: int
    digits: str
    complete: bool = False


class Seized(Event, frozen=True, gc=False, tag="seized"):
    """An outgoing leg took a channel. May come again with another channel after glare."""

    leg: int
    span: int
    timeslot: int


class Proceeding(Event, frozen=True, gc=False, tag="proceeding"):
    """Outgoing leg: the far end has the whole number."""

    leg: int


class Alerting(Event, frozen=True, gc=False, tag="alerting"):
    """Outgoing leg: the far phone rings.

    With `inband` the far end announces its own tone or announcement (Q.931 progress indicator 1 or 8, SDP);
    `EarlySound` reports whether sound comes.
    """

    leg: int
    inband: bool = False


class EarlySound(Event, frozen=True, gc=False, tag="early_sound"):
    """Outgoing leg, not answered yet: sound comes from it (RFC 3960), or with `heard` False no longer.

    Not sent for a leg from which no sound came.
    """

    leg: int
    heard: bool


class Answered(Event, frozen=True, gc=False, tag="answered"):
    """Outgoing leg: the far party answered."""

    leg: int


class ConnectedParty(Event, frozen=True, gc=False, tag="connected_party"):
    """Identity of a leg's far end, by its line: before or with the answer, and again when that changes.

    Of a phone only `presentation` counts: RESTRICTED if it does not want its number shown (Q.951.6, RFC 3323).
    """

    leg: int
    party: Party


class Cleared(Event, frozen=True, gc=False, tag="cleared"):
    """The leg is over and its channel idle.

    Exactly one for every leg that was dialled or came in, the last event of the leg. Not `connected`: an `Answer` that
    crossed with it never left. `rtp`: the quality of its sound, of a SIP leg that had some.
    """

    leg: int
    cause: int
    connected: bool = True
    rtp: Rtp | None = None


class Disconnected(Event, frozen=True, gc=False, tag="disconnected"):
    """The far end of a leg has disconnected; its channel is not idle yet, `Cleared` follows (Q.931 5.3.3, 5.3.4).

    With `inband` an announcement is to be heard until then; `Clear` ends it. Lines that clear at once do not send it.
    `connected` as of `Cleared`.
    """

    leg: int
    cause: int
    inband: bool = False
    connected: bool = True


class Held(Event, frozen=True, gc=False, tag="held"):
    """A phone put its answered leg on hold: it hears silence, or only music that call control plays (RFC 3264 8.4)."""

    leg: int


class Resumed(Event, frozen=True, gc=False, tag="resumed"):
    """A phone that held its leg wants to hear again."""

    leg: int


class Redirected(Event, frozen=True, gc=False, tag="redirected"):
    """An outgoing leg was sent elsewhere, to the number `to` (SIP 3xx, RFC 3261 21.3). `Cleared` (23) follows.

    `further`: numbers to try after it, the most wanted first (q, RFC 3261 20.10).
    """

    leg: int
    to: str
    further: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """All numbers, in the order in which they are tried."""
        return (self.to, *self.further)


class TransferWanted(Event, frozen=True, gc=False, tag="transfer_wanted"):
    """A phone wants its leg's other party transferred to the number `to` (REFER, RFC 3515).

    `with_leg` 0: blind. Else attended (RFC 3891): the other party shall talk to the other party of that leg, which is
    one of ours, of the same phone. Answered by `Transferred`, unless the leg ends before.
    """

    leg: int
    to: str
    with_leg: int = 0


class Key(Event, frozen=True, gc=False, tag="key"):
    """A DTMF key ended on a leg: in-band, RFC 4733 or SIP INFO, each press once.

    With `inband` it was in the leg's sound, so that listeners of the leg have heard it.
    """

    leg: int
    key: str
    duration_ms: int
    level_dbm0: float = 0.0
    inband: bool = False


class Heard(Event, frozen=True, gc=False, tag="heard"):
    """A sound of a leg that `Listen` asked for.

    `kind` 'tone' with `what` a tone of the country ('busy'), 'fax' with 'cng' or 'ced', 'answer' with 'human',
    'machine' or 'unsure', and 'beep' for each beep after which a machine listens; 'speech' with 'begins' (after two
    ticks of it) and 'ends' (when it has been silent for longer than between words).
    """

    leg: int
    kind: str
    what: str


class Played(Event, frozen=True, gc=False, tag="played"):
    """A play list came to its end. Sounds that do not exist were passed over and are named in `missing`."""

    leg: int
    play: int
    missing: tuple[str, ...] = ()


class Recorded(Event, frozen=True, gc=False, tag="recorded"):
    """A recording is closed.

    `error` names the fault ('' if none); `samples` per track are on disk and playable.
    """

    recording: int
    samples: int
    error: str = ""
    why: RecordingEnd = "stopped"


class SpanState(Event, frozen=True, gc=False, tag="span_state"):
    """A span's alarms changed, or it went into or out of service; sent again for every span after `Attached`.

    `alarms` names as in drivers.span.Alarm, e.g. ('RED',). `in_service`: calls can be set up. `cause`: '' in service,
    else 'd_channel' (the carrier of the signalling is down) or 'alarms'.
    """

    span: int
    address: str
    alarms: tuple[str, ...]
    in_service: bool
    cause: str = ""


class Trouble(Event, frozen=True, gc=False, tag="trouble"):
    """A trouble that ended no call: late ticks, malformed frames, disk.

    `text` is a msgid, filled in with `values` where it is shown.
    """

    kind: str
    text: str
    count: int = 1
    values: dict[str, str] = {}


class Heartbeat(Event, frozen=True, gc=False, tag="heartbeat"):
    """Box time goes on; sent when nothing else was for some ticks.

    Not kept, not confirmed (its envelope repeats the last seq).
    """


class BitTest(msgspec.Struct, frozen=True, kw_only=True):
    """A bit error test of a timeslot so far. `synced`: the pattern comes back.

    `bits` of them were compared, `errors` of these were wrong; `errored_s`: seconds with errors or without the pattern;
    `losses`: how often it was lost (a slip, a break), `unsynced_s`: time without it.
    """

    timeslot: int
    synced: bool
    seconds: float
    bits: int
    errors: int
    errored_s: int
    losses: int
    unsynced_s: float


class SpanReport(msgspec.Struct, frozen=True, kw_only=True):
    """A span by the box's and by its driver's observation. None: not known on this kind of span, which is not 0.

    `kind` is its carrier ('E1', 'TDMoE', ...), `loss` the reason of RED (as drivers.span.Loss), `clock` the configured
    clock, `clock_source` the span whose far end the card follows (0: none), `recent` how much each counter grew in the
    last `recent_s` seconds, `verdicts` their meaning (`switch.lines.span.verdict`), the worst first. `channels`: state
    of each channel that is not idle; `acts` and `loops`: what can be done with the span; `loop`: that is set; `tests`:
    bit error tests under way.
    """

    span: int
    address: str
    kind: str
    description: str
    signalling: str
    side: str
    clock: str
    alarms: tuple[str, ...]
    loss: str | None
    d_channel_up: bool | None
    clock_source: int | None
    counters: dict[str, int | None]
    recent: dict[str, int]
    recent_s: float
    verdicts: tuple[str, ...]
    channels: dict[int, ChannelState] = {}
    acts: tuple[SpanAct, ...] = ()
    loops: tuple[Loop, ...] = ()
    loop: Loop = "none"
    tests: tuple[BitTest, ...] = ()


class CardReport(msgspec.Struct, frozen=True):
    """One line of `mxbox status`: a card or a span of it, its rows, its counters by name; of a span, all about it.

    `name` and `detail` are msgids, filled in with `values` where they are shown.
    """

    name: str
    detail: str
    in_use: int
    rows: int
    healthy: bool
    counters: dict[str, int] = {}
    span: SpanReport | None = None
    values: dict[str, str] = {}


class StatusReport(Event, frozen=True, tag="status_report"):
    """State of the switch, once a second. Not kept, not confirmed (its envelope repeats the last seq).

    Times of the tick's work in microseconds, over the last second's ticks (p50, p99) and since the start (max);
    `late_ticks` since the start. `levels`: level of each leg's voice that is up, in whole dBm0; `speaking`: those of
    them with speech.
    """

    late_ticks: int
    tick_us_p50: float
    tick_us_p99: float
    tick_us_max: float
    cards: tuple[CardReport, ...] = ()
    levels: dict[int, int] = {}
    speaking: tuple[int, ...] = ()


Signalling = Literal["sip", "pri", "r2", "ss7"]


class SignalMessage(msgspec.Struct, frozen=True, gc=False):
    """A message of a leg's signalling, without its secrets. `time_us` since 1970; `sent` by us, else to us.

    `brief` is the message in a few words, in the terms of its standard, '' of SIP, whose `text` says it in its first
    line. `octets` are those of the line, of signallings that are no text: for PRI a frame of LAPD without its FCS.
    """

    leg: int
    time_us: int
    sent: bool
    peer: str
    text: str
    signalling: Signalling = "sip"
    brief: str = ""
    octets: bytes = b""


class Traced(Event, frozen=True, tag="traced"):
    """Answer to `Trace`, oldest first. Not kept, not confirmed (its envelope repeats the last seq)."""

    request: int
    messages: tuple[SignalMessage, ...]


class Measured(Event, frozen=True, tag="measured"):
    """Answer to `Measure`: of legs that have packets. Not kept, not confirmed, as `Traced`."""

    request: int
    rtp: dict[int, Rtp]


class SpanDone(Event, frozen=True, tag="span_done"):
    """Answer to `SpanDo`: done to `timeslots`; with an `error`, a msgid like `hint` with `values`, it was not done."""

    request: int
    error: str = ""
    hint: str = ""
    values: dict[str, str] = {}
    timeslots: tuple[int, ...] = ()


class SoundsRead(Event, frozen=True, gc=False, tag="sounds_read"):
    """Answer to `ReadSounds`: from now on the files of now are played. Not kept, not confirmed, as `Traced`.

    `troubles`: files that cannot be played.
    """

    request: int
    troubles: tuple[Trouble, ...] = ()


AnyEvent = (
    Attached
    | Incoming
    | Digits
    | Seized
    | Proceeding
    | Alerting
    | EarlySound
    | Answered
    | Cleared
    | Held
    | Resumed
    | Redirected
    | TransferWanted
    | Key
    | Heard
    | Played
    | Recorded
    | SpanState
    | Trouble
    | Heartbeat
    | StatusReport
    | Traced
    | Measured
    | SpanDone
    | SoundsRead
    | Disconnected
    | ConnectedParty
)


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """An event with its place in the order of all events of the box's life, and its tick of box time."""

    seq: int
    tick: int
    event: AnyEvent
