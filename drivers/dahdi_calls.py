# SPDX-License-Identifier: GPL-2.0-or-later
"""The system calls of DAHDI's devices, one method each, errors as exceptions; no decision is made here.

Layouts and call numbers come from DAHDI's header when `drivers._dahdi` is compiled.
"""

import errno
import os
import re
import select
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers._dahdi import ffi, lib
from drivers.errors import DahdiError
from drivers.span import TICK_SAMPLES, Octets

CHANNEL_DEVICE = "/dev/dahdi/channel"
CONTROL_DEVICE = "/dev/dahdi/ctl"

Results = NDArray[np.int32]
_SLIPS = re.compile(r"Timing slips: (\d+)")

_HINTS = {
    errno.ENOENT: "load the driver: modprobe dahdi, and the card's module",
    errno.ENODEV: "the card or its driver went away",
    errno.ENXIO: "no such channel: see dahdi_scan",
    errno.EACCES: "the user has to be in group dialout, or dahdi",
    errno.EBUSY: "another process has the channel: stop it, Asterisk for one",
    errno.EINVAL: "run dahdi_cfg: the channel is not configured for this in /etc/dahdi/system.conf",
}


@dataclass(frozen=True)
class ChannelParameters:
    """Parameters of a channel, as the driver reports them."""

    channel: int
    span: int
    timeslot: int
    signalling: int
    name: str
    off_hook: bool = False


@dataclass(frozen=True)
class SpanStatus:
    """Status of a span, as the driver reports it; error counters since it was started (G.704, G.706).

    Old and new card drivers count violations of the line code and errors of the framing in different fields; here they
    are added.
    """

    span: int
    name: str
    description: str
    alarms: int
    channels: int
    kind: str
    code_violations: int = 0
    crc4_errors: int = 0
    e_bits: int = 0
    framing_errors: int = 0
    errored_seconds: int = 0
    irq_misses: int = 0
    clock_source_span: int = 0
    line_configuration: int = 0
    line_build_out: int = 0


@dataclass(frozen=True)
class BufferInfo:
    """A channel's buffers; `full_read` and `full_write` are reported only, and ignored when set."""

    transmit_policy: int
    receive_policy: int
    number: int
    octets: int
    full_read: int = 0
    full_write: int = 0


def checked(result: int, what: str) -> int:
    """Return the result of a system call, or raise its error.

    Raises:
        DahdiError: with the errno and what to do about it.
    """
    if result < 0:
        raise DahdiError(f"DAHDI: {what}: {os.strerror(-result)}", -result, _HINTS.get(-result, ""))
    return result


def text(field: Any) -> str:
    """Return a C string of the driver as text."""
    return bytes(ffi.string(field)).decode("ascii", "replace")


def _parameters(info: Any) -> ChannelParameters:
    return ChannelParameters(
        info.channo, info.spanno, info.chanpos, info.sigtype, text(info.name), bool(info.rxisoffhook)
    )


class DahdiCalls:
    """The driver. Every method may raise `DahdiError`; `fd` is from `open_channel` or `open_control`."""

    def open_control(self) -> int:
        """Open the device for calls about spans and about channels by number."""
        return self._open(CONTROL_DEVICE)

    def open_channel(self, channel: int) -> int:
        """Open a channel by its number, non-blocking."""
        fd = self._open(CHANNEL_DEVICE)
        try:
            self._set(fd, lib.DAHDI_SPECIFY, channel, f"channel {channel} cannot be opened")
        except BaseException:
            os.close(fd)
            raise
        return fd

    def close(self, fd: int) -> None:
        """Close a device."""
        os.close(fd)

    def version(self, control: int) -> str:
        """Return the driver's version."""
        info = ffi.new("struct dahdi_versioninfo *")
        self._call(control, lib.DAHDI_GETVERSION, info, "version")
        return text(info.version)

    def span_status(self, fd: int, span: int) -> SpanStatus:
        """Return status and error counters of a span."""
        info = ffi.new("struct dahdi_spaninfo *", {"spanno": span})
        self._call(fd, lib.DAHDI_SPANSTAT, info, f"status of span {span}")
        return SpanStatus(
            info.spanno,
            text(info.name),
            text(info.desc),
            info.alarms,
            info.totalchans,
            text(info.spantype),
            info.bpvcount + info.cvcount,
            info.crc4count,
            info.ebitcount,
            info.fascount + info.fecount,
            info.errsec,
            info.irqmisses,
            info.syncsrc,
            info.lineconfig,
            info.lbo,
        )

    def timing_slips(self, span: int) -> int | None:
        """Return the slips that the framer has counted since the last alarm.

        No system call reports them, only the span's listing in /proc does. None: there is none, or it is not readable
        here.
        """
        try:
            listing = Path(f"/proc/dahdi/{span}").read_text("ascii", "replace")
        except OSError:
            return None
        found = _SLIPS.search(listing)
        return int(found[1]) if found else 0  # a counter of 0 is not listed

    def channels_of(self, control: int, span: int, most: int) -> list[ChannelParameters]:
        """Return the first `most` channels of a span in the order of their timeslots.

        The driver has no shorter way to ask.
        """
        found: list[ChannelParameters] = []
        for channel in range(1, lib.DAHDI_MAX_CHANNELS):
            if len(found) == most:
                break
            info = ffi.new("struct dahdi_params *", {"channo": channel})
            result = lib.mx_ioctl(control, lib.DAHDI_GET_PARAMS, info)
            if result in (-errno.EINVAL, -errno.ENXIO):  # no channel of that number
                continue
            checked(result, f"parameters of channel {channel}")
            if info.spanno == span:
                found.append(_parameters(info))
        return sorted(found, key=lambda one: one.timeslot)

    def parameters(self, fd: int) -> ChannelParameters:
        """Return the parameters of the channel that is open as `fd`."""
        info = ffi.new("struct dahdi_params *")
        self._call(fd, lib.DAHDI_GET_PARAMS, info, "parameters")
        return _parameters(info)

    def set_audio_mode(self, fd: int, *, on: bool) -> None:
        """Make a clear channel one for voice: gains and echo canceller work."""
        self._set(fd, lib.DAHDI_AUDIOMODE, int(on), "audio mode")

    def set_a_law(self, fd: int) -> None:
        """Set A-law for the driver's own tones and silence; dynamic spans begin with mu-law."""
        self._set(fd, lib.DAHDI_SETLAW, lib.DAHDI_LAW_ALAW, "A-law")

    def set_block_size(self, fd: int, octets: int) -> None:
        """Set the octets that one read or write moves."""
        self._set(fd, lib.DAHDI_SET_BLOCKSIZE, octets, f"blocks of {octets} octets")

    def buffers(self, fd: int) -> BufferInfo:
        """Return how a channel is buffered."""
        info = ffi.new("struct dahdi_bufferinfo *")
        self._call(fd, lib.DAHDI_GET_BUFINFO, info, "buffers")
        return BufferInfo(info.txbufpolicy, info.rxbufpolicy, info.numbufs, info.bufsize, info.readbufs, info.writebufs)

    def set_buffers(self, fd: int, number: int, octets: int) -> None:
        """Set the number and size of buffers, each moved as soon as it is filled, not when all are."""
        at_once = lib.DAHDI_POLICY_IMMEDIATE
        info = ffi.new("struct dahdi_bufferinfo *", (at_once, at_once, number, octets, 0, 0))
        self._call(fd, lib.DAHDI_SET_BUFINFO, info, f"{number} buffers of {octets} octets")

    def flush(self, fd: int) -> None:
        """Drop what is buffered both ways, and all events."""
        self._set(fd, lib.DAHDI_FLUSH, lib.DAHDI_FLUSH_ALL, "flush")

    def event(self, fd: int) -> int:
        """Return the next event, `EVENT_NONE` when there is none."""
        return self._get(fd, lib.DAHDI_GETEVENT, "event")

    def received_bits(self, fd: int) -> int:
        """Return received ABCD bits; the dynamic driver leaves another channel's above the low four."""
        return self._get(fd, lib.DAHDI_GETRXBITS, "received signalling bits") & 0x0F

    def send_bits(self, fd: int, bits: int) -> None:
        """Send ABCD bits, on a channel configured for CAS."""
        self._set(fd, lib.DAHDI_SETTXBITS, bits, "signalling bits")

    def set_hook(self, fd: int, operation: int) -> None:
        """Set the hook switch of an analogue channel (DAHDI_ONHOOK ...); returns at once, an event reports its end."""
        result = lib.mx_ioctl_int(fd, lib.DAHDI_HOOK, ffi.new("int *", operation))
        if result != -errno.EINPROGRESS:
            checked(result, f"hook switch, operation {operation}")

    def dial(self, fd: int, digits: str) -> None:
        """Dial in place of what is being dialled: T or P for tones or pulses, then digits; '' to stop."""
        operation = lib.DAHDI_DIAL_OP_REPLACE if digits else lib.DAHDI_DIAL_OP_CANCEL
        info = ffi.new("struct dahdi_dialoperation *", {"op": operation, "dialstr": digits.encode("ascii")})
        self._call(fd, lib.DAHDI_DIAL, info, f"dialling {len(digits)} digits")

    def send_tone(self, fd: int, tone: int) -> None:
        """Send a tone of the driver's zone (0: dial tone; -1: none) until octets are written to the channel."""
        self._set(fd, lib.DAHDI_SENDTONE, tone, f"tone {tone}")

    def gains(self, fd: int) -> tuple[Octets, Octets]:
        """Return the gain tables [256] of a channel: received octet -> octet read by us, our octet -> octet sent."""
        info = ffi.new("struct dahdi_gains *")
        self._call(fd, lib.DAHDI_GETGAINS, info, "gains")
        received, sent = (np.frombuffer(bytes(ffi.buffer(t)), np.uint8) for t in (info.rxgain, info.txgain))
        return received, sent

    def set_gains(self, fd: int, received: Octets, sent: Octets) -> None:
        """Set both gain tables [256] of a channel."""
        info = ffi.new("struct dahdi_gains *")
        ffi.buffer(info.rxgain)[:], ffi.buffer(info.txgain)[:] = received.tobytes(), sent.tobytes()
        self._call(fd, lib.DAHDI_SETGAINS, info, "gains")

    def set_echo_canceller(self, fd: int, taps: int) -> None:
        """Set the taps of 125 us (32 to 1024), or 0 for off; the channel must be in audio mode."""
        self._set(fd, lib.DAHDI_ECHOCANCEL, taps, f"echo canceller with {taps} taps")

    def set_maintenance(self, control: int, span: int, command: int) -> None:
        """Set a maintenance mode of a span (DAHDI_MAINT_NONE, DAHDI_MAINT_LOCALLOOP, ...)."""
        info = ffi.new("struct dahdi_maintinfo *", (span, command))
        self._call(control, lib.DAHDI_MAINT, info, f"maintenance mode {command} of span {span}")

    def read_rows(self, fds: NDArray[np.int32], rows: Octets, results: Results) -> int:
        """Read one block from each fd that is not negative into its row; return how many had a whole block.

        `results` of the others: octets moved, or minus errno; minus 500 (the driver's ELAST) when an event waits.
        """
        return self._rows(lib.mx_read_rows, fds, rows, results)

    def write_rows(self, fds: NDArray[np.int32], rows: Octets, results: Results) -> int:
        """Write each row's block; see `read_rows`."""
        return self._rows(lib.mx_write_rows, fds, rows, results)

    def read(self, fd: int, most: int) -> bytes | int:
        """Read one D-channel frame with its FCS; return it, or minus errno."""
        try:
            return os.read(fd, most)
        except OSError as error:
            return -int(error.errno or errno.EIO)

    def write(self, fd: int, octets: bytes) -> int:
        """Write one D-channel frame and room for its FCS; return the octets written, or minus errno."""
        try:
            return os.write(fd, octets)
        except OSError as error:
            return -int(error.errno or errno.EIO)

    def wait_readable(self, fd: int, timeout_s: float) -> bool:
        """Wait until a block can be read (True) or the time is over; an event alone (POLLPRI) does not end it."""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    @staticmethod
    def _rows(move: Any, fds: NDArray[np.int32], rows: Octets, results: Results) -> int:
        return int(
            move(
                ffi.from_buffer("int[]", fds),
                len(fds),
                ffi.from_buffer("uint8_t[]", rows),
                rows.shape[1],
                TICK_SAMPLES,
                ffi.from_buffer("int[]", results, require_writable=True),
            )
        )

    @staticmethod
    def _open(path: str) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return checked(-int(error.errno or errno.EIO), path)

    @staticmethod
    def _call(fd: int, request: int, argument: Any, what: str) -> int:
        return checked(lib.mx_ioctl(fd, request, argument), what)

    @staticmethod
    def _set(fd: int, request: int, value: int, what: str) -> None:
        checked(lib.mx_ioctl_int(fd, request, ffi.new("int *", value)), what)

    @staticmethod
    def _get(fd: int, request: int, what: str) -> int:
        value = ffi.new("int *")
        checked(lib.mx_ioctl_int(fd, request, value), what)
        return int(value[0])
