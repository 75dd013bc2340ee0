# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions on lines: block, restart, loop, test and clear, a timeslot or a whole span; stop a test."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, get_args

from appliance.api.messages import ChangeSpan, Done, Jobs, JobsReply, StopJob, TestSpan
from appliance.contract.errors import ApiError
from appliance.contract.switch import Loop, SpanReport
from appliance.i18n import _
from tui.actions import Action, Field, Values, one
from tui.link import Asks

TEST_S: Final = "60"
MAX_TEST_S: Final = 86_400


def on_line(span: int, report: SpanReport | None, slot: int) -> Sequence[Action]:
    """Return what can be done with a span and its chosen timeslot: what its kind of line can."""
    if report is None or not report.acts:
        return ()
    return [*_on_slot(span, report, slot), *_on_span(span, report)]


def _on_slot(span: int, report: SpanReport, slot: int) -> Iterable[Action]:
    named = _("timeslot {slot} of span {span}").format(slot=slot, span=span)
    slots = (slot,)
    if "block" in report.acts and report.channels.get(slot) != "blocked_near":
        text = _("No call takes {line} from now on; a call that is there goes on.").format(line=named)
        yield Action("b", _("block {line}").format(line=named), one(ChangeSpan(span, "block", slots)), text)
    if "unblock" in report.acts and report.channels.get(slot) == "blocked_near":
        yield Action("u", _("unblock {line}").format(line=named), one(ChangeSpan(span, "unblock", slots)))
    if "restart" in report.acts:
        text = _("Both ends take {line} as idle (RESTART); with a call on it nothing is done.").format(line=named)
        yield Action("r", _("restart {line}").format(line=named), one(ChangeSpan(span, "restart", slots)), text)
    if "test" in report.acts:
        yield _test("e", _("bit error test of {line}").format(line=named), span, slots)


def _on_span(span: int, report: SpanReport) -> Iterable[Action]:
    named = _("span {number}").format(number=span)
    if "block" in report.acts:
        text = _("No call takes {line} from now on; calls that are there go on.").format(line=named)
        yield Action("B", _("block {line}").format(line=named), one(ChangeSpan(span, "block")), text)
        yield Action("U", _("unblock {line}").format(line=named), one(ChangeSpan(span, "unblock")))
    if "loop" in report.acts and report.loops:
        yield _loop(span, report, named)
    if "test" in report.acts:
        yield _test("E", _("bit error test of all idle timeslots of {line}").format(line=named), span, ())
        yield Action("S", _("stop the test of {line}").format(line=named), do=_stopper(span))
    if "clear" in report.acts:
        text = _("The counters of {line} are shown from 0 on; those by quarter hour stay.").format(line=named)
        yield Action("c", _("clear the counters of {line}").format(line=named), one(ChangeSpan(span, "clear")), text)


def _loop(span: int, report: SpanReport, named: str) -> Action:
    kinds = [*(each for each in report.loops if each != "none"), "none"]
    field = Field(
        "loop", _("which loop: {kinds}").format(kinds=", ".join(kinds)), "none" if report.loop != "none" else ""
    )
    text = _("Sets the loop {loop} on {line}: with a loop there are no calls; none takes it out.").format(
        line=named, loop="{loop}"
    )

    async def do(link: Asks, values: Values) -> str:
        await link.ask(ChangeSpan(span, "loop", loop=_chosen(values["loop"], kinds)), Done)
        return ""

    return Action("l", _("loop on {line}").format(line=named), sentence=text, fields=(field,), do=do)


def _chosen(word: str, kinds: Sequence[str]) -> Loop:
    """Return the loop that a word names. Raises ApiError."""
    for loop in get_args(Loop):
        if loop == word and word in kinds:
            chosen: Loop = loop
            return chosen
    raise ApiError(
        _("there is no loop {word}").format(word=repr(word)), _("choose of: {kinds}").format(kinds=", ".join(kinds))
    )


def _test(key: str, name: str, span: int, slots: tuple[int, ...]) -> Action:
    field = Field("seconds", _("seconds"), TEST_S)
    text = _("Sends a test pattern for {seconds} s; the far end has to loop it back. Calls take other timeslots.")

    async def do(link: Asks, values: Values) -> str:
        seconds = values["seconds"]
        if not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds) <= MAX_TEST_S):
            raise ApiError(
                _("{text} is no number of seconds").format(text=repr(seconds)),
                _("allowed: 1 to {most}").format(most=MAX_TEST_S),
            )
        reply = await link.ask(TestSpan(span, slots, int(seconds)), JobsReply)
        return _("begun: job {job}").format(job=reply.jobs[0].job) if reply.jobs else ""

    return Action(key, name, sentence=text, fields=(field,), do=do)


def _stopper(span: int) -> Callable[[Asks, Values], Awaitable[str]]:
    async def do(link: Asks, _values: Values) -> str:
        jobs = (await link.ask(Jobs(), JobsReply)).jobs
        running = [each for each in jobs if each.state == "running" and each.what == f"span {span}"]
        if not running:
            raise ApiError(_("there is no test of span {number}").format(number=span))
        for each in running:
            await link.ask(StopJob(each.job), JobsReply)
        return _("stopped")

    return do
