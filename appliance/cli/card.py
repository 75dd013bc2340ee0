# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox agent card`: the card with all codes of a box, to be printed; and `docs/*/card.md`, that of a new box."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.cli.command import Command
from appliance.cli.extension_box import SYSTEM_CONFIG, config_path
from appliance.cli.output import show, show_json, table
from appliance.i18n import N_, _

if TYPE_CHECKING:  # loaded at the first use: the other commands start in a tenth of the time
    from appliance.config.model import BoxConfig


class Part(NamedTuple):
    """A part of the card: its title, and for each key of `[codes]` what is dialled behind it, and what it does."""

    title: str
    codes: dict[str, tuple[str, str]]


_NUMBER: Final = N_("number")
_KEY: Final = N_("key")
_CALL: Final = N_("call")

PARTS: Final = (
    Part(
        N_("Work"),
        {
            "agent_sign_in": ("", N_("sign in: agent number, PIN")),
            "agent_sign_out": ("", N_("sign out")),
            "agent_pause": (_KEY, N_("pause")),
            "agent_resume": ("", N_("ready again; ends wrap-up as well")),
            "agent_wrap_up": ("", N_("more time for wrap-up")),
            "agent_wrap_up_code": (_KEY, N_("what the last call was about")),
            "agent_figures": ("", N_("own figures of today")),
            "agent_pin": ("", N_("choose another PIN")),
        },
    ),
    Part(
        N_("In a talk"),
        {
            "transfer": (_NUMBER, N_("give the other party to that number")),
            "consult": (_NUMBER, N_("ask that number while the other party waits")),
            "conference": ("", N_("all three talk together")),
            "park_talk": ("", N_("park the other party")),
            "record_pause": ("", N_("silence in the recording, until pressed again")),
            "record": ("", N_("record the talk; again: as the rules say")),
            "survey": ("", N_("let the caller rate the talk")),
        },
    ),
    Part(
        N_("Calls of others"),
        {
            "pick_up_group": ("", N_("take a call that rings in your group")),
            "pick_up": (_NUMBER, N_("take the call that rings there")),
            "meet": (_NUMBER, N_("a conference of all who dial the same number")),
            "park": ("", N_("park a call that is transferred here")),
            "plan": (_KEY, N_("close the house early or open it longer; again: undo that")),
            "play_recording": (_NUMBER, N_("supervisor: play that recording")),
            "record_prompt": ("", N_("record a prompt of the house; you are asked for the PIN")),
            "listen": (_NUMBER, N_("supervisor: 4 listens, 5 whispers, 6 barges in")),
            "take_caller": ("", N_("supervisor: take the next caller out of the queues")),
            "move_caller": (_CALL, N_("supervisor: that caller is the next one")),
            "prefer_caller": (_CALL, N_("supervisor: that caller goes before others; again: no longer")),
        },
    ),
    Part(
        N_("Your phone"),
        {
            "forward_always": (_NUMBER, N_("forward all calls")),
            "forward_always_off": ("", N_("end that")),
            "forward_busy": (_NUMBER, N_("forward calls while busy")),
            "forward_busy_off": ("", N_("end that")),
            "forward_no_answer": (_NUMBER, N_("forward calls that are not answered")),
            "forward_no_answer_off": ("", N_("end that")),
            "do_not_disturb": ("", N_("do not disturb")),
            "do_not_disturb_off": ("", N_("end that")),
            "call_waiting": ("", N_("a second call may ring in a talk")),
            "call_waiting_off": ("", N_("no second call")),
            "voicemail": ("", N_("listen to voice messages; with a number: those of that box")),
            "leave_message": (_NUMBER, N_("leave a message there; nothing rings")),
        },
    ),
)

KEYED: Final = N_("Key in for the last caller")
REASONS: Final = (N_("break"), N_("meal"), N_("meeting"), N_("training"), N_("paperwork"))
"""Names of a new box's reasons for a pause, in the reader's language."""


class Line(NamedTuple):
    """A line of the card. `part`: its title."""

    part: str
    dial: str
    does: str


def lines(config: "BoxConfig") -> Iterator[Line]:
    """Return the lines of the card of a box, in the reader's language; codes that are switched off have none."""
    for title, codes in PARTS:
        for name, (behind, does) in codes.items():
            if code := getattr(config.codes, name):
                yield Line(_(title), f"{code} {_(behind)}" if behind else code, _(does))
                yield from _keys(config, _(title), name, code)
    for field in config.keyed:
        if field.code:
            yield Line(_(KEYED), field.code, field.name)


def _keys(config: "BoxConfig", title: str, name: str, code: str) -> Iterator[Line]:
    """Return a line for each reason for a pause, or for each wrap-up code."""
    reasons, codes = config.agents.pause_reasons, config.agents.wrap_up_codes
    for each in reasons if name == "agent_pause" else ():
        yield Line(title, code + each.key, _(each.name))
    for about in codes if name == "agent_wrap_up_code" else ():
        yield Line(title, code + about.key, about.name)


def card(args: argparse.Namespace) -> int:
    """Print the card of a box."""
    from appliance.config.load import load_shape

    config, _paths = load_shape(config_path(args.config))
    found = list(lines(config))
    if args.json:
        show_json({"reply": "agent_card", "lines": [each._asdict() for each in found]})
        return 0
    for title in dict.fromkeys(each.part for each in found):
        rows = [(each.dial, each.does) for each in found if each.part == title]
        show(table((title, ""), rows), "")
    return 0


def page() -> str:
    """Return the card of a new box as a page, in the language of the process."""
    from appliance.config.model import BoxConfig

    found = list(lines(BoxConfig()))
    text = [_("Pick up and dial; in a talk, press. Your technician may have changed the codes: `mxbox agent card`.")]
    for title in dict.fromkeys(each.part for each in found):
        rows = [f"| `{each.dial}` | {each.does} |" for each in found if each.part == title]
        text.append("\n".join((f"| {title} | |", "|---|---|", *rows)))
    return "\n\n".join(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    text = _("the box's configuration (else $MXBOX_CONFIG, box.toml, that of the running box, {system})").format(
        system=SYSTEM_CONFIG
    )
    parser.add_argument("--config", metavar="FILE", help=text)


CARD: Final = Command(
    "card",
    N_("the card with all codes of the box, to be printed"),
    card,
    ("mxbox agent card", "mxbox agent card --config box.toml"),
    N_("In the language of your locale, with the box's own codes, reasons for pauses and wrap-up codes."),
    arguments=_arguments,
)
