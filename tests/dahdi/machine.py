# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest as a machine of the host's tests: started, told what to run, and switched off.

QEMU emulates it whole (TCG), so it needs no privilege but a tap device in a network name space of its own, which
`make test-dahdi` makes. Each span is an Ethernet card whose frames are datagrams on two Unix sockets.
"""

import contextlib
import itertools
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

BOOT_S = 180.0
GUEST_IP, HOST_IP, TAP = "10.93.0.2", "10.93.0.1", "mx0"
TAP_MAC = "02:93:00:00:00:fe"


class MachineError(Exception):
    """The guest does not do what it was told."""


def kept() -> Path:
    """Folder of what `make dahdi` built."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mxbox" / "dahdi"


def span_mac(number: int) -> str:
    """MAC address of the guest's card for span `number`."""
    return f"02:93:00:00:00:{number:02x}"


def far_mac(number: int) -> str:
    """MAC address of the host's end of span `number`."""
    return f"02:93:00:00:01:{number:02x}"


@dataclass
class Job:
    """A command in the guest."""

    number: int
    told: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    lines: list[str] = field(default_factory=list)
    status: int | None = None


class Machine:
    """A guest that runs; a context manager.

    Args:
        folder: short path for sockets; `share` in it is the guest's /share, `console.log` its kernel's output.
        spans: Ethernet cards for TDMoE.
        tap: a card on the host's tap device for SIP.
        counted: the guest's time is counted, an instruction a nanosecond, and jumps while the guest is idle. So a busy
            host makes it slower and changes nothing else; but nothing outside can keep time with it."""

    def __init__(self, folder: Path, *, spans: int = 3, tap: bool = True, counted: bool = False) -> None:
        self.folder, self.share = folder, folder / "share"
        self.share.mkdir(parents=True, exist_ok=True)
        self._spans, self._tap, self._counted = spans, tap, counted
        self._jobs: dict[int, Job] = {}
        self._numbers = itertools.count(1)
        self._ready = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._port: socket.socket | None = None
        self.booted_s = 0.0
        self.pace = 1.0
        """Pace of time for parties outside: see `tests.dahdi.stage.at_its_pace`."""

    def __enter__(self) -> Self:
        begun = time.monotonic()
        log = (self.folder / "console.log").open("wb")
        self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._port = self._connect()
            threading.Thread(target=self._listen, daemon=True).start()
            self._wait_ready(begun + BOOT_S)
        except BaseException:
            self.__exit__()
            raise
        self.booted_s = time.monotonic() - begun
        return self

    def __exit__(self, *_: object) -> None:
        if self._port:
            self._port.close()
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    @property
    def pid(self) -> int:
        """Process number of QEMU."""
        assert self._process
        return self._process.pid

    def tdmoe(self, number: int, frames: int = 1) -> str:
        """Address of the host's end of span `number`."""
        local, remote = self.folder / f"x{number}", self.folder / f"q{number}"
        return f"tdmoe:{local},{remote}?frames={frames}&local={far_mac(number)}&remote={span_mac(number)}"

    def start(self, argv: Sequence[str], *, cwd: str = "/box/tree", env: Mapping[str, str] | None = None) -> Job:
        """Start a command in the guest."""
        job = Job(next(self._numbers))
        self._jobs[job.number] = job
        self._send(job=job.number, argv=list(argv), cwd=cwd, env=dict(env or {}))
        return job

    def signal(self, job: Job, number: int = 15) -> None:
        """Send a signal to a command and its children."""
        self._send(job=job.number, signal=number)

    def wait(self, job: Job, timeout_s: float, heard: Callable[[str], None] = lambda _line: None) -> int:
        """Wait until a command has ended; each line it prints goes to `heard`. Gives its exit status.

        Raises:
            MachineError: it does not end in time, or the guest died.
        """
        end = time.monotonic() + timeout_s
        while job.status is None:
            try:
                told = job.told.get(timeout=0.5)
            except queue.Empty:
                self._check_alive()
                if time.monotonic() > end:
                    self.signal(job, 9)
                    raise MachineError(f"no end after {timeout_s:g} s; last: {job.lines[-5:]}") from None
                continue
            if "line" in told:
                job.lines.append(told["line"])
                heard(told["line"])
            else:
                job.status = int(told["status"])
        return job.status

    def ended(self, job: Job) -> bool:
        """Look, without waiting, whether a command has ended."""
        while job.status is None:
            try:
                told = job.told.get_nowait()
            except queue.Empty:
                return False
            if "line" in told:
                job.lines.append(told["line"])
            else:
                job.status = int(told["status"])
        return True

    def run(self, *argv: str, timeout_s: float = 60.0, check: bool = True) -> str:
        """Run a command in the guest and give what it prints.

        Raises:
            MachineError: it failed (unless `check` is off).
        """
        job = self.start(argv)
        status = self.wait(job, timeout_s)
        text = "\n".join(job.lines)
        if check and status:
            raise MachineError(f"{' '.join(argv)} ended with {status}:\n{text}")
        return text

    def _command(self) -> list[str]:
        system = kept() / "current-system"
        command = f"""
            setpriv --pdeathsig TERM qemu-system-x86_64 -accel tcg -cpu Nehalem -m 1024 -smp {1 if self._counted else 2}
            -nographic -no-reboot -nodefaults -serial stdio
            -kernel {system}/vmlinuz -initrd {system}/initrd
            -drive file={system}/root.ext4,if=virtio,format=raw,snapshot=on
            -drive file={kept()}/current-box.ext4,if=virtio,format=raw,readonly=on
            -device virtio-rng-pci -device virtio-serial-pci
            -chardev socket,id=agent,path={self.folder}/agent,server=on,wait=off
            -device virtserialport,chardev=agent,name=mxbox.agent
            -virtfs local,path={self.share},mount_tag=share,security_model=none,multidevs=remap
        """.split()
        for n in range(1, self._spans + 1):
            paths = f"local.type=unix,local.path={self.folder}/q{n},remote.type=unix,remote.path={self.folder}/x{n}"
            command += [
                "-netdev",
                f"dgram,id=s{n},{paths}",
                "-device",
                f"virtio-net-pci,romfile=,netdev=s{n},mac={span_mac(n)}",
            ]
        if self._tap:
            command += ["-netdev", f"tap,id=t,ifname={TAP},script=no,downscript=no"]
            command += ["-device", f"virtio-net-pci,netdev=t,mac={TAP_MAC},romfile="]
        if self._counted:
            command += ["-icount", "shift=0,sleep=off"]
        # A busy host makes the kernel doubt the clock that costs nothing, and take one that costs an exit at each look.
        kernel = "console=ttyS0 quiet panic=-1 loglevel=4 net.ifnames=0 mitigations=off tsc=reliable"
        return [*command, "-append", kernel]

    def _wait_ready(self, end: float) -> None:
        while not self._ready.wait(0.2):
            self._check_alive()
            if time.monotonic() > end:
                raise MachineError(f"the guest does not come up: {self.folder}/console.log")

    def _connect(self) -> socket.socket:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self._check_alive()
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                port = socket.socket(socket.AF_UNIX)
                port.connect(f"{self.folder}/agent")
                return port
            time.sleep(0.05)
        raise MachineError("QEMU does not open its port")

    def _listen(self) -> None:
        assert self._port
        with contextlib.suppress(OSError), self._port.makefile("rb") as lines:
            for line in lines:
                told = json.loads(line)
                if told.get("ready"):
                    self._ready.set()
                else:
                    self._jobs[told["job"]].told.put(told)

    def _send(self, **order: object) -> None:
        assert self._port
        self._port.sendall(json.dumps(order).encode() + b"\n")

    def _check_alive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            words = (self.folder / "console.log").read_text(errors="replace")[-2000:]
            raise MachineError(f"the guest ended:\n{words}")


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def missing() -> str | None:
    """Return the reason for which the guest cannot be started here."""
    if not shutil.which("qemu-system-x86_64"):
        return "qemu-system-x86_64 is not installed: make dahdi"
    if not (kept() / "current-system").exists():
        return "the guest is not built: make dahdi"
    return None
