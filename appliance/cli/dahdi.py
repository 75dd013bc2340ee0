# SPDX-License-Identifier: GPL-2.0-or-later
"""The DAHDI driver's own files from the box's configuration: `mxbox dahdi show`, `mxbox dahdi write`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.cli.command import Command, Group
from appliance.cli.output import show, show_json
from appliance.i18n import N_, _

if TYPE_CHECKING:  # loaded at the first use: the other commands start in a tenth of the time
    from pathlib import PurePosixPath

    from appliance.dahdi.place import Placed

IN_FORCE: Final = "/usr/share/dahdi/dahdi-modules load && dahdi_cfg"


def show_files(args: argparse.Namespace) -> int:
    """Show the files, without writing them."""
    texts = _texts(args)
    if args.json:
        show_json({f"/{path}": text for path, text in texts.items()})
    else:
        show(*(line for path, text in texts.items() for line in (f"--- /{path}", text)))
    return 0


def write_files(args: argparse.Namespace) -> int:
    """Write the files."""
    from appliance.dahdi.place import place

    placed = place(_texts(args), Path(args.root))
    if args.json:
        show_json([{"file": str(p.path), "changed": p.changed, "kept": p.kept and str(p.kept)} for p in placed])
        return 0
    show(*map(_line, placed))
    if any(each.changed for each in placed) and args.root == "/":
        show(
            _("in force after a restart of the machine, or now, with the box stopped: {command}").format(
                command=IN_FORCE
            )
        )
    return 0


def _line(placed: "Placed") -> str:
    if not placed.changed:
        return _("{file}: as it was").format(file=placed.path)
    if placed.kept:
        text = _("{file}: written; what a person had written there is kept in {copy}")
        return text.format(file=placed.path, copy=placed.kept)
    return _("{file}: written").format(file=placed.path)


def _texts(args: argparse.Namespace) -> "dict[PurePosixPath, str]":
    from appliance.config.load import load_config
    from appliance.dahdi.files import texts
    from appliance.dahdi.plan import plan

    return texts(plan(load_config(Path(args.config))))


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", help=_("the box's configuration, a TOML file"))


def _write_arguments(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("--root", metavar="FOLDER", default="/", help=_("write below this folder instead of /"))


DAHDI: Final = Group(
    "dahdi",
    N_("the DAHDI driver of E1 cards, set up from the box's configuration"),
    (
        Command(
            "show",
            N_("the driver's files as they would be written"),
            show_files,
            ("mxbox dahdi show appliance/config/examples/mx90.toml", "mxbox dahdi show box.toml --json"),
            arguments=_config,
        ),
        Command(
            "write",
            N_("write the driver's files: spans, channels, clock order, echo cancellers, tones, modules"),
            write_files,
            ("mxbox dahdi write box.toml", "mxbox dahdi write box.toml --root /tmp/image"),
            N_("A file that a person has written or changed is kept beside the new one, as FILE.saved-1 and so on."),
            arguments=_write_arguments,
        ),
    ),
)
