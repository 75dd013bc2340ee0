# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports of RTP go round through the range and rest after a call."""

import random

from drivers._pjmedia import ffi, lib

REST_MS = 10_000


class Ports:
    def __init__(self, first: int, last: int) -> None:
        self.ports = ffi.new("mx_ports *")
        lib.mx_ports_open(self.ports, first, last)
        self.now_ms = 0

    def take(self) -> int:
        port = int(lib.mx_ports_next(self.ports, self.now_ms))
        lib.mx_ports_take(self.ports, port)
        return port

    def leave(self, port: int) -> None:
        lib.mx_ports_leave(self.ports, port, self.now_ms)


def test_ports_go_round_through_the_whole_range() -> None:
    ports = Ports(20000, 20019)
    seen = []
    for _ in range(20):
        seen.append(port := ports.take())
        ports.leave(port)
        ports.now_ms += REST_MS
    assert seen == [*range(20000, 20020, 2)] * 2


def test_a_port_rests_after_its_call_while_another_is_free() -> None:
    ports, rng = Ports(20000, 20999), random.Random(4)
    left: dict[int, int] = {}
    up: list[int] = []
    for _ in range(5000):
        ports.now_ms += rng.randrange(400)
        if up and rng.random() < 0.5:
            port = up.pop(rng.randrange(len(up)))
            ports.leave(port)
            left[port] = ports.now_ms
        else:
            port = ports.take()
            assert port not in up
            assert ports.now_ms - left.get(port, -REST_MS) >= REST_MS
            up.append(port)


def test_where_none_has_rested_the_one_that_rested_longest_is_taken() -> None:
    ports = Ports(20000, 20007)
    taken = [ports.take() for _ in range(4)]
    for port in (taken[2], taken[0], taken[3]):
        ports.leave(port)
        ports.now_ms += 100
    assert [ports.take() for _ in range(3)] == [taken[2], taken[0], taken[3]]


def test_a_port_out_of_the_range_is_nobodys_business() -> None:
    ports = Ports(20000, 20007)
    lib.mx_ports_take(ports.ports, 30000)
    ports.leave(19998)
    ports.leave(20000)  # not taken
    assert ports.take() == 20000


def test_clocks_that_overflow_and_the_end_of_the_numbers_are_borne() -> None:
    ports = Ports(65530, 65535)
    ports.now_ms = 0xFFFFFFFF
    first = ports.take()
    ports.leave(first)
    ports.now_ms = 5
    assert [ports.take() for _ in range(3)] == [65532, 65534, 65530]
