# SPDX-License-Identifier: GPL-2.0-or-later
"""A bad network follows its plan, no more, and gives the same again with the same seed."""

from hw_sim.bad_network import BadNetwork, NetworkPlan


def carried(plan: NetworkPlan, seed: int = 1, packets: int = 2000) -> list[tuple[float, int]]:
    """When which packet arrived; one is sent every 20 ms."""
    network, came = BadNetwork[int](plan, seed), []
    for n in range(packets):
        network.send(n, 20.0 * n)
    while (now := network.next_ms) is not None:
        came += [(now, n) for n in network.arrived(now)]
    return came


def test_nothing_wrong_is_nothing_changed() -> None:
    assert carried(NetworkPlan(delay_ms=7)) == [(20.0 * n + 7, n) for n in range(2000)]


def test_the_same_seed_gives_the_same_fate() -> None:
    plan = NetworkPlan(loss=0.05, jitter_ms=60, overtaken=0.1, doubled=0.1)
    assert carried(plan, 3) == carried(plan, 3) != carried(plan, 4)


def test_losses_are_as_many_as_planned() -> None:
    assert 60 < 2000 - len(carried(NetworkPlan(loss=0.05))) < 140


def test_jitter_keeps_the_order_and_its_bounds() -> None:
    came = carried(NetworkPlan(jitter_ms=60))
    assert [n for _at, n in came] == list(range(2000))
    late = [at - 20 * n for at, n in came]
    assert 0 <= min(late) < 5
    assert 55 < max(late) <= 60


def test_overtaken_and_doubled_packets_come_late() -> None:
    numbers = [n for _at, n in carried(NetworkPlan(overtaken=0.1, overtaken_ms=50))]
    assert sorted(numbers) == list(range(2000)) != numbers
    twice = [n for _at, n in carried(NetworkPlan(doubled=0.1))]
    assert 150 < len(twice) - len(set(twice)) < 250


def test_what_is_held_comes_together() -> None:
    network = BadNetwork[int](NetworkPlan(), 1)
    network.hold(500)
    for n in range(30):
        network.send(n, 20.0 * n)
    assert network.arrived(499) == []
    assert network.arrived(500) == list(range(26))
