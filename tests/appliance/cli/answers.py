# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies of a box at work: one of each kind, with Chinese names."""

from appliance.api import messages as api
from appliance.contract.access import ROLES, OperationRow, UserRow
from appliance.contract.callbacks import CallBackRow, CallBackTotal, CallBackView
from appliance.contract.choices import Choice
from appliance.contract.duties import DutyRow, DutySlot
from appliance.contract.edge import EdgeState, TrunkState
from appliance.contract.plans import PlanRow, PlanSwitch
from appliance.contract.records import AgentChanged, CallOpened, RoomChange
from appliance.contract.routes import Leads, Step, Way
from appliance.contract.rows import (
    AgentRow,
    AgentTotal,
    BalanceLine,
    CdrRow,
    ChoiceRow,
    CodeTotal,
    ConferenceLogRow,
    Finding,
    ForecastRow,
    KeyedRow,
    LedgerResult,
    LegRow,
    LiveCall,
    PauseTotal,
    QueueRow,
    RecordingRow,
    StoreStatus,
    SupervisorRow,
    SurveyRow,
    SurveyTotal,
    TroubleRow,
    WaitingRow,
)
from appliance.contract.switch import CardReport, Party, SpanReport, SpanState, StatusReport
from appliance.contract.views import ConferenceView, MemberView
from tests.appliance.cli import technician
from tests.appliance.cli.technician import AT

CHOICE = ChoiceRow(
    17,
    "sales",
    AT,
    Choice(
        "least_talk",
        ("8001", "8004"),
        (3000, 9000),
        chosen=("8001",),
        passed={"8003": "skill", "8002": "talking"},
        rivals=((17, "sales", 5), (18, "service", 6)),
    ),
)
SPANS = (
    SpanState(1, "dahdi:1", (), in_service=True),
    SpanState(2, "dahdi:2", ("RED",), in_service=False, cause="d_channel"),
)
SPAN_REPORT = SpanReport(
    span=1,
    address="dahdi:1",
    kind="E1",
    description="T4XXP (PCI) Card 0 Span 1",
    signalling="pri",
    side="user",
    clock="far",
    alarms=(),
    loss=None,
    d_channel_up=True,
    clock_source=1,
    counters={"crc4_errors": 14, "slips_repeated": 2, "slips_dropped": 1, "timing_slips": None, "irq_misses": None},
    recent={"crc4_errors": 0, "slips_repeated": 2, "slips_dropped": 1},
    recent_s=60.0,
    verdicts=("in_service", "slips_far_clock"),
)
SWITCH = StatusReport(
    late_ticks=3,
    tick_us_p50=310.0,
    tick_us_p99=1240.0,
    tick_us_max=9800.0,
    cards=(
        CardReport(
            "span 1", "dahdi:1 D up", 7, 30, healthy=True, counters={"slips": 2, "hdlc_aborted": 0}, span=SPAN_REPORT
        ),
    ),
)
STATUS = api.StatusReply(
    version="0.1.0",
    profile="mx90",
    healthy=True,
    at=AT,
    up_s=93784.0,
    connected=True,
    calls_up=1,
    calls_total=12,
    waiting=2,
    agents={"idle": 2, "talking": 1, "paused": 0},
    store=StoreStatus(last_seq=99, bytes=1_234_567),
    spans=SPANS,
    switch=SWITCH,
    edge=EdgeState(up=True, phones=42, trunks=(TrunkState("voip", registers=True, registered=True),)),
)
LIVE = LiveCall(
    call=17,
    started_at=AT,
    direction="in",
    caller="13800138000",
    called="12345",
    state="talking",
    state_s=12.4,
    age_s=75.0,
    flow="hotline",
    node="menu",
    queue="sales",
    legs=(
        LegRow(
            leg=34, line="pri:carrier", role="caller", number="13800138000", agent="", state="up", span=1, timeslot=7
        ),
        LegRow(
            leg=35,
            line="sip:1001@127.0.0.1:5071",
            role="agent",
            number="1001",
            agent="8001",
            state="up",
            span=0,
            timeslot=0,
        ),
    ),
)
CDR = CdrRow(
    call=16,
    started_at=AT,
    direction="in",
    caller="13800138000",
    called="12345",
    flow="hotline",
    queue="sales",
    agent="8001",
    talked_with="8001 1002",
    wait_s=7.0,
    talk_s=61.5,
    duration_s=3723.0,
    billed_s=75.0,
    served=True,
    ended_in="talk",
    disposition="answered",
    cause=16,
    ended_by="caller",
    recording="2026/11/22/16.wav",
    forwarded_by="",
)
RECORDING = RecordingRow(
    recording=5,
    call=16,
    leg=32,
    path="2026/11/22/16.wav",
    started_at=AT,
    length_s=75.0,
    caller="13800138000",
    called="12345",
    agent="8001",
    queue="sales",
    running=False,
    error="",
)
KEYED = tuple(
    KeyedRow(
        keyed=number,
        call=16,
        started_at=AT,
        field="pickup",
        value=value,
        whole=whole,
        corrected=corrected,
        agent="8001",
        queue="sales",
        caller="13800138000",
    )
    for number, value, whole, corrected in ((9, "4711", True, False), (8, "47", False, False), (7, "12", True, True))
)
SURVEY = SurveyRow(
    survey=3,
    call=16,
    started_at=AT,
    queue="sales",
    agent="8001",
    caller="13800138000",
    by="code",
    result="answered",
    ratings={"service": 5, "solved": 1},
    comment=6,
)
DAY = AgentTotal(
    agent="8001",
    signed_in_s=28_800.0,
    ready_s=600.0,
    ringing_s=61.0,
    talking_s=7200.0,
    wrap_up_s=125.0,
    paused_s=1800.0,
    pauses=(PauseTotal(reason="", pauses=1, paused_s=60.0), PauseTotal(reason="meal", pauses=2, paused_s=1740.0)),
    codes=(CodeTotal(name="complaint", calls=3), CodeTotal(name="sold", calls=12)),
)
AGENTS = (
    AgentRow(
        agent="8001",
        name="张伟",
        extension="1001",
        status="ready",
        state="talking",
        reason="",
        state_s=12.0,
        call=17,
        queues=("sales",),
        offered=9,
        answered=8,
    ),
    AgentRow(
        agent="8002",
        name="Wang",
        extension="1002",
        status="paused",
        state="paused",
        reason="午餐",
        state_s=600.0,
        call=0,
        queues=("sales", "service"),
        offered=4,
        answered=4,
    ),
)
QUEUES = (
    QueueRow(
        queue="sales",
        waiting=(WaitingRow(call=18, caller="139", wait_s=65.0),),
        idle=0,
        busy=1,
        signed_in=2,
        entered=20,
        answered=15,
        abandoned=4,
        callbacks=(CallBackView(3, 16, "013800138000", 2, "asleep", 1),),
    ),
)
CALL_BACK = CallBackRow(
    callback=3, call=16, started_at=AT, queue="sales", number="013800138000", tries=3, result="given_up", why="machine",
    reached_call=0, ended_at=AT, calls="19 21",
)  # fmt: skip
CONFERENCE = ConferenceView(
    number="8500",
    name="board",
    call=17,
    up_s=65.0,
    locked=True,
    members=(
        MemberView(1, 2, "1001", "Ann", host=True, muted=False, floor=True, asks=0, speaking=True),
        MemberView(2, 4, "1002", "", host=False, muted=False, floor=False, asks=1),
        MemberView(3, 6, "13800138000", "", host=False, muted=True, floor=False, asks=0),
    ),
    ringing=("1009",),
)
_HAPPENED: tuple[tuple[RoomChange, str, bool, str], ...] = (
    ("joined", "1001", True, ""),
    ("asked", "1002", False, ""),
    ("granted", "1002", False, "1001"),
    ("locked", "", False, "lina"),
)
CONFERENCE_LOG = tuple(
    ConferenceLogRow(call=17, conference="8500", at=AT, what=what, member=member, host=host, done_by=by)
    for what, member, host, by in _HAPPENED
)
FORECAST = ForecastRow(queue="sales", waits=40, predicted=38, error=0.224, predicted_s=95.0, waited_s=88.5)
PLANS = (
    PlanRow(
        plan="work",
        open=False,
        reason="public_holiday",
        by="2026-10-01..2026-10-07",
        times=(),
        changes_at=AT,
        state="by_plan",
        until=0,
        code="*281",
        announced="2026-12-31",
        switches=(
            PlanSwitch(at=AT, state="by_plan", until=0, extension="", asked_by=""),
            PlanSwitch(at=AT, state="closed", until=AT, extension="1001", asked_by=""),
            PlanSwitch(at=AT, state="open", until=0, extension="", asked_by="anna"),
        ),
    ),
)
DUTIES = (
    DutyRow(
        duty="service",
        number="8800",
        call=("013800138000", "1002"),
        otherwise="1001",
        slots=(
            DutySlot(when="2026-12-07..2026-12-13", call=("013800138000", "1002"), at=AT, asked_by="anna"),
            DutySlot(when="sat, sun", call=("1001",)),
        ),
        gaps=((AT, AT + 3_600_000),),
    ),
)
BALANCE = (BalanceLine(name="calls", opened=12, closed=11, still_up=1),)
FINDING = Finding(rule="no-leg", what="a call has no leg", where="call 9", hint="look at the log")
BALANCED = api.LedgerReply(True, LedgerResult(balance=BALANCE, findings=(), found={}, files_checked=11))
UNBALANCED = api.LedgerReply(
    False, LedgerResult(balance=BALANCE, findings=(FINDING,), found={"no-leg": 2}, files_checked=11)
)
SUPERVISED = SupervisorRow(
    number=4, started_at=AT, call=17, act="whisper", extension="1009", agent="8001", caller="13800138000", what="",
    asked_by="lina",
)  # fmt: skip
TROUBLE = TroubleRow(trouble=3, started_at=AT, kind="late_tick", text="a tick was 31 ms late", count=2)
CALL_OPENED = api.Update("calls", AT, CallOpened(17, "in", Party("13800138000", "张"), "12345"))
UPDATE = api.Update("agents", AT, AgentChanged("8001", "ready", "idle"))

USERS = (
    UserRow(
        user="lina", role="supervisor", name="Li Na", second_factor=True, locked_until=AT, signed_in_at=AT, tickets=1
    ),
)  # fmt: skip
WAITING = api.ConfigChange("sip.port", "5060", "5070", ("box",))
OPERATION = OperationRow(
    operation=17, at=AT, user="wang", door="192.0.2.7", what="set_phone", on="1001", why="asked for by phone"
)
REPLIES: dict[type[api.Request], api.Reply] = {
    api.Status: STATUS,
    api.System: technician.SYSTEM,
    api.Figures: technician.FIGURES,
    api.WholeCall: technician.whole(CDR, RECORDING),
    api.Trace: technician.TRACE,
    api.ChangeSpan: api.Done(),
    api.NewPassword: api.PasswordReply(extension="1001", realm="mx.example", password="aBcD"),
    api.Provision: api.ProvisionReply(
        extension="1001", maker="snom", mac="000413aabbcc", address="https://mx.example:8443/secret/x.cfg", served=False
    ),
    api.TestSpan: technician.JOBS,
    api.SpanQuarters: technician.QUARTERS,
    api.Jobs: technician.JOBS,
    api.StopJob: technician.JOBS,
    api.Spans: api.SpansReply(spans=SPANS, switch=SWITCH),
    api.Calls: api.CallsReply((LIVE,)),
    api.Cdr: api.CdrReply((CDR,)),
    api.Recordings: api.RecordingsReply("/var/lib/mxbox/recordings", (RECORDING,)),
    api.Ledger: BALANCED,
    api.Agents: api.AgentsReply(AGENTS),
    api.AgentTotals: api.AgentTotalsReply((DAY,)),
    api.Queues: api.QueuesReply(QUEUES),
    api.Conferences: api.ConferencesReply((CONFERENCE,)),
    api.ConferenceLog: api.ConferenceLogReply(CONFERENCE_LOG),
    api.ChangeConference: api.Done(),
    api.CallIntoConference: api.Done(),
    api.Choices: api.ChoicesReply(17, (CHOICE,)),
    api.Keyed: api.KeyedReply(KEYED),
    api.CallBacks: api.CallBacksReply((CALL_BACK,), (CallBackTotal("sales", 9, 5, 1, 1, 2),)),
    api.Surveys: api.SurveysReply((SURVEY,)),
    api.SurveyTotals: api.SurveyTotalsReply(
        (
            SurveyTotal("agent", "8001", 40, 20, 15, 3, 2, {"service": 4.525, "solved": 1.2}),
            SurveyTotal("queue", "sales", 40, 20, 15, 3, 2, {"service": 4.525}),
        )
    ),
    api.Forecasts: api.ForecastsReply((FORECAST,)),
    api.Troubles: api.TroublesReply((TROUBLE,)),
    api.SetAgent: api.Done(),
    api.SetWrapUpCode: api.Done(),
    api.Originate: api.Done(21),
    api.HangUp: api.Done(17),
    **dict.fromkeys(
        (
            *(api.Supervise, api.ReleaseTalk, api.TransferTalk, api.TakeOut),
            *(api.MoveWaiting, api.SetPriority, api.CancelCallBack),
        ),
        api.Done(17),
    ),
    api.SupervisorLog: api.SupervisorLogReply((SUPERVISED,)),
    api.ReloadExtensions: api.ExtensionsReply(("1001", "1002")),
    api.ReloadFlows: api.FlowsReply(("hotline", "night")),
    api.SetPhone: api.Done(),
    api.Phones: technician.PHONES,
    api.Directory: technician.DIRECTORY,
    api.ChangeTalk: api.Done(),
    api.GetPhone: api.PhoneReply(
        "1001",
        {
            "forward_always": "",
            "forward_busy": "1002",
            "forward_no_answer": "",
            "do_not_disturb": "",
            "call_waiting": "1",
            "messages": "2/1",
        },
    ),
    api.Plans: api.PlansReply(PLANS),
    api.SetPlan: api.Done(),
    api.Duties: api.DutiesReply(DUTIES),
    **dict.fromkeys((api.AddUser, api.ChangeUser, api.RemoveUser, api.SetPassword), api.Done()),
    **dict.fromkeys(
        (api.DiffConfig, api.ApplyConfig, api.UndoConfig, api.SetEntry, api.RemoveEntry),
        api.ConfigChangesReply("5f1c", (api.ConfigChange("extension[1001].name", '"Li"', '"Li Na"'), WAITING)),
    ),
    api.GetConfig: api.ConfigReply(text="# the box\n", version="5f1c", file="/etc/mxbox/box.toml"),
    api.ConfigHistory: api.ConfigHistoryReply(
        "5f1c", (api.ConfigEntry("a90b", AT, "wang", "192.0.2.7", "night service", "5f1c"),)
    ),
    api.Users: api.UsersReply(USERS, (api.RoleRow("agent", dict(ROLES["agent"].rights), own=True),)),
    api.SetSecondFactor: api.SecondFactorReply("wang", "JBSWY3DPEHPK3PXP", "otpauth://totp/MXBox%3Awang?secret=JBSW"),
    api.Operations: api.OperationsReply((OPERATION,)),
    api.VerifyOperations: api.VerifiedReply(2, "5f" * 32),
    api.SetDuty: api.Done(),
    api.RouteTest: api.RouteReply(
        Leads(
            (Way("pri:carrier", "138", "57501000"), Way("trunk:voip", "138", "")),
            (Step("{number} needs the calling class {needs}", {"number": "138", "needs": "local"}),),
        )
    ),
}
