# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run` with the edge in front: registered phones call each other, keys follow, killed processes start again."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api.messages import (
    Cdr,
    CdrReply,
    Done,
    Ledger,
    LedgerReply,
    SetPhone,
)
from appliance.cli.main import main as mxbox
from hw_sim.baresip import BaresipPhone
from tests.appliance.edge.rig import DOMAIN, End, notified, password, until, watch
from tests.appliance.edge.running_box import RESTART_S, Box, attached, hang_up, phone, running_box, saw, talk

LIMITS = "requests_per_s = 100\nblock_s = 2\nregister_min_s = 60\n"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running_box(LIMITS) as up:
        yield up


def last_call(box: Box) -> tuple[str, str, str]:
    with box.client as client:
        call = client.ask(Cdr(limit=1), CdrReply).calls[0]
    return call.caller, call.called, call.disposition


def called_again_s(caller: BaresipPhone, called: BaresipPhone, begin: float) -> float:
    """Dial until a call is set up; return the seconds since `begin`."""
    while True:
        for each in (caller, called):
            each.poll()
            each.events.clear()
        caller.command("dial", f"sip:1002@{DOMAIN}")
        until(lambda: saw(caller, "CALL_ESTABLISHED") or saw(caller, "CALL_CLOSED"))
        if saw(caller, "CALL_ESTABLISHED"):
            back = time.monotonic() - begin
            hang_up(caller, called)
            return back


def test_two_registered_phones_talk_and_a_third_ones_key_shows_it(box: Box, tmp_path: Path) -> None:
    with (
        phone(box, tmp_path, "1001") as caller,
        phone(box, tmp_path, "1002", answers=False) as called,
        End(box.edge, "1003", "127.0.0.3") as desk,
    ):
        watch(desk, "1002", "dialog")
        notified(desk, "/>")
        caller.command("dial", f"sip:1002@{DOMAIN}")
        notified(desk, "<state>early</state>")
        until(lambda: saw(called, "CALL_INCOMING"))
        called.command("accept")
        notified(desk, "<state>confirmed</state>")
        until(lambda: saw(caller, "CALL_ESTABLISHED") and saw(called, "CALL_ESTABLISHED"))
        caller.command("hangup")
        until(lambda: saw(called, "CALL_CLOSED"))
        notified(desk, "/>")
    assert last_call(box) == ("1001", "1002", "answered")


def test_the_message_lamp_follows_the_command_and_a_restart(box: Box) -> None:
    with End(box.edge, "1003", "127.0.0.3") as desk:
        watch(desk, "1003", "message-summary")
        notified(desk, "Messages-Waiting: no")
        with box.client as client:
            client.ask(SetPhone("1003", "messages", "2/1"), Done)
        lit = notified(desk, "Messages-Waiting: yes")
        assert lit["Content-Type"] == "application/simple-message-summary"
        assert lit["Subscription-State"].startswith("active;expires=")
        account = f"Message-Account: sip:1003@{DOMAIN}"
        assert lit.body == f"Messages-Waiting: yes\r\n{account}\r\nVoice-Message: 2/1 (0/0)\r\n"
        os.kill(box.child("appliance.server"), signal.SIGKILL)
        notified(desk, "Voice-Message: 2/1", RESTART_S)  # sent anew, from the books
        until(lambda: attached(box), RESTART_S)
        with box.client as client:
            client.ask(SetPhone("1003", "messages"), Done)
        notified(desk, "Messages-Waiting: no")


def test_an_extension_is_added_and_taken_out_while_the_box_runs(
    box: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    people, config = tmp_path / "people.csv", ["--config", str(box.edge.folder / "box.toml")]
    people.write_text(f"number,name,password\n1004,New,{password('1004')}\n")
    assert mxbox(["extension", "import", str(people), *config]) == 0
    assert "calls know of it now" in capsys.readouterr().out
    with phone(box, tmp_path, "1004") as new, phone(box, tmp_path, "1002") as called:
        talk(new, called)
        hang_up(new, called)
        until(lambda: last_call(box) == ("1004", "1002", "answered"))
        assert mxbox(["extension", "remove", "1004", *config]) == 0
        assert "calls know of it now" in capsys.readouterr().out
        called.command("dial", f"sip:1004@{DOMAIN}")
        until(lambda: saw(called, "CALL_CLOSED"))
        assert not saw(new, "CALL_INCOMING")


def test_a_source_that_is_blocked_is_in_the_books(box: Box) -> None:
    with End(box.edge, "1001", "127.0.0.31") as attacker:
        for number in range(600):
            attacker.send(attacker.request("INVITE", f"sip:{number}@{DOMAIN}"))
    told = "127.0.0.31 sends too much as 1001, which is not heard from there for 2 s"
    until(lambda: f"{told}; when it is put right: mxbox edge unblock 127.0.0.31 1001" in box.troubles())


def test_a_killed_edge_comes_back_and_a_call_goes_on(box: Box, tmp_path: Path) -> None:
    with phone(box, tmp_path, "1001") as caller, phone(box, tmp_path, "1002") as called:
        talk(caller, called)
        wrapper = box.child("appliance.edge")
        os.kill(int(Path(f"/proc/{wrapper}/task/{wrapper}/children").read_text().split()[0]), signal.SIGKILL)
        begin = time.monotonic()
        until(lambda: not Path(f"/proc/{wrapper}").exists())
        box.edge.wait_up()
        print(f"edge killed: it answers after {time.monotonic() - begin:.1f} s")
        hang_up(caller, called)
        print(f"edge killed: calls after {called_again_s(caller, called, begin):.1f} s")
    until(lambda: "the edge was started anew" in box.troubles())
    assert not re.search("Traceback", box.edge.log())


@pytest.mark.parametrize("killed", ["appliance.switch", "appliance.server"])
def test_phones_call_again_after_a_kill(box: Box, tmp_path: Path, killed: str) -> None:
    with (
        phone(box, tmp_path, "1001") as caller,
        phone(box, tmp_path, "1002") as called,
        End(box.edge, "1003", "127.0.0.3") as desk,
    ):
        watch(desk, "1002", "dialog")
        notified(desk, "/>")
        talk(caller, called)
        notified(desk, "<state>confirmed</state>")
        os.kill(box.child(killed), signal.SIGKILL)
        begin = time.monotonic()
        notified(desk, "/>", RESTART_S)
        print(f"{killed} killed: the key is dark after {time.monotonic() - begin:.1f} s")
        until(lambda: saw(caller, "CALL_CLOSED") and saw(called, "CALL_CLOSED"), RESTART_S)
        print(f"{killed} killed: the phones are told after {time.monotonic() - begin:.1f} s")
        print(f"{killed} killed: calls after {called_again_s(caller, called, begin):.1f} s")
    with box.client as client:
        until(lambda: client.ask(Ledger(files=False), LedgerReply).balanced)


def test_a_phone_that_rings_and_one_that_waits_are_told_when_the_switch_was_killed(box: Box, tmp_path: Path) -> None:
    with phone(box, tmp_path, "1001") as caller, phone(box, tmp_path, "1002", answers=False) as called:
        caller.command("dial", f"sip:1002@{DOMAIN}")
        until(lambda: saw(called, "CALL_INCOMING"))
        until(lambda: saw(caller, "CALL_RINGING") or saw(caller, "CALL_PROGRESS"))
        os.kill(box.child("appliance.switch"), signal.SIGKILL)
        until(lambda: saw(caller, "CALL_CLOSED") and saw(called, "CALL_CLOSED"), RESTART_S)
        said = next(event["param"] for event in caller.events if event["type"] == "CALL_CLOSED")
        assert said == "503 Service Unavailable"
        until(lambda: attached(box), RESTART_S)
