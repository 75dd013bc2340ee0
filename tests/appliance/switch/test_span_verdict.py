# SPDX-License-Identifier: GPL-2.0-or-later
"""Meaning of alarms and counters: a case for each verdict, in both languages; a span's report over time."""

from dataclasses import replace
from typing import get_args

import pytest

from appliance.cli.spans import VERDICTS, words
from appliance.config.model import SpanConfig
from appliance.i18n import translation
from appliance.switch.lines.span.look import SAMPLE_TICKS, SAMPLES, SpanLook
from appliance.switch.lines.span.verdict import Look, Verdict, growth, judge
from drivers.sim import SimLine, SimSpan
from drivers.span import Alarm, Loss, SpanCondition

GOOD = Look(Alarm.NONE, d_channel_up=True, clock="far", counters={})
DOWN = replace(GOOD, d_channel_up=False)

CASES: list[tuple[Look, dict[str, int], tuple[Verdict, ...]]] = [
    (GOOD, {}, ("in_service",)),
    (replace(GOOD, d_channel_up=None), {}, ("in_service",)),
    (replace(GOOD, alarms=Alarm.LOOPBACK | Alarm.RED), {}, ("looped",)),
    (replace(DOWN, alarms=Alarm.BLUE | Alarm.RED), {"code_violations": 9}, ("all_ones",)),
    (replace(DOWN, alarms=Alarm.RED, loss=Loss.SIGNAL), {"code_violations": 9}, ("no_signal",)),
    (replace(DOWN, alarms=Alarm.RED, loss=Loss.FRAMES), {}, ("no_framing",)),
    (replace(DOWN, alarms=Alarm.RED), {"framing_errors": 1}, ("no_framing",)),
    (replace(DOWN, alarms=Alarm.RED, loss=Loss.MULTIFRAMES), {}, ("no_multiframes",)),
    (replace(DOWN, alarms=Alarm.RED), {}, ("dead",)),
    (replace(DOWN, alarms=Alarm.RED | Alarm.YELLOW), {}, ("dead",)),
    (replace(DOWN, alarms=Alarm.YELLOW), {}, ("yellow",)),
    (replace(DOWN, alarms=Alarm.YELLOW), {"e_bits": 3}, ("yellow", "far_bit_errors")),
    (DOWN, {"hdlc_bad_fcs": 2, "hdlc_aborted": 1, "hdlc_frames": 1}, ("d_channel_broken",)),
    (DOWN, {"hdlc_frames": 4, "hdlc_bad_fcs": 1}, ("d_channel_refused",)),
    (DOWN, {"hdlc_frames": 0}, ("d_channel_silent",)),
    (GOOD, {"slips_repeated": 1, "slips_dropped": 1}, ("in_service", "slips_far_clock")),
    (GOOD, {"timing_slips": 1}, ("in_service",)),
    (replace(GOOD, clock="own"), {"timing_slips": 5}, ("in_service", "slips_own_clock")),
    (replace(GOOD, clock_source=0), {}, ("in_service", "free_running")),
    (replace(GOOD, clock_source=0, clock="own"), {}, ("in_service",)),
    (replace(GOOD, clock_source=2), {}, ("in_service",)),
    (GOOD, {"crc4_errors": 1}, ("in_service", "bit_errors")),
    (GOOD, {"code_violations": 1, "e_bits": 1}, ("in_service", "bit_errors", "far_bit_errors")),
    (GOOD, {"frames_lost": 1}, ("in_service", "frames_lost")),
    (GOOD, {"frames_malformed": 1}, ("in_service", "frames_lost")),
    (GOOD, {"hdlc_bad_fcs": 3}, ("in_service", "d_channel_errors")),
    (GOOD, {"hdlc_bad_fcs": 2}, ("in_service",)),
    (GOOD, {"irq_misses": 1}, ("in_service", "irq_misses")),
]


@pytest.mark.parametrize(("look", "grown", "verdicts"), CASES)
def test_verdict(look: Look, grown: dict[str, int], verdicts: tuple[Verdict, ...]) -> None:
    before = dict.fromkeys(grown, 100)
    now = replace(look, counters={name: 100 + more for name, more in grown.items()})
    assert judge(now, before) == verdicts


def test_every_verdict_has_its_case_and_its_words_in_both_languages() -> None:
    known = set(get_args(Verdict))
    assert {verdict for _look, _grown, verdicts in CASES for verdict in verdicts} == known == set(VERDICTS)
    chinese = translation("zh_CN")
    assert not [text for text in VERDICTS.values() if chinese.gettext(text) == text]


def test_old_errors_are_no_verdict() -> None:
    errors = {"crc4_errors": 5000, "timing_slips": 7, "irq_misses": 3, "frames_lost": 9}
    assert judge(replace(GOOD, counters=errors), errors) == ("in_service",)


def test_growth_knows_what_it_does_not_know() -> None:
    """A counter that was cleared has not grown; one that no driver keeps has no growth."""
    now = {"a": 5, "b": 1, "c": None, "d": 7}
    assert growth(now, {"a": 3, "b": 9, "c": None}) == {"a": 2, "b": 0}


class CardSpan(SimSpan):
    """A simulated line with the report of a card's framer."""

    said = SpanCondition(kind="E1", clock_source=1, crc4_errors=0, timing_slips=0)

    def condition(self) -> SpanCondition:
        return self.said


def look_at(said: SpanCondition | None = None) -> tuple[SpanLook, CardSpan]:
    near, _far = SimLine("x").ends()
    near.__class__ = CardSpan
    assert isinstance(near, CardSpan)
    near.said = said or CardSpan.said
    return SpanLook(1, near, SpanConfig(address="dahdi:1")), near


def test_errors_are_told_for_a_minute() -> None:
    look, span = look_at()
    heard = []
    for second in range(130):
        if second == 30:
            span.said = replace(span.said, crc4_errors=4)
        report = look.report(1000 + 50 * second, d_channel_up=True)
        heard.append(report.verdicts)
        assert report.recent_s <= SAMPLES * SAMPLE_TICKS / 50
    assert heard[29] == ("in_service",)
    assert heard[30] == heard[75] == ("in_service", "bit_errors")
    assert heard[91:] == [("in_service",)] * 39
    assert report.counters["crc4_errors"] == 4


def test_what_is_not_kept_is_none() -> None:
    look, _span = look_at(SpanCondition(kind="simulated"))
    report = look.report(0, d_channel_up=False)
    for name in ("crc4_errors", "e_bits", "irq_misses", "frames_lost", "hdlc_aborted", "timing_slips"):
        assert report.counters[name] is None
        assert name not in report.recent
    assert report.counters["slips_repeated"] == 0
    assert report.verdicts == ("d_channel_silent",)


def test_a_cut_line_is_dead_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    look, span = look_at(SpanCondition(kind="E1", loss=Loss.SIGNAL))
    span.alarms = Alarm.RED
    report = look.report(0, d_channel_up=False)
    assert (report.loss, report.alarms) == ("SIGNAL", ("RED",))
    monkeypatch.setenv("LANGUAGE", "en")
    assert words(report) == "no signal: cable or far end down, or the receive pair is not connected"
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert words(report).startswith("无信号")
