# SPDX-License-Identifier: GPL-2.0-or-later
"""Agent of the host: starts commands in the guest and reports their output and their ends.

JSON, one object a line, over a virtio serial port. From the host: `{"job": 1, "argv": [...], "cwd": "/", "env": {}}`
starts a command, `{"job": 1, "signal": 15}` sends its process group a signal. From here: `{"job": 1, "line": "..."}`
for each line it prints, `{"job": 1, "status": 0}` when it has ended. `{"ready": true}` comes first: the guest is up.
"""

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import IO, Any

PORT = "mxbox.agent"


def device() -> Path:
    """Find the port by the name that QEMU gave it.

    Raises:
        FileNotFoundError: there is none.
    """
    for entry in Path("/sys/class/virtio-ports").glob("*"):
        if (entry / "name").read_text().strip() == PORT:
            return Path("/dev", entry.name)
    raise FileNotFoundError(PORT)


class Agent:
    """All commands that run, by the host's number."""

    def __init__(self, port: IO[bytes]) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._processes: dict[int, subprocess.Popen[str]] = {}

    def obey(self) -> None:
        """Execute orders until the host goes away."""
        self._tell(ready=True)
        while line := self._port.readline():
            self._do(json.loads(line))

    def _do(self, order: dict[str, Any]) -> None:
        job = int(order["job"])
        if "signal" not in order:
            threading.Thread(target=self._run, args=(job, order), daemon=True).start()
        elif process := self._processes.get(job):
            with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                os.killpg(process.pid, int(order["signal"]))

    def _run(self, job: int, order: dict[str, Any]) -> None:
        try:
            process = self._processes[job] = subprocess.Popen(
                order["argv"],
                cwd=order.get("cwd", "/"),
                env=os.environ | order.get("env", {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            self._tell(job=job, line=str(error))
            self._tell(job=job, status=127)
            return
        assert process.stdout
        for line in process.stdout:
            self._tell(job=job, line=line.rstrip("\n"))
        self._tell(job=job, status=process.wait())

    def _tell(self, **what: object) -> None:
        with self._lock:
            self._port.write(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    with device().open("r+b", buffering=0) as raw:
        Agent(raw).obey()
