# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine that the box runs on, as the control API shows it. None: this machine cannot say, which is not 0."""

from typing import Literal

from appliance.contract.rows import Row

Absent = Literal["slots", "updates", "backups", "network", "power"]
"""Things of which only the box's own image has a keeper."""


class DiskRow(Row, frozen=True, kw_only=True):
    """A file system, by a folder of the box that is on it. `what`: which folders are.

    `daily` is what the box's own files grew by a day, in bytes, over the last week (recordings made, less those
    deleted, and the books); None: they are too young to tell. `days_left`: days until it is full at that rate; None: it
    does not grow, or too little is known.
    """

    folder: str
    what: tuple[Literal["books", "recordings", "archive"], ...]
    total: int
    free: int
    daily: int | None
    days_left: float | None


class ClockRow(Row, frozen=True, kw_only=True):
    """The machine's clock by the kernel (adjtimex(2)). `error_s`: the most by which it is wrong, once it is synced."""

    synced: bool | None
    error_s: float | None


class MachineRow(Row, frozen=True, kw_only=True):
    """The machine. `up_s` since its start; `cpu` is the share of all processors in use of late, 0 to 1.

    `memory_free` is what programs may still have (MemAvailable). `temperature` is that of the hottest sensor, in
    degrees Celsius. Sizes in bytes.
    """

    host: str
    system: str
    kernel: str
    up_s: float | None
    cpus: int
    cpu: float | None
    load: float | None
    memory: int | None
    memory_free: int | None
    temperature: float | None
    clock: ClockRow
    disks: tuple[DiskRow, ...]
