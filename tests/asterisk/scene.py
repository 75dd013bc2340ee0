# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box with two desk phones (baresip), and Asterisk as its carrier, its registrar and further phones."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from appliance.api.messages import Ledger, LedgerReply, SipLadder, SipLadderReply
from appliance.config.model import ExtensionConfig, OutgoingConfig, RouteConfig, TrunkConfig
from dsp.dtmf import DtmfDetector, KeyEnd
from hw_sim.baresip import BaresipPhone
from tests.appliance.edge.house import House, count, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.asterisk.pbx import REGISTRAR, STRANGER, TRUNK, Asterisk, Phone
from tests.drivers.sip_peers import read_wav, strongest_hz

DESKS_HZ = {"1001": 400.0, "1003": 500.0}
"""Below those of keys."""
SILENT = "1003"
"""It rings until it is told to answer."""
NAMES = {"1001": "王伟"}
TRUNKS = (
    TrunkConfig(name="static", host=TRUNK, domain="static.example", trusted=True),
    TrunkConfig(
        name="registered",
        host=REGISTRAR,
        domain="registrar.example",
        user="box",
        password="secret-box",
        register=True,
        register_s=60,
    ),
    TrunkConfig(
        name="stranger", host=STRANGER, domain="stranger.example", user="stranger", password="x", register=True
    ),
)
WAYS = {"static": "0139", "registered": "0138"}
"""Digits before the number's last ones, by trunk."""
OUTGOING = tuple(
    OutgoingConfig(name=name, prefix=dialled[1:], via=(f"trunk:{name}",)) for name, dialled in WAYS.items()
)
FLOWS = {
    "digits": """
flow_version = 1
start = "main"
[node.main]
do = "menu"
prompts = ["welcome", "menu-hotline"]
keys = { 1 = "main", 2 = "main", 3 = "main", 9 = "end" }
otherwise = "end"
[node.end]
do = "hangup"
""",
    "busy": """
flow_version = 1
start = "main"
[node.main]
do = "dial"
outside = "13900001117"
otherwise = "end"
[node.end]
do = "hangup"
""",
}
UP_S = 40.0


class Scene:
    """The box between desks and Asterisk; what was told counts from the last `afresh`."""

    def __init__(self, box: House, asterisk: Asterisk, desks: dict[str, BaresipPhone]) -> None:
        self.box, self.asterisk, self.desks = box, asterisk, desks

    # --- time ---

    def until(self, what: Callable[[], object], why: str, within_s: float = 15.0) -> None:
        self.box.until(what, within_s, why, every_s=0.1)

    def run_s(self, seconds: float) -> None:
        self.box.run_s(seconds)

    def afresh(self) -> None:
        """End all talks, and drop the reports."""
        self.asterisk.manager.act("Command", Command="channel request hangup all")
        for desk in self.desks.values():
            for _ in range(2):
                desk.command("hangup")
        self.until(self.box.quiet, "a call is left")
        self.asterisk.manager.poll()
        self.asterisk.manager.events.clear()
        for desk in self.desks.values():
            desk.poll()
            desk.events.clear()

    # --- desks ---

    def dial(self, number: str, desk: str = "1001") -> None:
        self.desks[desk].command("dial", f"sip:{number}@{DOMAIN}")

    def sees(self, event: str, desk: str = "1001", times: int = 1, within_s: float = 15.0) -> None:
        self.until(lambda: count(self.desks[desk], event) >= times, f"{desk} sees no {event}", within_s)

    def seen(self, event: str, desk: str = "1001") -> list[dict[str, Any]]:
        self.desks[desk].poll()
        return [each for each in self.desks[desk].events if each["type"] == event]

    def desk_heard_hz(self, desk: str = "1001", *, from_s: float = -1.2, to_s: float = -0.2) -> float:
        """Return the tone that a desk heard in a part of its last call, counted from the end where negative."""
        sound = read_wav(self.desks[desk].heard()[-1])
        return strongest_hz(sound[round(from_s * 8000) : round(to_s * 8000)])

    # --- Asterisk ---

    def heard_hz(self, file: Path) -> float:
        """Return the tone that Asterisk heard in the second before the end of a recording, the very end left out."""
        self.until(lambda: self.asterisk.has_written(file), f"{file} is not complete")
        return strongest_hz(read_wav(file)[-9600:-1600])

    def comes(self, endpoint: str, number: int = 0) -> str:
        """Wait for a call of an endpoint; gives it."""
        self.until(lambda: len(self.asterisk.calls(endpoint)) > number, f"Asterisk gets no call at {endpoint}")
        return self.asterisk.calls(endpoint)[number]

    def answered(self, call: str) -> None:
        self.until(lambda: self.asterisk.up(call), f"{call} is not answered")

    def ended(self, call: str, within_s: float = 15.0) -> int:
        """Wait until a call of Asterisk's is over; gives the cause."""
        self.until(lambda: self.asterisk.cause(call) is not None, f"{call} does not end", within_s)
        cause = self.asterisk.cause(call)
        assert cause is not None
        return cause

    # --- the box ---

    def read(self, asked: str, *values: object) -> list[Any]:
        """Return rows of the books."""
        books = f"file:{self.box.paths.state / 'store.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(books, uri=True)) as reader:
            return reader.execute(asked, values).fetchall()

    def last_call(self) -> int:
        (call,) = self.read("SELECT max(call) FROM calls")[0]
        return int(call)

    def ladder(self) -> list[str]:
        """Messages of the last call, sent and received."""
        return [each.text for each in self.box.client.ask(SipLadder(self.last_call()), SipLadderReply).messages]

    def shows(self, message: str) -> None:
        """Wait until the last call's ladder has a message that matches; it tells of messages a moment later."""
        self.until(lambda: any(re.search(message, text, re.DOTALL) for text in self.ladder()), f"no {message}")


def keys_in(file: Path) -> str:
    """Keys that sound in a file."""
    sound = (read_wav(file) / 32768).astype(np.float32)[np.newaxis]
    return "".join(event.key for event in DtmfDetector(1).feed(sound) if isinstance(event, KeyEnd))


@contextmanager
def scene(folder: Path, phones: tuple[Phone, ...]) -> Iterator[Scene]:
    numbers = (*DESKS_HZ, *(phone.number for phone in phones))
    with contextlib.ExitStack() as stack:
        more: dict[str, Any] = {
            "trunk": TRUNKS,
            "outgoing": OUTGOING,
            "route": (RouteConfig(called="96900", flow="digits"), RouteConfig(called="96901", flow="busy")),
            "flows": FLOWS,
        }
        box = House(stack.enter_context(short_folder()), numbers, **more)
        box.config = replace(box.config, extension=tuple(_as_set(each, phones) for each in box.config.extension))
        stack.enter_context(box)
        edge = f"127.0.0.1:{box.edge_port}"
        asterisk = stack.enter_context(Asterisk(folder / "asterisk", edge, phones))
        desks = {
            number: stack.enter_context(box.phone(folder, number, hz, answers=number != SILENT))
            for number, hz in DESKS_HZ.items()
        }
        box.start()
        for desk in desks.values():
            box.wait_registered(desk)
        up = Scene(box, asterisk, desks)
        begin = time.monotonic()
        wait_registered(up, phones)
        print(f"all registered {time.monotonic() - begin:.1f} s after the box was up")
        yield up
        up.afresh()
        assert box.client.ask(Ledger(files=False), LedgerReply).balanced


def _as_set(extension: ExtensionConfig, phones: tuple[Phone, ...]) -> ExtensionConfig:
    way = next((phone.send_keys for phone in phones if phone.number == extension.number), "auto")
    return replace(extension, send_keys=way, name=NAMES.get(extension.number, ""))


def wait_registered(up: Scene, phones: tuple[Phone, ...], within_s: float = UP_S) -> None:
    """Until Asterisk's phones are registered at the box and the box at Asterisk."""
    registered = up.asterisk.registered
    up.until(lambda: all(registered(phone.number) for phone in phones), "a phone does not register", within_s)
    up.until(lambda: "sip:" in up.asterisk.console("pjsip show aor box"), "the box does not register", within_s)
