# SPDX-License-Identifier: GPL-2.0-or-later
"""Which line's clock the driver follows, set by the box's `clock` alone: seen by how fast it sends, and in its own log.

A span of the driver sends a frame for each that comes on the span whose clock it follows. So two lines that run at
paces of their own, both far from the kernel's own, show which of the three the driver follows at any time. Cards do
this in their own hardware, from the same numbers in system.conf, and tell it in SPANSTAT; for dynamic spans that says
0 for ever. MASTER in /proc/dahdi is something else: whose frames drive the kernel's timers.
"""

import contextlib
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.cli.main import main
from appliance.dahdi.files import MODULES, OPTIONS, SYSTEM
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS
from drivers.tdmoe_frame import ETHERTYPE, FRAME, FRAME_OCTETS, FrameWriter, TdmoeLink
from tests.dahdi import driver

FIRST, SECOND, OWN = 15, 10, 20
"""Frames in 20 ms on each line, and by the kernel's own clock."""
RED_S = 3.0
"""By then the driver has seen that a line is silent, or is there again: it looks once a second."""


def box(*clocks: str) -> str:
    """The configuration of a box whose lines, on one cable, have these clocks."""
    far = f"eth,{driver.CABLE[0]}/{driver.CABLE_MACS[1]}"
    lines = (
        f'[[span]]\naddress = "dahdi:{n}"\ndynamic = "{far}/{n}"\nclock = "{clock}"'
        for n, clock in enumerate(clocks, 1)
    )
    return "\n".join(('profile = "mx90"', *lines))


class Line:
    """The far end of one line: frames at a pace of its own."""

    def __init__(self, number: int, pace: int) -> None:
        near, far = (bytes.fromhex(mac.replace(":", "")) for mac in driver.CABLE_MACS)
        self.pace = pace
        self.cut = False
        self._writer = FrameWriter(TdmoeLink(far, near, number))
        self._ready: list[bytes] = []

    def frames(self) -> list[bytes]:
        """Those of the next 20 ms."""
        if self.cut:
            return []
        while len(self._ready) < self.pace:
            self._writer.write(np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8), yellow=False)
            tick = bytes(self._writer.memory)
            self._ready += [tick[begin : begin + FRAME_OCTETS] for begin in range(0, len(tick), FRAME_OCTETS)]
        now, self._ready = self._ready[: self.pace], self._ready[self.pace :]
        return now


class Cable:
    """The far ends of both lines, at the other card of one cable."""

    def __init__(self) -> None:
        self.lines = (Line(1, FIRST), Line(2, SECOND))
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
        self._socket.bind((driver.CABLE[1], ETHERTYPE))
        self._socket.setblocking(False)
        self._due = time.monotonic()

    def run(self, seconds: float) -> list[float]:
        """Run for so long; return the frames that arrived in 20 ms on each line, on average."""
        came = [0, 0]
        steps = round(seconds / TICK_S)
        self._take()
        for _ in range(steps):
            for line in self.lines:
                for frame in line.frames():
                    self._socket.send(frame)
            self._due += TICK_S
            time.sleep(max(0.0, self._due - time.monotonic()))
            for number in self._take():
                came[number - 1] += 1
        return [frames / steps for frames in came]

    def close(self) -> None:
        self._socket.close()

    def _take(self) -> list[int]:
        """Numbers of the lines on which frames have come."""
        numbers = []
        with contextlib.suppress(BlockingIOError):
            while frame := self._socket.recv(2048):
                numbers.append(int(np.frombuffer(frame, FRAME)["sub_address"][0]))
        return numbers


Lay = Callable[..., Cable]


@pytest.fixture
def lay(tmp_path: Path) -> Iterator[Lay]:
    """Return the cable of a box with these clocks; its driver has been set up by `mxbox dahdi write` alone."""
    laid: list[Cable] = []

    def lay(*clocks: str) -> Cable:
        driver._LOADED.clear()
        driver.unload()
        driver.cable()
        config = tmp_path / "box.toml"
        config.write_text(box(*clocks))
        assert main(["dahdi", "write", str(config)]) == 0
        driver.run("dmesg", "--clear")
        driver.run("/usr/share/dahdi/dahdi-modules", "load")
        driver.run("dahdi_cfg")
        laid.append(Cable())
        laid[0].run(RED_S)
        return laid[0]

    yield lay
    for cable in laid:
        cable.close()
    driver.unload()
    for file in (SYSTEM, MODULES, OPTIONS):
        Path("/", file).unlink(missing_ok=True)


def said() -> str:
    """Return the number of the line whose clock the driver reports to follow, or '' for none."""
    last = re.findall(r"TDMoX: (?:New master: \S+/(\d)|No master)", driver.run("dmesg"))
    return str(last[-1])


def follows(cable: Cable, pace: int) -> bool:
    return cable.run(1.0) == pytest.approx([pace, pace], abs=0.7)


def test_the_first_line_leads_the_second_stands_in_for_it(lay: Lay) -> None:
    cable = lay("far", "far")
    assert follows(cable, FIRST)
    assert said() == "1"
    cable.lines[0].cut = True
    cable.run(RED_S)
    assert follows(cable, SECOND)
    assert said() == "2"
    cable.lines[0].cut = False
    cable.run(RED_S)
    assert follows(cable, FIRST)
    assert said() == "1"


def test_when_all_lines_fail_the_kernels_own_clock_stands_in(lay: Lay) -> None:
    cable = lay("far", "far")
    for line in cable.lines:
        line.cut = True
    cable.run(RED_S)
    assert follows(cable, OWN)
    assert said() == ""
    cable.lines[1].cut = False
    cable.run(RED_S)
    assert follows(cable, SECOND)
    assert said() == "2"


def test_a_line_that_is_to_take_its_clock_from_the_box_is_never_chosen(lay: Lay) -> None:
    cable = lay("own", "far")
    assert follows(cable, SECOND)
    assert said() == "2"
    cable.lines[1].cut = True
    cable.run(RED_S)
    assert said() == ""


def test_of_a_box_that_gives_the_clock_on_all_lines_none_is_chosen(lay: Lay) -> None:
    """But a dynamic span has no oscillator: frames on the first drive the kernel's timers, and these drive it.

    So a TDMoE line never runs by the box's own clock while frames come on it; a card's line does."""
    cable = lay("own", "own")
    assert said() == ""
    assert follows(cable, FIRST)
    cable.lines[0].cut = True
    cable.run(RED_S)
    assert said() == ""
    assert follows(cable, OWN)
