# SPDX-License-Identifier: GPL-2.0-or-later
"""One call whole: `mxbox about`."""

import argparse
from collections.abc import Iterator
from typing import Any, Final

from appliance.api.messages import WholeCall, WholeCallReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.ladder import LadderReader, draw
from appliance.cli.output import clock, facts, length, show, show_json, table, verdict
from appliance.cli.past import updates_of
from appliance.cli.words import word
from appliance.contract.rtp import RtpRow
from appliance.contract.whole_call import StayRow
from appliance.i18n import N_, _

BAD_MOS: Final = 3.6
"""Below it many users are dissatisfied (ITU-T G.107 annex B)."""


def about(args: argparse.Namespace) -> int:
    """Show one call: what it was, its ladder, its legs and the quality of their sound."""
    with client(args) as box:
        reply = box.ask(WholeCall(args.call), WholeCallReply)
    if args.json:
        show_json(reply)
        return 0
    show(facts(_facts(reply)), "")
    show(*draw(LadderReader().read(updates_of(reply))), "")
    columns = (
        *(_("leg"), _("kind"), _("number"), _("line"), _("from"), _("answered"), _("to"), _("cause"), _("channel")),
        *(_("level"), _("sound")),
    )
    rows = [_stay(stay) for stay in reply.stays]
    show(table(columns, rows, right=(0, 4, 5, 6, 7, 9), spare=(3, 9, 5, 0)))
    return 0


def _facts(reply: WholeCallReply) -> Iterator[tuple[str, Any]]:
    row = reply.call
    yield _("call"), f"{row.call}, {clock(row.started_at)}, {word(row.direction)}"
    yield _("caller"), " ".join(filter(None, (row.caller, reply.live.caller_name if reply.live else "")))
    yield _("called"), row.called
    state = _("still up: {state}").format(state=word(reply.live.state)) if reply.live else word(row.disposition)
    yield _("result"), f"{state}, {length(row.duration_s)}"
    for recording in reply.recordings:
        yield _("recording"), f"{recording.recording} {recording.path} {length(recording.length_s)}"


def _stay(stay: StayRow) -> tuple[Any, ...]:
    return (
        stay.leg,
        word(stay.role),
        stay.agent or stay.number,
        stay.line,
        f"{stay.from_s:.2f}",
        "" if stay.answered_s is None else f"{stay.answered_s:.2f}",
        "" if stay.to_s is None else f"{stay.to_s:.2f}",
        "" if stay.cause is None else stay.cause,
        " ".join(f"{channel.span}/{channel.timeslot}" for channel in stay.channels),
        "" if stay.level is None else f"{stay.level} dBm0",
        _sound(stay.rtp),
    )


def _sound(rtp: RtpRow | None) -> Any:
    """Return the quality of a SIP leg's sound in a line: what was heard from it, and by its far end."""
    if rtp is None:
        return ""
    packets = rtp.packets
    parts = [_("{codec}, {loss:.1%} lost, jitter {ms:.0f} ms").format(
        codec=packets.codec, loss=rtp.loss, ms=packets.jitter_ms
    )]  # fmt: skip
    if rtp.mos is not None:
        parts.append(f"MOS {rtp.mos:.1f}")
    if rtp.far_loss is not None:
        parts.append(_("there {loss:.1%} lost").format(loss=rtp.far_loss))
    if rtp.far_mos is not None:
        parts.append(f"MOS {rtp.far_mos:.1f}")
    worst = min((each for each in (rtp.mos, rtp.far_mos) if each is not None), default=BAD_MOS)
    return verdict(", ".join(parts), good=worst >= BAD_MOS)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, see `mxbox calls`"))


ABOUT: Final = Command(
    "about",
    N_("one call whole, present or past: its course as a ladder, legs, channels, keys, quality of sound"),
    about,
    ("mxbox about 1042", "mxbox about 1042 --json"),
    N_("MOS is by the E-model (ITU-T G.107) from loss and delay, for G.711 only; 4.4 is the best."),
    arguments=_arguments,
    asks=True,
)
