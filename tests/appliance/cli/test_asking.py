# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests and output of the command: tables for people in their language, JSON for programs, exit statuses."""

import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from appliance.api import messages as api
from appliance.cli import output
from appliance.cli.main import main
from appliance.contract.rows import StoreStatus, TroubleRow
from tests.appliance.cli import answers, technician
from tests.appliance.cli.counter import Counter

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english_in_china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("TZ", "CST-8")  # POSIX: eight hours east of Greenwich
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    path = tmp_path / "control.sock"
    monkeypatch.setenv("MXBOX_SOCKET", str(path))
    with Counter(
        path, lambda request: answers.REPLIES[type(request)], (answers.CALL_OPENED, answers.UPDATE)
    ) as counter:
        yield counter


SET = {"max_length": 7, "music": "jazz", "step": None}
ASKED: list[tuple[str, api.Request]] = [
    ("status", api.Status()),
    ("spans", api.Spans()),
    ("system", api.System()),
    ("today", api.Figures()),
    ("today 2026-11-18", api.Figures("2026-11-18")),
    ("about 16", api.WholeCall(16)),
    ("trace 16", api.Trace(16)),
    ("phone password 1001", api.NewPassword("1001")),
    ("phone provision 1001 --maker snom --mac 000413aabbcc", api.Provision("1001", "snom", "000413aabbcc")),
    ("span block 1 5 6", api.ChangeSpan(1, "block", (5, 6))),
    ("span unblock 2", api.ChangeSpan(2, "unblock")),
    ("span restart 1 5", api.ChangeSpan(1, "restart", (5,))),
    ("span loop 1 payload 5", api.ChangeSpan(1, "loop", (5,), "payload")),
    ("span clear 1", api.ChangeSpan(1, "clear")),
    ("span test 1 5 --seconds 900", api.TestSpan(1, (5,), 900)),
    ("span quarters 1 --since 2026-11-22T10:00+08:00", api.SpanQuarters(1, 1795312800000)),
    ("jobs list", api.Jobs()),
    ("jobs stop 3", api.StopJob(3)),
    ("trace --span 2 --text", api.Trace(span=2)),
    ("calls", api.Calls()),
    ("calls --past", api.Cdr()),
    ("calls --since 2026-11-22T10:00+08:00 --limit 5", api.Cdr(since=1795312800000, limit=5)),
    ("calls --number 138* --before 9", api.Cdr(number="138*", before=9)),
    ("recordings --agent 8001 --min-s 30 --call 7", api.Recordings(agent="8001", min_s=30.0, call=7)),
    (
        "recordings --caller 138* --called 96900 --queue sales --rule some --max-s 60",
        api.Recordings(caller="138*", called="96900", queue="sales", rule="some", max_s=60.0),
    ),
    ("ledger", api.Ledger()),
    ("ledger --no-files", api.Ledger(files=False)),
    ("agents", api.Agents()),
    ("queues", api.Queues()),
    ("conference show", api.Conferences()),
    ("conference log 17", api.ConferenceLog(17)),
    ("conference mute 8500 3", api.ChangeConference("8500", "mute", 3)),
    ("conference unmute 8500", api.ChangeConference("8500", "unmute")),
    ("conference grant 8500", api.ChangeConference("8500", "grant")),
    ("conference revoke 8500 3", api.ChangeConference("8500", "revoke", 3)),
    ("conference remove 8500 3", api.ChangeConference("8500", "remove", 3)),
    ("conference lock 8500", api.ChangeConference("8500", "lock")),
    ("conference unlock 17", api.ChangeConference("17", "unlock")),
    ("conference end 8500", api.ChangeConference("8500", "end")),
    ("conference call 8500 0138", api.CallIntoConference("8500", "0138")),
    ("queue why 17", api.Choices(17)),
    (
        "keyed --caller 138* --field pickup --value 47 --agent 8001 --queue sales --call 16 --before 9 --limit 3",
        api.Keyed(caller="138*", field="pickup", value="47", agent="8001", queue="sales", call=16, before=9, limit=3),
    ),
    (
        "survey list --agent 8001 --queue sales --call 16 --before 9 --limit 3",
        api.Surveys(agent="8001", queue="sales", call=16, before=9, limit=3),
    ),
    ("survey totals --since 2026-11-22T10:00+08:00", api.SurveyTotals(since=1795312800000)),
    (
        "queue callbacks --queue sales --number 0138 --call 16 --waiting --before 9 --limit 3",
        api.CallBacks(queue="sales", number="0138", call=16, waits=True, before=9, limit=3),
    ),
    ("queue cancel-callback 3", api.CancelCallBack(3)),
    ("queue forecast --queue sales", api.Forecasts(queue="sales")),
    ("troubles --limit 3", api.Troubles(limit=3)),
    ("troubles --since 2026-11-22T10:00+08:00 --kind span", api.Troubles(since=1795312800000, kind="span")),
    ("calls --agent 8001 --queue sales", api.Cdr(agent="8001", queue="sales")),
    ("calls --result no_answer", api.Cdr(result="no_answer")),
    ("agent totals 8001 --since 2026-11-22T10:00+08:00", api.AgentTotals(since=1795312800000, agent="8001")),
    ("agent totals --until 2026-11-22T10:00+08:00", api.AgentTotals(until=1795312800000)),
    ("agent code 8001 2", api.SetWrapUpCode("8001", "2")),
    ("agent ready 8001", api.SetAgent("8001", "ready")),
    ("agent pause 8001 --reason lunch", api.SetAgent("8001", "paused", "lunch")),
    ("agent sign-out 8001", api.SetAgent("8001", "signed_out")),
    ("supervise listen 8001 --at 1009", api.Supervise("1009", "8001")),
    ("supervise whisper --call 17 --at 1009", api.Supervise("1009", call=17, mode="whisper")),
    ("supervise release 8001", api.ReleaseTalk("8001")),
    ("supervise transfer 8001 --to 1005", api.TransferTalk("1005", "8001")),
    ("supervise log --agent 8001 --by 1009", api.SupervisorLog(agent="8001", by="1009")),
    ("queue take-out 17 --to 1009", api.TakeOut(17, "1009")),
    ("queue move 17 2", api.MoveWaiting(17, 2)),
    ("queue priority 17 vip", api.SetPriority(17, "vip")),
    ("call 1001 0138", api.Originate("1001", "0138")),
    ("hangup 17", api.HangUp(17)),
    ("flow reload", api.ReloadFlows()),
    ("phone show 1001", api.GetPhone("1001")),
    ("phone list", api.Phones()),
    ("find li na", api.Directory("li na")),
    ("find", api.Directory()),
    ("phone talk 1001 transfer 1005", api.ChangeTalk("1001", "transfer", "1005")),
    ("phone talk 1001 park", api.ChangeTalk("1001", "park")),
    ("phone forward 1001 busy 1002", api.SetPhone("1001", "forward_busy", "1002")),
    ("phone forward 1001 no-answer off", api.SetPhone("1001", "forward_no_answer", "")),
    ("phone dnd 1001 on", api.SetPhone("1001", "do_not_disturb", "1")),
    ("phone call-waiting 1001 off", api.SetPhone("1001", "call_waiting", "")),
    ("phone messages 1001 2 1", api.SetPhone("1001", "messages", "2/1")),
    ("phone messages 1001 0", api.SetPhone("1001", "messages", "0/0")),
    ("plan show", api.Plans()),
    ("plan show work --at 2026-10-01T10:00", api.Plans("work", "2026-10-01T10:00")),
    ("plan set work closed --until next", api.SetPlan("work", "closed", "next")),
    ("plan set work by-plan", api.SetPlan("work", "by_plan")),
    ("duty show", api.Duties()),
    ("config show", api.GetConfig()),
    ("config show a90b", api.GetConfig("a90b")),
    ("config diff", api.DiffConfig()),
    ("config undo a90b --why lost", api.UndoConfig("a90b", why="lost")),
    ("config history --limit 5", api.ConfigHistory(5)),
    ("config set queue sales max_length=7 music=jazz step=", api.SetEntry("queue", "sales", SET)),
    ("config remove agent 8001 --why left", api.RemoveEntry("agent", "8001", why="left")),
    ("user list", api.Users()),
    ("user roles", api.Users()),
    ("user change lina --role supervisor --agent 8001", api.ChangeUser("lina", "supervisor", None, "8001")),
    ("user lock lina --why lost", api.ChangeUser("lina", locked=True, why="lost")),
    ("user unlock lina", api.ChangeUser("lina", locked=False)),
    ("user second-factor wang", api.SetSecondFactor(on=True, user="wang")),
    ("user second-factor wang --off", api.SetSecondFactor(on=False, user="wang")),
    ("user remove lina", api.RemoveUser("lina")),
    ("log operations --user wang --what set_phone", api.Operations(user="wang", what="set_phone")),
    ("log operations --archive", api.Operations(archive=True)),
    ("log verify", api.VerifyOperations()),
    ("duty show service --at 2026-12-24T22:00", api.Duties("service", "2026-12-24T22:00")),
    ("duty set service sat 1001 0138", api.SetDuty("service", "sat", ("1001", "0138"))),
    ("duty clear service 2026-12-07..2026-12-13", api.SetDuty("service", "2026-12-07..2026-12-13")),
    ("route test 1001 0138 --at 2026-01-31T22:00", api.RouteTest("1001", "0138", "2026-01-31T22:00")),
    ("route test anonymous 96900 --line pri:carrier", api.RouteTest("anonymous", "96900", line="pri:carrier")),
]


@pytest.mark.parametrize(("line", "request_"), ASKED, ids=lambda each: each if isinstance(each, str) else "")
def test_a_command_asks_the_box_and_gives_its_answer_as_json(
    line: str, request_: api.Request, counter: Counter, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert main([*line.split(), "--json"]) == 0
    assert counter.asked == [request_]
    said = capsys.readouterr()
    assert msgspec.json.decode(said.out, type=api.AnyReply) == answers.REPLIES[type(request_)]
    assert said.err == ""


def test_reload_asks_for_all_that_can_be_read_again(counter: Counter, capsys: Capture) -> None:
    assert main(["reload"]) == 0
    assert counter.asked == [api.ReloadExtensions(), api.ReloadFlows()]
    assert capsys.readouterr().out == "extensions in force: 1001, 1002\nflows in force: hotline, night\n"
    assert main(["reload", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"extensions": ["1001", "1002"], "flows": ["hotline", "night"]}


SHOWN = [
    (
        "status",
        [
            "MXBox 0.1.0, mx90, up 1 d 02:03:04",
            "healthy",
            "median 0.31 ms",
            "3 late",
            "1 call up, 2 callers wait, 12 in all",
        ],
    ),
    (
        "status",
        [
            "42 extensions registered, trunk voip registered",
            "idle 2, talking 1",
            "1.2 MB, up to event 99",
            "span 1",
            "slips 2",
        ],
    ),
    ("conference show", ["conference 8500 board, call 17, for 1:05, locked, being called: 1009"]),
    ("conference show", ["Ann    host", "yes", "asks to speak (1)", "listens, muted"]),
    ("conference log 17", ["1001 (host)", "joined", "asked to speak", "may speak", "1002", "  lina"]),
    ("spans", ["dahdi:1", "RED", "E1", "far end's", "span 1", "7/30"]),
    ("spans", ["in service; far end is not the clock master: slips rise", "in the last 60 s", "  3 +3  ", "  14  "]),
    ("calls", ["17", "talking", "0:12", "queue sales", "caller 13800138000 1/7  agent 8001"]),
    ("calls --past", ["2026-11-18 19:06:40", "0:07", "1:01", "1:02:03", "answered", "2026/11/22/16.wav"]),
    ("supervise log", ["2026-11-18 19:06:40", "1009", "8001", "whispers", "lina"]),
    ("supervise barge 8001 --at 1009", ["extension 1009 takes part when it answers"]),
    ("supervise transfer 8001 --to 1005", ["the other party is sent to 1005"]),
    ("queue callbacks", ["2026-11-18 19:06:40", "013800138000", "given up: an answering machine", "19 21"]),
    ("queue cancel-callback 3", ["call-back 3 is cancelled"]),
    ("queues", ["013800138000", "not due yet"]),
    ("queue take-out 17 --to 1009", ["call 17 is taken out of the queue and sent to 1009"]),
    ("recordings", ["in the folder /var/lib/mxbox/recordings:", "1:15"]),
    ("ledger", ["calls", "12", "11 files of recordings measured", "the books balance"]),
    ("agents", ["张伟", "ready", "talking", "paused (午餐)", "10:00", "sales, service"]),
    ("agent totals", ["8:00:00", "10:00", "1:01", "2:00:00", "2:05", "30:00", "no reason 1 (1:00), meal 2 (29:00)"]),
    ("agent totals", ["complaint 3, sold 12"]),
    ("agent code 8001 2", ["the wrap-up code of the last call of agent 8001 is set"]),
    ("queues", ["sales", "1:05", "139", "18"]),
    (
        "queue why 17",
        ["queue sales chose by: who talked least today", "call 18 in service", "1:00", "3:00", "was free"],
    ),
    ("queue why 17", ["8002", "talking", "8003", "lacks a skill"]),
    ("keyed", ["4711", "13800138000", "incomplete", "corrected later"]),
    ("survey list", ["13800138000", "answered", "service 5  solved 1", "the agent's code"]),
    ("survey totals", ["40", "20", "50", "15", "75", "service 4.53  solved 1.20", "sales"]),
    ("troubles", ["late_tick", "a tick was 31 ms late"]),
    ("system", ["2, 31% in use, load 0.42", "54 °C", "synced, wrong by 12 ms at most", "18.0 GB", "pjsip 2.17"]),
    ("system", ["books, recordings", "this machine has no keeper for: slots, updates"]),
    (
        "today",
        ["3411 calls, 3300 answered, 80 hung up before, 92 talked with no person", "09:00", "81%", "5:05", "2:05:00"],
    ),
    ("about 16", ["calls 12345 from 13800138000", "takes span 1 timeslot 7", "key 1", "offers the call to agent 8001"]),
    ("about 16", ["takes the call", "call over: answered", "PCMA, 3.3% lost, jitter 9 ms", "MOS 4.0", "1/7"]),
    ("phone password 1001", ["mx.example", "aBcD", "this password is not shown again"]),
    ("phone provision 1001", ["https://mx.example:8443/secret/x.cfg", "set provisioning.enabled = true"]),
    ("span block 1 5 6", ["span 1: no call takes these channels from now on"]),
    ("span loop 1 none", ["there is no loop any more"]),
    ("span test 1 5", ["span 1 is being tested: this is job 3"]),
    ("span quarters", ["2026-11-18 19:06:40", "15:00", "0:04", "crc4_errors 14"]),
    ("jobs list", ["span 1", "under way", "45%", "comes back", "1.0e-06", "lina"]),
    ("jobs list", ["failed: the switch is not there"]),
    ("trace 16", ["SETUP timeslot 7, preferred, to 96900", "span 1", "INVITE sip:1001@mx"]),
    ("trace 16 --text", ["Called party number: 96900", "CSeq: 1 INVITE"]),
    ("agent pause 8001", ["agent 8001 is paused"]),
    ("call 1001 0138", ["extension 1001 is being rung; this is call 21"]),
    ("hangup 17", ["call 17 is being ended"]),
    ("flow reload", ["flows in force: hotline, night"]),
    ("phone show 1001", ["when busy, calls are forwarded to 1002", "do not disturb: off", "call waiting: on"]),
    ("phone list", ["李娜", "192.168.1.31:5060", "8001", "not registered", "do not disturb: on", "call waiting: off"]),
    ("phone forward 1001 busy off", ["1001: when busy, calls are not forwarded\n"]),
    ("phone forward 1001 always 1", ["1001: all calls are forwarded to 1\n"]),
    ("phone forward 1001 always 1002", ["1001: all calls are forwarded to 1002"]),
    ("phone dnd 1001 off", ["1001: do not disturb: off"]),
    ("phone show 1001", ["messages, new/heard: 2/1"]),
    ("plan show", ["work", "closed", "public holiday 2026-10-01..2026-10-07", "2026-11-18 19:06", "*281"]),
    (
        "plan show work",
        ["opened by hand  anna", "closed by hand  until 2026-11-18 19:06  extension 1001", "its time was over"],
    ),
    ("plan set work open", ["plan work is opened by hand"]),
    ("config show", ["# the box"]),
    ("config diff", ["extension[1001].name", '"Li Na"', "at once", "sip.port", "restart of the box: calls end"]),
    ("config history", ["a90b", "2026-11-18 19:06:40", "wang", "192.0.2.7", "night service", "now: 5f1c"]),
    ("user list", ["lina", "Li Na", "supervisor", "yes", "2026-11-18 19:06", "locked until 2026-11-18 19:06"]),
    ("user roles", ["calls", "view add change", "alone: agent"]),
    ("user change lina --role agent", ["user lina is changed"]),
    ("user lock lina", ["user lina is locked"]),
    ("user unlock lina", ["user lina may sign in"]),
    ("user second-factor wang", ["JBSWY3DPEHPK3PXP", "otpauth://", "shown only this once"]),
    ("user second-factor wang --off", ["the password alone"]),
    ("user remove lina", ["user lina is removed"]),
    ("log operations", ["17", "2026-11-18 19:06:40", "wang", "192.0.2.7", "set_phone", "1001", "asked for by phone"]),
    ("log verify", ["2 rows are as they were written", "5f5f5f"]),
    ("duty show", ["service", "8800", "013800138000, 1002", "1001", "2026-11-18 19:06 - 2026-11-18 20:06"]),
    ("duty show service", ["2026-12-07..2026-12-13", "2026-11-18 19:06 anna", "sat, sun", "configuration"]),
    ("duty set service sat 1001 1002", ["service, sat: 1001, 1002"]),
    ("duty clear service sat", ["service, sat: removed"]),
    (
        "route test 1001 0138",
        [
            "138 needs the calling class local",
            "1. pri:carrier: 138, showing 57501000",
            "2. trunk:voip: 138, showing the caller's own number",
        ],
    ),
]


@pytest.mark.parametrize(("line", "words"), SHOWN, ids=lambda each: each if isinstance(each, str) else "")
@pytest.mark.usefixtures("counter")
def test_a_command_shows_the_answer_to_people(line: str, words: list[str], capsys: Capture) -> None:
    assert main(line.split()) == 0
    shown = capsys.readouterr().out
    assert not [word for word in words if word not in shown], shown


@pytest.mark.usefixtures("counter")
def test_columns_stand_under_each_other_with_chinese_names(capsys: Capture) -> None:
    main(["agents"])
    head, _rule, *rows = capsys.readouterr().out.splitlines()
    column = cell_len(head[: head.index("extension")])
    for row, extension in zip(rows, ("1001", "1002"), strict=True):
        assert cell_len(row[: row.index(extension)]) == column


@pytest.mark.usefixtures("counter")
def test_people_read_their_own_language(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    main(["ledger"])
    assert "账目平衡" in capsys.readouterr().out
    main(["agents"])
    assert "通话中" in capsys.readouterr().out


def test_updates_are_printed_as_they_come(counter: Counter, capsys: Capture) -> None:
    # The counter ends the stream after two updates: the box went away.
    assert main(["watch", "agents"]) == 1
    assert counter.asked == [api.Subscribe(("agents",))]
    said = capsys.readouterr()
    assert "call_opened        call=17 direction=in caller=13800138000 called=12345" in said.out
    assert "agent_changed" in said.out
    assert "agent=8001 status=ready state=idle" in said.out
    assert "went away" in said.err
    main(["watch", "--json"])
    lines = capsys.readouterr().out.splitlines()
    assert [msgspec.json.decode(line, type=api.AnyReply) for line in lines] == [answers.CALL_OPENED, answers.UPDATE]


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_ledgers_status_tells_whether_the_books_balance(tmp_path: Path, flags: list[str], capsys: Capture) -> None:
    path = tmp_path / "control.sock"
    with Counter(path, lambda _request: answers.UNBALANCED):
        assert main(["ledger", "--socket", str(path), *flags]) == 1
    said = capsys.readouterr().out
    assert ("do NOT balance: 2 findings" in said) is not bool(flags)
    assert "a call has no leg" in said


def test_the_status_of_status_tells_whether_the_box_is_healthy(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "control.sock"
    broken = StoreStatus(last_seq=1, bytes=10, waiting=5, lost=1, error="disk full")
    ill = msgspec.structs.replace(answers.STATUS, healthy=False, connected=False, switch=None, store=broken)
    with Counter(path, lambda _request: ill):
        assert main(["status", "--socket", str(path)]) == 1
    shown = capsys.readouterr().out
    for words in (
        "needs attention",
        "not connected",
        "5 records wait to be written, 1 lost: disk full",
        "not reported",
    ):
        assert words in shown


EMPTY: list[tuple[str, api.Reply, str]] = [
    ("calls", api.CallsReply(()), "no call is up"),
    ("calls --past", api.CdrReply(()), "no such call"),
    ("recordings", api.RecordingsReply("/r", ()), "no such recording"),
    ("agents", api.AgentsReply(()), "no agent is configured"),
    ("queues", api.QueuesReply(()), "no queue is configured"),
    ("queue why 17", api.ChoicesReply(17, ()), "no queue has chosen an agent for call 17"),
    ("keyed", api.KeyedReply(()), "nothing was keyed in"),
    ("survey list", api.SurveysReply(()), "no caller was asked"),
    ("survey totals", api.SurveyTotalsReply(()), "no caller was asked"),
    ("queue callbacks", api.CallBacksReply((), ()), "no caller asked for a call-back"),
    ("queue forecast", api.ForecastsReply(()), "nobody was served after a minute or more"),
    ("troubles", api.TroublesReply(()), "no trouble"),
    ("spans", api.SpansReply(spans=()), "no span is configured"),
]


@pytest.mark.parametrize(("line", "reply", "words"), EMPTY, ids=lambda each: each if isinstance(each, str) else "")
def test_nothing_is_said_in_words(line: str, reply: api.Reply, words: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "control.sock"
    with Counter(path, lambda _request: reply):
        assert main([*line.split(), "--socket", str(path)]) == 0
    assert words in capsys.readouterr().out


def test_the_boxs_refusal_is_shown_with_its_hint_in_the_readers_language(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "control.sock"
    refuse: Callable[[api.AnyRequest], api.Reply] = lambda _request: api.Error.of(  # noqa: E731
        "{file} cannot be read: {why}",
        "texts stand in quotation marks, tables in [ ], lists of tables in [[ ]]",
        file="a.toml",
        why="EIO",
    )
    with Counter(path, refuse):
        assert main(["flow", "reload", "--socket", str(path)]) == 1
        hint = "texts stand in quotation marks, tables in [ ], lists of tables in [[ ]]"
        assert capsys.readouterr().err == f"mxbox: a.toml cannot be read: EIO\n  {hint}\n"
        monkeypatch.setenv("LANGUAGE", "zh_CN")
        main(["flow", "reload", "--socket", str(path)])
        assert "a.toml 无法读取：EIO" in capsys.readouterr().err


def test_without_a_box_it_says_how_to_start_one(tmp_path: Path, capsys: Capture) -> None:
    socket = str(tmp_path / "control.sock")
    assert main(["status", "--socket", socket]) == 1
    assert (
        capsys.readouterr().err
        == f"mxbox: no box answers at {socket}\n  is it running? Start it with: mxbox run CONFIG\n"
    )
    assert main(["status", "--socket", socket, "--json"]) == 1
    told = json.loads(capsys.readouterr().err)
    assert told == {"error": f"no box answers at {socket}", "hint": "is it running? Start it with: mxbox run CONFIG"}


@pytest.mark.usefixtures("counter")
def test_calls_that_were_sent_on_say_by_whom(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(file=sys.stdout, width=240, highlight=False))
    sent_on = msgspec.structs.replace(answers.CDR, forwarded_by="13800138000 8003")
    monkeypatch.setitem(answers.REPLIES, api.Cdr, api.CdrReply((answers.CDR, sent_on)))  # type: ignore[misc]
    main(["calls", "--past"])
    head, _rule, direct, forwarded = capsys.readouterr().out.splitlines()
    assert head.rstrip().endswith("forwarded by")
    assert "8003" not in direct
    assert forwarded.rstrip().endswith("13800138000 8003")


@pytest.mark.parametrize(("width", "shown"), [(200, 14), (100, 9), (80, 7)])
@pytest.mark.usefixtures("counter")
def test_a_narrow_screen_loses_whole_columns_the_least_telling_first(
    width: int, shown: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Console(file=sys.stdout, width=width, highlight=False)
    monkeypatch.setattr(output, "console", lambda: screen)
    main(["calls", "--past"])
    head, _rule, row, *note = capsys.readouterr().out.splitlines()
    assert note == ([f"{14 - shown} columns do not fit; --json has them"] if shown < 14 else [])
    assert len(head.replace("ended by", "ended-by").split()) == shown
    assert "2026-11-18 19:06:40" in row
    assert max(cell_len(line) for line in (head, row)) <= width


def test_a_crash_of_the_last_hour_is_told_in_the_status(tmp_path: Path, capsys: Capture) -> None:
    text = "switch ended (SIGKILL) and was started again"
    crash = TroubleRow(trouble=1, started_at=technician.AT - 720_000, kind="crash", text=text, count=1)
    ill = msgspec.structs.replace(answers.STATUS, healthy=False, crashes=(crash,))
    path = tmp_path / "control.sock"
    with Counter(path, lambda _request: ill):
        assert main(["status", "--socket", str(path)]) == 1
    said = capsys.readouterr().out
    assert "a crash in the last hour" in said
    assert f"12:00 ago: {text}" in " ".join(said.split())


def test_held_parked_and_consulting_calls_say_so(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "control.sock"
    calls = [
        msgspec.structs.replace(answers.LIVE, call=1, state="parked", place="701", queue=""),
        msgspec.structs.replace(answers.LIVE, call=2, state="consulted", consults=3, queue=""),
        msgspec.structs.replace(answers.LIVE, call=3, state="calling", consults=2, queue=""),
        msgspec.structs.replace(
            answers.LIVE, call=4, state="held", legs=(msgspec.structs.replace(answers.LIVE.legs[0], held=True),)
        ),
    ]
    with Counter(path, lambda _request: api.CallsReply(tuple(calls))):
        assert main(["calls", "--socket", str(path)]) == 0
    said = capsys.readouterr().out
    for words in ("place 701", "waits for call 3", "call 2 waits for it", "on hold", "(holds)"):
        assert words in said


@pytest.mark.usefixtures("counter")
def test_a_plans_status_tells_whether_it_is_open(capsys: Capture) -> None:
    assert main(["plan", "test", "work"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("work: closed, public holiday 2026-10-01..2026-10-07\nnext change: 2026-11-18 19:06\n")
    assert "announced up to 2026-12-31" in shown


def test_a_password_comes_from_a_pipe_and_is_shown_nowhere(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for line, asked in (
        ("user add wang --role technician", api.AddUser("wang", "technician", "correct horse")),
        ("user password wang", api.SetPassword("correct horse", user="wang")),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\nmore\n"))
        assert main(line.split()) == 0
        assert counter.asked[-1] == asked
    assert "correct horse" not in capsys.readouterr().out


@pytest.mark.usefixtures("counter")
def test_a_text_is_written_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    assert main(["config", "show", "--output", str(file)]) == 0
    assert file.read_text() == "# the box\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_text_is_applied_on_top_of_the_version_that_is_there(counter: Counter, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text("# new\n", encoding="utf-8-sig")
    assert main(["config", "apply", str(file), "--why", "night"]) == 0
    assert counter.asked == [api.GetConfig(), api.ApplyConfig("# new\n", "5f1c", why="night")]
    assert main(["config", "apply", str(file), "--base", "a90b"]) == 0
    assert counter.asked[-1] == api.ApplyConfig("# new\n", "a90b")
    assert main(["config", "set", "queue", "sales", "music"]) == 1
    assert main(["config", "apply", str(tmp_path / "none.toml")]) == 1


def test_a_log_that_was_changed_is_told_by_the_status(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "control.sock"
    with Counter(path, lambda _request: api.VerifiedReply(2, "5f" * 32, 3)):
        assert main(["log", "verify", "--socket", str(path)]) == 1
    assert "row 3 does not fit" in capsys.readouterr().out


@pytest.mark.usefixtures("counter")
def test_the_status_of_a_check_of_duties_tells_whether_there_is_a_gap(capsys: Capture) -> None:
    assert main(["duty", "check"]) == 1
    assert capsys.readouterr().out == "service: nobody from 2026-11-18 19:06 - 2026-11-18 20:06\n"
