# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox agent pin`: the PIN with which an agent signs in at any phone of the house."""

import argparse
from typing import Final

from appliance.cli.command import Command
from appliance.cli.extension_box import SYSTEM_CONFIG, ExtensionError, config_path
from appliance.cli.output import facts, show, show_json
from appliance.i18n import N_, _


def pin(args: argparse.Namespace) -> int:
    """Make a new PIN for an agent, or remove the one there is."""
    from appliance.config.known import among
    from appliance.config.load import load_shape
    from appliance.phones import pins
    from appliance.wall import system_wall

    config, paths = load_shape(config_path(args.config))
    path, known = paths.state / pins.FILE, [agent.number for agent in config.agent]
    if args.remove:
        pins.remove(path, args.number)
        return _tell(args, "", _("agent {number} has no PIN"))
    if args.number not in known:
        raise ExtensionError(_("there is no agent {what}").format(what=args.number), among(known, args.number))
    made = pins.renew(path, args.number, system_wall(0))
    return _tell(args, made, _("agent {number} has a new PIN; it is shown only this once"))


def _tell(args: argparse.Namespace, made: str, told: str) -> int:
    if args.json:
        show_json({"reply": "agent_pin", "agent": args.number, "pin": made})
        return 0
    show(told.format(number=args.number))
    if made:
        show(facts(((_("PIN"), made),)))
    return 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help=_("the agent's number"))
    parser.add_argument("--remove", action="store_true", help=_("remove the PIN: the agent signs in at one phone only"))
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
