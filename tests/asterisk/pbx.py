# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's newest Asterisk, from a root of its own (image/asterisk): started, told what to do, and listened to."""

import contextlib
import itertools
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from appliance.config.model import SendKeys
from tests.appliance.edge.rig import password
from tests.asterisk.ami import Block, Manager

CONFIGURATION = Path(__file__).parents[1] / "data" / "asterisk"
ROOT = os.environ.get("MXBOX_ASTERISK_ROOT", "")
TRUNK, REGISTRAR, PHONES, STRANGER = "127.0.0.60", "127.0.0.61", "127.0.0.62", "127.0.0.63"
MANAGER_PORT = 5038
START_S = 40.0
READY = "Asterisk Ready."
SAYS_HZ = 1100.0
"""Tone that Asterisk plays in a talk; see extensions.conf."""

_PHONE = """
[{number}](party)
transport = phones-at
media_address = {host}
context = phones
from_user = {number}
from_domain = mxbox
outbound_auth = {number}
aors = {number}
set_var = PHONE_DOES={does}
{more}

[{number}]
type = aor
contact = sip:{edge}

[{number}]
type = auth
auth_type = userpass
username = {number}
password = {password}

[{number}-registers]
type = registration
transport = phones-at
server_uri = sip:{edge}
client_uri = sip:{number}@{edge}
contact_user = {number}
outbound_auth = {number}
expiration = {expires_s}
retry_interval = 3
fatal_retry_interval = 3
forbidden_retry_interval = 3
line = yes
endpoint = {number}
"""


@dataclass(frozen=True)
class Phone:
    """An extension of the box's that Asterisk plays.

    `does`: an extension of [do]; `more`: settings of the endpoint; `send_keys`: the box's setting of the extension.
    """

    number: str
    does: str = "talk"
    more: tuple[str, ...] = ()
    send_keys: SendKeys = "auto"
    expires_s: int = 60

    def settings(self, edge: str) -> str:
        """Return its sections of pjsip.conf."""
        return _PHONE.format(
            number=self.number,
            host=PHONES,
            edge=edge,
            does=self.does,
            more="\n".join(self.more),
            password=password(self.number),
            expires_s=self.expires_s,
        )


class Asterisk:
    """A running Asterisk. `edge` is where the box's edge listens; use as a context manager."""

    def __init__(self, folder: Path, edge: str, phones: tuple[Phone, ...]) -> None:
        assert ROOT, "run it by make test-asterisk"
        assert folder.is_relative_to("/tmp"), "what both sides of the root see"
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._calls = itertools.count(1)
        (folder / "var").mkdir(parents=True)
        for file in CONFIGURATION.glob("*.conf"):
            text = file.read_text().replace("FOLDER", str(folder)).replace("EDGE", edge)
            (folder / file.name).write_text(text)
        with (folder / "pjsip.conf").open("a") as settings:
            for phone in phones:
                settings.write(phone.settings(edge))
        self.manager: Manager

    # --- life ---

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it can be told what to do."""
        starts = self.log().count(READY) + 1
        inside = ["chroot", ROOT, "asterisk", "-C", str(self.folder / "asterisk.conf"), "-f"]
        with (self.folder / "console.log").open("ab") as log:
            command = ["setpriv", "--pdeathsig", "KILL", *inside]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S
        while True:
            assert self._process.poll() is None, (self.folder / "console.log").read_text()
            assert time.monotonic() < deadline, "Asterisk does not come up"
            with contextlib.suppress(ConnectionRefusedError):
                self.manager = Manager(TRUNK, MANAGER_PORT)
                break
            time.sleep(0.1)
        while self.log().count(READY) < starts:
            assert time.monotonic() < deadline, "Asterisk does not come up"
            time.sleep(0.1)
        self.console("pjsip set logger on")

    def kill(self) -> None:
        """Pull the plug: no BYE, no goodbye."""
        if self._process:
            self.manager.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "var" / "full").read_text(errors="replace")
        return ""

    # --- being told ---

    def console(self, command: str) -> str:
        """Return the output of a command of its console."""
        return self.manager.act("Command", Command=command).get("Output", "")

    def call(self, endpoint: str, number: str, does: str = "talk", *, caller: str = "", **variables: str) -> str:
        """Call a number by an endpoint, and do what an extension of [do] says when it is answered; gives the channel's
        number (Uniqueid)."""
        return self.dial(f"PJSIP/{number}@{endpoint}", does, caller=caller, **variables)

    def dial(self, channel: str, does: str = "talk", *, caller: str = "", **variables: str) -> str:
        """As `call`, by a channel as Dial takes it."""
        number = f"call-{next(self._calls)}"
        where = {"Channel": channel, "Context": "do", "Exten": does, "Priority": 1, "Timeout": 60000}
        self.manager.act(
            "Originate",
            **where,
            Async="true",
            ChannelId=number,
            **({"CallerID": caller} if caller else {}),
            variables=variables,
        )
        return number

    def call_out(self, endpoint: str, number: str, *, presentation: str = "allowed", replaces: str = "") -> str:
        """As `call`, with a number withheld or in place of another call (RFC 3891); gives the channel that talks."""
        before = len(self.calls(endpoint))
        to = f"PJSIP/{number}@{endpoint}"
        self.dial("Local/out@do/n", TO=to, CALLER=endpoint, PRESENTATION=presentation, __REPLACES=replaces)
        deadline = time.monotonic() + START_S
        while len(self.calls(endpoint)) == before:
            assert time.monotonic() < deadline, "no call goes out"
            self.manager.poll(0.1)
        return self.calls(endpoint)[before]

    def dialog(self, call: str) -> tuple[str, str, str]:
        """Call-ID, our tag and the box's tag of a call."""
        names = ("call-id", "local_tag", "remote_tag")
        channel = self.channel(call)
        call_id, ours, theirs = (
            self.manager.act("Getvar", Channel=channel, Variable=f"CHANNEL(pjsip,{name})")["Value"] for name in names
        )
        return call_id, ours, theirs

    def do(self, call: str, does: str, **variables: str) -> None:
        """Continue a call in another extension of [do]."""
        channel = self.channel(call)
        for name, value in variables.items():
            self.manager.act("Setvar", Channel=channel, Variable=name, Value=value)
        self.manager.act("Redirect", Channel=channel, Context="do", Exten=does, Priority=1)

    def hang_up(self, call: str, cause: int = 16) -> None:
        self.manager.act("Hangup", Channel=self.channel(call), Cause=cause)

    def record(self, call: str) -> Path:
        """Write what a call hears from now on into a file; it is complete when the call is over."""
        heard = self.folder / f"{call}-heard.wav"
        self.manager.act("MixMonitor", Channel=self.channel(call), File=f"{heard}.both.wav", Options=f"r({heard})")
        return heard

    def has_written(self, file: Path) -> bool:
        """Return whether a recording is there and closed: its call may be over a moment before."""
        assert self._process
        open_files = Path(f"/proc/{self._process.pid}/fd").iterdir()
        return file.exists() and not any(os.path.realpath(each).endswith(file.name) for each in open_files)

    def press(self, call: str, keys: str) -> None:
        for key in keys:
            self.manager.act("PlayDTMF", Channel=self.channel(call), Digit=key, Duration=120)
            time.sleep(0.25)

    # --- telling ---

    def told(self, event: str, call: str = "") -> list[Block]:
        """Events of that name, of one call or of any."""
        self.manager.poll()
        found = [each for each in self.manager.events if each["Event"] == event]
        return [each for each in found if not call or each.get("Uniqueid") == call]

    def channel(self, call: str) -> str:
        """The name of a call's channel."""
        return self.told("Newchannel", call)[0]["Channel"]

    def up(self, call: str) -> bool:
        """Return whether a call was answered."""
        return any(each["ChannelStateDesc"] == "Up" for each in self.told("Newstate", call))

    def cause(self, call: str) -> int | None:
        """With which cause a call ended, None if it has not."""
        ended = self.told("Hangup", call)
        return int(ended[0]["Cause"]) if ended else None

    def calls(self, endpoint: str) -> list[str]:
        """Calls of an endpoint that there were, oldest first."""
        return [
            each["Uniqueid"] for each in self.told("Newchannel") if each["Channel"].startswith(f"PJSIP/{endpoint}-")
        ]

    def pressed(self, call: str) -> str:
        """Keys that a call was told or heard."""
        ends = self.told("DTMFEnd", call)
        return "".join(each["Digit"] for each in ends if each["Direction"] == "Received")

    def registered(self, number: str) -> bool:
        """Return whether a phone of Asterisk's is registered at the box."""
        return "Registered" in self.console(f"pjsip show registration {number}-registers")
