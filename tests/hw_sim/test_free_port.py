# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports for tests: none is given to two processes, of which neither has bound it yet."""

import subprocess
import sys

from hw_sim.baresip import FREE_PORTS, free_port

SAME_PLACES = """
import itertools, sys
from hw_sim import baresip
baresip._ports = itertools.count(int(sys.argv[1]), 3091)
print(*(baresip.free_port() for _ in range(4)), flush=True)
sys.stdin.read()
"""


def test_two_processes_that_look_in_the_same_places_at_once_are_given_different_ports() -> None:
    place = str(FREE_PORTS.index(free_port()) + 1)
    command = [sys.executable, "-c", SAME_PLACES, place]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
    ):
        assert one.stdout is not None
        assert other.stdout is not None
        ports = [*one.stdout.readline().split(), *other.stdout.readline().split()]
    assert len(set(ports)) == 8


def test_ports_of_a_process_that_has_ended_are_free_again() -> None:
    place = str(FREE_PORTS.index(free_port()) + 1)
    command = [sys.executable, "-c", SAME_PLACES, place]
    runs = [
        subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout.split() for _ in range(2)
    ]
    assert set(runs[0]) & set(runs[1])


def test_a_port_that_is_kept_stays_reserved_however_many_are_given_after_it() -> None:
    kept = free_port(kept=True)
    assert kept not in [free_port() for _ in range(2 * len(FREE_PORTS))]
