# SPDX-License-Identifier: GPL-2.0-or-later
"""PINs of agents, boxes, conferences and for recording prompts: `mxbox agent pin`, `mxbox voicemail pin` ..."""

import argparse
import getpass
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from appliance.cli.command import Command
from appliance.cli.extension_box import SYSTEM_CONFIG, ExtensionError, config_path
from appliance.cli.file_log import note
from appliance.cli.output import facts, show, show_json
from appliance.contract.asks import BOX_PREFIX, GUEST_PREFIX, HOST_PREFIX, PROMPT_PREFIX
from appliance.i18n import N_, _

if TYPE_CHECKING:
    from appliance.config.model import BoxConfig


def pin(args: argparse.Namespace) -> int:
    """Make a new PIN for an agent, or remove the one there is."""
    return _change(args, AGENT)


def box_pin(args: argparse.Namespace) -> int:
    """Make a new PIN for a box, or remove the one there is."""
    return _change(args, BOX)


def conference_pin(args: argparse.Namespace) -> int:
    """Make or choose the PIN of guests or hosts of a conference, or remove the one there is."""
    return _change(args, HOST if args.host else GUEST)


class _Owner(NamedTuple):
    """An owner of PINs: where it is listed, what stands before its name where they are kept, and the words for it."""

    kind: str
    known: "Callable[[BoxConfig], list[str]]"
    before: str
    removed: str
    unknown: str
    made: str


AGENT: Final = _Owner(
    "agent",
    lambda config: [agent.number for agent in config.agent],
    "",
    N_("agent {number} has no PIN"),
    N_("there is no agent {what}"),
    N_("agent {number} has a new PIN; it is shown only this once"),
)
BOX: Final = _Owner(
    "box",
    lambda config: [box.name for box in config.voicemail],
    BOX_PREFIX,
    N_("box {number} has no PIN"),
    N_("there is no box {what} for messages"),
    N_("box {number} has a new PIN; it is shown only this once"),
)


GUEST: Final = _Owner(
    "conference",
    lambda config: [each.number for each in config.conference],
    GUEST_PREFIX,
    N_("conference {number} has no PIN for guests"),
    N_("there is no conference {what}"),
    N_("guests of conference {number} have a new PIN; it is shown only this once"),
)

HOST: Final = GUEST._replace(
    before=HOST_PREFIX,
    removed=N_("conference {number} has no PIN for hosts"),
    made=N_("hosts of conference {number} have a new PIN; it is shown only this once"),
)


def _change(args: argparse.Namespace, owner: _Owner) -> int:
    from appliance.config.known import among
    from appliance.config.load import load_shape
    from appliance.phones import pins
    from appliance.wall import system_wall

    config, paths = load_shape(config_path(args.config))
    path, known = paths.state / pins.FILE, owner.known(config)
    if args.remove:
        pins.remove(path, owner.before + args.number)
        note(paths, f"{owner.kind}_pin", args.number, after="-")
        return _tell(args, owner, "", _(owner.removed))
    if args.number not in known:
        raise ExtensionError(_(owner.unknown).format(what=args.number), among(known, args.number))
    if getattr(args, "choose", False):
        pins.keep(path, owner.before + args.number, _chosen(), system_wall(0))
        return _tell(args, owner, "", _("the PIN of conference {number} is the one that was typed in"))
    made = pins.renew(path, owner.before + args.number, system_wall(0))
    note(paths, f"{owner.kind}_pin", args.number)
    return _tell(args, owner, made, _(owner.made))


PROMPTS: Final = _Owner(
    "prompt",
    lambda _config: [PROMPT_PREFIX],
    BOX_PREFIX,
    N_("no phone may record prompts any more"),
    "",
    N_("phones may record prompts with a new PIN; it is shown only this once"),
)


def prompt_pin(args: argparse.Namespace) -> int:
    """Make a new PIN for recording prompts at phones, or remove the one there is."""
    args.number = PROMPT_PREFIX
    return _change(args, PROMPTS)


def prompt_pin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `prompt_pin`."""
    parser.add_argument("--remove", action="store_true", help=_("remove the PIN: no phone records prompts by itself"))
    _config(parser)


def _chosen() -> str:
    """Return a PIN that is typed in, unseen, or comes in by a pipe. Raises ExtensionError."""
    typed = getpass.getpass(_("PIN: ")) if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not re.fullmatch(r"[0-9]{4,16}", typed):
        raise ExtensionError(_("this is no PIN"), _("allowed: 4 to 16 digits"))
    return typed


def _tell(args: argparse.Namespace, owner: _Owner, made: str, told: str) -> int:
    if args.json:
        show_json({"reply": f"{owner.kind}_pin", owner.kind: args.number, "pin": made})
        return 0
    show(told.format(number=args.number))
    if made:
        show(facts(((_("PIN"), made),)))
    return 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help=_("the agent's number"))
    parser.add_argument("--remove", action="store_true", help=_("remove the PIN: the agent signs in at one phone only"))
    _config(parser)


def box_pin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `box_pin`."""
    parser.add_argument("number", metavar="BOX", help=_("the box's name"))
    text = _("remove the PIN: the box is listened to at its own phones only")
    parser.add_argument("--remove", action="store_true", help=text)
    _config(parser)


def conference_pin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `conference_pin`."""
    parser.add_argument("number", metavar="CONFERENCE", help=_("the conference's number"))
    parser.add_argument("--host", action="store_true", help=_("of hosts; without: of guests"))
    parser.add_argument("--choose", action="store_true", help=_("type it in instead of having one made"))
    parser.add_argument("--remove", action="store_true", help=_("remove the PIN: it lets nobody in any more"))
    _config(parser)


def _config(parser: argparse.ArgumentParser) -> None:
    text = _("the box's configuration (else $MXBOX_CONFIG, box.toml, that of the running box, {system})").format(
        system=SYSTEM_CONFIG
    )
    parser.add_argument("--config", metavar="FILE", help=text)


PIN: Final = Command(
    "pin",
    N_("make a new PIN for an agent, who can then sign in at any phone"),
    pin,
    ("mxbox agent pin 8001", "mxbox agent pin 8001 --remove"),
    N_("The old PIN no longer works. An agent without a PIN signs in at the configured phone only."),
    arguments=_arguments,
)
