# SPDX-License-Identifier: GPL-2.0-or-later
"""Call control's records, in the order of events: the facts from which CDRs, queue logs, ledger and reports are read.

`engine.handle` returns these beside its commands; all records of one event go into the store in one transaction, with
the event's `seq`. Every record happened at the tick of that transaction, so none carries a time of its own. A record
about a part of a call names the call: the books keep a call's rows together. Numbers of calls, segments, offers,
recordings are assigned by call control and never used twice in the life of a box. `asked_by` is the user of the machine
whose request by the control API it was, '' without one.
"""

from typing import Literal

import msgspec

from appliance.contract.choices import Choice
from appliance.contract.rtp import Rtp
from appliance.contract.supervision import Act
from appliance.contract.switch import Party
from appliance.i18n import filled

Direction = Literal["in", "out", "internal"]
Role = Literal["caller", "agent", "extension", "outside", "supervisor", "member"]
SegmentKind = Literal["flow", "queue", "ring", "announce", "talk", "hold", "park", "message"]
Disposition = Literal["answered", "no_answer", "busy", "abandoned", "rejected", "failed", "interrupted"]
NotAdmitted = Literal["full", "no_agents", "closed", "long_wait", "service_level"]
LeaveReason = Literal[
    "answered", "abandoned", "timeout", "key", "left", "taken_out", "interrupted", "call_back", NotAdmitted
]
MissedWhy = Literal["busy", "no_answer", "rejected", "failed", "machine", "agent", "interrupted"]
CallBackResult = Literal["reached", "given_up", "cancelled"]
CallBackWhy = Literal[MissedWhy, "", "refused", "expired", "by_person", "called_again", "served", "queue_gone"]
PlanState = Literal["by_plan", "open", "closed"]
OfferResult = Literal["answered", "no_answer", "busy", "rejected", "failed", "withdrawn", "interrupted"]
SurveyBy = Literal["end", "code", "flow"]
SurveyResult = Literal["answered", "nothing", "hung_up", "interrupted"]
AgentStatus = Literal["signed_out", "ready", "paused"]
Setting = Literal["forward_always", "forward_busy", "forward_no_answer", "do_not_disturb", "call_waiting", "messages"]
PinOwner = Literal["agent", "extension"]
RoomChange = Literal[
    "joined", "left", "muted", "unmuted", "asked", "withdrew", "granted", "revoked", "removed",
    "locked", "unlocked", "called", "ended",
]  # fmt: skip
MessageWhy = Literal["busy", "no_answer", "after_hours", "dialled"]
MessageMark = Literal["new", "heard", "saved", "deleted"]
TaskState = Literal["", "open", "taken", "done"]
AgentState = Literal["signed_out", "paused", "idle", "offered", "talking", "wrap_up", "unreachable"]


class Record(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Base of the facts."""


class CallOpened(Record, frozen=True, gc=False, tag="call_opened"):
    """A call begins with its first leg. Written again, same `call`, when overlap receiving has the whole number."""

    call: int
    direction: Direction
    caller: Party
    called: str
    flow: str = ""
    asked_by: str = ""


class CallAnswered(Record, frozen=True, gc=False, tag="call_answered"):
    """The call was answered: by the flow, an agent, a phone, or outside. Once a call; charging starts."""

    call: int


class CallReleased(Record, frozen=True, gc=False, tag="call_released"):
    """Its clearing begins: the first party has left, or the box clears its parties. Once a call; charging ends.

    Q.931 5.3.3 and 5.3.4: with DISCONNECT the B channel is disconnected, however late RELEASE COMPLETE comes.
    """

    call: int
    asked_by: str = ""


class CallNotAnswered(Record, frozen=True, gc=False, tag="call_not_answered"):
    """The answer that `CallAnswered` reported never left: the caller was gone before it. Nothing is charged."""

    call: int


class CallClosed(Record, frozen=True, gc=False, tag="call_closed"):
    """The last leg is gone. `by`: the side that ended it."""

    call: int
    disposition: Disposition
    cause: int
    by: Literal["caller", "callee", "box", "line"] = "line"


class LegOpened(Record, frozen=True, gc=False, tag="leg_opened"):
    """A leg of the call: its party and its line. `agent`: the agent's number if it is one, rung by a queue or not.

    `redirecting`: the last number that sent the call on to this one; '' without one.
    """

    leg: int
    call: int
    line: str
    role: Role
    number: str
    agent: str = ""
    redirecting: str = ""


class LegAnswered(Record, frozen=True, gc=False, tag="leg_answered"):
    """The leg's voice path is open and counts."""

    leg: int
    call: int


class LegClosed(Record, frozen=True, gc=False, tag="leg_closed"):
    """The leg is over; its seizure, if any, ends with it. `cause` Q.850; 0: it was moved to another call.

    Not `connected`: it was answered by the box, and gone before the answer left. `rtp`: the quality of its sound, of a
    SIP leg that had some.
    """

    leg: int
    call: int
    cause: int
    connected: bool = True
    rtp: Rtp | None = None


class ChannelSeized(Record, frozen=True, gc=False, tag="channel_seized"):
    """A channel of a span belongs to the leg from now on (a seizure of the same leg before it ends here: glare)."""

    leg: int
    call: int
    span: int
    timeslot: int


class SegmentOpened(Record, frozen=True, gc=False, tag="segment_opened"):
    """From now on `legs` hear each other, or a flow or a queue; `what` names it (flow/node, queue, agent)."""

    segment: int
    call: int
    kind: SegmentKind
    legs: tuple[int, ...]
    what: str = ""


class SegmentClosed(Record, frozen=True, gc=False, tag="segment_closed"):
    """The segment is over."""

    segment: int
    call: int


class KeyPressed(Record, frozen=True, gc=False, tag="key_pressed"):
    """A key that a flow took at a node, or the field keyed/NAME; `accepted`: whether it had a meaning there."""

    call: int
    leg: int
    key: str
    node: str
    accepted: bool


class QueueEntered(Record, frozen=True, gc=False, tag="queue_entered"):
    """A caller begins to wait. `predicted`: ticks that the wait will take by the forecast, None: nothing tells."""

    call: int
    queue: str
    position: int
    predicted: int | None = 0


class QueueLeft(Record, frozen=True, gc=False, tag="queue_left"):
    """A caller no longer waits.

    long_wait, service_level: not admitted, for the wait would have been too long, or too few were served in time; key:
    the caller pressed a key to leave; call_back: a call-back waits in the caller's place.
    """

    call: int
    queue: str
    reason: LeaveReason


class QueueChose(Record, frozen=True, gc=False, tag="queue_chose"):
    """A queue chose which agents are rung for a caller; the offers follow. An agent without a free line gets none."""

    call: int
    queue: str
    choice: Choice


class OfferMade(Record, frozen=True, gc=False, tag="offer_made"):
    """An agent is rung for a caller. The strategy ring_all makes several at once for one caller."""

    offer: int
    call: int
    queue: str
    agent: str
    leg: int


class OfferEnded(Record, frozen=True, gc=False, tag="offer_ended"):
    """The result of an offer."""

    offer: int
    call: int
    result: OfferResult


class CallBackAsked(Record, frozen=True, gc=False, tag="call_back_asked"):
    """A caller hangs up and is called back: the call-back keeps the place in the queue.

    `call` is the caller's. `order` and `entered` are ticks: those of the place, as it was when the caller came. It is
    given up at the tick `expires`.
    """

    callback: int
    call: int
    queue: str
    number: str
    order: int
    entered: int
    expires: int
    language: str = ""
    needs: dict[str, int] = {}


class CallBackTried(Record, frozen=True, gc=False, tag="call_back_tried"):
    """Agents are rung for a call-back, in a call of its own: the one who answers is connected with the caller."""

    callback: int
    call: int
    queue: str


class CallBackMissed(Record, frozen=True, gc=False, tag="call_back_missed"):
    """A try did not reach the caller; the next one is made from the tick `due` on.

    machine: an answering machine; agent: no agent took it, or the agent left; interrupted: the switch was away. Those
    last two are no fault of the caller's, and are not counted.
    """

    callback: int
    call: int
    why: MissedWhy
    due: int


class CallBackMoved(Record, frozen=True, gc=False, tag="call_back_moved"):
    """A call-back has another place in its queue."""

    callback: int
    order: int


class CallBackEnded(Record, frozen=True, gc=False, tag="call_back_ended"):
    """A call-back ends. `call` is the try that reached the caller, or the call that took its place; 0: none.

    given_up: refused (the number cannot be called), expired, or why the last try failed; cancelled: by_person,
    called_again (the caller took the place), served (the caller talked with an agent meanwhile), queue_gone.
    """

    callback: int
    result: CallBackResult
    why: CallBackWhy = ""
    call: int = 0


class DataKeyed(Record, frozen=True, gc=False, tag="data_keyed"):
    """An agent keyed in a field (`[[keyed]]`) for a caller, whose call may be over. Of several the last counts.

    Not `whole`: the value was too short or too long, or its end was never keyed.
    """

    call: int
    field: str
    value: str
    whole: bool
    agent: str
    queue: str
    caller: str


class DataAsked(Record, frozen=True, gc=False, tag="data_asked"):
    """An agent is asked in the call `call` for a field about the caller of the call `served`.

    Keys pressed there from now on are a value of it, half a one until `DataKeyed` says more.
    """

    call: int
    served: int
    field: str
    agent: str
    queue: str
    caller: str


class SurveyOpened(Record, frozen=True, gc=False, tag="survey_opened"):
    """A caller is asked to rate the talk with an agent of a queue.

    `by` 'end': the agent ended the talk; 'code': the agent sent the caller; 'flow': a flow asks without a queue.
    """

    survey: int
    call: int
    queue: str
    agent: str
    by: SurveyBy


class SurveyRated(Record, frozen=True, gc=False, tag="survey_rated"):
    """The caller's rating of a question; of several of one question the last counts."""

    survey: int
    call: int
    question: str
    rating: int


class SurveyCommented(Record, frozen=True, gc=False, tag="survey_commented"):
    """The caller is asked for a comment, which is this recording."""

    survey: int
    call: int
    recording: int


class SurveyClosed(Record, frozen=True, gc=False, tag="survey_closed"):
    """A survey is over. `answered`: something was rated; else `nothing` to the end, or the caller hung up before."""

    survey: int
    call: int
    result: SurveyResult


class RoomChanged(Record, frozen=True, gc=False, tag="room_changed"):
    """A change in a conference, whose call this is; `conference`: its number, '' if it began in a talk.

    `leg` is the member that it is about, 0: the conference. `by`: the leg of the host or member whose key it was.
    """

    call: int
    conference: str
    what: RoomChange
    leg: int = 0
    by: int = 0
    host: bool = False
    asked_by: str = ""


class RecordingOpened(Record, frozen=True, gc=False, tag="recording_opened"):
    """A recording of `leg` was asked for; `path` relative to the recordings folder. `rule` as in `RecordingDecided`."""

    recording: int
    call: int
    leg: int
    path: str
    rule: str = ""


class RecordingDecided(Record, frozen=True, gc=False, tag="recording_decided"):
    """A `[[recording_rule]]` decided whether the call is recorded from now on.

    `rule` is its name; '': none fits, `recording.rule` decided. `announced`: the parties were told. `asked`: a person
    decided in place of the rules, at the extension `phone` or by the control API; also '' rule then.
    """

    call: int
    rule: str
    wanted: bool
    announced: bool = False
    asked: bool = False
    phone: str = ""
    asked_by: str = ""


class RecordingPaused(Record, frozen=True, gc=False, tag="recording_paused"):
    """Silence is recorded on both tracks from now on; `phone`: the extension where that was asked for."""

    recording: int
    call: int
    phone: str = ""
    asked_by: str = ""


class RecordingResumed(Record, frozen=True, gc=False, tag="recording_resumed"):
    """Sound is recorded again. A recording that ends during a pause has no such record."""

    recording: int
    call: int
    phone: str = ""
    asked_by: str = ""


class RecordingClosed(Record, frozen=True, gc=False, tag="recording_closed"):
    """Its length in samples per track; `error` '' or the fault."""

    recording: int
    samples: int
    error: str = ""


class MessageOpened(Record, frozen=True, gc=False, tag="message_opened"):
    """A caller begins to speak a message into a box, or its owner a greeting of it for calls that are `greeting`.

    With `greeting` "prompt" it is a prompt of the house, for which `box` stands with `asks.PROMPT_PREFIX`.
    `why` the call came there. `message` numbers messages and recordings alike; `path` as of recordings. `passed`: the
    message of another box that was passed on; its caller, file and time (`left_at`, Unix milliseconds) are kept.
    """

    message: int
    box: str
    call: int
    leg: int
    path: str
    caller: Party
    why: MessageWhy
    greeting: Literal["", "busy", "no_answer", "after_hours", "prompt"] = ""
    passed: int = 0
    left_at: int = 0


class MessageClosed(Record, frozen=True, gc=False, tag="message_closed"):
    """The message is over; `error` '' or the fault. `kept`: it is in its box from now on; else it is too short."""

    message: int
    samples: int
    error: str = ""
    kept: bool = True


class MessageMarked(Record, frozen=True, gc=False, tag="message_marked"):
    """A message was listened to, is new again, shall outlive its time in the box, or was deleted.

    `by`: the extension at which it was done, or the number of the agent there.
    """

    message: int
    mark: MessageMark
    by: str = ""
    asked_by: str = ""


class MessageTasked(Record, frozen=True, gc=False, tag="message_tasked"):
    """The message of a queue's box as a task: `due_at` (Unix milliseconds), and who took it and has finished it."""

    message: int
    state: TaskState
    owner: str = ""
    due_at: int = 0
    asked_by: str = ""


class AgentChanged(Record, frozen=True, gc=False, tag="agent_changed"):
    """The agent's own choice and the state that the box observes, from now on.

    `extension` is the phone that rings; `borrowed`: the agent signed in there, it is not the configured one. `locked`:
    the pause ends with the code that the agent chose for it.
    """

    agent: str
    status: AgentStatus
    state: AgentState
    reason: str = ""
    asked_by: str = ""
    extension: str = ""
    borrowed: bool = False
    locked: bool = False


class WrapUpCoded(Record, frozen=True, gc=False, tag="wrap_up_coded"):
    """An agent says what a call was about: a key of `agents.wrap_up_codes`, and its name. The last one counts.

    It comes during the talk or after it, mostly when the call is closed.
    """

    call: int
    agent: str
    key: str
    name: str
    asked_by: str = ""


class PinsCounted(Record, frozen=True, gc=False, tag="pins_counted"):
    """How many wrong PINs there were of an agent in a row, or at the phone of an extension; 0 after the right one.

    `locked_s`: none is taken for so long.
    """

    owner: PinOwner
    number: str
    wrong: int
    locked_s: float = 0.0


class SupervisorActed(Record, frozen=True, gc=False, tag="supervisor_acted"):
    """A supervisor at the phone `extension` did something in a call, in the talk of `agent` if it is a talk of one.

    `extension` '': it was asked for by the control API alone. `what`: the number to which the caller was sent, or the
    caller's new place or priority in the queue.
    """

    call: int
    act: Act
    extension: str = ""
    agent: str = ""
    what: str = ""
    asked_by: str = ""


class SettingChanged(Record, frozen=True, gc=False, tag="setting_changed"):
    """A phone's setting was changed: the number of a forward, '1' of a switch, 'new/heard' of messages; or ''."""

    extension: str
    setting: Setting
    value: str
    asked_by: str = ""


class PlanSwitched(Record, frozen=True, gc=False, tag="plan_switched"):
    """A time plan was switched by hand, or back to its own times (`by_plan`).

    It holds until `until` (Unix milliseconds), 0: until further notice. `extension`: the phone that did it; '': a
    request did, or the time was over.
    """

    plan: str
    state: PlanState
    until: int = 0
    extension: str = ""
    asked_by: str = ""


class DutySet(Record, frozen=True, gc=False, tag="duty_set"):
    """A slot of a duty list was set: those on duty at some times, the deputies last; none: it was removed."""

    duty: str
    when: str
    call: tuple[str, ...]
    asked_by: str = ""


class TroubleNoted(Record, frozen=True, gc=False, tag="trouble_noted"):
    """A trouble: `text` is a msgid, filled in with `values` where it is shown."""

    kind: str
    text: str
    count: int = 1
    values: dict[str, str] = {}

    @property
    def english(self) -> str:
        """The text, filled in."""
        return filled(self.text, self.values)


AnyRecord = (
    CallOpened
    | CallAnswered
    | CallReleased
    | CallNotAnswered
    | CallClosed
    | LegOpened
    | LegAnswered
    | LegClosed
    | ChannelSeized
    | SegmentOpened
    | SegmentClosed
    | KeyPressed
    | QueueEntered
    | QueueLeft
    | QueueChose
    | OfferMade
    | OfferEnded
    | CallBackAsked
    | CallBackTried
    | CallBackMissed
    | CallBackMoved
    | CallBackEnded
    | DataKeyed
    | DataAsked
    | SurveyOpened
    | SurveyRated
    | SurveyCommented
    | SurveyClosed
    | RoomChanged
    | RecordingOpened
    | RecordingDecided
    | RecordingPaused
    | RecordingResumed
    | RecordingClosed
    | MessageOpened
    | MessageClosed
    | MessageMarked
    | MessageTasked
    | AgentChanged
    | WrapUpCoded
    | PinsCounted
    | SupervisorActed
    | SettingChanged
    | PlanSwitched
    | DutySet
    | TroubleNoted
)
