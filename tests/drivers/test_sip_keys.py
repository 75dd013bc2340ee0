# SPDX-License-Identifier: GPL-2.0-or-later
"""Each press once (RFC 4733 2.5): with packets lost, late or overtaken, and with phones that count time their own way.

Packets are written down as they arrive; `ms` is when. A clock of 8 units a millisecond, unless said otherwise.
"""

import dataclasses
import itertools
from collections.abc import Iterable

import pytest

from drivers.sip import SipKey
from drivers.sip_keys import EVENT_KEYS, QUIET_POLLS, KeyPacket, KeyPresses

PACKET_MS = 20
At = tuple[float, KeyPacket]


def press(key: str, at_ms: int, length_ms: int = 100, *, rate: int = 8000, ends: int = 3) -> list[At]:
    """A press as RFC 4733 wants it: one packet each 20 ms, its end sent three times; long ones in segments."""
    per_ms, sent = rate // 1000, []
    longest = 0xFFFF // per_ms
    for n in range(length_ms // PACKET_MS + ends - 1):
        lasted = min((n + 1) * PACKET_MS, length_ms)
        before = (lasted - 1) // longest  # segments that are full
        stamp = at_ms * per_ms + before * 0xFFFF
        over = lasted == length_ms
        packet = KeyPacket(key, lasted - before * 0xFFFF // per_ms, over, n == 0, 0, stamp & 0xFFFFFFFF, rate)
        sent.append((float(at_ms + n * PACKET_MS), packet))
    return sent


def numbered(sent: Iterable[At], first: int = 65530) -> list[At]:
    """Number packets in the order of sending; the numbers wrap early."""
    by_time = sorted(sent, key=lambda at: at[0])
    return [(ms, dataclasses.replace(packet, sequence=(first + n) & 0xFFFF)) for n, (ms, packet) in enumerate(by_time)]


def told(arrived: Iterable[At], more_ms: int = 1000) -> list[SipKey]:
    keys, got, now = KeyPresses(), [], 0
    by_time = sorted(arrived, key=lambda at: at[0])
    for ms, packet in by_time:
        got += wait(keys, now, ms)
        now = max(now, int(ms) // PACKET_MS * PACKET_MS)
        got += keys.report(1, packet)
    got += wait(keys, now, now + more_ms)
    assert keys._lines == {} or more_ms < 11000, "nothing is remembered for ever"
    return got


def wait(keys: KeyPresses, now: int, until: float) -> list[SipKey]:
    return [key for _ in range(int(until - now) // PACKET_MS) for key in keys.poll()]


def heard(arrived: Iterable[At], more_ms: int = 1000) -> str:
    return "".join(key.key for key in told(arrived, more_ms))


def dialled(keys: str, length_ms: int = 100, pause_ms: int = 100, **more: int) -> list[At]:
    times = itertools.count(100, length_ms + pause_ms)
    return [at for key in keys for at in press(key, next(times), length_ms, **more)]


NUMBER = "1155500##*A0"


@pytest.mark.parametrize(("length_ms", "pause_ms"), [(40, 40), (60, 60), (100, 100), (500, 60)])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_each_press_is_told_once_with_its_length(length_ms: int, pause_ms: int, rate: int) -> None:
    got = told(numbered(dialled(NUMBER, length_ms, pause_ms, rate=rate)), 12000)
    assert got == [SipKey(1, key, length_ms) for key in NUMBER]


def test_all_keys_have_their_numbers() -> None:
    assert heard(numbered(dialled(EVENT_KEYS))) == EVENT_KEYS


@pytest.mark.parametrize("kept", [pattern for pattern in itertools.product((0, 1), repeat=7) if any(pattern)], ids=str)
def test_a_press_is_told_once_whichever_of_its_packets_arrive(kept: tuple[int, ...]) -> None:
    """'55' as seven packets each, of the first press these, of the second all."""
    first, second = press("5", 100), press("5", 320)
    arrived = [at for at, keep in zip(first, kept, strict=True) if keep]
    assert heard([*numbered(arrived, 5), *numbered(second, 50)]) == "55"


@pytest.mark.parametrize("lost", range(1, 4))
def test_with_every_end_lost_the_next_press_or_a_pause_is_the_end(lost: int) -> None:
    sent = [at for at in numbered(dialled("5577")) if not at[1].ended]
    assert heard(sent) == "5577"
    assert heard([at for n, at in enumerate(sent) if n % 4 < 4 - lost]) == "5577"


@pytest.mark.parametrize("hole_ms", [100, 180, 190, 250, 500, 1200, 3000])
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_hole_in_a_press_makes_no_second_one(hole_ms: int, goes_on: bool) -> None:
    """B07: two packets, nothing for a while, then further ones or only the end, of the same time stamp."""
    length = 40 + hole_ms + (200 if goes_on else 0)
    sent = numbered([*press("5", 100, length), *press("5", 500 + length)])
    arrived = [(ms, packet) for ms, packet in sent if not 140 <= ms < 140 + hole_ms]
    assert heard(arrived) == "55"


@pytest.mark.parametrize("ends_move", [True, False])
@pytest.mark.parametrize("grows", [True, False])
@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("all_marked", [True, False])
def test_time_stamps_that_move_within_a_press_are_one_press(
    ends_move: bool, grows: bool, every: int, all_marked: bool
) -> None:
    """B07: each packet has the present time; its duration grows, or is that since the last packet."""

    def moving(key: str, at_ms: int) -> list[At]:
        sent = []
        for n in range(0, 10, every):
            stamp = min(n, 9 if ends_move else 7) * PACKET_MS * 8
            lasted = (min(n, 7) + 1) * PACKET_MS if grows else PACKET_MS * every
            packet = KeyPacket(key, lasted, n >= 7, all_marked or n == 0, 0, at_ms * 8 + stamp)
            sent.append((float(at_ms + n * PACKET_MS), packet))
        return sent

    times = itertools.count(100, 300)
    assert heard(numbered([at for key in "5578855" for at in moving(key, next(times))])) == "5578855"


@pytest.mark.parametrize("seconds", [9, 20, 40])
@pytest.mark.parametrize("rate", [8000, 48000])
@pytest.mark.parametrize("lost", [(), (0,), (1, 2)])
def test_a_long_press_of_several_segments_is_one(seconds: int, rate: int, lost: tuple[int, ...]) -> None:
    """B07: the time stamp moves on by 0xFFFF. `lost`: packets around each new segment."""
    sent = numbered([*press("5", 100, seconds * 1000, rate=rate), *press("5", 300 + seconds * 1000, rate=rate)])
    begins = [n for n, (_, packet) in enumerate(sent) if n and packet.timestamp != sent[n - 1][1].timestamp]
    arrived = [at for n, at in enumerate(sent) if n - 1 not in {b + away for b in begins[:-1] for away in lost}]
    got = told(arrived)
    assert [key.key for key in got] == ["5", "5"]
    assert got[0].duration_ms == pytest.approx(seconds * 1000, abs=2 * PACKET_MS)


@pytest.mark.parametrize("many", [1, 2, 3])
@pytest.mark.parametrize("marked", ["first", "all", "none"])
@pytest.mark.parametrize("pause_ms", [50, 100, 400])
def test_presses_told_by_their_ends_alone_are_each_one(many: int, marked: str, pause_ms: int) -> None:
    """B08: three packets or fewer, all of the end, all of the same duration."""
    sent = []
    for n, key in enumerate("115500"):
        at = 100 + n * (100 + pause_ms)
        for again in range(many):
            mark = marked == "all" or (marked == "first" and again == 0)
            sent.append((at + 5.0 * again, KeyPacket(key, 100, True, mark, 0, at * 8)))
    assert heard(numbered(sent)) == "115500"


def test_a_time_stamp_that_never_moves_still_tells_new_presses() -> None:
    """By another key, by the mark with a duration that begins anew, or by a pause."""
    still = [(ms, dataclasses.replace(packet, timestamp=7)) for ms, packet in dialled("12112")]
    assert heard(numbered(still)) == "12112"
    slow = [(ms, dataclasses.replace(packet, timestamp=7, marked=False)) for ms, packet in dialled("11", 100, 1300)]
    assert heard(numbered(slow)) == "11"


@pytest.mark.parametrize("late", range(7))
@pytest.mark.parametrize("by_ms", [30, 90, 150, 400])
def test_packets_that_are_overtaken_press_nothing_again(late: int, by_ms: int) -> None:
    sent = numbered([*press("5", 100), *press("5", 300), *press("6", 500)])
    ms, packet = sent[late]
    assert heard([*sent[:late], (ms + by_ms, packet), *sent[late + 1 :]]) == "556"


def test_packets_that_come_twice_press_nothing_again() -> None:
    sent = numbered(dialled(NUMBER))
    assert heard([at for ms, packet in sent for at in ((ms, packet), (ms + 35, packet))]) == NUMBER


def test_a_press_of_one_packet_that_is_overtaken_by_the_next_press_is_not_lost() -> None:
    sent = numbered([at for key, at_ms in (("1", 100), ("2", 200)) for at in press(key, at_ms) if at[1].ended][::3])
    assert len(sent) == 2
    assert sorted(heard([(sent[0][0] + 150, sent[0][1]), sent[1]])) == ["1", "2"]


def test_time_stamps_wrap() -> None:
    sent = [
        (ms, dataclasses.replace(packet, timestamp=(packet.timestamp - 1500) & 0xFFFFFFFF))
        for ms, packet in [*dialled("115"), *press("5", 2000, 9000)]
    ]
    assert heard(numbered(sent)) == "1155"


def test_a_new_source_presses_anew_and_a_sender_that_counts_anew_is_heard() -> None:
    """RFC 3550 8.2: a new SSRC has time stamps of its own."""
    first, second = numbered(press("5", 100), 40000), numbered(press("5", 100), 40007)
    other = [(ms + 300, dataclasses.replace(packet, source=9)) for ms, packet in second]
    assert heard([*first, *other]) == "55"
    again = [(ms + 300, packet) for ms, packet in numbered(press("5", 700), 100)]
    assert heard([*first, *again, *[(ms + 600, packet) for ms, packet in numbered(press("6", 900), 107)]]) == "556"


def test_a_press_that_is_still_reported_is_not_over() -> None:
    keys = KeyPresses()
    for n in range(100):
        assert keys.report(1, KeyPacket("#", n * 20, ended=False, marked=n == 0, sequence=n, timestamp=7)) == []
        assert keys.poll() == []


def test_calls_do_not_mix_and_a_call_that_is_over_presses_nothing() -> None:
    keys = KeyPresses()
    packet = KeyPacket("1", 40, ended=False, marked=True, sequence=1, timestamp=7)
    keys.report(1, packet)
    keys.report(2, packet)
    keys.forget(1)
    assert [key for _ in range(QUIET_POLLS) for key in keys.poll()] == [SipKey(2, "1", 40)]
