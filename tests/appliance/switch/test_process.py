# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch's process: its report on itself. Its life with a call server is in the tests of the whole box."""

import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from appliance.contract.switch import Confirm, Envelope, StatusReport, Trouble
from appliance.contract.ticks import TICKS_PER_S
from appliance.contract.wire import Unpacker, pack
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.clock import LineClock
from appliance.switch.process import LATE_TOLD_TICKS, Process
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from appliance.switch.uplink import Uplink
from tests.appliance.switch.test_core import TonePool

MINUTES = 3


class Overload:
    """Time on a machine that is late at every tick; ends the process after some minutes of ticks."""

    def __init__(self, ticks: int) -> None:
        self.left, self.now_s = ticks, 0.0
        self.process: Process | None = None

    def __call__(self) -> float:
        self.now_s += 0.1
        self.left -= 1
        if self.left == 0 and self.process is not None:
            self.process.stop()
        return self.now_s


def heard(call_server: socket.socket) -> list[Envelope]:
    unpacker: Unpacker[Envelope] = Unpacker(Envelope)
    return [each for data in iter(partial(call_server.recv, 1 << 16), b"") for each in unpacker.feed(data)]


def test_late_ticks_are_an_entry_a_minute_and_none_is_left_out(tmp_path: Path) -> None:
    switch = Switch([], TonePool(), partial(Recorders, disk=InlineDisk(tmp_path)), Journal(None))
    uplink = Uplink(tmp_path / "switch.sock")
    overload = Overload(MINUTES * LATE_TOLD_TICKS + 2 * TICKS_PER_S)
    overload.process = Process(switch, LineClock((), overload, lambda _s: None), uplink, lambda: 0.0)
    with socket.socket(socket.AF_UNIX) as call_server:
        call_server.connect(str(tmp_path / "switch.sock"))
        call_server.sendall(pack(Confirm(0)))
        with ThreadPoolExecutor() as reader:
            said = reader.submit(heard, call_server)
            overload.process.run()
    entries = [
        each.event for each in said.result() if isinstance(each.event, Trouble) and each.event.kind == "late_ticks"
    ]
    reports = [each.event for each in said.result() if isinstance(each.event, StatusReport)]
    assert len(reports) >= MINUTES * 60
    assert len(entries) == MINUTES + 1
    assert sum(each.count for each in entries) == reports[-1].late_ticks
