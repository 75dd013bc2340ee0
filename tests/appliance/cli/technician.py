# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies to what a technician asks: the machine, a day, a call whole, its signalling."""

from appliance.api import messages as api
from appliance.contract.day import BoxDay, HourRow, QueueDay
from appliance.contract.directory import DirectoryRow
from appliance.contract.machine import ClockRow, DiskRow, MachineRow
from appliance.contract.phone_row import ContactRow, PhoneRow
from appliance.contract.rows import AgentDay, CdrRow, RecordingRow
from appliance.contract.rtp import Rtp, rated
from appliance.contract.switch import BitTest, SignalMessage
from appliance.contract.upkeep import JobRow, QuarterRow
from appliance.contract.whole_call import HeldChannel, KeyRow, OfferRow, SegmentRow, StayRow, WaitRow

AT = 1_795_000_000_000
SYSTEM = api.SystemReply(
    at=AT,
    profile="mx90",
    up_s=3600.0,
    versions={"mxbox": "0.1.0", "pjsip": "2.17"},
    machine=MachineRow(
        host="mx", system="Debian GNU/Linux 13", kernel="6.12", up_s=93784.0, cpus=2, cpu=0.31, load=0.42,
        memory=2 << 30, memory_free=1 << 30, temperature=54.0, clock=ClockRow(synced=True, error_s=0.0123),
        disks=(
            DiskRow(
                folder="/var/lib/mxbox", what=("books", "recordings"), total=64_000_000_000, free=18_000_000_000,
                daily=1_000_000_000, days_left=18.0,
            ),
        ),
    ),
    absent=("slots", "updates"),
)  # fmt: skip
FIGURES = api.FiguresReply(
    day="2026-11-18",
    since=AT,
    until=AT + 86_400_000,
    box=BoxDay(calls=3411, answered=3300, abandoned=80, lost=92, talk_s=9000.0),
    hours=(HourRow(hour=9, calls=411, answered=400, abandoned=7),),
    queues=(
        QueueDay(
            queue="sales", entered=300, answered=280, abandoned=20, in_time=240, target_s=20.0, service_level=0.81,
            wait_s=12.0, longest_s=305.0, colour="yellow",
        ),
    ),
    agents=(AgentDay(agent="8001", offered=45, answered=41, talk_s=7500.0),),
)  # fmt: skip
PHONES = api.PhonesReply(
    (
        PhoneRow(
            extension="1001", name="李娜", line="phone:1001", registers=True, agent="8001", call=16,
            contacts=(
                ContactRow(address="192.168.1.31:5060", transport="udp", agent="Yealink T46S", until=AT + 300_000),
            ),
            settings={"forward_busy": "1002", "call_waiting": "1", "messages": "2/0"},
        ),
        PhoneRow(
            extension="1002", name="", line="phone:1002", registers=True, agent="", call=0, contacts=(),
            settings={"do_not_disturb": "1", "call_waiting": ""},
        ),
        PhoneRow(
            extension="1003", name="Front door", line="sip:door@192.168.1.40:5060", registers=False, agent="", call=0,
            contacts=(), settings={"call_waiting": "1"},
        ),
    )
)  # fmt: skip
DIRECTORY = api.DirectoryReply(
    (
        DirectoryRow(
            number="1001", name="李娜", kind="extension", state="busy", agent="8001", agent_name="李娜",
            agent_state="talking",
        ),
        DirectoryRow(number="1002", name="Wang Wei", kind="extension", reachable=False, do_not_disturb=True),
        DirectoryRow(number="1003", name="Front door", kind="extension", do_not_disturb=True),
        DirectoryRow(number="1004", name="欧阳小明", kind="extension"),
        DirectoryRow(number="1100", name="销售", kind="group"),
        DirectoryRow(number="12345", name="hotline", kind="hotline"),
    )
)  # fmt: skip
PRI_SETUP = SignalMessage(
    32, AT * 1000, False, "span 1", "LAPD ...\nQ.931 SETUP\n  Called party number: 96900", "pri",
    "SETUP timeslot 7, preferred, to 96900", bytes.fromhex("0201000008020007 05".replace(" ", "")),
)  # fmt: skip
SIP_INVITE = SignalMessage(
    33, AT * 1000 + 9_000_000, True, "127.0.0.1:5060", "INVITE sip:1001@mx SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"
)  # fmt: skip
QUARTERS = api.SpanQuartersReply(
    (
        QuarterRow(
            span=1, began=AT, seconds=900, counters={"crc4_errors": 14}, errored_s=4, alarm_s=0, far_alarm_s=0, out_s=0
        ),
    )
)
JOBS = api.JobsReply(
    (
        JobRow(
            job=3, kind="bit_test", what="span 1", by="lina", began=AT, progress=0.45,
            tests=(
                BitTest(
                    timeslot=5, synced=True, seconds=27.0, bits=1_000_000, errors=1, errored_s=1, losses=0,
                    unsynced_s=0.1,
                ),
            ),
        ),
        JobRow(
            job=2, kind="bit_test", what="span 2", by="lina", began=AT, ended=AT, state="failed",
            error="the switch is not there",
        ),
    )
)  # fmt: skip
TRACE = api.TraceReply(16, 0, (PRI_SETUP, SIP_INVITE))


def whole(call: CdrRow, recording: RecordingRow) -> api.WholeCallReply:
    """Return a call whole, that is over."""
    return api.WholeCallReply(
        call=call,
        live=None,
        stays=(
            StayRow(
                leg=32, line="pri:carrier", role="caller", number="13800138000", agent="", redirecting="", from_s=0.0,
                answered_s=0.5, to_s=75.0, cause=16, channels=(HeldChannel(span=1, timeslot=7, from_s=0.0, to_s=75.0),),
            ),
            StayRow(
                leg=33, line="phone:1001", role="agent", number="1001", agent="8001", redirecting="", from_s=9.0,
                answered_s=14.0, to_s=75.0, cause=16, channels=(),
                rtp=rated(Rtp("PCMA", 2900, 100, 0, 9.4, 30.0, 60.0, 3000, far_lost=0, round_trip_ms=20.0)),
            ),
        ),
        segments=(SegmentRow(segment=1, kind="flow", what="hotline/menu", legs=(32,), from_s=0.5, to_s=2.0),),
        keys=(KeyRow(leg=32, key="1", node="menu", accepted=True, at_s=1.9),),
        waits=(WaitRow(queue="sales", position=2, predicted_s=None, from_s=2.0, to_s=14.0, reason="answered"),),
        offers=(OfferRow(offer=1, queue="sales", agent="8001", leg=33, from_s=9.0, to_s=14.0, result="answered"),),
        recordings=(recording,),
    )  # fmt: skip
