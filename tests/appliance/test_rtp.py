# SPDX-License-Identifier: GPL-2.0-or-later
"""What packets of sound are worth to a listener: the E-model's values, and shares of packets."""

import pytest

from appliance.contract.rtp import Rtp, mos, rated

GOOD = Rtp("PCMA", 1000, 0, 0, 1.5, 4.0, 40.0, 1000)


@pytest.mark.parametrize(
    ("loss", "way_ms", "opinion"),
    [(0.0, 0.0, 4.41), (0.0, 150.0, 4.33), (0.01, 50.0, 4.30), (0.05, 50.0, 3.87), (0.2, 50.0, 2.57), (1.0, 0.0, 1.18)],
)
def test_opinions_are_those_of_g_107(loss: float, way_ms: float, opinion: float) -> None:
    """By hand: Ie,eff = 95 Ppl / (Ppl + 25.1), Id = 0.024 d + 0.11 (d - 177.3) where that is above 0."""
    assert mos("PCMA", loss, way_ms) == pytest.approx(opinion, abs=0.01)


def test_more_loss_or_delay_is_never_better() -> None:
    losses = [mos("PCMU", n / 100, 60.0) or 0.0 for n in range(60)]
    delays = [mos("PCMU", 0.01, 20.0 * n) or 0.0 for n in range(60)]
    assert losses == sorted(losses, reverse=True)
    assert delays == sorted(delays, reverse=True)
    assert min(losses + delays) >= 1.0


def test_late_packets_count_as_lost_and_the_far_ends_view_is_its_own() -> None:
    row = rated(Rtp("PCMA", 980, 20, 10, 1.5, 4.0, 40.0, 1000, far_lost=100, far_jitter_ms=9.0, round_trip_ms=30.0))
    assert (row.loss, row.far_loss) == (0.03, 0.1)
    assert row.mos is not None
    assert row.far_mos is not None
    assert row.mos > row.far_mos > 1


def test_what_is_not_known_is_none() -> None:
    assert (rated(GOOD).far_loss, rated(GOOD).far_mos) == (None, None)
    assert rated(Rtp("opus", 1000, 10, 0, 1.5, 4.0, 40.0, 1000, far_lost=1)).mos is None
    assert rated(Rtp("PCMA", 0, 0, 0, 0.0, 0.0, 0.0, 500)).mos is None
