# SPDX-License-Identifier: GPL-2.0-or-later
"""The DAHDI binding without its driver: numbers and layouts against the header, errors, and rows on real sockets."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers import dahdi
from drivers import dahdi_analogue as analogue
from drivers.errors import BuildError, DahdiError
from drivers.spans import open_span

binding = pytest.importorskip("drivers._dahdi", reason="drivers._dahdi is not compiled: it needs dahdi-source")
lib, ffi = binding.lib, binding.ffi

NUMBERS = {
    "SPECIFY": 0x4004DA26,
    "AUDIOMODE": 0x4004DA20,
    "SET_BLOCKSIZE": 0x4004DA01,
    "GET_BUFINFO": 0x8018DA1B,
    "SET_BUFINFO": 0x4018DA1B,
    "FLUSH": 0x4004DA03,
    "GETEVENT": 0x8004DA08,
    "GETRXBITS": 0x8004DA2B,
    "SETTXBITS": 0x4004DA2B,
    "GET_PARAMS": 0xC088DA05,
    "SPANSTAT": 0xC13ADA0A,
    "GETGAINS": 0xC204DA10,
    "SETGAINS": 0x4204DA10,
    "HOOK": 0x4004DA07,
    "DIAL": 0x4104DA1F,
    "SENDTONE": 0x4004DA15,
    "ECHOCANCEL": 0x4004DA21,
    "SPANCONFIG": 0x4024DA12,
    "CHANCONFIG": 0x404CDA13,
    "GETVERSION": 0x80A0DA39,
    "MAINT": 0x4008DA0B,
}
SIZES = {
    "bufferinfo": 24,
    "params": 136,
    "spaninfo": 314,
    "gains": 516,
    "lineconfig": 36,
    "chanconfig": 76,
    "versioninfo": 160,
    "maintinfo": 8,
}


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_call_numbers_are_those_seen_on_the_driver(name: str, number: int) -> None:
    assert getattr(lib, f"DAHDI_{name}") == number


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_layouts_are_those_seen_on_the_driver(name: str, size: int) -> None:
    assert ffi.sizeof(f"struct dahdi_{name}") == size


def test_a_wrong_number_does_not_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers import build, build_dahdi

    wrong = tmp_path / "dahdi_shim.c"
    wrong.write_text(build_dahdi.SOURCE.read_text().replace("0x4004da26", "0x4004da27"))
    monkeypatch.setattr(build_dahdi, "SOURCE", wrong)
    monkeypatch.setattr(build, "BUILD_DIR", tmp_path)
    with pytest.raises(BuildError):
        build._compile(build_dahdi, "dahdi")


def test_the_numbers_in_the_backend_are_the_headers() -> None:
    names = ["EVENT_NONE", "EVENT_ALARM", "EVENT_NOALARM", "EVENT_ABORT", "EVENT_OVERRUN", "EVENT_BADFCS"]
    names += ["EVENT_BITSCHANGED", "EVENT_REMOVED", "SIG_NONE", "SIG_CLEAR", "SIG_HDLCFCS", "SIG_CAS"]
    assert {name: getattr(dahdi, name) for name in names} == {name: getattr(lib, f"DAHDI_{name}") for name in names}
    assert -lib.ELAST == dahdi.EVENT_PENDING
    bits = [lib.DAHDI_ALARM_RECOVER, lib.DAHDI_ALARM_LOOPBACK, lib.DAHDI_ALARM_YELLOW, lib.DAHDI_ALARM_RED]
    assert list(dahdi.ALARMS) == [*bits, lib.DAHDI_ALARM_BLUE, lib.DAHDI_ALARM_NOTOPEN]
    details = [lib.DAHDI_ALARM_LOS, lib.DAHDI_ALARM_LFA, lib.DAHDI_ALARM_LMFA]
    assert list(dahdi.LOSSES) == details
    loops = [f"DAHDI_MAINT_{name}" for name in ("NONE", "LOCALLOOP", "NETWORKLINELOOP", "NETWORKPAYLOADLOOP")]
    assert list(dahdi.LOOPS.values()) == [getattr(lib, name) for name in loops]


def test_the_numbers_of_analogue_lines_are_the_headers() -> None:
    names = ("SIG_FXOKS", "SIG_FXOLS", "SIG_FXSKS", "SIG_FXSLS", "EVENT_PULSEDIGIT")
    assert {name: getattr(analogue, name) for name in names} == {name: getattr(lib, f"DAHDI_{name}") for name in names}
    hooks = [f"DAHDI_{name}" for name in ("ONHOOK", "OFFHOOK", "FLASH", "RING", "RINGOFF")]
    ours = [analogue.HOOK_ON, analogue.HOOK_OFF, analogue.HOOK_FLASH, analogue.HOOK_RING, analogue.HOOK_RINGOFF]
    assert [getattr(lib, name) for name in hooks] == ours
    events = ["ONHOOK", "WINKFLASH", "ALARM", "NOALARM", "DIALCOMPLETE", "RINGERON", "RINGEROFF", "HOOKCOMPLETE"]
    events += ["PULSE_START", "POLARITY", "RINGBEGIN", "RINGOFFHOOK"]
    for table in analogue.EVENTS.values():
        assert list(table) == [getattr(lib, f"DAHDI_EVENT_{name}") for name in events]


@pytest.mark.skipif(Path("/dev/dahdi").exists(), reason="a DAHDI driver is loaded here")
def test_without_the_driver_the_box_says_what_to_do() -> None:
    with pytest.raises(DahdiError, match="/dev/dahdi/ctl: No such file") as caught:
        open_span("dahdi:1")
    assert "modprobe dahdi" in caught.value.hint


def test_a_call_that_a_device_does_not_know_is_an_error_with_its_errno() -> None:
    from drivers.dahdi_calls import DahdiCalls

    calls = DahdiCalls()
    fd = os.open("/dev/null", os.O_RDWR)
    try:
        for call in (calls.event, calls.version, calls.received_bits, calls.buffers, calls.gains, calls.flush):
            with pytest.raises(DahdiError, match=r"DAHDI: .*: Inappropriate ioctl") as caught:
                call(fd)
            assert caught.value.errno == 25
    finally:
        os.close(fd)


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(4)]
    for pair in pairs:
        for end in pair:
            end.setblocking(False)
    yield pairs
    for pair in pairs:
        for end in pair:
            end.close()


def test_rows_move_in_one_call_and_each_tells_its_result(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    from drivers.dahdi_calls import DahdiCalls

    calls = DahdiCalls()
    octets = np.arange(5 * 160).reshape(5, 160).astype(np.uint8)
    ours = np.array([pairs[0][0].fileno(), -1, pairs[1][0].fileno(), pairs[2][0].fileno(), 9999], np.int32)
    theirs = np.array([pairs[0][1].fileno(), -1, pairs[1][1].fileno(), pairs[3][1].fileno(), -1], np.int32)
    results = np.full(5, 77, np.int32)
    assert calls.write_rows(ours, octets, results) == 3
    assert results.tolist() == [160, 77, 160, 160, -9]
    rows, results = np.full((5, 160), 0xD5, np.uint8), np.full(5, 77, np.int32)
    assert calls.read_rows(theirs, rows, results) == 2
    assert results.tolist() == [160, 77, 160, -11, 77]
    assert (rows[[0, 2]] == octets[[0, 2]]).all()
    assert (rows[[1, 3, 4]] == 0xD5).all()


def test_wait_until_something_can_be_read(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    from drivers.dahdi_calls import DahdiCalls

    near, far = pairs[0]
    assert not DahdiCalls().wait_readable(near.fileno(), 0.01)
    far.send(b"x")
    assert DahdiCalls().wait_readable(near.fileno(), 1.0)
    assert DahdiCalls().read(near.fileno(), 100) == b"x"
    assert DahdiCalls().read(near.fileno(), 100) == -11
    assert DahdiCalls().write(near.fileno(), b"abc") == 3
