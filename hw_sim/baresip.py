# SPDX-License-Identifier: GPL-2.0-or-later
"""A desk phone of another make: Debian's baresip, started, controlled, and listened to.

It sends a WAV file (from the start, once the call is up), records the sound it receives, and is controlled over its
ctrl_tcp module (JSON in netstrings) on loopback. It has no sound card: its speaker is a bridge to nowhere.
"""

import contextlib
import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from hw_sim.errors import PhoneError

MODULES = Path("/usr/lib/baresip/modules")
START_S = 10.0
FREE_PORTS = range(10000, 20000, 2)
"""Ports below those of the box's sound; even ones, as phones take the next one for TLS."""
_ports = itertools.count(secrets.randbelow(len(FREE_PORTS)), 3091)
"""Places among them by the golden section: each far from those before it, as a range of ports may begin at one."""
RESERVED_MAX = 64
_reserved: deque[int] = deque()
"""File descriptors of the names that tell other processes which ports this one returned of late, and may not have bound
yet."""

_CONFIG = """\
module_path {modules}
module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module ausine.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
module_tmp uuid.so
sip_listen {host}:{port}
ctrl_tcp_listen 127.0.0.1:{control}
rtp_ports {rtp}-{rtp_last}
audio_path /usr/share/baresip
audio_source {source}
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
audio_srate 8000
audio_channels 1
snd_path {folder}
statmode_default off
call_max_calls 4
"""


_CODECS = {"PCMA": "PCMA/8000/1", "PCMU": "PCMU/8000/1", "G722": "G722/16000/1", "opus": "opus/48000/2"}


@dataclass(frozen=True)
class PhoneOptions:
    """Options of one phone. Ports 0 are found free; `says` is a WAV of 8 kHz mono, '' for silence.

    With a `registrar` (sip:<host>:<port>, `;transport=tls` for that) it registers there with its `password`.
    """

    number: str
    port: int = 0
    says: Path | None = None
    answers: bool = True
    codec: str = "PCMA"
    rtp: int = 0
    encrypts: bool = False  # asks for SRTP, and takes no other sound
    registrar: str = ""
    domain: str = "mxbox"
    password: str = ""
    host: str = "127.0.0.1"  # address of this machine at which it listens
    pace: float = 1.0  # speed of its time; another than 1 needs Debian's faketime


@dataclass
class BaresipPhone:
    """A running baresip. `folder` gets its configuration, log and recordings; use as a context manager."""

    folder: Path
    options: PhoneOptions
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = self.options.port or free_port()
        self.line = f"sip:{self.options.number}@{self.options.host}:{self.port}"
        self._tokens = itertools.count(1)
        self._received = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    # --- life ---

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it takes commands.

        Raises:
            PhoneError: baresip is not installed, or does not come up.
        """
        if not shutil.which("baresip") or not MODULES.is_dir():
            raise PhoneError("baresip is not installed", "apt-get install baresip-core, or make setup")
        control = free_port()
        self._write_configuration(control)
        with (self.folder / "baresip.log").open("wb") as log:
            dies_with_us = ("setpriv", "--pdeathsig", "KILL")  # also when we are killed ourselves
            command = [*dies_with_us, *_slowed(self.options.pace), *dies_with_us, "baresip", "-f", str(self.folder)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._control = self._connect(control)

    def stop(self) -> None:
        """Stop it; its recordings are complete afterwards. May be called twice."""
        if self._control:
            with contextlib.suppress(OSError, PhoneError):
                self.command("quit")
        if self._process:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._control:  # closed before, with output of the phone unread, it would take our last command back
            self._control.close()
            self._control = None

    def kill(self) -> None:
        """Kill it: no BYE is sent."""
        if self._process:
            self._process.kill()

    def _write_configuration(self, control: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        says = self.options.says
        rtp = self.options.rtp or free_port() & ~1
        text = _CONFIG.format(
            modules=MODULES,
            host=self.options.host,
            port=self.port,
            control=control,
            rtp=rtp,
            rtp_last=min(rtp + 40, 65535),
            source=f"aufile,{says.resolve()}" if says else "aubridge,silence",
            folder=self.folder.resolve(),
        )
        mode = "auto" if self.options.answers else "manual"
        account = f"{self._account()};answermode={mode};audio_codecs={_CODECS[self.options.codec]}"
        if self.options.encrypts:
            account += ";mediaenc=srtp-mand"
        (self.folder / "config").write_text(text)
        (self.folder / "accounts").write_text(account + "\n")

    def _account(self) -> str:
        options = self.options
        if not options.registrar:
            return f"<{self.line}>;regint=0"
        account = f"<sip:{options.number}@{options.domain}>;auth_user={options.number};auth_pass={options.password}"
        return f'{account};outbound="{options.registrar}";regint=60'

    def _connect(self, port: int) -> socket.socket:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with contextlib.suppress(ConnectionRefusedError):
                control = socket.create_connection(("127.0.0.1", port))
                control.settimeout(0)
                return control
            time.sleep(0.02)
        self.stop()
        raise PhoneError("baresip did not come up", f"its own words are in {self.folder / 'baresip.log'}")

    # --- commands ---

    def command(self, name: str, parameters: str = "") -> None:
        """Send a command: 'dial' with a SIP URI, 'accept', 'hangup', 'hold', 'resume', 'sndcode' with keys."""
        message = json.dumps({"command": name, "params": parameters, "token": str(next(self._tokens))})
        if self._control is None:
            raise PhoneError("the phone is not running", "start it first")
        self._control.sendall(f"{len(message)}:{message},".encode())

    def press(self, keys: str) -> None:
        """Press keys: telephone events (RFC 4733), one after the other."""
        self.command("sndcode", keys)

    # --- events ---

    def poll(self) -> list[str]:
        """Move its reports since the last poll into `events`; return their types, as CALL_ESTABLISHED."""
        if self._control:
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                while chunk := self._control.recv(65536):
                    self._received += chunk
        fresh = []
        while message := self._next_message():
            if message.get("event"):
                self.events.append(message)
                fresh.append(str(message["type"]))
        return fresh

    def _next_message(self) -> dict[str, Any] | None:
        length, colon, rest = self._received.partition(b":")
        if not colon or len(rest) <= int(length):
            return None
        self._received = rest[int(length) + 1 :]
        message: dict[str, Any] = json.loads(rest[: int(length)])
        return message

    def heard(self) -> list[Path]:
        """Return the WAV files it recorded, one a call, oldest first; complete when the call is over."""
        return sorted(self.folder.glob("dump-*-dec.wav"))


def _slowed(pace: float) -> list[str]:
    """Return the words before a command that make time slower for it, or faster.

    Raises:
        PhoneError: faketime is not installed.
    """
    if pace == 1.0:
        return []
    if not shutil.which("faketime"):
        raise PhoneError("faketime is not installed", "apt-get install faketime")
    return ["faketime", "-m", "-f", f"+0 x{pace:g}"]


def free_port(*, kept: bool = False) -> int:
    """Return a UDP and TCP port on loopback that is free now, as is the one after it.

    Not one of the system's range for any port (ip_local_port_range, from 32768), nor one returned before, here or in
    another process of this network: it could be taken before it is used. Of two kamailios on one port, which is no
    error to the system as both set SO_REUSEADDR, the later gets what is sent to the earlier.

    `kept`: it is used much later, and stays reserved until the process ends.
    """
    while True:
        port = FREE_PORTS[next(_ports) % len(FREE_PORTS)]
        with contextlib.suppress(OSError), socket.socket() as tcp, socket.socket() as tls:
            with socket.socket(type=socket.SOCK_DGRAM) as udp:
                for end, place in ((tcp, port), (tls, port + 1), (udp, port)):
                    end.bind(("127.0.0.1", place))
            reserved = _reserve(port)
            if not kept:
                _let_go_of_the_oldest(reserved)
            return port


def _reserve(port: int) -> int:
    """Take the abstract name of a port, which is of this network as the port is; return its file descriptor.

    Raises:
        OSError: another process, or an earlier call, has it.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as name:
        name.bind(f"\0mxbox free port {port}")
        return name.detach()


def _let_go_of_the_oldest(newest: int) -> None:
    """Keep the newest reservations alone: a process has so many file descriptors."""
    _reserved.append(newest)
    if len(_reserved) > RESERVED_MAX:
        os.close(_reserved.popleft())
