# SPDX-License-Identifier: GPL-2.0-or-later
"""Result of a run, as data: calls with the times of their sounds, lines with their losses (seconds, dBm0, Q.850)."""

from collections.abc import Sequence

import msgspec

from drivers.span import TICK_S, TICK_SAMPLES, Alarm
from hw_sim.calls import CallRecord
from hw_sim.exchange import Exchange
from hw_sim.hearing import Ear, Heard, was_heard
from hw_sim.load import LoadResult
from hw_sim.log import LineEvent
from hw_sim.subscriber import Window
from hw_sim.trunk import Trunk

_OVERLAP_S = 0.05


class Listened(msgspec.Struct, frozen=True):
    """A `listen` step: its number, its times, and the sounds in it."""

    step: int
    from_s: float
    until_s: float
    heard: tuple[str, ...]


class CallReport(msgspec.Struct, frozen=True):
    """A call. `at_s` is the exchange's time; all other times begin with the call."""

    direction: str
    called: str
    caller: str
    presentation: str
    span: int
    timeslot: int
    at_s: float
    proceeding_s: float | None
    alerting_s: float | None
    connected_s: float | None
    answered_s: float | None
    ended_s: float | None
    cause: int
    ended_by: str
    passed: bool
    failures: tuple[str, ...]
    heard: tuple[Heard, ...]
    listened: tuple[Listened, ...]


class SpanReport(msgspec.Struct, frozen=True):
    """A line: its state now, and its losses since it was opened."""

    span: int
    address: str
    d_channel_up: bool
    alarms: tuple[str, ...]
    slips: int
    frames_lost: int
    frames_malformed: int
    d_frames_bad: int


class RunReport(msgspec.Struct, frozen=True):
    """A run. `passed`: every call did its script to the end and got the sounds it expected."""

    passed: bool
    seconds: float
    calls: tuple[CallReport, ...]
    spans: tuple[SpanReport, ...]
    events: tuple[LineEvent, ...]
    load: LoadResult | None = None


def report_run(
    exchange: Exchange, calls: Sequence[CallRecord] | None = None, load: LoadResult | None = None
) -> RunReport:
    """Return the report of `calls` (all of the exchange) and its lines.

    The sound is analysed here, which takes its time.
    """
    reports = tuple(report_call(record, exchange.rows.ear) for record in (exchange.records if calls is None else calls))
    return RunReport(
        passed=all(report.passed for report in reports) and (load is None or load.passed),
        seconds=round(exchange.now * TICK_S, 3),
        calls=reports,
        spans=tuple(_report_span(trunk) for trunk in exchange.trunks),
        events=tuple(exchange.log.events),
        load=load,
    )


def report_call(record: CallRecord, ear: Ear) -> CallReport:
    """Return the report of a call, finished or not."""
    offset_s = (record.heard_from - record.started) * TICK_S
    heard = tuple(_later(h, offset_s) for h in ear.hear(record.heard))
    failures = (*record.failures, *_disappointments(record, heard), *([] if record.ended else ["not over"]))
    return CallReport(
        record.direction,
        record.called,
        record.caller,
        record.presentation,
        record.span,
        record.timeslot,
        round(record.started * TICK_S, 3),
        record.after_s(record.proceeding),
        record.after_s(record.alerting),
        record.after_s(record.connected),
        record.after_s(record.answered),
        record.after_s(record.ended),
        record.cause,
        record.ended_by,
        not failures,
        failures,
        heard,
        tuple(_listened(record, window, heard) for window in record.windows),
    )


def octets_of(record: CallRecord, window: Window) -> bytes:
    """Return the A-law octets of a window."""
    start = (window.start - record.heard_from) * TICK_SAMPLES
    return record.heard[start : start + (window.end - window.start) * TICK_SAMPLES].tobytes()


def _within(record: CallRecord, window: Window | None, heard: Sequence[Heard]) -> list[Heard]:
    if window is None:
        return list(heard)
    start, end = ((tick - record.started) * TICK_S for tick in (window.start, window.end))
    return [h for h in heard if min(h.until_s, end) - max(h.at_s, start) > _OVERLAP_S]


def _disappointments(record: CallRecord, heard: Sequence[Heard]) -> list[str]:
    texts = []
    for expected in record.expectations:
        there = _within(record, expected.window, heard)
        if not was_heard(expected.what, there):
            names = ", ".join(dict.fromkeys(h.what for h in there)) or "nothing"
            texts.append(f"expected to hear '{expected.what}', heard {names}")
    return texts


def _listened(record: CallRecord, window: Window, heard: Sequence[Heard]) -> Listened:
    names = tuple(dict.fromkeys(h.what for h in _within(record, window, heard)))
    start, end = (round((tick - record.started) * TICK_S, 3) for tick in (window.start, window.end))
    return Listened(window.step, start, end, names)


def _later(heard: Heard, seconds: float) -> Heard:
    return Heard(
        heard.kind, heard.what, round(heard.at_s + seconds, 3), round(heard.until_s + seconds, 3), heard.level_dbm0
    )


def _report_span(trunk: Trunk) -> SpanReport:
    counters, alarms = trunk.span.counters, trunk.span.alarms
    return SpanReport(
        trunk.number,
        trunk.span.address,
        trunk.link.up,
        tuple(alarm.name or "" for alarm in alarms) if alarms is not Alarm.NONE else (),
        counters.slips_repeated + counters.slips_dropped,
        counters.frames_lost,
        counters.frames_malformed,
        counters.hdlc_bad_fcs,
    )
