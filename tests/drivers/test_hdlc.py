# SPDX-License-Identifier: GPL-2.0-or-later
"""HDLC in software against ISO/IEC 13239, Q.921 clause 2, and the code the DAHDI kernel runs (its fasthdlc.h)."""

import importlib
import importlib.util
import itertools
import timeit
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.hdlc import FLAG, LONGEST_FRAME, HdlcReceiver, HdlcTransmitter, fcs_ok, frame_bits

FRAME = bytes.fromhex("02017f")  # SABME of Q.921: SAPI 0, TEI 0, C/R 1
frames_of_any_kind = st.lists(st.binary(min_size=3, max_size=60), max_size=8)
FASTHDLC = Path("/usr/include/dahdi/fasthdlc.h")


def octets(bits: str) -> bytes:
    """Bits as they follow on the line, filled up to whole octets with flags."""
    bits += FLAG[: -len(bits) % 8]
    return int(bits or "0", 2).to_bytes(len(bits) // 8, "big")


def sent(frames: list[bytes], spare: int = 3) -> bytes:
    """The line octets of these frames, flags at both ends."""
    transmitter = HdlcTransmitter()
    line = transmitter.take(spare)
    for frame in frames:
        transmitter.send(frame)
    return line + transmitter.take(sum(2 * len(frame) + 8 for frame in frames) + spare)


def naive(bits: str) -> list[bytes]:
    """Bit by bit, straight from the standard: the slow twin."""
    found, ones, data, open_ = [], 0, "", False
    for bit in bits:
        if bit == "1":
            ones += 1
            data += "1"
            if ones >= 7:
                open_ = False
            continue
        if ones >= 6:
            body = data[:-7]  # a flag's zero and six ones came in as data
            if open_ and ones == 6 and len(body) % 8 == 0 and len(body) >= 40:
                raw = int(body, 2).to_bytes(len(body) // 8, "big")
                if fcs_ok(raw):
                    found.append(bytes(int(f"{o:08b}"[::-1], 2) for o in raw[:-2]))
            open_, data = ones == 6, ""
        elif ones != 5:
            data += "0"
        ones = 0
    return found


def test_fcs_is_crc16_x25() -> None:
    """The catalogue's check value of CRC-16/X-25 over "123456789" is 0x906E, sent low octet first."""
    bits = frame_bits(b"123456789").replace("111110", "11111")
    mirrored = int(bits, 2).to_bytes(11, "big")
    fcs = bytes(int(f"{octet:08b}"[::-1], 2) for octet in mirrored[-2:])
    assert int.from_bytes(fcs, "little") == 0x906E


def test_first_bit_on_the_line_is_the_low_bit_of_the_octet_and_the_high_bit_of_the_timeslot() -> None:
    """Q.921 clause 2.8.2 and G.704: octet 0x02 goes out as 01000000, which a timeslot shows as 0x40."""
    assert sent([FRAME])[3:7] == bytes((0x7E, 0x40, 0x80, 0xFB))  # 0x7F has seven ones: a zero after the fifth


def test_a_line_at_rest_sends_flags() -> None:
    assert HdlcTransmitter().take(5) == b"\x7e" * 5


@given(frames_of_any_kind)
def test_round_trip(frames: list[bytes]) -> None:
    receiver = HdlcReceiver()
    assert receiver.feed(sent(frames)) == frames
    assert receiver.counters.frames == len(frames)


@given(
    frames_of_any_kind,
    st.integers(0, 7),
    st.lists(st.integers(1, 9), min_size=1),
    st.lists(st.integers(1, 9), min_size=1),
)
def test_any_alignment_any_blocks(frames: list[bytes], shift: int, cuts: list[int], takes: list[int]) -> None:
    """Shifted by any number of bits, taken in blocks of any size, fed in blocks of any size: the same frames."""
    transmitter = HdlcTransmitter()
    for frame in frames:
        transmitter.send(frame)
    line, sizes = b"", itertools.cycle(takes)
    while len(line) < sum(2 * len(frame) + 8 for frame in frames) + 4:
        line += transmitter.take(next(sizes))
    line = octets("0" * shift + FLAG + "".join(f"{octet:08b}" for octet in line))
    receiver, found, sizes = HdlcReceiver(), [], itertools.cycle(cuts)
    position = 0
    while position < len(line):
        size = next(sizes)
        found += receiver.feed(line[position : position + size])
        position += size
    assert found == frames


line_noise = st.one_of(
    st.binary(max_size=300),
    st.text("01", max_size=900).map(octets),
    st.lists(st.sampled_from([FLAG, "1111110", "1" * 7, "1" * 9, "0", "11111", frame_bits(FRAME)]), max_size=60).map(
        lambda parts: octets("".join(parts))
    ),
)


@given(line_noise, st.lists(st.integers(1, 40), min_size=1))
def test_noise_is_cut_anywhere_with_one_result(line: bytes, cuts: list[int]) -> None:
    whole, parts = HdlcReceiver(longest=40), HdlcReceiver(longest=40)
    found, position, sizes = [], 0, itertools.cycle(cuts)
    while position < len(line):
        size = next(sizes)
        found += parts.feed(line[position : position + size])
        position += size
    assert whole.feed(line) == found
    assert whole.counters == parts.counters


@given(line_noise)
def test_fast_receiver_equals_naive_twin(line: bytes) -> None:
    receiver = HdlcReceiver()
    assert receiver.feed(line) == naive("".join(f"{octet:08b}" for octet in line))


@given(st.binary(min_size=3, max_size=40), st.integers(min_value=0))
def test_one_wrong_bit_never_gives_a_frame(frame: bytes, where: int) -> None:
    """FCS-16 finds every single error; one that makes a flag may leave a shorter frame."""
    bits = frame_bits(frame)
    where %= len(bits)
    wrong = bits[:where] + ("1" if bits[where] == "0" else "0") + bits[where + 1 :]
    receiver = HdlcReceiver()
    found = receiver.feed(octets(FLAG + wrong + FLAG))
    assert frame not in found
    assert all(len(other) < len(frame) for other in found)


def test_flags_may_share_a_zero() -> None:
    shared = FLAG + "1111110" * 5 + frame_bits(FRAME) + FLAG + "1111110" + frame_bits(b"abcd") + FLAG
    assert HdlcReceiver().feed(octets(shared)) == [FRAME, b"abcd"]


def test_ones_between_frames_are_no_error() -> None:
    receiver = HdlcReceiver()
    assert receiver.feed(b"\xff" * 40) == []
    assert receiver.feed(octets(FLAG + frame_bits(FRAME) + FLAG + "1" * 64)) == [FRAME]
    assert receiver.feed(b"\xff" * 40 + octets(FLAG + frame_bits(FRAME) + FLAG)) == [FRAME]
    assert receiver.counters.aborted == 0


def test_abort_inside_a_frame_drops_it_and_only_it() -> None:
    receiver = HdlcReceiver()
    line = FLAG + frame_bits(FRAME)[:20] + "0" + "1" * 8 + FLAG + frame_bits(b"next") + FLAG
    assert receiver.feed(octets(line)) == [b"next"]
    assert receiver.counters.aborted == 1


@pytest.mark.parametrize(("bits", "counter"), [("0" * 16, "malformed"), ("0" * 43, "malformed"), ("0" * 48, "bad_fcs")])
def test_what_lies_between_flags_and_is_no_frame_is_counted(bits: str, counter: str) -> None:
    receiver = HdlcReceiver()
    assert receiver.feed(octets(FLAG + bits + FLAG)) == []
    assert getattr(receiver.counters, counter) == 1


def test_a_frame_that_never_ends_is_dropped_once_and_takes_no_memory() -> None:
    receiver = HdlcReceiver()
    receiver.feed(b"\x7e")
    for _ in range(100):
        receiver.feed(b"\x55" * 160)
    assert receiver.counters.overlong == 1
    assert len(receiver._tail) < 10
    assert receiver.feed(sent([FRAME])) == [FRAME]


def test_longest_frame_passes_whatever_its_bits() -> None:
    frames = [b"\xff" * LONGEST_FRAME, b"\x00" * LONGEST_FRAME]
    assert HdlcReceiver().feed(sent(frames)) == frames


def test_abort_by_the_sender() -> None:
    transmitter, receiver = HdlcTransmitter(), HdlcReceiver()
    transmitter.send(b"half of this goes out")
    transmitter.send(b"nothing of this")
    line = transmitter.take(8)
    transmitter.abort()
    transmitter.send(FRAME)
    assert receiver.feed(line + transmitter.take(20)) == [FRAME]
    assert receiver.counters.aborted == 1
    assert len(transmitter) == 0


@pytest.mark.parametrize("turn", range(8))
def test_idle_line_costs_next_to_nothing(turn: int) -> None:
    """A tick of flags at any alignment: 2 us is the aim, 10 us the bound that a busy machine still keeps."""
    flags = bytes((((0x7E << turn | 0x7E >> (8 - turn)) & 0xFF),)) * 160
    receiver = HdlcReceiver()
    receiver.feed(flags)
    receiver.feed(flags)
    assert min(timeit.repeat(lambda: receiver.feed(flags), number=100, repeat=20)) / 100 < 10e-6
    assert receiver.feed(octets(FLAG[turn:] + frame_bits(FRAME) + FLAG)) == [FRAME]


ORACLE = """
#define FAST_HDLC_NEED_TABLES
#include <string.h>
#include <dahdi/fasthdlc.h>
static int oracle_receive(const unsigned char *line, int count, unsigned char *out, int *lengths, int room)
{
    struct fasthdlc_state state;
    int have = 0, frames = 0, begin = 0;
    fasthdlc_precalc();
    fasthdlc_init(&state, FASTHDLC_MODE_64);
    for (int i = 0; i < count; i++) {
        fasthdlc_rx_load(&state, line[i]);
        int result = fasthdlc_rx_run(&state);
        if (result & RETURN_EMPTY_FLAG)
            continue;
        if (result & RETURN_COMPLETE_FLAG) {
            if (have > begin && frames < room) { lengths[frames++] = have - begin; begin = have; }
        } else if (result & RETURN_DISCARD_FLAG)
            have = begin;
        else
            out[have++] = result;
    }
    return frames;
}
static int oracle_send(const unsigned char *frame, int count, unsigned char *line)
{
    struct fasthdlc_state state;
    int made = 0;
    fasthdlc_precalc();
    fasthdlc_init(&state, FASTHDLC_MODE_64);
    fasthdlc_tx_frame_nocheck(&state);
    line[made++] = fasthdlc_tx_run_nocheck(&state);
    for (int i = 0; i < count;) {
        if (fasthdlc_tx_need_data(&state))
            fasthdlc_tx_load_nocheck(&state, frame[i++]);
        line[made++] = fasthdlc_tx_run_nocheck(&state);
    }
    for (int i = 0; i < 3; i++) {
        if (fasthdlc_tx_need_data(&state))
            fasthdlc_tx_frame_nocheck(&state);
        line[made++] = fasthdlc_tx_run_nocheck(&state);
    }
    return made;
}
"""


@pytest.fixture(scope="module")
def kernel_hdlc(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The very code that frames D channels in DAHDI's kernel module, compiled here."""
    if not FASTHDLC.exists():
        pytest.skip(f"{FASTHDLC} is missing: apt-get install dahdi-source")
    ffi = importlib.import_module("cffi").FFI()
    ffi.cdef(
        "int oracle_receive(const unsigned char *, int, unsigned char *, int *, int);"
        "int oracle_send(const unsigned char *, int, unsigned char *);"
    )
    ffi.set_source("_fasthdlc_oracle", ORACLE)
    path = ffi.compile(tmpdir=str(tmp_path_factory.mktemp("oracle")))
    spec = importlib.util.spec_from_file_location("_fasthdlc_oracle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HARD_FRAMES = [FRAME, b"\xff" * 20, b"\x7e\x7e\x7e\x7e", b"\x00" * 9, bytes(range(256)), b"\xfc\x1f\xf8\x3f"]


def test_the_kernel_understands_us(kernel_hdlc: Any) -> None:
    line = sent(HARD_FRAMES)
    out, lengths = kernel_hdlc.ffi.new("unsigned char[]", 2048), kernel_hdlc.ffi.new("int[]", 64)
    count = kernel_hdlc.lib.oracle_receive(line, len(line), out, lengths, 64)
    data, found = bytes(kernel_hdlc.ffi.buffer(out)), []
    for length in list(lengths)[:count]:
        found.append(data[: length - 2])  # fasthdlc hands the FCS over with the frame
        data = data[length:]
    assert found == HARD_FRAMES


@pytest.mark.parametrize("frame", HARD_FRAMES)
def test_we_understand_the_kernel(kernel_hdlc: Any, frame: bytes) -> None:
    with_fcs = frame + _fcs(frame)
    line = kernel_hdlc.ffi.new("unsigned char[]", 2048)
    made = kernel_hdlc.lib.oracle_send(with_fcs, len(with_fcs), line)
    assert HdlcReceiver().feed(bytes(line)[:made]) == [frame]


def _fcs(frame: bytes) -> bytes:
    """FCS-16 bit by bit (ISO/IEC 13239 clause 4.2.5.3), low octet first."""
    register = 0xFFFF
    for octet in frame:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return (register ^ 0xFFFF).to_bytes(2, "little")
