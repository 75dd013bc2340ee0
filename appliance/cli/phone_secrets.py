# SPDX-License-Identifier: GPL-2.0-or-later
"""New passwords of phones, and settings for telephones, by the running box: `mxbox phone password`, `provision`."""

import argparse
from typing import Final

from appliance.api.messages import NewPassword, PasswordReply, Provision, ProvisionReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.output import facts, show, show_json
from appliance.i18n import N_, _


def password(args: argparse.Namespace) -> int:
    """Make a new password for a phone."""
    with client(args) as box:
        reply = box.ask(NewPassword(args.extension), PasswordReply)
    if args.json:
        show_json(reply)
        return 0
    pairs = ((_("user name"), reply.extension), (_("domain"), reply.realm), (_("password"), reply.password))
    show(facts(pairs), _("this password is not shown again"))
    return 0


def provision(args: argparse.Namespace) -> int:
    """Make an address from which a telephone fetches its settings once."""
    with client(args) as box:
        reply = box.ask(Provision(args.extension, args.maker, args.mac), ProvisionReply)
    if args.json:
        show_json(reply)
        return 0
    show(facts(((_("address"), reply.address),)), _("this address works once and is not shown again"))
    if not reply.served:
        show(_("nobody serves them yet: set provisioning.enabled = true"))
    return 0


def _extension(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("extension", metavar="EXTENSION", help=_("number of the phone"))


def _provision_arguments(parser: argparse.ArgumentParser) -> None:
    _extension(parser)
    parser.add_argument("--maker", default="", help=_("of the telephone: yealink, grandstream, fanvil, snom"))
    parser.add_argument("--mac", default="", help=_("of the telephone, as on its label"))


PASSWORD: Final = Command(
    "password",
    N_("make a new password for a phone that registers, shown once; the old one no longer works"),
    password,
    ("mxbox phone password 1001",),
    arguments=_extension,
    asks=True,
)
PROVISION: Final = Command(
    "provision",
    N_("make a new address from which a telephone fetches its settings, once"),
    provision,
    ("mxbox phone provision 1001 --maker snom --mac 000413aabbcc", "mxbox phone provision 1001"),
    N_("Maker and MAC address are remembered."),
    arguments=_provision_arguments,
    asks=True,
)
