# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder of a call: its messages between parties, with times, drawn from the records of the call in the books."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from appliance.api.messages import Update
from appliance.cli.words import word
from appliance.contract.records import (
    AgentChanged,
    CallAnswered,
    CallClosed,
    CallOpened,
    ChannelSeized,
    KeyPressed,
    LegAnswered,
    LegClosed,
    LegOpened,
    OfferEnded,
    OfferMade,
    QueueEntered,
    QueueLeft,
    RecordingClosed,
    RecordingOpened,
    SegmentOpened,
)
from appliance.i18n import _

Post = Literal["caller", "exchange", "switch", "queue", "phone"]
POSTS: tuple[Post, ...] = ("caller", "exchange", "switch", "queue", "phone")
_WIDTH = 11
_CENTRE = _WIDTH // 2


@dataclass(frozen=True)
class Rung:
    """One line: an arrow from one post to another, or a word at a post if both are the same."""

    at_ms: int
    source: Post
    target: Post
    text: str


class LadderReader:
    """Turns the updates of one call into rungs; keeps the post of each of its legs."""

    def __init__(self) -> None:
        self._post: dict[int, Post] = {}

    def read(self, updates: Iterable[Update]) -> list[Rung]:
        """Return the rungs of `updates`, in order; updates that a ladder does not show are left out."""
        rungs = []
        for update in updates:
            source, target, text = self._rung(update.what)
            if text:
                rungs.append(Rung(update.at, source, target, text))
        return rungs

    def _rung(self, what: object) -> tuple[Post, Post, str]:  # noqa: C901, PLR0911, PLR0912 - one line a record
        match what:
            case CallOpened(called=called, caller=caller):
                return "caller", "switch", _("calls {called} from {caller}").format(called=called, caller=caller.number)
            case LegOpened(leg=leg, role=role, number=number):
                self._post[leg] = "exchange" if role in ("caller", "outside") else "phone"
                return "switch", "phone", "" if role == "caller" else _("rings {number}").format(number=number)
            case ChannelSeized(span=span, timeslot=timeslot):
                text = _("takes span {span} timeslot {timeslot}").format(span=span, timeslot=timeslot)
                return "exchange", "switch", text
            case CallAnswered():
                return "switch", "caller", _("answers")
            case LegAnswered(leg=leg) if self._post.get(leg) == "phone":
                return "phone", "switch", _("answers")
            case SegmentOpened(kind=kind, what=name):
                return "switch", "switch", f"[{_KINDS()[kind]}{' ' if name else ''}{name}]"
            case KeyPressed(key=key, accepted=accepted):
                text = _("key {key}") if accepted else _("key {key}, which means nothing here")
                return "caller", "switch", text.format(key=key)
            case QueueEntered(queue=queue, position=position):
                return "switch", "queue", _("waits in {queue} as number {n}").format(queue=queue, n=position)
            case OfferMade(agent=agent):
                return "queue", "phone", _("offers the call to agent {agent}").format(agent=agent)
            case OfferEnded(result=result):
                return "phone", "queue", _OFFERS()[result]
            case QueueLeft(reason=reason):
                return "queue", "switch", _("waits no more: {reason}").format(reason=word(reason))
            case RecordingOpened(path=path):
                return "switch", "switch", _("records to {path}").format(path=path)
            case RecordingClosed(samples=samples):
                return "switch", "switch", _("recording of {s:.1f} s closed").format(s=samples / 8000)
            case LegClosed(leg=leg, cause=cause):
                return self._post.get(leg, "exchange"), "switch", _("gone, cause {cause}").format(cause=cause)
            case CallClosed(disposition=disposition):
                return "switch", "switch", _("call over: {disposition}").format(disposition=word(disposition))
            case AgentChanged(agent=agent, state=state):
                return "queue", "queue", _("agent {agent}: {state}").format(agent=agent, state=word(state))
            case _:
                return "switch", "switch", ""


def _KINDS() -> dict[str, str]:  # noqa: N802 - a table, made in the reader's language
    return {
        "flow": _("in flow"),
        "queue": _("music for"),
        "ring": _("ringing"),
        "announce": _("hears number of agent"),
        "talk": _("talk"),
        "hold": _("on hold"),
        "park": _("parked at"),
        "message": _("leaves a message in"),
    }


def _OFFERS() -> dict[str, str]:  # noqa: N802 - a table, made in the reader's language
    return {
        "answered": _("takes the call"),
        "no_answer": _("does not answer"),
        "busy": _("is busy"),
        "rejected": _("rejects the call"),
        "failed": _("cannot be reached"),
        "withdrawn": _("no longer needed"),
        "interrupted": _("interrupted"),
    }


def draw(rungs: Iterable[Rung]) -> list[str]:
    """Return the ladder as lines of text: seconds from the first rung, a rail for each post, and the rung's text."""
    names = {
        "caller": _("caller"),
        "exchange": _("exchange"),
        "switch": _("switch"),
        "queue": _("queue"),
        "phone": _("phone"),
    }
    lines = [" " * 8 + "".join(_centred(names[post]) for post in POSTS).rstrip()]
    first = None
    for rung in rungs:
        first = rung.at_ms if first is None else first
        lines.append(f"{(rung.at_ms - first) / 1000:7.2f} {_rails(rung)} {rung.text}")
    return lines


def _centred(text: str) -> str:
    left = max(0, _CENTRE - cell_len(text) // 2)
    return " " * left + text + " " * max(0, _WIDTH - left - cell_len(text))


def _rails(rung: Rung) -> str:
    """Return the rails of all posts, with an arrow between two of them, or a star at the only one."""
    line = list((" " * _CENTRE + "|" + " " * (_WIDTH - _CENTRE - 1)) * len(POSTS))
    start, end = (POSTS.index(post) * _WIDTH + _CENTRE for post in (rung.source, rung.target))
    if start == end:
        line[start] = "*"
        return "".join(line)
    low, high = min(start, end), max(start, end)
    line[low + 1 : high] = "-" * (high - low - 1)
    line[high - 1 if start < end else low + 1] = ">" if start < end else "<"
    return "".join(line)
