# SPDX-License-Identifier: GPL-2.0-or-later
"""`DahdiSpan` on a card's framer, and its settings in the driver; the call layer is played from a script."""

from typing import Any, cast

import pytest

pytest.importorskip("drivers.dahdi_calls", reason="drivers._dahdi is not compiled")

from drivers.dahdi import DahdiSpan
from drivers.span import IDLE_BYTE, Loss, SpanCondition, SpanOptions
from tests.contract.span_lines import numbered
from tests.drivers.test_dahdi import VOICE, Script, fd, opened, pri


def test_condition_of_a_card() -> None:
    span, script = opened()
    script.counted = {"code_violations": 4, "crc4_errors": 3, "e_bits": 2, "irq_misses": 1, "clock_source_span": 2}
    script.slips = 7
    seen = span.condition()
    assert (seen.kind, seen.description, seen.clock_source, seen.loss) == ("E1", "a card", 2, None)
    assert (seen.code_violations, seen.crc4_errors, seen.e_bits, seen.framing_errors) == (4, 3, 2, 0)
    assert (seen.timing_slips, seen.irq_misses) == (7, 1)
    script.slips = None
    assert span.condition().timing_slips is None


@pytest.mark.parametrize(
    ("word", "loss"), [(0x108, Loss.SIGNAL), (0x308, Loss.SIGNAL), (0x208, Loss.FRAMES), (0x408, Loss.MULTIFRAMES)]
)
def test_why_it_is_red(word: int, loss: Loss) -> None:
    span, script = opened()
    script.alarm_word = word
    assert span.condition().loss == loss


def test_a_dynamic_span_says_nothing_of_a_framer_it_has_not() -> None:
    span, script = opened()
    script.name = "DYN/eth/eth1"
    assert span.condition() == SpanCondition(kind="dynamic", description="a card")


def test_the_echo_canceller_is_switched_on_for_every_voice_channel_if_wanted() -> None:
    script = Script(pri)
    DahdiSpan("dahdi:2", 2, SpanOptions(echo_taps=128), cast("Any", script), 4)
    wanted = [("set_echo_canceller", fd(row + 1), 128) for row in VOICE]
    assert [call for call in script.asked if call[0] == "set_echo_canceller"] == wanted


@pytest.mark.parametrize("ahead", [0, 3])
def test_as_many_ticks_lie_ready_as_the_address_says(ahead: int) -> None:
    script = Script(pri)
    span = DahdiSpan("dahdi:2", 2, SpanOptions(), cast("Any", script), 8, ahead)
    span.transmit(numbered(6))
    span.transmit(numbered(7))
    sent = script.sent[fd(3)]
    assert len(sent) == ahead + 2
    assert all((octets == IDLE_BYTE).all() for octets in sent[:ahead])
    assert (sent[ahead] == numbered(6)[2]).all()
