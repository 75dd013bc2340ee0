# SPDX-License-Identifier: GPL-2.0-or-later
"""Real SIP peers for the tests: sipp plays scenarios of ours, baresip is a phone; and the clock that drives our end."""

import signal
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipEvent
from drivers.span import TICK_S, TICK_SAMPLES

Samples = NDArray[np.int16]
E = TypeVar("E", bound=SipEvent)


@dataclass
class Ticker:
    """Driver of an endpoint in real time: every row sends its own tone, the sound to rows is kept."""

    endpoint: SipEndpoint
    tones_hz: dict[int, float] = field(default_factory=dict)
    events: list[SipEvent] = field(default_factory=list)
    heard: list[Samples] = field(default_factory=list)
    ticks: int = 0

    def __post_init__(self) -> None:
        rows = self.endpoint.options.calls
        self._in = np.zeros((rows, TICK_SAMPLES), np.int16)
        self._out = np.zeros((rows, TICK_SAMPLES), np.int16)
        self._next = time.monotonic()

    def tick(self) -> list[SipEvent]:
        """One tick: signalling, sound in, sound out; then wait for the next."""
        fresh = self.endpoint.poll()
        self.events += fresh
        self.endpoint.media.get(self._in)
        self.heard.append(self._in.copy())
        time_s = (np.arange(TICK_SAMPLES) + self.ticks * TICK_SAMPLES) / 8000
        self._out[:] = 0
        for row, tone_hz in self.tones_hz.items():
            self._out[row] = 8000 * np.sin(2 * np.pi * tone_hz * time_s)
        self.endpoint.media.put(self._out)
        self.ticks += 1
        self._next += TICK_S
        time.sleep(max(0.0, self._next - time.monotonic()))
        return fresh

    def run(self, seconds: float) -> None:
        """Run for a time."""
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def until(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        """Run until something is so; fails if it does not become so in time."""
        for _ in range(round(seconds / TICK_S)):
            if done():
                return
            self.tick()
        raise AssertionError(f"did not happen in {seconds} s; events: {self.events}")

    def wait(self, kind: type[E], seconds: float = 10.0) -> E:
        """Run until an event of that kind has come; return it, off the list."""
        self.until(lambda: any(isinstance(event, kind) for event in self.events), seconds)
        found = next(event for event in self.events if isinstance(event, kind))
        self.events.remove(found)
        return found

    def row(self, row: int, last_s: float) -> NDArray[np.float64]:
        """Return the sound to a row in the last seconds."""
        return np.concatenate([sound[row] for sound in self.heard[-round(last_s / TICK_S) :]]).astype(np.float64)


def strongest_hz(sound: NDArray[np.float64], rate: int = 8000) -> float:
    """Frequency of the strongest component of a sound; 0 for silence."""
    if np.abs(sound).max() < 100:
        return 0.0
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))


def write_tone(path: Path, tone_hz: float, seconds: float = 30.0, rate: int = 8000, channels: int = 1) -> Path:
    """Write a WAV of one tone."""
    time_s = np.arange(round(rate * seconds)) / rate
    samples = np.repeat((8000 * np.sin(2 * np.pi * tone_hz * time_s)).astype("<i2"), channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def read_wav(path: Path) -> NDArray[np.float64]:
    """Read a 16-bit WAV, its first channel."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples[:: file.getnchannels()].astype(np.float64)


@contextmanager
def sipp(folder: Path, scenario: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run sipp with a scenario from tests/data/sipp; its log of messages and errors lies in `folder`.

    `arguments` as sipp takes them, e.g. the remote address, '-m' calls, '-p' local port. It is ended with the block.
    """
    document = Path(__file__).parent.parent / "data" / "sipp" / f"{scenario}.xml"
    command = ["sipp", *arguments, "-sf", str(document), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin"]
    command += ["-trace_err", "-error_file", str(folder / f"{scenario}.errors"), "-timeout", "30", "-timeout_error"]
    with (folder / f"{scenario}.out").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
