# SPDX-License-Identifier: GPL-2.0-or-later
"""The control API: requests to a running box and its replies. For integrators: `appliance/api/README.md`.

A Unix socket, `<run>/control.sock`. One JSON document a line: the box begins with `Hello`; each request line (its kind
is in `ask`) is answered by one reply line (its kind is in `reply`), in order. `Subscribe` turns its connection into a
stream of `Update` lines. Times are Unix milliseconds UTC where named `started_at`, `since`, `until`, `at`; lengths are
seconds of box time.
"""

from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import Meta

from appliance.contract.access import Do, Kind, OperationRow, UserRow
from appliance.contract.callbacks import CallBackRow, CallBackTotal
from appliance.contract.day import BoxDay, HourRow, QueueDay
from appliance.contract.desk import DeskView, InTalk
from appliance.contract.directory import DirectoryRow
from appliance.contract.duties import DutyRow
from appliance.contract.edge import EdgeBlock, EdgeState
from appliance.contract.machine import Absent, MachineRow
from appliance.contract.message_row import MessageRow
from appliance.contract.phone_row import PhoneRow
from appliance.contract.plans import PlanRow
from appliance.contract.prompt_rows import PromptChange, PromptRow
from appliance.contract.quality import (
    QualityEvent,
    QualityState,
    QualityStep,
    Sampled,
    SampledAgent,
    ScoreCard,
)
from appliance.contract.records import AgentStatus, AnyRecord, Disposition, PlanState, Setting, TaskState
from appliance.contract.restarts import Restart
from appliance.contract.rights import Right
from appliance.contract.routes import Leads
from appliance.contract.rows import (
    AgentDay,
    AgentRow,
    AgentTotal,
    CdrRow,
    ChoiceRow,
    ConferenceLogRow,
    Coverage,
    ForecastRow,
    KeyedRow,
    LedgerResult,
    LiveCall,
    QueueRow,
    RecordingRow,
    StoreStatus,
    SupervisorRow,
    SurveyRow,
    SurveyTotal,
    TroubleRow,
)
from appliance.contract.supervision import Mode, Priority
from appliance.contract.switch import Loop, SignalMessage, SpanState, StatusReport
from appliance.contract.upkeep import JobRow, QuarterRow
from appliance.contract.views import ConferenceView
from appliance.contract.whole_call import KeyRow, OfferRow, SegmentRow, StayRow, WaitRow
from appliance.i18n import filled

API_VERSION: Final = 1
"""Raised when a program written for the version before would be wrong; new fields and requests do not raise it."""

MAX_LINE = 1 << 20
"""Longest request line in bytes, without the line feed: a configuration fits. Replies are bound by `limit` alone."""

NOTE_MAX = 500
"""Characters of a trouble that another process notes, and of a reason for a change."""

Limit = Annotated[int, Meta(ge=1, le=10_000)]
Month = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2})?$")]
"""A month (UTC) of the archive, like 2026-01; empty: the books."""
LockCode = Annotated[str, Meta(pattern=r"^[0-9]{0,16}\Z")]
"""A lock code of a pause: digits, for it may be keyed at a phone as well; empty: none."""
PromptName = Annotated[str, Meta(pattern=r"^(en|zh)/[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*\Z", max_length=80)]
"""A prompt: its language and its name, as flows name it."""
SoundVersion = Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")]
"""A sound that a prompt has or had; empty: the built-in one."""
MessageChange = Literal["new", "heard", "saved", "deleted", "open", "taken", "done"]
ConferenceChange = Literal["mute", "unmute", "grant", "revoke", "remove", "lock", "unlock", "end"]
Topic = Literal[
    "calls",
    "queues",
    "agents",
    "keyed",
    "surveys",
    "recordings",
    "messages",
    "troubles",
    "spans",
    "status",
    "jobs",
    "supervision",
]

# --- requests -------------------------------------------------------------------------------------------------------


class Request(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="ask",
    tag=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of requests. `right` is the right that a user of the machine needs for it; for those who sign in: `needs`.

    `why`: the reason for a change, for the operation log.
    """

    right: ClassVar[Right] = "read"
    why: Annotated[str, Meta(max_length=NOTE_MAX)] = ""


class Status(Request, frozen=True, tag="status"):
    """Request for the state of the box. Answered by `StatusReply`."""


class Spans(Request, frozen=True, tag="spans"):
    """Request for the state of the spans. Answered by `SpansReply`."""


class Calls(Request, frozen=True, tag="calls"):
    """Request for the calls that are up. Answered by `CallsReply`."""


class Cdr(Request, frozen=True, tag="cdr"):
    """Request for call detail records, newest first. Answered by `CdrReply`.

    `since` <= start < `until` (0: no bound). `number` is the caller's or the called one; '*' stands for any digits.
    `before` continues a list: only calls numbered below it. `agent` had the call last, or talked with the caller;
    `queue` had it last; `result` is its disposition. `archive` is a month (2026-01): its archived calls are returned
    instead of those in the books.
    """

    since: int = 0
    until: int = 0
    number: str = ""
    before: int = 0
    limit: Limit = 50
    agent: str = ""
    queue: str = ""
    result: Disposition | Literal[""] = ""
    archive: Month = ""


class Recordings(Request, frozen=True, tag="recordings"):
    """Request for recordings, newest first. Answered by `RecordingsReply`. Filters as in `Cdr`; `call` 0: any.

    `min_s` is the shortest length, `max_s` the longest (0: any). `caller` and `called` are as `number`, of one side;
    `rule` is the recording rule by which it began. `qc` is the state of its review, 'none' without one; `score_min` and
    `score_max` bound its score, 0 to 100. `archive` as in `Cdr`. `rating_min` and `rating_max` bound a rating that the
    caller gave in a survey (0: any); `least_calls`: of callers who called at least so often in the period.
    """

    since: int = 0
    until: int = 0
    number: str = ""
    agent: str = ""
    call: int = 0
    min_s: float = 0.0
    before: int = 0
    limit: Limit = 50
    caller: str = ""
    called: str = ""
    queue: str = ""
    rule: str = ""
    max_s: float = 0.0
    qc: QualityState | Literal["none", ""] = ""
    score_min: float = 0.0
    score_max: float = 100.0
    archive: Month = ""
    rating_min: int = 0
    rating_max: int = 0
    least_calls: int = 0


class Messages(Request, frozen=True, tag="messages"):
    """Request for voice messages in boxes, newest first. Answered by `MessagesReply`.

    `box` is the name of one, '' for all; `state` is that of tasks; `before` continues a list. `deleted`:
    also those that have left their boxes.
    """

    box: str = ""
    state: TaskState = ""
    before: int = 0
    limit: Limit = 50
    deleted: bool = False


class ChangeMessage(Request, frozen=True, tag="change_message"):
    """Request to change a message: `new`, `heard`, `saved` (not deleted for its age), `deleted`. Answered by `Done`.

    Of a queue's box also as a task: `open`, `taken` by the agent `owner`, `done` (`owner` '': the one before).
    """

    right: ClassVar[Right] = "control"
    message: int
    change: MessageChange
    owner: str = ""


class Ledger(Request, frozen=True, tag="ledger"):
    """Request for an audit of the books. Answered by `LedgerReply`. With `files`, recordings' files are measured."""

    files: bool = True


class Agents(Request, frozen=True, tag="agents"):
    """Request for the state of all agents. Answered by `AgentsReply`."""


class AgentTotals(Request, frozen=True, tag="agent_totals"):
    """Request for what agents did in a period: times by state and by reason of pauses, wrap-up codes.

    `since` <= time < `until` (0: no bound); `agent` '': all of them. Answered by `AgentTotalsReply`.
    """

    since: int = 0
    until: int = 0
    agent: str = ""


class Queues(Request, frozen=True, tag="queues"):
    """Request for the state of all queues, with their callers. Answered by `QueuesReply`."""


class System(Request, frozen=True, tag="system"):
    """Request for the machine: processors, memory, disks, clock, temperature, versions. Answered by `SystemReply`."""


class Figures(Request, frozen=True, tag="figures"):
    """Request for the figures of a local day (ISO 8601), '' for today: of the box by hour, of queues and agents.

    Answered by `FiguresReply`.
    """

    day: str = ""


class WholeCall(Request, frozen=True, tag="call"):
    """Request for all of one call, present or past: legs, segments, keys, queues, offers, recordings, quality of sound.

    Answered by `WholeCallReply`.
    """

    call: int


class Trace(Request, frozen=True, tag="trace"):
    """Request for the messages of the signalling of a call's legs, of all kinds, as far as the switch keeps them.

    Or, with `span`, for the newest ones of that span, also those of no call. Answered by `TraceReply`.
    """

    call: int = 0
    span: int = 0


class ChangeSpan(Request, frozen=True, tag="span_do"):
    """Request to do a technician's work on channels of a span, without `timeslots` on all of them. Answered by `Done`.

    block, unblock: no call may take them; calls under way go on, and a restart of the box changes nothing. restart:
    both ends agree that they are idle. loop: as `loop` says, see `loops` of the span's report. clear: counters.
    """

    right: ClassVar[Right] = "control"
    span: int
    do: Literal["block", "unblock", "restart", "loop", "clear"]
    timeslots: tuple[Annotated[int, Meta(ge=1, le=31)], ...] = ()
    loop: Loop = "none"


class TestSpan(Request, frozen=True, tag="span_test"):
    """Request for a bit error test (O.151, 2^15 - 1 bits) of timeslots, without any of those without a call.

    The far end has to loop them, or to send the pattern. Answered by `JobsReply` with the job, whose `tests` are told.
    """

    __test__: ClassVar[bool] = False  # it is no test of pytest's
    right: ClassVar[Right] = "control"
    span: int
    timeslots: tuple[Annotated[int, Meta(ge=1, le=31)], ...] = ()
    seconds: Annotated[int, Meta(ge=1, le=86_400)] = 60


class SpanQuarters(Request, frozen=True, tag="span_quarters"):
    """Request for counters of spans by quarter hour, newest first; `span` 0: all. Answered by `SpanQuartersReply`.

    `since` <= begin of the quarter < `until` (0: no bound).
    """

    span: int = 0
    since: int = 0
    until: int = 0


class Jobs(Request, frozen=True, tag="jobs"):
    """Request for work that lasts, with that which has ended. Answered by `JobsReply`; changes: topic `jobs`."""


class StopJob(Request, frozen=True, tag="stop_job"):
    """Request to stop work that lasts. Answered by `JobsReply` with the job when it has ended."""

    right: ClassVar[Right] = "control"
    job: int


class SipLadder(Request, frozen=True, tag="sip_ladder"):
    """Request for the SIP messages of a call's legs, as far as the switch keeps them. Answered by `SipLadderReply`."""

    call: int


class Choices(Request, frozen=True, tag="choices"):
    """Request for the choices of agents that queues made for a call, also a past one. Answered by `ChoicesReply`."""

    call: int


class Forecasts(Request, frozen=True, tag="forecasts"):
    """Request for the error of the forecasts of waits. Answered by `ForecastsReply`. Period as in `Cdr`.

    `queue` '': all queues.
    """

    since: int = 0
    until: int = 0
    queue: str = ""


class Keyed(Request, frozen=True, tag="keyed"):
    """Request for data that agents keyed in for callers, newest first. Answered by `KeyedReply`. Filters as in `Cdr`.

    `caller` is the caller's number, with '*' for any digits; `field` the name of the field, `value` what was keyed in;
    `call` 0: any. `before` continues a list: only values numbered below it.
    """

    since: int = 0
    until: int = 0
    caller: str = ""
    agent: str = ""
    queue: str = ""
    field: str = ""
    value: str = ""
    call: int = 0
    before: int = 0
    limit: Limit = 50


class CallBacks(Request, frozen=True, tag="call_backs"):
    """Request for call-backs of queues, newest first. Answered by `CallBacksReply`. Period as in `Cdr`.

    `call`: that in which it was asked for, or a try; 0: any. `waits`: only those that have not ended. `before`
    continues a list: only call-backs numbered below it.
    """

    since: int = 0
    until: int = 0
    queue: str = ""
    number: str = ""
    call: int = 0
    waits: bool = False
    before: int = 0
    limit: Limit = 50


class Surveys(Request, frozen=True, tag="surveys"):
    """Request for surveys, newest first. Answered by `SurveysReply`. Filters as in `Cdr`; `call` 0: any.

    `before` continues a list: only surveys numbered below it.
    """

    since: int = 0
    until: int = 0
    agent: str = ""
    queue: str = ""
    call: int = 0
    before: int = 0
    limit: Limit = 50


class SurveyTotals(Request, frozen=True, tag="survey_totals"):
    """Request for totals of surveys by agent and by queue. Answered by `SurveyTotalsReply`. Period as in `Cdr`."""

    since: int = 0
    until: int = 0


class Troubles(Request, frozen=True, tag="troubles"):
    """Request for troubles, newest first. Answered by `TroublesReply`.

    `since` <= time of the trouble (0: no bound); `kind` '': all kinds.
    """

    limit: Limit = 50
    since: int = 0
    kind: str = ""


class SetAgent(Request, frozen=True, tag="set_agent"):
    """Request to sign an agent in or out, to pause or to resume. Answered by `Done`.

    `extension` is the phone at which the agent signs in, until sign-out; '': as before, or the configured one. `lock`
    is the code with which the pause that begins is to end (`agents.lock_pause`), or that of the pause that ends: a role
    for own things alone needs it.
    """

    right: ClassVar[Right] = "control"
    agent: str
    status: AgentStatus
    reason: str = ""
    extension: str = ""
    lock: LockCode = ""


class SetWrapUpCode(Request, frozen=True, tag="set_wrap_up_code"):
    """Request to say what the last call was about that an agent answered; again: in place of the code before.

    `code` is a key of `agents.wrap_up_codes`. Answered by `Done`.
    """

    right: ClassVar[Right] = "control"
    agent: str
    code: str


class Originate(Request, frozen=True, tag="originate"):
    """Request to ring an extension and, when it answers, to call `called` for it, as if it had dialled.

    Answered by `Done` as soon as it is begun.
    """

    right: ClassVar[Right] = "control"
    extension: str
    called: str


class HangUp(Request, frozen=True, tag="hang_up"):
    """Request to end a call. Answered by `Done`; the call ends when its legs are clear."""

    right: ClassVar[Right] = "control"
    call: int


class RecordCall(Request, frozen=True, tag="record_call"):
    """Request to record a call that is up, or not to: in place of the recording rules, until 'rules'.

    'pause' has silence recorded on both tracks until 'resume', such as while a card number is said. Answered by `Done`.
    """

    right: ClassVar[Right] = "control"
    call: int
    do: Literal["record", "stop", "rules", "pause", "resume"]


class PlayRecording(Request, frozen=True, tag="play_recording"):
    """Request to ring the phone of a supervisor and to play a recording to it. Answered by `Done` as it is begun."""

    right: ClassVar[Right] = "control"
    recording: Annotated[int, Meta(ge=1)]
    extension: str


class PlayMessage(Request, frozen=True, tag="play_message"):
    """Request to ring the phone of a supervisor and to play a message of a queue's box to it.

    Messages of persons are heard at the phones of their boxes. Answered by `Done` as it is begun.
    """

    right: ClassVar[Right] = "control"
    message: Annotated[int, Meta(ge=1)]
    extension: str


class Conferences(Request, frozen=True, tag="conferences"):
    """Request for the conferences under way and their members. Answered by `ConferencesReply`."""


class ConferenceLog(Request, frozen=True, tag="conference_log"):
    """Request for what happened in a conference, also a past one, by its call. Answered by `ConferenceLogReply`."""

    call: int


class ChangeConference(Request, frozen=True, tag="change_conference"):
    """Request to change a conference, or one member of it. Answered by `Done`.

    `conference` is its number, or the number of its call; `member` the place of a member. 0: to mute, unmute and revoke
    means all guests; to grant, the guest who asked first.
    """

    right: ClassVar[Right] = "control"
    conference: str
    do: ConferenceChange
    member: Annotated[int, Meta(ge=0)] = 0


class CallIntoConference(Request, frozen=True, tag="call_into_conference"):
    """Request to call a number into a conference, as if a host called it. Answered by `Done` as soon as it is begun."""

    right: ClassVar[Right] = "control"
    conference: str
    number: str


class Supervise(Request, frozen=True, tag="supervise"):
    """Request to let an extension take part in the talk of an agent, or in talk `call`. Answered by `Done`.

    The phone is rung, and is in the talk when it answers; if it is in the talk already, it takes part in another way.
    """

    right: ClassVar[Right] = "supervise"
    extension: str
    agent: str = ""
    call: int = 0
    mode: Mode = "listen"


class ReleaseTalk(Request, frozen=True, tag="release_talk"):
    """Request to end the talk of an agent, or talk `call`. Answered by `Done`."""

    right: ClassVar[Right] = "supervise"
    agent: str = ""
    call: int = 0


class TransferTalk(Request, frozen=True, tag="transfer_talk"):
    """Request to send the party with which an agent talks to a number, as a phone dials it. Answered by `Done`.

    `call` names the talk in place of `agent`. If the call fails there, the agent's phone rings.
    """

    right: ClassVar[Right] = "supervise"
    to: str
    agent: str = ""
    call: int = 0


class TakeOut(Request, frozen=True, tag="take_out"):
    """Request to take a caller out of the queue, and to call a number for the caller. Answered by `Done`.

    `to` is a number as a phone of the house dials it: an extension, a hotline, a number outside.
    """

    right: ClassVar[Right] = "supervise"
    call: int
    to: str


class MoveWaiting(Request, frozen=True, tag="move_waiting"):
    """Request to put a caller at a place of the queue, 1 for the next one. Answered by `Done`."""

    right: ClassVar[Right] = "supervise"
    call: int
    place: Annotated[int, Meta(ge=1)]


class CancelCallBack(Request, frozen=True, tag="cancel_call_back"):
    """Request to cancel a call-back. A try under way goes on as any call. Answered by `Done`."""

    right: ClassVar[Right] = "supervise"
    callback: int


class SetPriority(Request, frozen=True, tag="set_priority"):
    """Request to set the priority of a caller who waits. Answered by `Done`."""

    right: ClassVar[Right] = "supervise"
    call: int
    priority: Priority


class SupervisorLog(Request, frozen=True, tag="supervisor_log"):
    """Request for what supervisors did, newest first. Answered by `SupervisorLogReply`.

    `since` <= time < `until` (0: no bound). `agent`: whose talk it was; `by`: the supervisor's extension or user.
    `before` continues a list: only rows numbered below it.
    """

    right: ClassVar[Right] = "supervise"
    since: int = 0
    until: int = 0
    agent: str = ""
    by: str = ""
    call: int = 0
    before: int = 0
    limit: Limit = 50


class SetPhone(Request, frozen=True, tag="set_phone"):
    """Request to change a setting of a phone; `value` a number ('' ends a forward), '1' or '' for a switch.

    Or to set what its message lamp shows: 'new/heard', '' for nothing. Answered by `Done`.
    """

    right: ClassVar[Right] = "control"
    extension: str
    setting: Setting
    value: str = ""


class NewPassword(Request, frozen=True, tag="new_password"):
    """Request for a new password of a phone that registers; the old one no longer works. By `PasswordReply`."""

    right: ClassVar[Right] = "configure"
    extension: str


class Provision(Request, frozen=True, tag="provision"):
    """Request for an address from which a telephone fetches its settings once. Answered by `ProvisionReply`.

    `maker` and `mac` '': those of the telephone that the extension has.
    """

    right: ClassVar[Right] = "configure"
    extension: str
    maker: str = ""
    mac: str = ""


class GetPhone(Request, frozen=True, tag="get_phone"):
    """Request for the settings of a phone. Answered by `PhoneReply`."""

    extension: str


class Phones(Request, frozen=True, tag="phones"):
    """Request for the extensions with the phones that are registered for them. Answered by `PhonesReply`."""


class Directory(Request, frozen=True, tag="directory"):
    """Request for the numbers that phones of the house may dial. Answered by `DirectoryReply`.

    `search`: words of a number, a name, or a name's pinyin ("lina", "ln"); all of them must be found.
    """

    search: Annotated[str, Meta(max_length=64)] = ""


class Desk(Request, frozen=True, tag="desk"):
    """Request for what a program at an agent's desk offers: reasons, codes, the box's time. By `DeskReply`."""


class ChangeTalk(Request, frozen=True, tag="talk_do"):
    """Request to do in the talk of a phone what its codes do. Answered by `Done` as soon as it is begun.

    `transfer` sends the other party to number `to`; `consult` calls it while that party waits; of a consultation:
    `back` goes back to that party, `join` connects both and clears the phone, `conference` joins all three; `park`
    parks it, and the phone says where.
    """

    right: ClassVar[Right] = "control"
    extension: str
    do: InTalk
    to: str = ""


class RouteTest(Request, frozen=True, tag="route_test"):
    """Request for the route that a call would take, and why. Answered by `RouteReply`.

    `caller` an extension, or a caller's number outside, or anonymous; `at` local time as in ISO 8601, '' for now;
    `line` the one on which a call from outside arrives.
    """

    caller: str
    called: str
    at: str = ""
    line: str = ""


class Plans(Request, frozen=True, tag="plans"):
    """Request for the time plans, or one of them, now or at `at`: local time of the site as in ISO 8601.

    Answered by `PlansReply`.
    """

    plan: str = ""
    at: str = ""


class SetPlan(Request, frozen=True, tag="set_plan"):
    """Request to open or close a time plan by hand, or to end that (`by_plan`). Answered by `Done`.

    `until`: local time of the site as in ISO 8601; "next": until the plan itself opens or closes next; '': until
    further notice.
    """

    right: ClassVar[Right] = "control"
    plan: str
    state: PlanState
    until: str = ""


class Duties(Request, frozen=True, tag="duties"):
    """Request for the duty lists, or one of them: those on duty now or at `at`, local time of the site as in ISO 8601.

    Answered by `DutiesReply`.
    """

    duty: str = ""
    at: str = ""


class SetDuty(Request, frozen=True, tag="set_duty"):
    """Request to set who is on duty at some times; `call` the numbers, the deputies last, none: the slot is removed.

    `when` is written as in the configuration: "2026-12-07..2026-12-13", "mon-fri 18:00-08:00". Answered by `Done`.
    """

    right: ClassVar[Right] = "control"
    duty: str
    when: str
    call: tuple[str, ...] = ()


class SignIn(Request, frozen=True, tag="sign_in"):
    """Request for a ticket for a user of the box, not of the machine. Answered by `SignedIn`.

    `code` is that of the second factor. `address`: where the user is, as a program says it that serves users elsewhere;
    only root and the box's own user may. From then on this connection has the user's rights and no others.
    """

    user: str
    password: str
    code: str = ""
    address: Annotated[str, Meta(max_length=64)] = ""


class UseTicket(Request, frozen=True, tag="hello"):
    """Request to go on with a ticket: this connection has its user's rights and no others. Answered by `Hello`."""

    ticket: str


class SignOut(Request, frozen=True, tag="sign_out"):
    """Request to end the ticket of this connection. Answered by `Done`; all connections with that ticket end."""


class Users(Request, frozen=True, tag="users"):
    """Request for the users who sign in, and the roles that they may have. Answered by `UsersReply`."""

    right: ClassVar[Right] = "configure"


class AddUser(Request, frozen=True, tag="add_user"):
    """Request to add a user who signs in. Answered by `Done`.

    `role` is a built-in one or a `[[role]]`; `agent` the number of the agent that this user is.
    """

    right: ClassVar[Right] = "configure"
    user: str
    role: str
    password: str
    name: Annotated[str, Meta(max_length=64)] = ""
    agent: str = ""


class ChangeUser(Request, frozen=True, tag="change_user"):
    """Request to change a user; null: as before. Answered by `Done`. The user's tickets end.

    `locked` false also forgets wrong passwords.
    """

    right: ClassVar[Right] = "configure"
    user: str
    role: str | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None
    agent: str | None = None
    locked: bool | None = None


class SetPassword(Request, frozen=True, tag="set_password"):
    """Request for a new password. Answered by `Done`. The user's other tickets end.

    `user` '': one's own, which takes the `old` one.
    """

    right: ClassVar[Right] = "configure"
    password: str
    old: str = ""
    user: str = ""


class SetSecondFactor(Request, frozen=True, tag="set_second_factor"):
    """Request for a new second factor (RFC 6238), or to end it. Answered by `SecondFactorReply`.

    `user` '': one's own, which takes the `password`. It counts from the next time the user signs in.
    """

    right: ClassVar[Right] = "configure"
    on: bool
    password: str = ""
    user: str = ""


class RemoveUser(Request, frozen=True, tag="remove_user"):
    """Request to remove a user. Answered by `Done`. The user's tickets end."""

    right: ClassVar[Right] = "configure"
    user: str


class Operations(Request, frozen=True, tag="operations"):
    """Request for the operation log, newest first. Answered by `OperationsReply`.

    `since` <= time < `until` (0: no bound); `user`: the one who did it; `what`: the name of the request. `before`
    continues a list: only rows numbered below it. `archive`: rows that left the log after `books.keep_days`.
    """

    right: ClassVar[Right] = "configure"
    since: int = 0
    until: int = 0
    user: str = ""
    what: str = ""
    before: int = 0
    limit: Limit = 50
    archive: bool = False


class VerifyOperations(Request, frozen=True, tag="verify_operations"):
    """Request to verify the operation log: whether all rows are as they were written. Answered by `VerifiedReply`."""

    right: ClassVar[Right] = "configure"


class ReloadFlows(Request, frozen=True, tag="reload_flows"):
    """Request to read the flows again. Calls in a flow stay in the version they began. Answered by `FlowsReply`.

    If one has a mistake, none changes.
    """

    right: ClassVar[Right] = "configure"


class ReloadExtensions(Request, frozen=True, tag="reload_extensions"):
    """Request to read the configuration again, all of it that counts at once (`appliance/config/live.py`).

    Answered by `ExtensionsReply`.

    Phones that register (line `phone:...`) can call and be called at once; other lines need a restart. Calls under way
    go on: removed agents finish their call, callers in a removed queue are sent on.
    """

    right: ClassVar[Right] = "configure"


FlowFile = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]
"""The name of a flow, whose text is meant; '': the configuration's."""


class GetConfig(Request, frozen=True, tag="get_config"):
    """Request for the text of the configuration, or of the `version` that the history has. Answered by `ConfigReply`.

    Secrets are shown to those alone who may change settings. `flow`: the text of that flow instead.
    """

    right: ClassVar[Right] = "configure"
    version: str = ""
    flow: FlowFile = ""


class Worded(Request, frozen=True, kw_only=True):
    """Base of requests whose answers have many words: `language` is that of the reader."""

    language: Literal["en", "zh"] = "en"


class CheckConfig(Worded, frozen=True, tag="check_config"):
    """Request to check a text of the configuration, as `mxbox config check` does. Answered by `ConfigCheckedReply`.

    `flow`: a text of that flow, as `mxbox flow check` does.
    """

    right: ClassVar[Right] = "configure"
    text: str
    flow: FlowFile = ""


class DiffConfig(Worded, frozen=True, tag="diff_config"):
    """Request for what a text would change, and what of it needs a restart. Answered by `ConfigChangesReply`.

    `text` '': what the file has changed since the start, and waits for a restart. `flow`: a text of that flow.
    """

    right: ClassVar[Right] = "configure"
    text: str = ""
    flow: FlowFile = ""


class ApplyConfig(Worded, frozen=True, tag="apply_config"):
    """Request to write a text as the configuration and to put it in force. Answered by `ConfigChangesReply`.

    `version` is that of the text on which it is based: another change in between is not overwritten. A text with
    mistakes changes nothing. `why` is kept in the history. `flow`: a text of that flow; `version` '' where it is new.
    """

    right: ClassVar[Right] = "configure"
    text: str
    version: str
    flow: FlowFile = ""


class UndoConfig(Worded, frozen=True, tag="undo_config"):
    """Request to put back the text before the last change, or that of a `version`. Answered by `ConfigChangesReply`.

    `flow`: of that flow. A change that began a flow is undone by taking its file away; its text is in the history.
    """

    right: ClassVar[Right] = "configure"
    version: str = ""
    flow: FlowFile = ""


class ConfigHistory(Request, frozen=True, tag="config_history"):
    """Request for the texts that the configuration or a `flow` had, newest first. Answered by `ConfigHistoryReply`."""

    right: ClassVar[Right] = "configure"
    limit: Limit = 50
    flow: FlowFile = ""


class SetEntry(Worded, frozen=True, tag="set_entry"):
    """Request to change one table of the configuration, or to add it, and to put it in force.

    `table` as `extension`, `name` its number or name, '' for tables that are no list (`parking`); a key that is null is
    taken out, others stay, as do comments. Answered by `ConfigChangesReply`.
    """

    right: ClassVar[Right] = "configure"
    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,32}$")]
    name: str
    values: dict[str, Any]
    version: str = ""


class RemoveEntry(Worded, frozen=True, tag="remove_entry"):
    """Request to take one table out of a list of the configuration. Answered by `ConfigChangesReply`."""

    right: ClassVar[Right] = "configure"
    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,32}$")]
    name: str
    version: str = ""


class Prompts(Request, frozen=True, tag="prompts"):
    """Request for the prompts that the box can play: all, or the owner's `own` ones. Answered by `PromptsReply`."""

    own: bool = False


class Prompt(Request, frozen=True, tag="prompt"):
    """Request for a prompt, how loud it is in `points` equal stretches, and its changes. Answered by `PromptReply`."""

    prompt: PromptName
    points: Annotated[int, Meta(ge=1, le=2000)] = 200


class PlayPrompt(Request, frozen=True, tag="play_prompt"):
    """Request to ring a phone and to play a prompt to it, or a `version` that it had. Answered by `Done`."""

    right: ClassVar[Right] = "control"
    prompt: PromptName
    extension: str
    version: SoundVersion = ""


class RecordPrompt(Request, frozen=True, tag="record_prompt"):
    """Request to ring a phone, at which a prompt is recorded, heard, and kept by a key. Answered by `Done`.

    `new`: it may be a prompt that is not there yet.
    """

    right: ClassVar[Right] = "configure"
    prompt: PromptName
    extension: str
    new: bool = False


class ReplacePrompt(Request, frozen=True, tag="replace_prompt"):
    """Request to play the sound of a WAV file in place of a prompt from now on. Answered by `PromptReply`.

    `data` is the file, in base64. A longer one comes in parts, each with the place `at` of its first byte, and with
    `more` but for the last; those are answered by `Done`. The sound gets the level of all prompts, unless `as_is`.
    `new`: it may be a prompt that is not there yet. `file`: its name, for errors and the history.
    """

    right: ClassVar[Right] = "configure"
    prompt: PromptName
    data: bytes
    at: Annotated[int, Meta(ge=0)] = 0
    more: bool = False
    as_is: bool = False
    new: bool = False
    file: Annotated[str, Meta(max_length=200)] = "file.wav"


class MakePrompt(Request, frozen=True, tag="make_prompt"):
    """Request to speak a text by the synthesiser, and to play it in place of a prompt. Answered by `PromptReply`.

    A text that was spoken for this prompt before is not spoken again. `new`: it may be one that is not there yet.
    """

    right: ClassVar[Right] = "configure"
    prompt: PromptName
    text: Annotated[str, Meta(min_length=1, max_length=1000)]
    new: bool = False


class RestorePrompt(Request, frozen=True, tag="restore_prompt"):
    """Request to play the built-in sound of a prompt again, or a `version` that it had. Answered by `PromptReply`."""

    right: ClassVar[Right] = "configure"
    prompt: PromptName
    version: SoundVersion = ""


class RecordingCoverage(Request, frozen=True, tag="recording_coverage"):
    """Request for how many talks that should be recorded are. Answered by `CoverageReply`. Period as in `Cdr`."""

    since: int = 0
    until: int = 0


class RecordingLevels(Request, frozen=True, tag="recording_levels"):
    """Request for how loud a recording is over its length, in `points` equal stretches, of each of its tracks.

    `archive` as in `Cdr`. Answered by `RecordingLevelsReply`.
    """

    recording: int
    points: Annotated[int, Meta(ge=1, le=2000)] = 200
    archive: Month = ""


class DeleteRecording(Request, frozen=True, kw_only=True, tag="delete_recording"):
    """Request to delete the file of a recording, for a reason that the books keep. Answered by `RecordingsReply`.

    The reply has the recording's row, which stays in the books with the time, the user and the reason. `archive` as in
    `Cdr`.
    """

    right: ClassVar[Right] = "configure"
    recording: int
    why: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX)]
    archive: Month = ""


class QualityOf(Request, frozen=True, tag="quality_of"):
    """Request for the steps of the reviews of a recording. Answered by `QualityReply`."""

    recording: int


class QualitySample(Request, frozen=True, tag="quality_sample"):
    """Request for the recordings that a `[[quality_plan]]` draws in a period. Answered by `QualitySampleReply`.

    The same period has the same sample, once its calls are over. `plan` '': the first one.
    """

    plan: str = ""
    since: int = 0
    until: int = 0


class Review(Request, frozen=True, tag="review"):
    """Request to take a step of the review of an agent's part of a recording. Answered by `QualityReply`.

    `agent` '' is the only one in it; `card` '' the one of the step before, or the first. `points` name every item of
    the card, null where it does not apply; 'appeal' has none, 'final' may have none: the last score stands.
    """

    right: ClassVar[Right] = "control"
    recording: int
    step: QualityStep
    agent: str = ""
    card: str = ""
    points: dict[str, float | None] = {}
    note: Annotated[str, Meta(max_length=NOTE_MAX)] = ""


class EdgeBlocked(Request, frozen=True, tag="edge_blocked"):
    """Request for the extensions and addresses that the edge blocks. Answered by `EdgeBlockedReply`."""


class EdgeUnblock(Request, frozen=True, tag="edge_unblock"):
    """Request to lift the block of an extension at an address, or all of the address, and to reset its mistakes.

    Answered by `EdgeBlockedReply` with the blocks that were lifted.
    """

    right: ClassVar[Right] = "control"
    address: str
    extension: str = ""


class Note(Request, frozen=True, tag="note"):
    """Request to note a trouble in the books. Answered by `Done`. The box's other processes use it.

    `text` has {placeholders} for `values`; as a msgid of the box's catalogue it is shown in the reader's language.
    """

    right: ClassVar[Right] = "control"
    kind: Annotated[str, Meta(pattern=r"^[a-z_]{1,32}$")]
    text: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX)]
    values: dict[Annotated[str, Meta(max_length=32)], Annotated[str, Meta(max_length=NOTE_MAX)]] = {}


class Subscribe(Request, frozen=True, tag="subscribe"):
    """Request for updates. Answered by `Subscribed`, then by `Update` lines until either side closes.

    Topic `supervision`, which is not among the default ones, takes the right `supervise` as well.

    `since`: the number of the last known update: those after it are sent first; 0: from now on. No further request is
    read on this connection. A subscriber that reads too slowly is disconnected.
    """

    topics: tuple[Topic, ...] = (
        "calls",
        "queues",
        "agents",
        "keyed",
        "surveys",
        "recordings",
        "messages",
        "troubles",
        "spans",
    )
    since: Annotated[int, Meta(ge=0)] = 0


SignRequest = SignIn | UseTicket | SignOut
"""Requests about the connection itself."""
OperationRequest = Operations | VerifyOperations
UserRequest = Users | AddUser | ChangeUser | SetPassword | SetSecondFactor | RemoveUser
ConfigRequest = GetConfig | CheckConfig | DiffConfig | ApplyConfig | UndoConfig | ConfigHistory | SetEntry | RemoveEntry
PromptRequest = Prompts | Prompt | PlayPrompt | RecordPrompt | ReplacePrompt | MakePrompt | RestorePrompt
AnyRequest = (
    SignRequest
    | PromptRequest
    | Status
    | Spans
    | Calls
    | Cdr
    | Recordings
    | DeleteRecording
    | RecordingCoverage
    | RecordingLevels
    | QualityOf
    | QualitySample
    | Review
    | Messages
    | ChangeMessage
    | Ledger
    | Agents
    | AgentTotals
    | Queues
    | Choices
    | Keyed
    | CallBacks
    | Surveys
    | SurveyTotals
    | Forecasts
    | Troubles
    | SipLadder
    | System
    | Figures
    | WholeCall
    | Trace
    | ChangeSpan
    | TestSpan
    | SpanQuarters
    | Jobs
    | StopJob
    | SetAgent
    | SetWrapUpCode
    | Originate
    | HangUp
    | RecordCall
    | PlayRecording
    | PlayMessage
    | Conferences
    | ConferenceLog
    | ChangeConference
    | CallIntoConference
    | Supervise
    | ReleaseTalk
    | TransferTalk
    | TakeOut
    | MoveWaiting
    | CancelCallBack
    | SetPriority
    | SupervisorLog
    | SetPhone
    | GetPhone
    | NewPassword
    | Provision
    | Phones
    | Directory
    | Desk
    | ChangeTalk
    | RouteTest
    | Plans
    | SetPlan
    | Duties
    | SetDuty
    | UserRequest
    | OperationRequest
    | ConfigRequest
    | ReloadFlows
    | ReloadExtensions
    | EdgeBlocked
    | EdgeUnblock
    | Note
    | Subscribe
)

# --- replies --------------------------------------------------------------------------------------------------------


class Reply(msgspec.Struct, frozen=True, tag_field="reply", tag=True):
    """Base of replies."""


class Error(Reply, frozen=True, tag="error"):
    """The request was not carried out. `message` and `hint` are English.

    They can be made in another language from `msgid`, `hint_id` and `values`.
    """

    message: str
    hint: str = ""
    msgid: str = ""
    values: dict[str, str] = {}
    hint_id: str = ""

    @classmethod
    def of(cls, msgid: str, hint: str = "", **values: object) -> "Error":
        """Return an error of msgids with {placeholders}, and the values that fill them."""
        texts = {name: str(value) for name, value in values.items()}
        return cls(filled(msgid, texts), filled(hint, texts), msgid, texts, hint)


class Hello(Reply, frozen=True, kw_only=True, tag="hello"):
    """The first line of a connection: the server's name and version, the user at the other end and that user's rights.

    `seq` is the number of the last update. Of a user who has signed in: `role`, what it holds in `access`, whether only
    of one's `own` things, and the `agent` that the user is.
    """

    server: str = "mxbox"
    version: str
    api: int = API_VERSION
    user: str
    rights: tuple[Right, ...]
    seq: int = 0
    role: str = ""
    access: dict[Kind, tuple[Do, ...]] = {}
    own: bool = False
    agent: str = ""


class SignedIn(Reply, frozen=True, kw_only=True, tag="signed_in"):
    """The ticket of a user, for `hello` on other connections. It ends after `idle_s` without use, latest at `until`.

    The rest is as in `Hello`.
    """

    ticket: str
    idle_s: float
    until: int
    user: str
    role: str
    access: dict[Kind, tuple[Do, ...]]
    own: bool = False
    agent: str = ""


class RoleRow(msgspec.Struct, frozen=True):
    """A role that users may have, and what it holds; `own`: of one's own things alone."""

    role: str
    access: dict[Kind, tuple[Do, ...]]
    own: bool = False


class UsersReply(Reply, frozen=True, tag="users"):
    """The users who sign in, by name, and the roles that they may have."""

    users: tuple[UserRow, ...]
    roles: tuple[RoleRow, ...]


class OperationsReply(Reply, frozen=True, tag="operations"):
    """Rows of the operation log, newest first."""

    operations: tuple[OperationRow, ...]


class VerifiedReply(Reply, frozen=True, tag="verified"):
    """How many rows of the operation log fit, the hash of the last, and the first that does not fit, 0 if all do.

    A hash that is written down elsewhere proves all rows up to it.
    """

    rows: int
    hash: str
    wrong: int = 0


class SecondFactorReply(Reply, frozen=True, tag="second_factor"):
    """The new second factor, shown only this once: its key (base32), and the address for authenticators. '': none."""

    user: str
    secret: str = ""
    address: str = ""


class Subscribed(Reply, frozen=True, tag="subscribed"):
    """Updates follow. `complete`: all updates after the one that was named follow; none is missing.

    Otherwise it is too old, or of before a start of the call server that did not keep them, or none was named: ask for
    the present state (`Calls`, `Queues`, `Agents`) on another connection. The `seq` of that reply says which updates it
    includes; `seq` here is that of the last update.
    """

    seq: int
    complete: bool


class Done(Reply, frozen=True, tag="done"):
    """The request was carried out. `call` is the number of the call it began or ended, 0 if none."""

    call: int = 0


class StatusReply(Reply, frozen=True, kw_only=True, tag="status"):
    """The box in one view. `at` is now.

    `switch` None: the switch is not connected, or has not reported yet. `edge` None: not enabled, or not asked yet.
    `crashes`: troubles of the last hour about crashed processes of the box, newest first. `config`: the configuration
    file in use.
    """

    version: str
    profile: str
    healthy: bool
    at: int
    up_s: float
    connected: bool
    calls_up: int
    calls_total: int
    waiting: int
    agents: dict[str, int]
    store: StoreStatus
    spans: tuple[SpanState, ...] = ()
    switch: StatusReport | None = None
    edge: EdgeState | None = None
    crashes: tuple[TroubleRow, ...] = ()
    config: str = ""


class SpansReply(Reply, frozen=True, kw_only=True, tag="spans"):
    """State of each span, and the cards' own lines (rows in use, counters) from the switch's last report."""

    spans: tuple[SpanState, ...]
    switch: StatusReport | None = None


class CallsReply(Reply, frozen=True, tag="calls"):
    """Calls that are up, oldest first, after the update numbered `seq`."""

    calls: tuple[LiveCall, ...]
    seq: int = 0


class ConferencesReply(Reply, frozen=True, tag="conferences"):
    """Conferences under way, oldest first, after the update numbered `seq`."""

    conferences: tuple[ConferenceView, ...]
    seq: int = 0


class ConferenceLogReply(Reply, frozen=True, tag="conference_log"):
    """Changes in a conference, oldest first."""

    changes: tuple[ConferenceLogRow, ...]


class CdrReply(Reply, frozen=True, tag="cdr"):
    """Call detail records, newest first."""

    calls: tuple[CdrRow, ...]


class ConfigReply(Reply, frozen=True, kw_only=True, tag="config"):
    """A text of the configuration. `hidden`: secrets in it are shown as ***; it cannot be applied so.

    `version` names the text; `file` is the path of the configuration; `flows` have a file, whether named in it or not.
    """

    text: str
    version: str
    file: str
    hidden: bool = False
    flows: tuple[str, ...] = ()


class ConfigFinding(msgspec.Struct, frozen=True):
    """A mistake in a text: its file and line, its key and value, what is wrong and what is allowed.

    `column`: that of the wrong piece in the line, 1 on; 0: the whole value.
    """

    file: str
    line: int
    key: str
    value: str
    text: str
    hint: str
    column: int = 0


class ConfigCheckedReply(Reply, frozen=True, tag="config_checked"):
    """All mistakes in a text; without any it can be applied."""

    findings: tuple[ConfigFinding, ...]


class ConfigChange(msgspec.Struct, frozen=True):
    """A setting that differs: its key, as `extension[1001].name`, both values as JSON ('': none), and what it needs.

    `needs` are the processes that have to be started again; none: it counts at once. `box`: all of it, calls end.
    """

    key: str
    before: str
    after: str
    needs: tuple[Restart, ...] = ()


class ConfigChangesReply(Reply, frozen=True, tag="config_changes"):
    """Settings that a text changes, or has changed; `version` names the text."""

    version: str
    changes: tuple[ConfigChange, ...]


class ConfigEntry(msgspec.Struct, frozen=True):
    """A text that the configuration had: `version` until `at`, when `user` replaced it by `after`, from `door`.

    The version of the empty text, `e3b0c44298fc1c14`, says that there was no such flow.
    """

    version: str
    at: int
    user: str = ""
    door: str = ""
    why: str = ""
    after: str = ""


class ConfigHistoryReply(Reply, frozen=True, tag="config_history"):
    """Texts that the configuration had, newest first; `version` names the one that it has."""

    version: str
    entries: tuple[ConfigEntry, ...]


class RecordingsReply(Reply, frozen=True, tag="recordings"):
    """Recordings, newest first; paths are relative to `folder`."""

    folder: str
    recordings: tuple[RecordingRow, ...]


class MessagesReply(Reply, frozen=True, tag="messages"):
    """Messages, newest first; paths are relative to `folder`."""

    folder: str
    messages: tuple[MessageRow, ...]


class CoverageReply(Reply, frozen=True, tag="recording_coverage"):
    """Coverage of the period by recordings."""

    coverage: Coverage


class RecordingLevelsReply(Reply, frozen=True, tag="recording_levels"):
    """Levels of a recording of `length_s`, so far if it is being made, in dBm0: for each track, as many stretches."""

    recording: int
    length_s: float
    tracks: tuple[tuple[int, ...], ...]


class PromptsReply(Reply, frozen=True, tag="prompts"):
    """Prompts, by their numbers."""

    prompts: tuple[PromptRow, ...]


class PromptReply(Reply, frozen=True, tag="prompt"):
    """A prompt, its levels in dBm0 in equal stretches, and its changes, the newest first."""

    prompt: PromptRow
    levels: tuple[int, ...]
    changes: tuple[PromptChange, ...] = ()


class QualityReply(Reply, frozen=True, tag="quality"):
    """Steps of the reviews of a recording, oldest first. `agents`: in it; `cards`: by which their parts may be scored.

    `cards` are the score cards of the configuration, the first one first.
    """

    events: tuple[QualityEvent, ...]
    recording: int = 0
    agents: tuple[str, ...] = ()
    cards: tuple[ScoreCard, ...] = ()


class QualitySampleReply(Reply, frozen=True, tag="quality_sample"):
    """Recordings that a plan draws, by agent, and how many of each agent are reviewed. `known`: all that there are."""

    drawn: tuple[Sampled, ...]
    agents: tuple[SampledAgent, ...]
    plan: str = ""
    known: tuple[str, ...] = ()


class LedgerReply(Reply, frozen=True, tag="ledger"):
    """The ledger's result; `balanced` if it found nothing."""

    balanced: bool
    result: LedgerResult


class AgentsReply(Reply, frozen=True, tag="agents"):
    """All agents, by number, after the update numbered `seq`."""

    agents: tuple[AgentRow, ...]
    seq: int = 0


class AgentTotalsReply(Reply, frozen=True, tag="agent_totals"):
    """Totals of each agent who was signed in, by number."""

    agents: tuple[AgentTotal, ...]


class QueuesReply(Reply, frozen=True, tag="queues"):
    """All queues, by name, after the update numbered `seq`."""

    queues: tuple[QueueRow, ...]
    seq: int = 0


class SipLadderReply(Reply, frozen=True, tag="sip_ladder"):
    """SIP messages of a call, oldest first, without credentials, media keys and the keys that were pressed."""

    call: int
    messages: tuple[SignalMessage, ...]


class SystemReply(Reply, frozen=True, kw_only=True, tag="system"):
    """The machine at `at`. `up_s`: since the box was started; `absent`: what this machine has no keeper for."""

    at: int
    profile: str
    up_s: float
    versions: dict[str, str]
    machine: MachineRow
    absent: tuple[Absent, ...]


class FiguresReply(Reply, frozen=True, kw_only=True, tag="figures"):
    """Figures of the day from `since` to `until`; hours and agents without any are left out."""

    day: str
    since: int
    until: int
    box: BoxDay
    hours: tuple[HourRow, ...]
    queues: tuple[QueueDay, ...]
    agents: tuple[AgentDay, ...]


class WholeCallReply(Reply, frozen=True, kw_only=True, tag="call"):
    """One call, each part in the order of time. `live`: the same call as it is now; None when it is over."""

    call: CdrRow
    live: LiveCall | None
    stays: tuple[StayRow, ...]
    segments: tuple[SegmentRow, ...]
    keys: tuple[KeyRow, ...]
    waits: tuple[WaitRow, ...]
    offers: tuple[OfferRow, ...]
    recordings: tuple[RecordingRow, ...]


class TraceReply(Reply, frozen=True, tag="trace"):
    """Messages of a call's signalling, oldest first, without credentials, media keys and the keys that were pressed."""

    call: int
    span: int
    messages: tuple[SignalMessage, ...]


class SpanQuartersReply(Reply, frozen=True, tag="span_quarters"):
    """Quarters of an hour of spans, the newest first; the present ones are not over."""

    quarters: tuple[QuarterRow, ...]


class JobsReply(Reply, frozen=True, tag="jobs"):
    """Jobs, the newest first; or the one that was begun or stopped."""

    jobs: tuple[JobRow, ...]


class ForecastsReply(Reply, frozen=True, tag="forecasts"):
    """Forecasts of waits beside the real ones, by queue."""

    forecasts: tuple[ForecastRow, ...]


class ChoicesReply(Reply, frozen=True, tag="choices"):
    """The choices of agents for a call, oldest first."""

    call: int
    choices: tuple[ChoiceRow, ...]


class KeyedReply(Reply, frozen=True, tag="keyed"):
    """Data that agents keyed in, newest first."""

    keyed: tuple[KeyedRow, ...]


class CallBacksReply(Reply, frozen=True, tag="call_backs"):
    """Call-backs, newest first, and how those of the period ended, by queue."""

    callbacks: tuple[CallBackRow, ...]
    totals: tuple[CallBackTotal, ...]


class SurveysReply(Reply, frozen=True, tag="surveys"):
    """Surveys, newest first."""

    surveys: tuple[SurveyRow, ...]


class SurveyTotalsReply(Reply, frozen=True, tag="survey_totals"):
    """Totals of surveys: agents by number, then queues by name."""

    totals: tuple[SurveyTotal, ...]


class SupervisorLogReply(Reply, frozen=True, tag="supervisor_log"):
    """Acts of supervisors, newest first."""

    acts: tuple[SupervisorRow, ...]


class TroublesReply(Reply, frozen=True, tag="troubles"):
    """Troubles, newest first."""

    troubles: tuple[TroubleRow, ...]


class PasswordReply(Reply, frozen=True, kw_only=True, tag="password"):
    """A new password, told only this once, with which the phone registers as `extension` at `realm`."""

    extension: str
    realm: str
    password: str


class ProvisionReply(Reply, frozen=True, kw_only=True, tag="provision"):
    """An address that works once, told only this once: as text or as a QR code. `served`: the box serves it now."""

    extension: str
    maker: str
    mac: str
    address: str
    served: bool


class PhoneReply(Reply, frozen=True, tag="phone"):
    """The settings of a phone: a number or '' for each forward, '1' or '' for each switch."""

    extension: str
    settings: dict[Setting, str]


class PhonesReply(Reply, frozen=True, tag="phones"):
    """The extensions, in the order of the configuration."""

    phones: tuple[PhoneRow, ...]


class DirectoryReply(Reply, frozen=True, tag="directory"):
    """Extensions, then groups, then hotlines, each in the order of the configuration."""

    entries: tuple[DirectoryRow, ...]


class DeskReply(Reply, frozen=True, kw_only=True, tag="desk"):
    """The choices of agents. `at`: the box's time, Unix milliseconds."""

    at: int
    desk: DeskView


class RouteReply(Reply, frozen=True, tag="route"):
    """The route of a call, step by step. Each step's text is English, made from `msgid` and `values`."""

    leads: Leads


class PlansReply(Reply, frozen=True, tag="plans"):
    """The time plans, in the order of the configuration."""

    plans: tuple[PlanRow, ...]


class DutiesReply(Reply, frozen=True, tag="duties"):
    """The duty lists, in the order of the configuration."""

    duties: tuple[DutyRow, ...]


class FlowsReply(Reply, frozen=True, tag="flows"):
    """The flows now in force."""

    flows: tuple[str, ...]


class ExtensionsReply(Reply, frozen=True, tag="extensions"):
    """The extensions now in force."""

    extensions: tuple[str, ...]


class EdgeBlockedReply(Reply, frozen=True, tag="edge_blocked"):
    """Blocks of the edge, or those that were lifted; the block that ends soonest first."""

    blocked: tuple[EdgeBlock, ...]


class Update(Reply, frozen=True, tag="update"):
    """A record as it goes into the books, or the state of a span, of the switch, or of work that lasts.

    `seq` counts all updates of all topics, and never goes back; after a start of the call server it goes on higher.
    """

    topic: Topic
    at: int
    what: AnyRecord | SpanState | StatusReport | JobRow
    seq: int = 0


AnyReply = (
    Error
    | Hello
    | SignedIn
    | UsersReply
    | SecondFactorReply
    | OperationsReply
    | VerifiedReply
    | ConfigReply
    | ConfigCheckedReply
    | ConfigChangesReply
    | ConfigHistoryReply
    | Done
    | Subscribed
    | StatusReply
    | SpansReply
    | CallsReply
    | ConferencesReply
    | ConferenceLogReply
    | CdrReply
    | RecordingsReply
    | MessagesReply
    | CoverageReply
    | RecordingLevelsReply
    | PromptsReply
    | PromptReply
    | QualityReply
    | QualitySampleReply
    | LedgerReply
    | AgentsReply
    | AgentTotalsReply
    | QueuesReply
    | ChoicesReply
    | KeyedReply
    | CallBacksReply
    | SurveysReply
    | SurveyTotalsReply
    | ForecastsReply
    | SupervisorLogReply
    | TroublesReply
    | SipLadderReply
    | SystemReply
    | FiguresReply
    | WholeCallReply
    | TraceReply
    | SpanQuartersReply
    | JobsReply
    | PhoneReply
    | PasswordReply
    | ProvisionReply
    | PhonesReply
    | DirectoryReply
    | DeskReply
    | RouteReply
    | PlansReply
    | DutiesReply
    | FlowsReply
    | ExtensionsReply
    | EdgeBlockedReply
    | Update
)
