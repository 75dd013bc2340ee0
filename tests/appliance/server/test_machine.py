# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine as it is read: a tree of /proc and /sys of the test's own, and this machine."""

import os
import time
from pathlib import Path

import pytest

from appliance.server import machine as reading
from appliance.server.machine import Machine, clock, disks

STAT = "cpu  {} 0 100 {} 50 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "proc/stat": STAT.format(100, 800),
        "proc/meminfo": "MemTotal:        2048 kB\nMemFree:   5 kB\nMemAvailable:    1024 kB\n",
        "proc/uptime": "3600.25 7000.0\n",
        "proc/loadavg": "0.42 0.30 0.20 1/200 999\n",
        "etc/os-release": 'NAME="X"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
        "sys/class/thermal/thermal_zone0/temp": "54000\n",
        "sys/class/thermal/thermal_zone1/temp": "-274000\n",
        "sys/class/hwmon/hwmon0/temp1_input": "61500\n",
        "sys/class/hwmon/hwmon0/temp2_input": "asleep\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_what_the_kernel_says_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busier(seconds: float) -> None:
        assert seconds == reading._LOOK_S
        (root / "proc/stat").write_text(STAT.format(130, 870))

    monkeypatch.setattr(time, "sleep", busier)
    row = Machine({"books": root}, root).read({})
    assert (row.system, row.up_s, row.load) == ("Debian GNU/Linux 13 (trixie)", 3600.25, 0.42)
    assert (row.memory, row.memory_free) == (2048 * 1024, 1024 * 1024)
    assert row.temperature == 61.5
    assert row.cpu == 0.3


def test_two_that_ask_at_once_get_the_same_use_of_processors(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    machine = Machine({"books": root}, root)
    assert machine.read({}).cpu == machine.read({}).cpu == 0.0
    assert len(slept) == 1


def test_a_machine_that_says_nothing_says_none(tmp_path: Path) -> None:
    row = Machine({"books": tmp_path}, tmp_path).read({})
    assert (row.cpu, row.load, row.up_s, row.memory, row.memory_free, row.temperature) == (None,) * 6


def test_a_disk_lasts_as_long_as_all_that_grows_on_it_lets_it(tmp_path: Path) -> None:
    (disk,) = disks({"books": tmp_path, "recordings": tmp_path}, {"books": 1 << 20, "recordings": 3 << 20})
    assert disk.what == ("books", "recordings")
    assert disk.daily == 4 << 20
    assert disk.days_left == pytest.approx(disk.free / (4 << 20), rel=0.01)
    assert 0 < disk.free <= disk.total


@pytest.mark.parametrize("daily", [{}, {"books": 5}, {"books": 0, "recordings": 0}, {"books": 0, "recordings": -9}])
def test_days_are_told_only_where_something_grows(tmp_path: Path, daily: dict[reading.What, int | None]) -> None:
    (disk,) = disks({"books": tmp_path, "recordings": tmp_path}, daily)
    assert disk.days_left is None
    assert (disk.daily is None) == (len(daily) < 2)


def test_a_folder_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert list(disks({"archive": tmp_path / "nas"}, {})) == []


def test_this_machine_can_be_read() -> None:
    row = Machine({"books": Path("/")}).read({"books": 1 << 30})
    assert row.host == os.uname().nodename
    assert row.cpu is not None
    assert 0.0 <= row.cpu <= 1.0
    assert row.memory is not None
    assert row.memory_free is not None
    assert row.memory_free < row.memory
    assert clock().synced in (True, False, None)
