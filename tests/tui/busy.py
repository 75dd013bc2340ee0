# SPDX-License-Identifier: GPL-2.0-or-later
"""A busy box as its replies tell it: three spans, calls in all states, queues, agents with Chinese names, troubles."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from appliance.api import messages as api
from appliance.contract.desk import DeskChoice, DeskView
from appliance.contract.edge import EdgeState, TrunkState
from appliance.contract.errors import ApiError
from appliance.contract.records import AgentState, AgentStatus
from appliance.contract.rows import (
    AgentRow,
    Coverage,
    LegRow,
    LiveCall,
    QueueRow,
    StoreStatus,
    TroubleRow,
    WaitingRow,
)
from appliance.contract.switch import BitTest, CardReport, SignalMessage, SpanReport, SpanState, StatusReport
from appliance.contract.upkeep import QuarterRow
from tests.appliance.cli import technician
from tests.appliance.cli.answers import CDR, RECORDING, REPLIES
from tests.tui import configured, kept

AT = 1_795_000_000_000
SEQ = 100
Answer = api.Reply | ApiError | Callable[[Any], api.Reply]
"""A reply, a refusal, or what makes the reply of the request."""


def _leg(leg: int, role: str, number: str, *, agent: str = "", span: int = 0, slot: int = 0) -> LegRow:
    line = "pri:carrier" if span else f"phone:{number}"
    return LegRow(
        leg=leg,
        line=line,
        role=role,  # type: ignore[arg-type]
        number=number,
        agent=agent,
        state="active",
        span=span,
        timeslot=slot,
    )


def _call(
    number: int, caller: str, called: str, state: str, age_s: float, state_s: float, *legs: LegRow, **where: str
) -> LiveCall:
    facts: dict[str, Any] = {"flow": "", "node": "", "queue": "", **where}
    return LiveCall(
        call=number,
        started_at=AT - round(age_s * 1000),
        direction="in" if legs and legs[0].span else "internal",
        caller=caller,
        called=called,
        state=state,
        state_s=state_s,
        age_s=age_s,
        legs=legs,
        **facts,
    )


CALLS = (
    _call(1042, "13800138000", "12345", "talking", 412, 371, _leg(1, "caller", "13800138000", span=1, slot=7),
          _leg(2, "agent", "1001", agent="8001"), flow="hotline"),
    _call(1043, "13911112222", "12345", "waiting", 41, 40, _leg(3, "caller", "13911112222", span=1, slot=1),
          queue="sales"),
    _call(1044, "", "12345", "flow", 3, 3, _leg(4, "caller", "", span=2, slot=31), flow="hotline", node="menu"),
    _call(1045, "1005", "010123456", "calling", 9, 6, _leg(5, "caller", "1005"),
          _leg(6, "outside", "010123456", span=1, slot=12)),
    _call(1046, "13700000001", "12345", "offering", 15, 2, _leg(7, "caller", "13700000001", span=1, slot=17),
          _leg(8, "agent", "1002", agent="8002"), queue="sales"),
    _call(1047, "1003", "1004", "held", 3725, 30, _leg(9, "caller", "1003"), _leg(10, "extension", "1004")),
)  # fmt: skip


TEST: dict[str, Any] = {
    "timeslot": 20, "synced": True, "seconds": 27.0, "bits": 1_728_000, "errors": 2, "errored_s": 1, "losses": 0,
    "unsynced_s": 0.1,
}  # fmt: skip
QUARTERS = tuple(
    QuarterRow(
        span=1, began=AT - 900_000 * n, seconds=900, counters={"crc4_errors": 14 * (n == 7)}, errored_s=4 * (n == 7),
        alarm_s=30 * (n == 8), far_alarm_s=0, out_s=40 * (n == 8),
    )
    for n in range(96)
)  # fmt: skip


def _report(span: int, *, errors: int = 0, verdicts: tuple[str, ...] = ("in_service",)) -> SpanReport:
    return SpanReport(
        span=span,
        address=f"dahdi:{span}",
        kind="E1",
        description="T4XXP (PCI) Card 0",
        signalling="pri",
        side="user",
        clock="far",
        alarms=(),
        loss=None,
        d_channel_up=True,
        clock_source=1,
        counters={
            "code_violations": 3 + errors,
            "crc4_errors": errors,
            "e_bits": 0,
            "framing_errors": 0,
            "slips_repeated": 1,
        },
        recent={"crc4_errors": errors},
        recent_s=15.0,
        verdicts=verdicts,
        channels={5: "blocked_near", 6: "blocked_far", 20: "testing", 21: "restarting"} if span == 1 else {},
        acts=("block", "unblock", "restart", "loop", "clear", "test", "end_test"),
        loops=("local", "payload"),
        tests=(BitTest(**TEST),) if span == 1 else (),
    )


SPANS = (
    SpanState(1, "dahdi:1", (), in_service=True),
    SpanState(2, "dahdi:2", (), in_service=True),
    SpanState(3, "dahdi:3", ("YELLOW",), in_service=False, cause="alarms"),
)
SWITCH = StatusReport(
    late_ticks=3,
    tick_us_p50=3100.0,
    tick_us_p99=7400.0,
    tick_us_max=12_800.0,
    cards=(
        CardReport("span 1", "D up", 4, 30, healthy=True, span=_report(1)),
        CardReport(
            "span 2", "D up", 1, 30, healthy=True, span=_report(2, errors=2, verdicts=("in_service", "bit_errors"))
        ),
        CardReport("span 3", "D down", 0, 30, healthy=False, span=_report(3, verdicts=("yellow",))),
    ),
    levels={1: -12, 2: -18, 9: -40, 10: -33},
    speaking=(1,),
)
STATUS = api.StatusReply(
    version="0.1.0",
    profile="mx90",
    healthy=False,
    at=AT,
    up_s=93_784.0,
    connected=True,
    calls_up=len(CALLS),
    calls_total=3411,
    waiting=2,
    agents={"idle": 1, "talking": 1, "offered": 1, "paused": 1},
    store=StoreStatus(last_seq=99, bytes=1_234_567),
    spans=SPANS,
    switch=SWITCH,
    edge=EdgeState(
        up=True, phones=42, trunks=(TrunkState("voip", registers=True, registered=False, since=AT - 480_000),)
    ),
)


def _agent(
    number: str, name: str, status: AgentStatus, state: AgentState, state_s: float, answered: int, **more: object
) -> AgentRow:
    facts: dict[str, object] = {"reason": "", "call": 0, **more}
    return AgentRow(
        agent=number,
        name=name,
        extension=f"10{number[-2:]}",
        status=status,
        state=state,
        state_s=state_s,
        queues=("sales", "service") if number == "8001" else ("sales",),
        offered=answered + 3,
        answered=answered,
        **facts,  # type: ignore[arg-type]
    )


AGENTS = (
    _agent("8001", "李娜", "ready", "talking", 371, 41, call=1042),
    _agent("8002", "Wang Wei", "ready", "offered", 2, 38, call=1046),
    _agent("8003", "赵六", "paused", "paused", 730, 20, reason="lunch"),
    _agent("8004", "Chen Jing", "ready", "idle", 20, 12),
    _agent("8005", "欧阳小明", "signed_out", "signed_out", 50_000, 0),
)
QUEUES = (
    QueueRow(
        queue="sales",
        waiting=(
            WaitingRow(call=1043, caller="13911112222", wait_s=40),
            WaitingRow(call=1046, caller="13700000001", wait_s=12),
        ),
        idle=1, busy=2, signed_in=4, entered=120, answered=100, abandoned=12, colour="yellow",
    ),
    QueueRow(queue="service", waiting=(), idle=0, busy=1, signed_in=1, entered=33, answered=31, abandoned=2),
)  # fmt: skip
TROUBLES = (
    TroubleRow(trouble=3, started_at=AT - 60_000, kind="span", text="span 3: YELLOW", count=1),
    TroubleRow(trouble=2, started_at=AT - 6_000_000, kind="late_tick", text="a tick was 31 ms late", count=3),
)


def _whole(request: api.WholeCall) -> api.WholeCallReply:
    """Return call 1042 as it is now; any other number is a call that is over."""
    told = technician.whole(CDR, RECORDING)
    live = next((each for each in CALLS if each.call == request.call), None)
    facts = {"call": request.call, "disposition": "" if live else "answered", "cause": 0 if live else 16}
    return structs.replace(told, call=structs.replace(told.call, **facts), live=live)


def _message(leg: int, after_s: float, text: str, *, sent: bool, brief: str = "") -> SignalMessage:
    peer = "span 1" if brief else "192.168.1.31:5060"
    return SignalMessage(leg, AT * 1000 + round(after_s * 1e6), sent, peer, text, "pri" if brief else "sip", brief)


def _trace(request: api.Trace) -> api.TraceReply:
    parts = ("Bearer capability: speech, G.711 A-law", "Calling: 13800138000", "Called: 12345")
    setup = "\n  ".join(("Q.931 SETUP, call reference 42", *parts))
    via = "Via: SIP/2.0/UDP 192.168.1.10\r\nCSeq: 1 INVITE\r\n\r\n"
    invite = f"INVITE sip:1001@192.168.1.31 SIP/2.0\r\n{via}v=0\r\nm=audio 4000 RTP/AVP 8\r\n"
    ok = f"SIP/2.0 200 OK\r\n{via}"
    messages = (
        _message(32, 0.0, setup, sent=False, brief="SETUP timeslot 7, to 12345"),
        _message(32, 0.02, "Q.931 CALL PROCEEDING", sent=True, brief="CALL PROCEEDING"),
        _message(32, 0.5, "Q.931 CONNECT", sent=True, brief="CONNECT"),
        _message(33, 9.0, invite, sent=True),
        _message(33, 9.2, ok.replace("200 OK", "180 Ringing"), sent=False),
        _message(33, 14.0, ok, sent=False),
    )
    return api.TraceReply(request.call, 0, messages)


DESK = api.DeskReply(
    at=AT,
    desk=DeskView(
        pause_reasons=(DeskChoice("1", "break"), DeskChoice("2", "meal"), DeskChoice("3", "会议")),
        wrap_up_codes=(DeskChoice("1", "sale"), DeskChoice("2", "complaint")),
        prefix="0",
        codes={"transfer": "##", "consult": "*2"},
    ),
)


BUSY: dict[type[api.Request], Answer] = {
    **REPLIES,
    **configured.Configured().answers,
    api.WholeCall: _whole,
    api.Trace: _trace,
    api.SpanQuarters: api.SpanQuartersReply(QUARTERS),
    api.RecordingCoverage: api.CoverageReply(Coverage(wanted=42, recorded=41, missing=(1040,))),
    api.Recordings: api.RecordingsReply("/var/lib/mxbox/recordings", kept.RECORDINGS),
    api.RecordingLevels: kept.levels,
    api.QualityOf: kept.quality,
    api.QualitySample: kept.SAMPLE,
    api.Prompts: api.PromptsReply(kept.PROMPTS),
    api.Prompt: kept.prompt,
    api.Users: api.UsersReply(kept.USERS, kept.ROLES),
    api.Operations: lambda request: api.OperationsReply(configured.operations(request) or kept.OPERATIONS),
    api.Messages: api.MessagesReply("/var/lib/mxbox/recordings", kept.MESSAGES),
    api.Status: STATUS,
    api.Spans: api.SpansReply(spans=SPANS, switch=SWITCH),
    api.Calls: api.CallsReply(CALLS, SEQ),
    api.Queues: api.QueuesReply(QUEUES, SEQ),
    api.Agents: api.AgentsReply(AGENTS, SEQ),
    api.Troubles: api.TroublesReply(TROUBLES),
    api.Desk: DESK,
}
"""Reply to each kind of request."""
