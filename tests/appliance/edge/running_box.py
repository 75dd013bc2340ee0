# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run` as a person starts it, with the edge in front and foreign phones (baresip) registered there."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.api.client import Client
from appliance.api.messages import Status, StatusReply, Troubles, TroublesReply
from appliance.contract.errors import ApiError
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.edge.rig import DOMAIN, EXTENSIONS, Edge, password, until

PHONES = "".join(f'\n[[extension]]\nnumber = "{number}"\nline = "phone:{number}"\n' for number in EXTENSIONS)
RESTART_S = 25.0
"""A process that was killed runs again by then, however busy the machine."""


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


@contextmanager
def running_box(limits: str, flows: Mapping[str, str] | None = None, sip: str = "") -> Iterator[Box]:
    """Run it with these lines in [edge] until its call server has its switch: before that, calls get 503."""
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        edge = Edge(Path(made), f"{limits}---{PHONES}", sip)
        config = edge.write()
        config.write_text(f'language = "en"\n{config.read_text()}')
        (edge.folder / "flows").mkdir()
        for name, text in (flows or {}).items():
            (edge.folder / "flows" / f"{name}.toml").write_text(text)
        with (edge.folder / "edge.log").open("wb") as log:
            command = [str(Path(sys.executable).with_name("mxbox")), "run", str(config)]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            edge.wait_up()
            up = Box(edge, process)
            until(lambda: attached(up), RESTART_S)
            yield up
        finally:
            process.terminate()
            process.wait(20)
            print(edge.log())  # shown where a test failed


def attached(box: Box) -> bool:
    """Return whether the call server has its switch."""
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


def talk(caller: BaresipPhone, called: BaresipPhone) -> None:
    caller.command("dial", f"sip:1002@{DOMAIN}")
    until(lambda: saw(caller, "CALL_ESTABLISHED") and saw(called, "CALL_ESTABLISHED"))


def hang_up(caller: BaresipPhone, called: BaresipPhone) -> None:
    caller.command("hangup")
    until(lambda: saw(called, "CALL_CLOSED"))


def saw(phone: BaresipPhone, event: str) -> bool:
    phone.poll()
    return any(each["type"] == event for each in phone.events)
