# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine, read from the kernel when it is asked for: /proc, /sys, statvfs(2), adjtimex(2)."""

import ctypes
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from appliance.contract.machine import ClockRow, DiskRow, MachineRow

_KIB: Final = 1024
_LOOK_S: Final = 0.25
"""Time over which the use of the processors is measured, if it was not measured of late."""
_FRESH_S, _OF_LATE_S = 1.0, 60.0
_UNSYNCED: Final = 5
"""TIME_ERROR of adjtimex(2)."""
_MAXERROR: Final = 3
"""Place of `maxerror` (microseconds) in struct timex, counted in longs."""
_TIMEX_LONGS: Final = 64
_HOTTEST: Final = 150.0
"""No sensor that works says more."""

What = Literal["books", "recordings", "archive"]


class Busy(NamedTuple):
    """Time of all processors since the start, in clock ticks, and when that was read."""

    busy: int
    all: int
    at: float


class Machine:
    """Readings of the machine.

    Args:
        folders: the box's, by what is in them.
        root: of /proc, /sys and /etc, for tests.
    """

    def __init__(self, folders: dict[What, Path], root: Path = Path("/")) -> None:
        self._folders, self._root = folders, root
        self._last: Busy | None = None
        self._cpu: float | None = None

    def read(self, daily: dict[What, int | None]) -> MachineRow:
        """Return the machine as it is. Blocks for a quarter of a second if it was not read within a minute.

        Args:
            daily: bytes by which each folder of the box grows a day, None if that is not known.
        """
        memory = dict(self._memory())
        return MachineRow(
            host=os.uname().nodename,
            system=self._system(),
            kernel=os.uname().release,
            up_s=self._number("proc/uptime"),
            cpus=os.cpu_count() or 1,
            cpu=self._used(),
            load=self._number("proc/loadavg"),
            memory=memory.get("MemTotal"),
            memory_free=memory.get("MemAvailable"),
            temperature=max(self._temperatures(), default=None),
            clock=clock(),
            disks=tuple(disks(self._folders, daily)),
        )

    def _text(self, path: str) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return (self._root / path).read_text(encoding="utf-8")
        return ""

    def _number(self, path: str) -> float | None:
        """Return the first number of a file, None without one."""
        found = re.match(r"\d+(\.\d+)?", self._text(path))
        return float(found[0]) if found else None

    def _system(self) -> str:
        found = re.search(r'^PRETTY_NAME="?([^"\n]*)', self._text("etc/os-release"), re.MULTILINE)
        return found[1] if found else os.uname().sysname

    def _memory(self) -> Iterator[tuple[str, int]]:
        for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", self._text("proc/meminfo"), re.MULTILINE):
            yield name, int(kib) * _KIB

    def _temperatures(self) -> Iterator[float]:
        for pattern in ("sys/class/thermal/thermal_zone*/temp", "sys/class/hwmon/hwmon*/temp*_input"):
            for path in self._root.glob(pattern):
                with suppress(OSError, ValueError):  # a sensor that is asleep
                    degrees = int(path.read_text()) / 1000
                    if 0 < degrees < _HOTTEST:
                        yield degrees

    def _used(self) -> float | None:
        """Return the share of the processors in use since the last reading, or within a moment of now."""
        last, now = self._last, self._busy()
        if now is None:
            return None
        if last is not None and now.at - last.at < _FRESH_S:
            return self._cpu
        if last is None or now.at - last.at > _OF_LATE_S:
            time.sleep(_LOOK_S)
            last, now = now, self._busy() or now
        self._last = now
        self._cpu = round((now.busy - last.busy) / (now.all - last.all), 3) if now.all > last.all else 0.0
        return self._cpu

    def _busy(self) -> Busy | None:
        """Return the times of proc(5) `stat`: user nice system idle iowait irq softirq steal."""
        found = re.match(r"cpu ((?: *\d+){8})", self._text("proc/stat"))
        if not found:
            return None
        times = [int(each) for each in found[1].split()]
        return Busy(sum(times) - times[3] - times[4], sum(times), time.monotonic())


def clock() -> ClockRow:
    """Return what the kernel says of its clock; a library without adjtimex(2) says nothing."""
    timex = (ctypes.c_long * _TIMEX_LONGS)()  # modes 0: nothing is changed
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (AttributeError, OSError):
        return ClockRow(synced=None, error_s=None)
    synced = 0 <= state < _UNSYNCED
    return ClockRow(synced=synced, error_s=timex[_MAXERROR] / 1e6 if synced else None)


def disks(folders: dict[What, Path], daily: dict[What, int | None]) -> Iterator[DiskRow]:
    """Yield the file systems of the box's folders, each once; folders that are not there are left out."""
    by_device: dict[int, list[What]] = {}
    for what, folder in folders.items():
        with suppress(OSError):
            by_device.setdefault(folder.stat().st_dev, []).append(what)
    for together in by_device.values():
        with suppress(OSError):
            yield _disk(folders[together[0]], together, daily)


def _disk(folder: Path, together: Sequence[What], daily: dict[What, int | None]) -> DiskRow:
    said = os.statvfs(folder)
    free = said.f_bavail * said.f_frsize
    rates = [daily.get(what) for what in together]
    rate = None if None in rates else sum(each or 0 for each in rates)
    return DiskRow(
        folder=str(folder),
        what=tuple(together),
        total=said.f_blocks * said.f_frsize,
        free=free,
        daily=rate,
        days_left=round(free / rate, 1) if rate and rate > 0 else None,
    )
