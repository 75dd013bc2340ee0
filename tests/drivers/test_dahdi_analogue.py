# SPDX-License-Identifier: GPL-2.0-or-later
"""`AnalogueLine` on the driver's answers, played from a script; tests/dahdi has the driver itself."""

import errno
from collections import deque
from typing import Any, cast

import numpy as np
import pytest

from drivers import dahdi_analogue as analogue
from drivers.dahdi import EVENT_PENDING, EVENT_REMOVED, NOTHING_YET
from drivers.dahdi_analogue import AnalogueLine, Happening, LineEvent, Side
from drivers.errors import DahdiError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES

calls_module = pytest.importorskip("drivers.dahdi_calls", reason="drivers._dahdi is not compiled")

SOUND = np.arange(TICK_SAMPLES, dtype=np.uint8)


class Script:
    """One channel of a driver; the calls to it are in `asked`."""

    def __init__(self, signalling: int, *, off_hook: bool = False) -> None:
        self.signalling, self.off_hook = signalling, off_hook
        self.events: deque[int] = deque()
        self.sound: deque[bytes] = deque()
        self.written: list[bytes] = []
        self.asked: list[tuple[Any, ...]] = []
        self.open = 0

    def open_channel(self, _channel: int) -> int:
        self.open += 1
        return 7

    def close(self, _fd: int) -> None:
        self.open -= 1

    def parameters(self, _fd: int) -> Any:
        return calls_module.ChannelParameters(1, 1, 1, self.signalling, "FXO/1", self.off_hook)

    def event(self, _fd: int) -> int:
        return self.events.popleft() if self.events else 0

    def read(self, _fd: int, _most: int) -> bytes | int:
        if self.events:
            return EVENT_PENDING
        return self.sound.popleft() if self.sound else NOTHING_YET

    def write(self, _fd: int, octets: bytes) -> int:
        if self.events:
            return EVENT_PENDING
        self.written.append(octets)
        return len(octets)

    def set_hook(self, _fd: int, operation: int) -> None:
        self.asked.append(("hook", operation))

    def dial(self, _fd: int, digits: str) -> None:
        self.asked.append(("dial", digits))

    def __getattr__(self, name: str) -> Any:
        return lambda *_arguments: None


def opened(signalling: int, **how: bool) -> tuple[AnalogueLine, Script]:
    script = Script(signalling, **how)
    return AnalogueLine(1, cast("Any", script)), script


def lifted(line: AnalogueLine) -> bool:
    """A fresh look, which mypy does not narrow to what was seen before."""
    return line.off_hook


def dialling(line: AnalogueLine) -> bool:
    return line.dialling


def station() -> tuple[AnalogueLine, Script]:
    return opened(analogue.SIG_FXOKS)


def trunk() -> tuple[AnalogueLine, Script]:
    return opened(analogue.SIG_FXSKS)


@pytest.mark.parametrize(
    ("signalling", "side"),
    [
        (analogue.SIG_FXOKS, Side.STATION),
        (analogue.SIG_FXOLS, Side.STATION),
        (analogue.SIG_FXSKS, Side.TRUNK),
        (analogue.SIG_FXSLS, Side.TRUNK),
    ],
)
def test_what_hangs_on_the_line(signalling: int, side: Side) -> None:
    assert opened(signalling)[0].side is side


def test_another_signalling_is_refused_and_the_channel_given_back() -> None:
    script = Script(0x80)
    with pytest.raises(SpanError, match="channel 1 is no analogue line") as caught:
        AnalogueLine(1, cast("Any", script))
    assert "fxoks=" in caught.value.hint
    assert script.open == 0


def test_the_same_number_means_lifted_or_rung() -> None:
    for (line, script), what in ((station(), Happening.OFF_HOOK), (trunk(), Happening.RING_ENDS)):
        script.events.append(2)
        assert line.events() == [LineEvent(what)]


def test_a_telephone_that_was_lifted_before_we_came() -> None:
    line, script = opened(analogue.SIG_FXOKS, off_hook=True)
    assert lifted(line)
    script.events.append(1)
    assert line.events() == [LineEvent(Happening.ON_HOOK)]
    assert not lifted(line)
    script.events.append(2)
    line.events()
    assert lifted(line)


def test_events_stand_before_the_sound_and_cost_none() -> None:
    line, script = station()
    out = np.zeros(TICK_SAMPLES, np.uint8)
    script.events += [3, analogue.EVENT_PULSEDIGIT | ord("7"), 99]
    script.sound.append(SOUND.tobytes())
    assert line.receive(out)
    assert (out == SOUND).all()
    assert line.events() == [LineEvent(Happening.FLASH), LineEvent(Happening.DIGIT, "7")]
    assert not line.receive(out)
    assert (out == IDLE_BYTE).all()


def test_nothing_is_written_while_the_dialler_is_at_work() -> None:
    line, script = trunk()
    line.dial("0138", pulses=True)
    assert dialling(line)
    assert line.transmit(SOUND)
    assert script.written == []
    script.events.append(9)
    assert line.transmit(SOUND)
    assert line.transmit(SOUND)
    assert not dialling(line)
    assert script.written == [analogue.SILENCE] + [SOUND.tobytes()] * 2  # one tick ahead of the line
    assert line.events() == [LineEvent(Happening.DIALLED)]
    line.dial("1")
    line.release()
    assert not dialling(line)
    assert script.asked == [("dial", "P0138"), ("dial", "T1"), ("hook", analogue.HOOK_ON)]


@pytest.mark.parametrize(("digits", "pulses"), [("", False), ("12x", False), ("*1", True), ("1" * 65, False)])
def test_digits_that_cannot_be_dialled(digits: str, pulses: bool) -> None:
    line, script = trunk()
    with pytest.raises(ValueError, match="digits to dial"):
        line.dial(digits, pulses=pulses)
    assert script.asked == []


def test_a_hook_switch_is_asked_of_its_own_side_only() -> None:
    line, script = station()
    line.ring(on=True)
    line.ring(on=False)
    line.answer()
    line.release()
    with pytest.raises(SpanError, match="not on the line of a station"):
        line.seize()
    wanted = [analogue.HOOK_RING, analogue.HOOK_RINGOFF, analogue.HOOK_OFF, analogue.HOOK_ON]
    assert script.asked == [("hook", operation) for operation in wanted]
    line, script = trunk()
    line.seize()
    line.flash()
    for ask in (line.answer, lambda: line.ring(on=True)):
        with pytest.raises(SpanError, match="not on the line of a trunk"):
            ask()
    assert script.asked == [("hook", analogue.HOOK_OFF), ("hook", analogue.HOOK_FLASH)]


def test_a_card_that_is_pulled_out_is_an_error() -> None:
    line, script = trunk()
    script.events.append(EVENT_REMOVED)
    with pytest.raises(DahdiError, match="removed"):
        line.events()


def test_a_channel_that_breaks_is_named() -> None:
    line, script = trunk()
    script.read = lambda *_: -errno.EIO  # type: ignore[method-assign]
    with pytest.raises(DahdiError, match="channel 1 failed with errno 5"):
        line.receive(np.zeros(TICK_SAMPLES, np.uint8))


def test_close_gives_it_back_once() -> None:
    line, script = trunk()
    with line:
        assert script.open == 1
    line.close()
    assert script.open == 0
