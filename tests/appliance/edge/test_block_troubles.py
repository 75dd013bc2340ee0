# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks as troubles: each once, by its notice, or by the edge's table where the notice was lost."""

import pytest

from appliance.contract.edge import EdgeBlock
from appliance.contract.records import TroubleNoted
from appliance.edge.block_troubles import BlockTroubles

BLOCK_S = 600
ONE = EdgeBlock("192.0.2.7", "1001", "passwords", (1000 + BLOCK_S) * 1000)
ALL = EdgeBlock("192.0.2.7", "", "scan", (1000 + BLOCK_S) * 1000)


@pytest.fixture
def noted() -> list[TroubleNoted]:
    return []


@pytest.fixture
def blocks(noted: list[TroubleNoted]) -> BlockTroubles:
    return BlockTroubles(noted.append, BLOCK_S)


def test_a_block_whose_notice_was_lost_is_noted_when_it_is_seen_and_once(
    blocks: BlockTroubles, noted: list[TroubleNoted]
) -> None:
    for second in range(3):
        blocks.seen([ONE, ALL], 1001.0 + second)
    assert [each.values["command"] for each in noted] == [
        "mxbox edge unblock 192.0.2.7 1001",
        "mxbox edge unblock 192.0.2.7",
    ]


def test_a_block_that_was_told_is_not_noted_again_when_it_is_seen_nor_the_other_way_round(
    blocks: BlockTroubles, noted: list[TroubleNoted]
) -> None:
    blocks.note("192.0.2.7", "1001", "passwords", 1000)
    blocks.seen([ONE], 1001.0)
    blocks.seen([ONE, ALL], 1002.0)
    blocks.note("192.0.2.7", "", "scan", 1000)
    assert len(noted) == 2


def test_the_next_block_of_the_same_place_is_another_even_where_the_first_was_lifted(
    blocks: BlockTroubles, noted: list[TroubleNoted]
) -> None:
    blocks.note("192.0.2.7", "1001", "passwords", 1000)
    blocks.note("192.0.2.7", "1001", "passwords", 1005)
    blocks.seen([EdgeBlock("192.0.2.7", "1001", "passwords", (1009 + BLOCK_S) * 1000)], 1010.0)
    assert len(noted) == 3


def test_blocks_that_ended_are_forgotten(blocks: BlockTroubles) -> None:
    for number in range(100):
        blocks.note(f"192.0.2.{number}", "", "flood", 1000 + number)
    blocks.seen([], 1000.0 + 3 * BLOCK_S)
    assert not blocks._noted
