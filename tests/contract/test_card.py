# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of `appliance.switch.lines.card.Card`: one class, every signalling."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import (
    Alert,
    Answer,
    Answered,
    CardReport,
    Clear,
    Cleared,
    Dial,
    Incoming,
    Party,
    Proceed,
    Show,
    SpanState,
    Transferred,
)
from tests.contract.card_lines import LINES, TONE, CardLine, loudest

LOUD = 0.01
"""Mean square far above any noise, below that of `TONE`."""


@pytest.mark.parametrize("kind", LINES)
class TestCard:
    @pytest.fixture
    def line(self, kind: str, tmp_path: Path) -> Iterator[CardLine]:
        line = LINES[kind](tmp_path)
        yield line
        line.close()

    def talk_in(self, line: CardLine) -> int:
        line.call()
        line.until(lambda: line.of(Incoming))
        leg = line.of(Incoming)[-1].leg
        line.card.execute(Proceed(leg), line.now)
        line.card.execute(Alert(leg), line.now)
        line.do(Answer(leg))
        return leg

    def talk_out(self, line: CardLine, leg: int = 1) -> int:
        line.do(Dial(leg, line.line, "1001", Party("100")))
        line.answer()
        line.until(lambda: Answered(leg) in line.told)
        return leg

    def test_takes_lines_of_its_kind_only(self, line: CardLine) -> None:
        assert line.card.takes(line.line)
        assert line.card.has_room(line.line)
        for alien in ("", line.alien, line.line.partition(":")[2], line.line.partition(":")[0]):
            assert not line.card.takes(alien), alien

    def test_rows_without_a_leg_are_silent_whatever_was_in_them(self, line: CardLine) -> None:
        for _tick in range(5):
            line.tick()
            assert not line.said.any()

    def test_a_leg_that_comes_in_has_an_even_number_a_row_and_one_end(self, line: CardLine) -> None:
        leg = self.talk_in(line)
        came = line.of(Incoming)[0]
        assert leg % 2 == 0
        assert line.card.takes(came.line)
        row = line.card.row(leg)
        assert row is not None
        assert 0 <= row < line.card.rows
        line.do(Clear(leg))
        line.do(Clear(leg))
        line.until(lambda: line.of(Cleared))
        for _tick in range(10):
            line.tick()
        assert [event.leg for event in line.of(Cleared)] == [leg]
        assert line.told[-1] == line.of(Cleared)[0], "its last event"
        assert line.card.row(leg) is None
        assert not line.said.any()

    def test_a_leg_that_is_dialled_is_answered_once_and_ended_by_the_far_end_once(self, line: CardLine) -> None:
        leg = self.talk_out(line)
        assert line.card.row(leg) is not None
        line.hang_up()
        line.until(lambda: line.of(Cleared))
        assert [(each.leg, each.cause) for each in line.of(Cleared)] == [(leg, 16)]
        assert [event.leg for event in line.of(Answered)] == [leg]
        assert line.card.row(leg) is None

    def test_sound_goes_both_ways_on_the_row_of_the_leg_and_on_no_other(self, line: CardLine) -> None:
        leg = self.talk_out(line)
        row = line.card.row(leg)
        assert row is not None
        line.heard[row] = TONE
        line.until(lambda: loudest(line.said[row]) > LOUD)
        others = np.arange(line.card.rows) != row
        for _tick in range(30):
            line.tick()
            assert not line.said[others].any()
        line.hang_up()
        line.until(lambda: line.of(Cleared))
        assert line.far_heard() > LOUD

    def test_status_counts_the_legs_and_fills_its_texts(self, line: CardLine) -> None:
        def reports() -> list[CardReport]:
            found = list(line.card.status())
            for report in found:
                assert "{" not in report.name.format(**report.values) + report.detail.format(**report.values)
                assert 0 <= report.in_use <= report.rows <= line.card.rows
            return found

        assert sum(report.in_use for report in reports()) == 0
        leg = self.talk_out(line)
        assert sum(report.in_use for report in reports()) == 1
        line.do(Clear(leg))
        line.until(lambda: line.of(Cleared))
        assert sum(report.in_use for report in reports()) == 0

    def test_commands_and_questions_about_legs_that_are_gone_do_nothing(self, line: CardLine) -> None:
        card, gone = line.card, 998
        for command in (Proceed(gone), Alert(gone, inband=True), Answer(gone), Clear(gone), Show(gone, Party("1"))):
            card.execute(command, line.now)
        card.execute(Transferred(gone, ok=True), line.now)
        for _tick in range(3):
            line.tick()
        assert line.told == []
        assert card.row(gone) is None
        assert card.quiet_ticks(gone) == 0
        assert list(card.trace(gone)) == []
        card.send_key(gone, "5", 100)
        card.takes_inband_key(gone, "5", 100)

    def test_an_address_with_nobody_behind_it_is_told_as_cleared_and_not_raised(self, line: CardLine) -> None:
        scheme = line.line.partition(":")[0]
        line.do(Dial(1, line.line if scheme == "pri" else f"{scheme}:0@", "x" * 500))
        line.until(lambda: line.of(Cleared))
        assert [event.leg for event in line.of(Cleared)] == [1]
        assert line.card.row(1) is None

    def test_states_of_lines_are_told_again_when_announced(self, line: CardLine) -> None:
        line.card.announce()
        line.tick()
        states = line.of(SpanState)
        assert line.told == states
        assert all(state.in_service is not bool(state.cause) for state in states)
