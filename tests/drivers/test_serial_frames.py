# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames on a serial line: among noise each request is done once, and its answer is the right one or none."""

import random
import zlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.serial_frames import LONGEST, Answering, Asking, Frame, Lines, NoAnswerError, TooLongError, decode, encode

KERNEL = b"[   12.345678] usb 1-1: new high-speed USB device number 2\r\n"


def test_a_frame_is_a_line_of_text_with_the_crc_of_its_content() -> None:
    line = encode(7, {"do": "take", "text": "李娜"})
    content = b'7 {"do":"take","text":"\\u674e\\u5a1c"}'
    assert line == b"@mx " + content + b" %08x\n" % zlib.crc32(content)
    assert decode(line) == Frame(7, {"do": "take", "text": "李娜"})


@pytest.mark.parametrize(
    "line",
    [
        b"", b"@mx ", b"@mx 1 {} 00000000", b"login: ", encode(1, {})[:-4], encode(1, {}).replace(b"1", b"2", 1),
        b"@mx 1 {\xff} 00000000", KERNEL, encode(1, {"a": 1}).strip() + b" more",
    ],
)  # fmt: skip
def test_anything_else_is_noise(line: bytes) -> None:
    assert decode(line) is None


def test_a_frame_is_found_behind_a_prompt_and_with_any_end_of_line() -> None:
    assert decode(b"box login: " + encode(1, {"a": 2}).strip() + b"\r\r\n") == Frame(1, {"a": 2})
    broken_into = encode(1, {"text": "@mx 2"})
    assert decode(broken_into) is None or decode(broken_into) == Frame(1, {"text": "@mx 2"})


@given(st.binary(max_size=300), st.integers(0, 300))
@example(b"@mx 1 [] 00000000", 0)
def test_no_bytes_end_the_reader_or_the_answering_end(noise: bytes, cut: int) -> None:
    lines, answering = Lines(), Answering(lambda _body: {})
    good = encode(3, {"do": "x"})
    for data in (noise[:cut], noise[cut:], b"\n" + good):
        replies = [answering.reply(line) for line in lines.feed(data)]
    assert replies[-1]


def test_a_text_without_an_end_is_forgotten_and_what_follows_is_heard() -> None:
    lines = Lines()
    assert list(lines.feed(b"x" * 10_000)) == []
    assert list(lines.feed(b"\n" + encode(1, {}))) == [encode(1, {}).strip()]


def test_a_request_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(TooLongError):
        encode(1, {"text": "x" * LONGEST})


class Line:
    """A box at the other end of a bad line; time goes by as it is waited for."""

    def __init__(self, chance: random.Random, errors: float) -> None:
        self.chance, self.errors, self.now = chance, errors, 0.0
        self.done: list[Any] = []
        self.answering = Answering(self.handle)
        self.box, self.arriving = Lines(), b""
        self.seen: list[bytes] = []
        self.asking = Asking(self.send, self.receive, lambda: self.now, 99, self.seen.append)

    def handle(self, body: dict[str, Any]) -> dict[str, Any]:
        self.done.append(body.get("n"))
        return {"n": body.get("n"), "text": "字" * self.chance.choice([0, 3, 900])}

    def noisy(self, data: bytes) -> bytes:
        """Return what arrives of data: whole, lost, doubled, changed, or with a kernel's line in its middle."""
        if self.chance.random() >= self.errors:
            return data
        place = self.chance.randrange(len(data))
        changed = bytes([data[place] ^ 1 << self.chance.randrange(7)])
        return self.chance.choice(
            [b"", data + data, data[:place], data[:place] + changed + data[place + 1 :],
             data[:place] + KERNEL + data[place:], KERNEL + data]
        )  # fmt: skip

    def send(self, data: bytes) -> None:
        self.arriving += data if self.chance.random() < 0.1 else b""  # an echo
        for line in self.box.feed(self.noisy(data)):
            if reply := self.answering.reply(line):
                self.arriving += self.noisy(b"\r\n" + reply)

    def receive(self, seconds: float) -> bytes:
        size = self.chance.randrange(1, 400)
        data, self.arriving = self.arriving[:size], self.arriving[size:]
        if not data:
            self.now += seconds
        return data


@given(st.integers(0, 1 << 30), st.sampled_from([0.0, 0.2, 0.5]))
def test_among_noise_each_request_is_done_once_and_has_its_own_answer(seed: int, errors: float) -> None:
    line = Line(random.Random(seed), errors)
    line.asking.hello(patience=200.0)
    for n in range(5):
        assert line.asking.ask({"n": n}, patience=200.0)["n"] == n
    assert line.done == [None, 0, 1, 2, 3, 4]


def test_an_answer_that_is_long_in_coming_is_waited_for_and_not_done_again() -> None:
    line = Line(random.Random(1), 0.0)
    held: list[bytes] = []
    send, line.asking._send = line.send, held.append

    def late(_seconds: float) -> bytes:
        line.now += 1.0
        if line.now < 30.0:
            return b""
        while held:
            send(held.pop(0))
        return line.receive(1.0)

    line.asking._receive = late
    assert line.asking.ask({"n": 1}, patience=60.0)["n"] == 1
    assert line.done == [1]


def test_a_line_on_which_nothing_answers_is_given_up_in_time() -> None:
    line = Line(random.Random(1), 0.0)
    line.asking._send = lambda _data: None
    with pytest.raises(NoAnswerError):
        line.asking.hello(patience=10.0)
    assert line.now == pytest.approx(10.0)


def test_a_program_that_is_run_again_is_not_given_the_answers_of_the_one_before() -> None:
    line = Line(random.Random(1), 0.0)
    line.asking.hello()
    assert line.asking.ask({"n": 5})["n"] == 5
    again = Asking(line.send, line.receive, lambda: line.now, 100)
    again.hello()
    assert again.ask({"n": 6})["n"] == 6
    assert line.done == [None, 5, None, 6]
