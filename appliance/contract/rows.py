# SPDX-License-Identifier: GPL-2.0-or-later
"""Typed rows that are read from the books, ready for the control API.

`started_at` is a wall-clock label, Unix milliseconds UTC. Every length of time is in seconds of box time
(`appliance.contract.ticks`).
"""

from typing import Literal

import msgspec

from appliance.contract.callbacks import CallBackView
from appliance.contract.choices import Choice
from appliance.contract.quality import QualityMark
from appliance.contract.records import (
    AgentState,
    AgentStatus,
    Direction,
    Role,
    RoomChange,
    SegmentKind,
    SurveyBy,
    SurveyResult,
)
from appliance.contract.supervision import Act

Colour = Literal["", "yellow", "red"]
"""Colour of a value on a board, by the configuration."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the rows."""


class AgentDay(Row, frozen=True, kw_only=True):
    """Offers to an agent on a day, those that were answered, and the time in talk, of calls that are over."""

    agent: str
    offered: int
    answered: int
    talk_s: float


class CdrRow(Row, frozen=True, kw_only=True):
    """A call detail record: one closed or running call (`disposition` '' while it runs).

    `queue` and `agent` are the last that had the call. `talked_with` lists all persons that answered, in order: agents
    by their number, others by theirs, with blanks between. `wait_s` is the time in queues, `talk_s` with a person,
    `duration_s` from the first leg to the last, `billed_s` from the answer to the beginning of the clearing (not
    rounded: tariffs do that). `disposition` is the result of the call on the network: 'answered' also where a flow
    answered and the caller hung up in it. `served`: whether the caller talked with a person; `ended_in` where the
    caller was at the end: the kind of the last segment ('flow', 'queue', 'ring', 'announce', 'talk', 'hold', 'park'),
    or ''. `cause` Q.850; `recording` is the path of its first recording with sound in it, relative to the recordings
    folder. `forwarded_by` names all numbers that sent the call on, outside (Redirecting number, Diversion) or here
    (forwards, redirections), in order. `wrap_up_code` is the name of the last one that an agent set for it.
    """

    call: int
    started_at: int
    direction: Direction
    caller: str
    called: str
    flow: str
    queue: str
    agent: str
    talked_with: str
    wait_s: float
    talk_s: float
    duration_s: float
    billed_s: float
    served: bool
    ended_in: str
    disposition: str
    cause: int
    ended_by: str
    recording: str
    forwarded_by: str
    wrap_up_code: str = ""


class LegRow(Row, frozen=True, kw_only=True):
    """A leg that is up. `state` as call control has it; `span` and `timeslot` are 0 where it holds no channel.

    `held`: its party holds the other one. `level` of its voice in dBm0, None before the switch has reported it;
    `speaking`: there is speech.
    """

    leg: int
    line: str
    role: Role
    number: str
    agent: str
    state: str
    span: int
    timeslot: int
    held: bool = False
    level: int | None = None
    speaking: bool = False


class LiveCall(Row, frozen=True, kw_only=True):
    """A call that is up. `state` as call control has it, for `state_s` by now.

    `flow`, `node`, `queue`, `place` (of a parked call) where it is, or ''. `consults`: the call that waits while its
    phone consults in this one, or that in which the phone of this one consults; 0 if none.
    `caller_name` as the line gave it.
    """

    call: int
    started_at: int
    direction: Direction
    caller: str
    called: str
    state: str
    state_s: float
    age_s: float
    flow: str
    node: str
    queue: str
    legs: tuple[LegRow, ...]
    place: str = ""
    consults: int = 0
    caller_name: str = ""


class RecordingPart(Row, frozen=True, kw_only=True):
    """A stretch of a recording, in seconds from its begin: a segment of the call, or 'pause': silence was recorded.

    `agents` are those who took part; `what` as of the segment (queue, agent or party), of a pause the extension or user
    who asked for it.
    """

    from_s: float
    to_s: float
    kind: SegmentKind | Literal["pause"]
    what: str = ""
    agents: tuple[str, ...] = ()


class RecordingRow(Row, frozen=True, kw_only=True):
    """A recording; `running` while it is being made. `error` '' or the fault.

    `path` is relative to the recordings folder, or absolute where the file was moved to another one. `rule` is the
    recording rule by which it began; '' for `recording.rule`. `deleted_at` is when its file was deleted
    (Unix milliseconds), 0: it was not; `deleted_by` the user of the machine who asked for it, '' for its age or,
    with `deleted_why` 'size', for room; else that is the reason given. `parts` tell who is heard when,
    `quality` how each agent's part was judged.
    """

    recording: int
    call: int
    leg: int
    path: str
    started_at: int
    length_s: float
    caller: str
    called: str
    agent: str
    queue: str
    running: bool
    error: str
    rule: str = ""
    deleted_at: int = 0
    deleted_by: str = ""
    deleted_why: str = ""
    parts: tuple[RecordingPart, ...] = ()
    quality: tuple[QualityMark, ...] = ()


class Coverage(Row, frozen=True, kw_only=True):
    """Calls with a talk that should have a recording (`wanted`), and those that have one with sound in it (`recorded`).

    `missing` are the newest of those that have none.
    """

    wanted: int
    recorded: int
    missing: tuple[int, ...]


class AgentRow(Row, frozen=True, kw_only=True):
    """An agent as of now: own choice, state that the box observes, and for how long by now; `call` 0: none.

    `offered` and `answered` count offers over all time, with calls that left the books; `today` those of the local day,
    of calls that are over, with the time in talk; `dialled` and `reached` the calls to the outside that the agent
    dialled, and those of them that were answered. `wrap_up_code` is the name of the one of the last call that the agent
    answered; `wrap_up_left_s`: what is left of a wrap-up that goes on. `locked`: the pause ends with a code.
    """

    agent: str
    name: str
    extension: str
    status: AgentStatus
    state: AgentState
    reason: str
    state_s: float
    call: int
    queues: tuple[str, ...]
    offered: int
    answered: int
    wrap_up_code: str = ""
    skills: dict[str, int] = {}
    wrap_up_left_s: float = 0.0
    today: AgentDay | None = None
    dialled: int = 0
    reached: int = 0
    locked: bool = False


class PauseTotal(Row, frozen=True, kw_only=True):
    """Pauses for one reason."""

    reason: str
    pauses: int
    paused_s: float


class CodeTotal(Row, frozen=True, kw_only=True):
    """Calls with one wrap-up code."""

    name: str
    calls: int


class AgentTotal(Row, frozen=True, kw_only=True):
    """Totals of an agent in a period. Times are those of states: a pause that was chosen in a talk begins after it.

    `ready_s` is the time in which callers could be offered; `pauses` and `codes` in the order of their names. `dialled`
    counts calls to the outside that the agent dialled, `reached` those that were answered, `dialled_talk_s` their talk.
    """

    agent: str
    signed_in_s: float
    ready_s: float
    ringing_s: float
    talking_s: float
    wrap_up_s: float
    paused_s: float
    pauses: tuple[PauseTotal, ...]
    codes: tuple[CodeTotal, ...]
    dialled: int = 0
    reached: int = 0
    dialled_talk_s: float = 0.0


class WaitingRow(Row, frozen=True, kw_only=True):
    """A caller in a queue, first come first."""

    call: int
    caller: str
    wait_s: float


class QueueRow(Row, frozen=True, kw_only=True):
    """A queue as of now: waiting callers, and how many of its agents are idle, busy, signed in.

    With counts over all time of how callers left it. `colour` by `queue.board`: '' where all is well. `callbacks`
    wait in it, too.
    """

    queue: str
    waiting: tuple[WaitingRow, ...]
    idle: int
    busy: int
    signed_in: int
    entered: int
    answered: int
    abandoned: int
    colour: Colour = ""
    callbacks: tuple[CallBackView, ...] = ()


class ChoiceRow(msgspec.Struct, frozen=True):
    """A queue's choice of the agents who are rung for a caller. `started_at` is Unix milliseconds."""

    call: int
    queue: str
    started_at: int
    choice: Choice


class ConferenceLogRow(Row, frozen=True, kw_only=True):
    """A change in a conference, whose call is `call`: see `records.RoomChanged`.

    `member` is the party that it is about, by agent's number or its own, '' for the conference; `done_by` the party or
    the user of the machine that did it.
    """

    call: int
    conference: str
    at: int
    what: RoomChange
    member: str
    host: bool
    done_by: str


class KeyedRow(Row, frozen=True, kw_only=True):
    """A value that an agent keyed in for a caller.

    `call` is the caller's call. Not `whole`: too short, too long, or never ended; `corrected`: the agent keyed the
    field in anew for the same call, so a later one counts. `started_at` is when it was keyed in.
    """

    keyed: int
    call: int
    started_at: int
    field: str
    value: str
    whole: bool
    corrected: bool
    agent: str
    queue: str
    caller: str


class SurveyRow(Row, frozen=True, kw_only=True):
    """A survey of a caller after a talk with `agent` of `queue` (both '' where a flow asked without a queue).

    `result` is '' while it runs; `ratings` are by question. `comment` is the number of the recording of what the
    caller said, 0: none.
    """

    survey: int
    call: int
    started_at: int
    queue: str
    agent: str
    caller: str
    by: SurveyBy
    result: SurveyResult | Literal[""]
    ratings: dict[str, int]
    comment: int


TotalOf = Literal["agent", "queue"]


class SurveyTotal(msgspec.Struct, frozen=True):
    """Surveys of an agent or a queue: of the `talks` in queues with a survey, how many callers were `invited`.

    Of these `answered` rated something, `nothing` heard the questions and pressed nothing, `hung_up` left before.
    `means` are the mean ratings by question.
    """

    kind: TotalOf
    name: str
    talks: int
    invited: int
    answered: int
    nothing: int
    hung_up: int
    means: dict[str, float] = {}


class ForecastRow(Row, frozen=True, kw_only=True):
    """Forecasts of a queue for callers who were served after a minute or more, beside their real waits.

    `waits` counts those callers, `predicted` those for whom there was a forecast; only these are compared. `error` is
    the median of the difference as a share of the real wait, `predicted_s` and `waited_s` are means.
    """

    queue: str
    waits: int
    predicted: int
    error: float
    predicted_s: float
    waited_s: float


class SupervisorRow(Row, frozen=True, kw_only=True):
    """An act of a supervisor. `started_at` is Unix milliseconds; `extension` the supervisor's phone, '' without one.

    `agent`: whose talk it was; `caller`: of the call; `what`: the number to which the caller was sent, or the new place
    or priority in the queue; `asked_by`: the user of the machine who asked for it, '' for keys and codes.
    """

    number: int
    started_at: int
    call: int
    act: Act
    extension: str
    agent: str
    caller: str
    what: str
    asked_by: str


class TroubleRow(Row, frozen=True, kw_only=True):
    """A trouble; `count`: how often it happened.

    `text` is English; `msgid` is the same before it was filled in with `values`, for a reader in another language.
    """

    trouble: int
    started_at: int
    kind: str
    text: str
    count: int
    msgid: str = ""
    values: dict[str, str] = {}


class StoreStatus(Row, frozen=True, kw_only=True):
    """State of the books.

    `waiting` records are not written yet, because of `error`; `lost` ones had no room to wait.
    """

    last_seq: int
    bytes: int
    waiting: int = 0
    lost: int = 0
    error: str = ""


class BalanceLine(Row, frozen=True, kw_only=True):
    """One line of the ledger's balance: `opened` = `closed` + `still_up`, or the books do not balance."""

    name: str
    opened: int
    closed: int
    still_up: int


class Finding(Row, frozen=True, kw_only=True):
    """A fault in the balance.

    `rule` is its short name; `what` and `hint` are one fixed English sentence a rule (message ids of the catalogue, so
    that they can be shown in the reader's language); `where` names the rows or the file.
    """

    rule: str
    what: str
    where: str
    hint: str


class LedgerResult(Row, frozen=True, kw_only=True):
    """Findings of the ledger. The first of each rule are listed, `found` counts all, by rule."""

    balance: tuple[BalanceLine, ...]
    findings: tuple[Finding, ...]
    found: dict[str, int]
    files_checked: int

    @property
    def balanced(self) -> bool:
        """Whether there are no findings."""
        return not self.found
