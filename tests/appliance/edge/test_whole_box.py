# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run` with the edge in front: registered phones call each other, keys follow, whoever is killed comes back."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.api.client import Client
from appliance.api.messages import (
    Cdr,
    CdrReply,
    Done,
    Ledger,
    LedgerReply,
    SetPhone,
    Status,
    StatusReply,
    Troubles,
    TroublesReply,
)
from appliance.cli.main import main as mxbox
from appliance.errors import ApiError
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.edge.rig import DOMAIN, EXTENSIONS, Edge, End, password, until
from tests.appliance.edge.test_presence import notified, watch

LIMITS = "requests_per_s = 100\nblock_s = 2\nregister_min_s = 60\n"
REST = "".join(f'\n[[extension]]\nnumber = "{number}"\nline = "phone:{number}"\n' for number in EXTENSIONS)

RESTART_S = 25.0
"""A process that was killed is back by then, however busy the machine."""


@dataclass
class Box:
    """The whole box, its edge and its control API."""

    edge: Edge
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> Client:
        return Client(self.edge.folder / "run" / "control.sock")

    def child(self, module: str) -> int:
        children = map(int, Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split())
        return next(
            pid for pid in children if module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        )

    def troubles(self) -> list[str]:
        with self.client as client:
            return [each.text for each in client.ask(Troubles(limit=50), TroublesReply).troubles]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        edge = Edge(Path(made), f"{LIMITS}---{REST}")
        config = edge.write()
        config.write_text(f'language = "en"\n{config.read_text()}')
        with (edge.folder / "edge.log").open("wb") as log:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("mxbox")), "run", str(config)], stdout=log, stderr=log
            )
        try:
            edge.wait_up()
            up = Box(edge, process)
            until(lambda: attached(up), RESTART_S)  # before that, calls get 503
            yield up
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            print(edge.log())  # shown where a test failed


def attached(box: Box) -> bool:
    """Tell whether the call server has its switch."""
    with contextlib.suppress(ApiError), box.client as client:
        return client.ask(Status(), StatusReply).connected
    return False


@contextlib.contextmanager
def phone(box: Box, folder: Path, number: str, *, answers: bool = True) -> Iterator[BaresipPhone]:
    options = PhoneOptions(
        number,
        answers=answers,
        registrar=f"sip:127.0.0.1:{box.edge.port}",
        domain=DOMAIN,
        password=password(number),
    )
    with BaresipPhone(folder / number, options) as made:
        log = folder / number / "baresip.log"
        until(lambda: "200 OK (MXBox)" in log.read_text())
        yield made


def last_call(box: Box) -> tuple[str, str, str]:
    with box.client as client:
        call = client.ask(Cdr(limit=1), CdrReply).calls[0]
    return call.caller, call.called, call.disposition


def talk(caller: BaresipPhone, called: BaresipPhone) -> None:
    caller.command("dial", f"sip:1002@{DOMAIN}")
    until(lambda: saw(caller, "CALL_ESTABLISHED") and saw(called, "CALL_ESTABLISHED"))


def hang_up(caller: BaresipPhone, called: BaresipPhone) -> None:
    caller.command("hangup")
    until(lambda: saw(called, "CALL_CLOSED"))


def called_again_s(caller: BaresipPhone, called: BaresipPhone, begin: float) -> float:
    """Dial until a call comes about; seconds since `begin`."""
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


def saw(phone: BaresipPhone, event: str) -> bool:
    phone.poll()
    return any(each["type"] == event for each in phone.events)


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
        os.kill(box.child("appliance.callserver"), signal.SIGKILL)
        notified(desk, "Voice-Message: 2/1", RESTART_S)  # told anew, from the books
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
    until(lambda: "127.0.0.31 sends too much and is not heard for 2 s" in box.troubles())


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


@pytest.mark.parametrize("killed", ["appliance.switch", "appliance.callserver"])
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
        assert said == "500 Service Unavailable"  # a 503 ends at the edge: another server might do (RFC 3261 16.7, 6)
        until(lambda: attached(box), RESTART_S)
