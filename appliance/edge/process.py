# SPDX-License-Identifier: GPL-2.0-or-later
"""Prepares kamailio's files, has it check its configuration, runs it, and ends all its processes.

kamailio is a dozen processes. When its first one is killed the others stay and hold the ports, so they are ended here.
All that it confirmed is on disk by then, so it is always ended by a kill: an orderly end would save nothing, and now
and then one of its processes waits for another that is gone.
"""

import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import IO, Final

from appliance.api.teller import Teller
from appliance.children.child import ending_signals, refuse
from appliance.children.keeper import PR_SET_PDEATHSIG, die_with_parent
from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.errors import ApplianceError
from appliance.contract.reasons import why
from appliance.edge import databases
from appliance.edge.certificate import certificates
from appliance.edge.errors import EdgeError
from appliance.edge.handshakes import SIP_SIDE, LogReader, failed
from appliance.edge.values import EdgePaths, edge_paths, edge_values
from appliance.edge.write import kamailio_config, tls_config
from appliance.i18n import _
from appliance.phones.schema import open_phones

PROGRAM: Final = "kamailio"
MEMORY: Final = ("-x", "fm", "-X", "fm", "-m", "256", "-M", "8")
"""Its quickest allocator; megabytes that its processes share, and of each.

A transaction of some 20 kB is kept for five seconds and a call makes eight: this is for 300 calls a second. Unused
memory is never allocated."""
_CHECK_S, _LEFTOVERS_S, _LAST_WORDS_S = 30.0, 3.0, 1.0


NOISE: Final = re.compile(rb" NOTICE: |openssl bug #1491|No E_Tag match|reparse_on_dns_failover is enabled")
"""Lines of every start, and of publications of the call server that meet a newly started edge: these are published anew
(`edge/link.py`)."""


def main(arguments: list[str]) -> int:
    """Run the edge of a configuration; return 2, with a line and its remedy, if it cannot run as configured."""
    die_with_parent()
    try:
        config, paths = load_box(Path(arguments[0]))
        command = prepare(config, paths)
        teller = Teller(paths.control_socket, "edge")
    except (ApplianceError, OSError) as error:
        return refuse(error)
    _end_leftovers(command)
    return _run(command, teller)


def _end_leftovers(command: list[str]) -> None:
    """End the rest of an edge whose first process was killed: it holds our ports."""
    mine, deadline = [part.encode() for part in command[:3]], time.monotonic() + _LEFTOVERS_S
    while (left := [pid for pid in _pids() if _command(pid)[: len(mine)] == mine]) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _pids() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]


def _command(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended
        return []


def _run(command: list[str], teller: Teller) -> int:
    """Run kamailio in a process group of its own until it ends (return 1) or a signal ends it (return 0)."""
    kamailio = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        process_group=0,
        preexec_fn=_end_with_us,  # noqa: PLW1509 - one thread as yet
    )
    assert kamailio.stderr is not None
    reader = threading.Thread(target=_pass_on, args=(kamailio.stderr, teller), daemon=True)
    reader.start()
    told: list[int] = []

    def end(number: int = 0, _frame: FrameType | None = None) -> None:
        told.append(number)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(kamailio.pid, signal.SIGKILL)

    for number in ending_signals():
        signal.signal(number, end)
    kamailio.wait()
    status = 0 if told else 1
    end()
    reader.join(_LAST_WORDS_S)
    return status


def _pass_on(lines: IO[bytes], teller: Teller) -> None:
    """Copy kamailio's log to our own, and report failed TLS handshakes to the technician."""

    def tell(source: str, reason: str) -> None:
        text, values = failed(source, SIP_SIDE, reason)
        if text:
            teller.tell(source, text, values)

    log = LogReader(tell)
    for line in lines:
        if NOISE.search(line):
            continue
        with contextlib.suppress(OSError):  # no reader: kamailio must not wait for that
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
        log.read(line.decode(errors="replace"))


def _end_with_us() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def prepare(config: BoxConfig, paths: ResolvedPaths) -> list[str]:
    """Write and check kamailio's configuration; return the command that runs it. Raises EdgeError."""
    if not config.edge.enabled:
        raise EdgeError(_("the edge is switched off"), _("set edge.enabled = true"))
    program = shutil.which(PROGRAM, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise EdgeError(_("kamailio is not there"), "make setup")
    files = edge_paths(config, paths)
    paths.make()
    values = edge_values(config, files, _mask_key(files.mask_key))
    open_phones(files.phones).close()
    databases.prepare(files.location, values.registrations)
    if config.edge.tls:
        _tls(config, files)
    _write(files.config, kamailio_config(values))
    check(program, files.config, paths.run)
    files.rpc.unlink(missing_ok=True)
    return [program, "-f", str(files.config), "-DD", "-E", *MEMORY, "-Y", str(paths.run)]


def check(program: str, file: Path, folder: Path) -> None:
    """Check `file` with kamailio. Raises EdgeError with its errors."""
    try:
        done = subprocess.run(
            [program, "-c", "-f", str(file), "-Y", str(folder)], capture_output=True, check=False, timeout=_CHECK_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EdgeError(_("kamailio did not check {file}: {why}").format(file=file, why=why(error))) from error
    if done.returncode:
        said = [
            line for line in done.stderr.decode(errors="replace").splitlines() if "CRITICAL" in line or "ERROR" in line
        ]
        message = _("kamailio refuses {file}: {why}").format(file=file, why="; ".join(said[:3]) or done.returncode)
        raise EdgeError(message, _("this is a mistake in the box, or another version of kamailio than 5.6"))


def _tls(config: BoxConfig, files: EdgePaths) -> None:
    edge = config.edge
    if edge.certificate or edge.key:
        for file in (files.certificate, files.key):
            if not file.is_file():
                message = _("there is no file {file}").format(file=file)
                raise EdgeError(message, _("edge.certificate and edge.key name PEM files, both or neither"))
    certificates(config, files)
    _write(files.tls, tls_config(files, edge.tls_from))


def _mask_key(file: Path) -> str:
    """Return the key that hides addresses; kept, so that calls in talk outlive a restart of the edge."""
    if not file.is_file():
        _write(file, secrets.token_hex(16))
    return file.read_text()


def _write(file: Path, text: str) -> None:
    """Write a file that only its owner reads (trunks' passwords), whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(file)
