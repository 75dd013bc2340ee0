# SPDX-License-Identifier: GPL-2.0-or-later
"""Ladder of a call: what the box decided and what its lines said, in the order of time, between the parties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.api.messages import TraceReply, WholeCallReply
from appliance.cli.ladder import POSTS, LadderReader, Post
from appliance.cli.past import updates_of
from appliance.cli.sip import summary
from appliance.contract.switch import SignalMessage
from appliance.i18n import N_, _
from tui.cells import Cell, Line, fit
from tui.skin import Skin

POST_NAMES: Final[Mapping[Post, str]] = {
    "caller": N_("caller"),
    "exchange": N_("exchange"),
    "switch": N_("switch"),
    "queue": N_("queue"),
    "phone": N_("phone"),
}


@dataclass(frozen=True)
class Step:
    """A step of the ladder: a decision of the box, or a message of a line."""

    at_ms: float
    source: Post
    target: Post
    text: str
    message: SignalMessage | None = None
    nth: int = 0
    """Place among all, by which it is known."""

    @property
    def message_text(self) -> str:
        """Its message in full, '' without one."""
        return self.message.text.replace("\r\n", "\n").rstrip() if self.message is not None else ""


def steps_of(whole: WholeCallReply, trace: TraceReply | None) -> list[Step]:
    """Return the steps of a call, oldest first."""
    reader = LadderReader()
    found = [Step(rung.at_ms, rung.source, rung.target, rung.text) for rung in reader.read(updates_of(whole))]
    posts = posts_of(whole)
    found += [_said(message, posts.get(message.leg, "exchange")) for message in (trace.messages if trace else ())]
    found.sort(key=lambda step: step.at_ms)
    return [Step(s.at_ms, s.source, s.target, s.text, s.message, n) for n, s in enumerate(found)]


def posts_of(whole: WholeCallReply) -> dict[int, Post]:
    """Return where the line of each leg leads: to the exchange or to a phone."""
    return {
        stay.leg: "exchange" if stay.channels or stay.line.startswith(("pri:", "trunk:")) else "phone"
        for stay in whole.stays
    }


def _said(message: SignalMessage, post: Post) -> Step:
    text = message.brief or summary(message.text)
    source, target = ("switch", post) if message.sent else (post, "switch")
    ends: tuple[Post, Post] = (source, target)  # type: ignore[assignment]
    return Step(message.time_us / 1000, *ends, text, message)


def rails(step: Step, width: int, skin: Skin) -> str:
    """Return the rails of all posts, `width` columns each, with an arrow between two of them, or a star at one."""
    centre = width // 2
    line = list((" " * centre + skin.rail + " " * (width - centre - 1)) * len(POSTS))
    start, end = (POSTS.index(post) * width + centre for post in (step.source, step.target))
    if start == end:
        line[start] = "*"
        return "".join(line)
    low, high = min(start, end), max(start, end)
    line[low + 1 : high] = skin.dash * (high - low - 1)
    line[high - 1 if start < end else low + 1] = ">" if start < end else "<"
    return "".join(line)


def heads(width: int) -> str:
    """Return the names of the posts above their rails."""
    return "".join(fit(" " * max(0, (width - len(name)) // 2) + name, width) for name in _names(width))


def _names(width: int) -> Iterable[str]:
    return (fit(_(POST_NAMES[post]), width - 1).rstrip() for post in POSTS)


def message_lines(step: Step) -> list[Line]:
    """Return a message as it was on the line, or as its standard names its parts; the first line stands out."""
    first, *rest = step.message_text.split("\n")
    return [(Cell(f" {first}", "accent"),), *((f" {line.expandtabs(4)}",) for line in rest)]
