# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines for a technician: `mxbox spans`. A value that a kind of line does not report is '-' and not 0."""

import argparse
from collections.abc import Iterable, Iterator
from typing import Any, Final

from appliance.api.messages import Spans, SpansReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.output import show, show_json, table, verdict
from appliance.contract.switch import CardReport, SpanReport, SpanState
from appliance.i18n import N_, _

UNKNOWN: Final = "-"
VERDICTS: Final = {
    "in_service": N_("in service"),
    "looped": N_("a loop is set: no calls until it is taken out"),
    "all_ones": N_("all ones arrive (AIS): what feeds the far end has lost its line"),
    "no_signal": N_("no signal: cable or far end down, or the receive pair is not connected"),
    "no_framing": N_("no framing: check CRC-4, and that the far end sends E1"),
    "no_multiframes": N_("no multiframes: check CRC-4, one end has it and the other has not"),
    "dead": N_("cable or far end down"),
    "yellow": N_("far end sees our signal as bad (yellow): check our transmit pair"),
    "d_channel_broken": N_("D channel down, its frames arrive broken: check which timeslot carries it"),
    "d_channel_refused": N_("D channel down though the line is good and the far end speaks: check side user/network"),
    "d_channel_silent": N_("D channel down and silent though the line is good: check that the far end has ISDN on it"),
    "slips_far_clock": N_("far end is not the clock master: slips rise"),
    "slips_own_clock": N_("far end does not follow our clock: slips rise"),
    "free_running": N_("the card runs on its own clock and not on the far end's: check the order of clocks"),
    "bit_errors": N_("bit errors arrive: check cable and connectors"),
    "far_bit_errors": N_("the far end receives bit errors from us: check our transmit pair"),
    "frames_lost": N_("frames are lost on the way: check the network between"),
    "d_channel_errors": N_("frames of the D channel arrive broken"),
    "irq_misses": N_("interrupts of the card are missed: the machine is too busy"),
}
"""Texts of `appliance.switch.lines.span.verdict`."""
CAUSES: Final = {"": N_("yes"), "d_channel": N_("D channel down"), "alarms": N_("no")}
"""Texts of `SpanState.cause`: calls can be set up, or why not."""
_COUNTED: Final = (
    (N_("code violations"), ("code_violations",)),
    (N_("CRC-4"), ("crc4_errors",)),
    (N_("E bits"), ("e_bits",)),
    (N_("framing"), ("framing_errors",)),
    (N_("errored s"), ("errored_seconds",)),
    (N_("slips"), ("slips_repeated", "slips_dropped", "timing_slips")),
    (N_("D aborts"), ("hdlc_aborted",)),
    (N_("D bad FCS"), ("hdlc_bad_fcs",)),
    (N_("frames lost"), ("frames_lost",)),
    (N_("IRQ misses"), ("irq_misses",)),
)
"""Columns, and the counters that are added in each."""


def spans(args: argparse.Namespace) -> int:
    """Show the lines."""
    with client(args) as box:
        reply = box.ask(Spans(), SpansReply)
    if args.json:
        show_json(reply)
        return 0
    cards = {card.span.span: card for card in (reply.switch.cards if reply.switch else ()) if card.span}
    known = [card.span for card in cards.values() if card.span]
    show(_state_table(reply.spans, cards))
    if known:
        longest = max(span.recent_s for span in known)
        text = _("errors since the start, and how many more in the last {n} s:").format(n=round(longest))
        show("", text, "", _counter_table(known))
        show(*_channel_lines(known))
    elif reply.spans:
        show("", _("the switch has not reported yet"))
    return 0


def _state_table(states: Iterable[SpanState], cards: dict[int, CardReport]) -> Any:
    columns = (
        _("span"), _("address"), _("type"), _("alarms"), _("service"), _("clock"), _("clock source"), _("in use"),
        _("verdict"),
    )  # fmt: skip
    rows = [_state_row(state, cards.get(state.span)) for state in states]
    return table(columns, rows, right=(7,), empty=_("no span is configured"), spare=(6, 2, 5))


def _state_row(state: SpanState, card: CardReport | None) -> tuple[Any, ...]:
    report = card.span if card else None
    return (
        state.span,
        state.address,
        report.kind if report and report.kind else UNKNOWN,
        verdict(", ".join(state.alarms) or _("none"), good=not state.alarms),
        verdict(_(CAUSES.get(state.cause, state.cause)), good=state.in_service),
        _clock(report),
        _clock_source(report),
        f"{card.in_use}/{card.rows}" if card else UNKNOWN,
        verdict(words(report), good=report.verdicts == ("in_service",)) if report else UNKNOWN,
    )


def _channel_lines(reports: Iterable[SpanReport]) -> Iterator[str]:
    """Yield a line for each state of channels that no call explains."""
    from appliance.cli.span import STATES

    for report in reports:
        states = sorted({state for state in report.channels.values() if state != "in_use"})
        for state in states:
            slots = [slot for slot, found in report.channels.items() if found == state]
            yield _("span {number}, timeslots {slots}: {state}").format(
                number=report.span, slots=spans_of(slots), state=_(STATES[state])
            )


def spans_of(numbers: list[int]) -> str:
    """Return ascending numbers as people write them: 1-15, 17, 20-31."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


def words(report: SpanReport) -> str:
    """Return the verdicts on a span in the reader's language."""
    return _("; ").join(_(VERDICTS.get(code, code)) for code in report.verdicts)


def _clock(report: SpanReport | None) -> str:
    if report is None:
        return UNKNOWN
    return _("far end's") if report.clock == "far" else _("ours")


def _clock_source(report: SpanReport | None) -> str:
    if report is None or report.clock_source is None:
        return UNKNOWN
    return _("span {number}").format(number=report.clock_source) if report.clock_source else _("the card itself")


def _counter_table(reports: Iterable[SpanReport]) -> Any:
    columns = (_("span"), *(_(name) for name, _names in _COUNTED))
    rows = [(report.span, *_counts(report)) for report in reports]
    return table(columns, rows, right=range(1, len(columns)), spare=(5, 4, 9))


def _counts(report: SpanReport) -> Iterator[str]:
    for _name, names in _COUNTED:
        known = [count for name in names if (count := report.counters.get(name)) is not None]
        more = sum(report.recent.get(name, 0) for name in names)
        yield (str(sum(known)) + (f" +{more}" if more else "")) if known else UNKNOWN


SPANS: Final = Command(
    "spans",
    N_("the E1 lines: type, alarms, D channel, clock, channels in use, error counters, and what that means"),
    spans,
    ("mxbox spans", "mxbox spans --json"),
    N_("What a kind of line cannot say is shown as -."),
    asks=True,
)
