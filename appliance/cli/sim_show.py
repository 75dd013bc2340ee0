# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of a run of the simulator, as tables for people."""

import re
from typing import TYPE_CHECKING, Final

from appliance.cli.output import facts, show, table, verdict
from appliance.i18n import N_, _

if TYPE_CHECKING:
    from hw_sim.load import LoadResult, Spread
    from hw_sim.report import RunReport, SpanReport

_OF_A_CHANNEL: Final = re.compile(r"(.*\bchannel) ([0-9]+)")
_WORDS: Final = {
    "in": N_("in"),
    "out": N_("out"),
    "us": N_("us"),
    "far end": N_("far end"),
    "line": N_("line"),
    "tone": N_("tone"),
    "key": N_("key"),
    "prompt": N_("prompt"),
    "sound": N_("sound"),
}


def show_report(report: "RunReport") -> None:
    """Show a run: calls, the sounds that they heard, the lines, and the figures of a load run."""
    if report.calls:
        _show_calls(report)
        _show_heard(report)
    if report.load:
        _show_load(report.load)
    _show_lines(report)
    show(verdict(_("passed") if report.passed else _("failed"), good=report.passed))


def _show_calls(report: "RunReport") -> None:
    columns = ("#", _("way"), _("called"), _("caller"), _("channel"), _("at"), _("rings"), _("answer"), _("end"))
    rows = [
        (
            n,
            _word(c.direction),
            c.called,
            c.caller,
            f"{c.span}/{c.timeslot}",
            *map(_s, (c.at_s, c.alerting_s, c.answered_s, c.ended_s)),
            f"{c.cause} {_word(c.ended_by)}",
            verdict("; ".join(c.failures) or _("good"), good=c.passed),
        )
        for n, c in enumerate(report.calls, 1)
    ]
    show(table((*columns, _("cause"), _("result")), rows, right=(0, 5, 6, 7, 8)), "")


def _show_heard(report: "RunReport") -> None:
    rows = [
        (n, _s(h.at_s), _s(h.until_s), _word(h.kind), h.what, f"{h.level_dbm0:.1f}")
        for n, c in enumerate(report.calls, 1)
        for h in c.heard
    ]
    columns = ("#", _("from"), _("to"), _("kind"), _("heard"), "dBm0")
    show(table(columns, rows, right=(0, 1, 2, 5), empty=_("nothing was heard")), "")


def _show_lines(report: "RunReport") -> None:
    rows = [
        (s.span, s.address, _("up") if s.d_channel_up else _("down"), " ".join(s.alarms), *_lost(s))
        for s in report.spans
    ]
    columns = (_("span"), _("address"), "D", _("alarms"), _("slips"), _("frames lost"), _("bad D frames"))
    show(table(columns, rows, right=(4, 5, 6)))
    if report.events:
        events = [(_s(at_s), span, text) for at_s, span, text in _folded(report)]
        show("", table((_("at"), _("span"), _("event")), events, right=(0,)))


def _folded(report: "RunReport") -> list[tuple[float, int, str]]:
    """Return the lines' events; successive ones that differ in a channel only as one."""
    rows: list[tuple[float, int, str, list[int]]] = []
    for event in report.events:
        about, channels = event.text, list[int]()
        if found := _OF_A_CHANNEL.fullmatch(event.text):
            about, channels = found[1], [int(found[2])]
        if channels and rows and rows[-1][1:3] == (event.span, about):
            rows[-1][3].extend(channels)
        else:
            rows.append((event.at_s, event.span, about, channels))
    return [(at_s, span, f"{about} {_ranges(channels)}".strip()) for at_s, span, about, channels in rows]


def _ranges(channels: list[int]) -> str:
    """Return numbers as ranges: 1-15, 17-31."""
    runs: list[list[int]] = []
    for channel in sorted(set(channels)):
        if runs and channel == runs[-1][1] + 1:
            runs[-1][1] = channel
        else:
            runs.append([channel, channel])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _lost(span: "SpanReport") -> tuple[int, int, int]:
    return span.slips, span.frames_lost, span.d_frames_bad


def _show_load(load: "LoadResult") -> None:
    share = load.blocked_share
    theory = _("{value} for {erlangs:.2f} erlangs on {channels} channels").format(
        value=_percent(load.erlang_b), erlangs=load.offered_erlangs, channels=load.channels
    )
    blocked = _("{value} (95 %: {low} to {high})").format(
        value=_percent(share.value), low=_percent(share.low), high=_percent(share.high)
    )
    show(
        facts(
            [
                (_("offered"), load.offered),
                (_("answered"), load.answered),
                (_("blocked"), load.blocked),
                (_("lost"), verdict(str(load.lost), good=load.lost == 0)),
                (_("cut off in talk"), verdict(_cut_off(load), good=load.cut_off == 0)),
                (_("ended early"), load.ended_early),
                (_("rings after"), _spread(load.alerting_after_s)),
                (_("answered after"), _spread(load.answer_after_s)),
                (_("channel held"), f"{load.mean_occupancy_s:.2f} s"),
                (_("blocked share"), verdict(blocked, good=load.as_expected)),
                (_("Erlang B"), theory),
            ]
        ),
        *load.lost_calls[:20],
        "",
    )


def _cut_off(load: "LoadResult") -> str:
    causes = ", ".join(f"{count} x {cause}" for cause, count in load.cut_off_causes.items())
    return (
        str(load.cut_off) if not causes else _("{count} (causes: {causes})").format(count=load.cut_off, causes=causes)
    )


def _word(word: str) -> str:
    return _(_WORDS.get(word, word))


def _s(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _spread(spread: "Spread | None") -> str:
    if spread is None:
        return _("never")
    return f"p50 {spread.p50:.2f} s, p90 {spread.p90:.2f} s, p99 {spread.p99:.2f} s, max {spread.most:.2f} s"
