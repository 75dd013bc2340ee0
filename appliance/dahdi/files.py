# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's files as texts (dahdi_cfg(8), its system.conf.sample): the same configuration gives the same bytes.

Each begins with a line that marks it as the box's, and a sum of all that follows, by which `place` detects a person's
changes.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from appliance.dahdi.plan import Plan, PlannedSpan
from drivers.span import D_TIMESLOT, TIMESLOTS

SYSTEM: Final = PurePosixPath("etc/dahdi/system.conf")
MODULES: Final = PurePosixPath("etc/dahdi/modules")
OPTIONS: Final = PurePosixPath("etc/modprobe.d/mxbox-dahdi.conf")
R2_BLOCKED: Final = "1101"
"""ABCD bits while no software has opened the channel (ITU-T Q.421 table 1: a=1 b=1; c and d never change)."""
_MARK: Final = "# Written by mxbox (mxbox dahdi write). Change the box's configuration instead; sum "
_MARKED: Final = re.compile(re.escape(_MARK) + r"([0-9a-f]{64})\n")
_ON_CARDS: Final = """\
# Spans are numbered as they come: the ports of a card in order, dynamic spans last.
options dahdi auto_assign_spans=1
# Without these some cards wake up as T1, and analogue ones in mu-law.
options wct4xxp default_linemode=e1
options wcte12xp default_linemode=e1
options wcte13xp default_linemode=e1
options wcte43x default_linemode=e1
options wctdm24xxp companding=alaw
options wcaxx companding=alaw
"""


def texts(plan: Plan) -> dict[PurePosixPath, str]:
    """Return the text of each file, by its path below the root."""
    return {
        SYSTEM: marked("".join(f"{line}\n" for line in _system(plan))),
        MODULES: marked("".join(f"{line}\n" for line in _modules(plan))),
        OPTIONS: marked(_ON_CARDS),
    }


def marked(text: str) -> str:
    """Return a text with the box's line before it."""
    return f"{_MARK}{_sum(text)}\n{text}"


def is_ours(text: str) -> bool:
    """Return whether the box wrote a text, and it was not changed since."""
    found = _MARKED.match(text)
    return found is not None and found[1] == _sum(text[found.end() :])


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _system(plan: Plan) -> Iterator[str]:
    """Yield the lines of system.conf.

    Dynamic spans are made before channels are named, in the order of their numbers.
    """
    for span in plan.spans:
        if span.dynamic:
            yield f"dynamic={span.dynamic},{TIMESLOTS},{span.timing}"
    for span in plan.spans:
        yield from ("", f"# span {span.number}: {span.signalling}")
        if not span.dynamic:
            yield _span_line(span)
        yield from _channel_lines(span)
    yield from ("", f"loadzone={plan.zone}", f"defaultzone={plan.zone}")


def _span_line(span: PlannedSpan) -> str:
    words = [span.number, span.timing, span.line_build_out, span.framing, span.coding] + ["crc4"] * span.crc4
    return "span=" + ",".join(map(str, words))


def _channel_lines(span: PlannedSpan) -> Iterator[str]:
    voice, all_of_them = _channels(span, without=D_TIMESLOT), _channels(span)
    match span.signalling:
        case "pri":
            yield from (f"bchan={voice}", f"dchan={span.first_channel + D_TIMESLOT - 1}")
        case "r2":
            yield f"cas={voice}:{R2_BLOCKED}"
        case "clear":
            yield f"bchan={all_of_them}"
        case "stations":  # a telephone is signalled with as an exchange does, and the other way round
            yield f"fxoks={voice}"
        case "trunks":
            yield f"fxsks={voice}"
    if span.echo_canceller != "none" and span.signalling != "clear":
        yield f"echocanceller={span.echo_canceller},{voice}"


def _channels(span: PlannedSpan, without: int | None = None) -> str:
    first, last = span.first_channel, span.first_channel + TIMESLOTS - 1
    if without is None:
        return f"{first}-{last}"
    gap = first + without - 1
    return f"{first}-{gap - 1},{gap + 1}-{last}"


def _modules(plan: Plan) -> Iterator[str]:
    """Yield the modules to load besides the cards' own drivers, which the kernel finds by itself."""
    yield "dahdi"
    yield from sorted({f"dahdi_dynamic_{span.dynamic.partition(',')[0]}" for span in plan.spans if span.dynamic})
    cancellers = {span.echo_canceller for span in plan.spans} - {"none", "hwec"}
    yield from sorted(f"dahdi_echocan_{name}" for name in cancellers)
