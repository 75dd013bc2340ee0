# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal at a busy box: 240 calls, 90 agents, 1,000 changes a second. CPU, memory, keys, bytes of a slow line.

The box is a process that says what a box would say; the terminal is the real program in a pseudo-terminal. It does not
show what the box's own processes take. A key's time ends when the line brings what it changes on the screen.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.busy_box import Told, busy_box
from tests.tui.pty_rig import Terminal

CHANGES: Final = 1000
CPU_AIM, MEMORY_AIM_MB, KEY_AIM_S, LINE_BPS = 25.0, 100.0, 0.1, 11_520
REST_S: Final = 0.37
"""Pause between keys; no multiple of a beat, so that they come at all times of it."""
SCREENS: Final = ((b"2", b"verdict"), (b"3", b"where"))
"""Keys of screens, and what each draws."""
DIALOGS: Final = ((b"?", b"stand still, go on"), (b":", b"screen"), (b"x", b"hang up"))
ESCAPE: Final = b"\x1b"


class Process:
    """Processor time and memory of a process, from /proc."""

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc") / str(pid)

    def cpu_s(self) -> float:
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0


def _watch(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Let it run; return CPU in percent of a core, and bytes a second."""
    process = Process(terminal.process.pid)
    cpu, drawn, begun = process.cpu_s(), terminal.drawn, time.monotonic()
    terminal.skip(seconds)
    took = time.monotonic() - begun
    return (process.cpu_s() - cpu) / took * 100, (terminal.drawn - drawn) / took


def _press(terminal: Terminal, key: bytes, sign: bytes) -> float:
    """Press a key; return how long it took to be seen."""
    terminal.skip(REST_S)
    begun = time.monotonic()
    terminal.send(key)
    if not terminal.seen(sign, 5, feed=False):
        raise TimeoutError("a key was not answered")
    return time.monotonic() - begun


def _keys(terminal: Terminal, times: int) -> dict[str, list[float]]:
    """Press keys that change what is seen; return how long each took, by what they do."""
    took: dict[str, list[float]] = {"screens": [], "dialogs": [], "letters": []}
    for _time in range(times):
        took["screens"] += [_press(terminal, *each) for each in SCREENS]
        for each in DIALOGS:
            took["dialogs"].append(_press(terminal, *each))
            terminal.send(ESCAPE)
            terminal.skip(REST_S)  # a letter right after it would be one key with it
        terminal.send(b"/")
        took["letters"].append(_press(terminal, b"Q", b"nothing fits"))
        terminal.send(ESCAPE)
        terminal.skip(REST_S)
    return took


def main(argv: list[str] | None = None) -> int:
    """Run it; return 0 if it holds what it promises."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=int, default=CHANGES)
    parser.add_argument("--keys", type=int, default=10, help="rounds of keys, six keys each")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "control.sock"
        with busy_box(path, args.rate) as told:
            fine = _local(path, told, args.seconds, args.keys)
            return 0 if _serial(path, args.seconds) and fine else 1


def _local(path: Path, told: Told, seconds: float, times: int) -> bool:
    with Terminal(path, size=(160, 50)) as terminal:
        terminal.until(lambda text: "needs attention" in text)
        terminal.send(b"3")
        terminal.skip(3)
        before, begun = told.value, time.monotonic()
        cpu, rate = _watch(terminal, seconds)
        changes = (told.value - before) / (time.monotonic() - begun)
        took = _keys(terminal, times)
        memory = Process(terminal.process.pid).memory_mb()
    print(
        f"160x50, calls, {changes:.0f} changes a second: {cpu:.1f} % of a core (aim {CPU_AIM:.0f}), {rate:.0f} bytes/s"
    )
    for what, times_of in took.items():
        print(f"keys, {what}: {_told(times_of)}")
    print(f"memory: {memory:.0f} MB (aim {MEMORY_AIM_MB:.0f})")
    slowest = max(map(max, took.values()))
    return cpu < CPU_AIM and memory < MEMORY_AIM_MB and slowest < KEY_AIM_S


def _told(took: Sequence[float]) -> str:
    median, most = statistics.median(took) * 1000, max(took) * 1000
    return f"{len(took)}, median {median:.0f} ms, most {most:.0f} ms (aim: every one below {KEY_AIM_S * 1000:.0f})"


def _serial(path: Path, seconds: float) -> bool:
    with Terminal(path, "--slow", "--skin", "plain", size=(80, 24), TERM="vt220") as terminal:
        terminal.until(lambda text: "needs attention" in text)
        first = terminal.drawn
        terminal.send(b"3")
        terminal.skip(3)
        cpu, rate = _watch(terminal, seconds)
    print(f"80x24, slow: first picture {first} bytes, then {rate:.0f} bytes/s of {LINE_BPS}, {cpu:.1f} % of a core")
    return rate < LINE_BPS


if __name__ == "__main__":
    sys.exit(main())
