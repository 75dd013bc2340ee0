# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of files before they are used, without a running box: `mxbox config check`, `mxbox flow check`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.cli import config_change
from appliance.cli.change import RELOAD
from appliance.cli.checked import Checked, show_checked
from appliance.cli.command import Command, Group
from appliance.cli.output import show
from appliance.config.errors import ConfigError
from appliance.i18n import N_, _, ngettext

if TYPE_CHECKING:  # loaded at the first use: the other commands start in a tenth of the time
    from appliance.config.model import BoxConfig


def config_check(args: argparse.Namespace) -> int:
    """Check configurations, with the flows that their routes name; return 1 if any has a mistake."""
    return show_checked([_config(file) for file in args.files], as_json=args.json)


def _config(file: str) -> Checked:
    from appliance.config.load import look
    from appliance.config.paths import resolve
    from appliance.ivr.flows import there_mistakes

    try:
        config, mistakes = look(Path(file))
    except ConfigError as error:
        return Checked(file, error.mistakes)
    return Checked(file, [*mistakes, *there_mistakes(config, resolve(config, Path(file)))], _good(file, config))


def _good(file: str, config: "BoxConfig") -> str:
    spans, extensions, agents = len(config.span), len(config.extension), len(config.agent)
    queues, flows = len(config.queue), len(config.flows)
    counts = (
        ngettext("{n} span", "{n} spans", spans).format(n=spans),
        ngettext("{n} extension", "{n} extensions", extensions).format(n=extensions),
        ngettext("{n} agent", "{n} agents", agents).format(n=agents),
        ngettext("{n} queue", "{n} queues", queues).format(n=queues),
        ngettext("{n} flow", "{n} flows", flows).format(n=flows),
    )
    return _("{file}: good: {profile}; {counts}").format(file=file, profile=config.profile, counts=", ".join(counts))


def flow_check(args: argparse.Namespace) -> int:
    """Check flows; return 1 if any has a mistake."""
    from appliance.config.load import load_box
    from appliance.config.model import BoxConfig
    from appliance.ivr.check import check_file
    from appliance.ivr.check_site import site_of
    from appliance.sounds.kept import kept_dir
    from appliance.sounds.pool import SoundPool

    config, owner_sounds, site = BoxConfig(), None, None
    if args.config:
        config, paths = load_box(Path(args.config))
        owner_sounds, site = paths.sounds, site_of(paths)
    pool = SoundPool.load(kept_dir(), owner_sounds, config.country)

    def prompt(name: str) -> bool:
        return pool.find(f"prompt:{name}") is not None

    found = [
        Checked(
            file,
            check_file(Path(file), prompt, config if args.config else None, site),
            _("{file}: good").format(file=file),
        )
        for file in args.files
    ]
    status = show_checked(found, as_json=args.json)
    if not args.config and not args.json:
        show(_("names of queues, extensions and tables were not checked: that needs --config FILE"))
    return status


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=_("TOML file"))


def _flow_arguments(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument(
        "--config", metavar="FILE", help=_("the box's configuration, for names of queues, extensions and tables")
    )


CONFIG = Group(
    "config",
    N_("the box's configuration"),
    (
        Command(
            "check",
            N_("name every mistake in a configuration, with what is allowed"),
            config_check,
            ("mxbox config check box.toml", "mxbox config check appliance/config/examples/mx30.toml"),
            N_("Exit status 0 if all files are good, 1 if not."),
            arguments=_files,
        ),
        *config_change.COMMANDS,
    ),
)

FLOW = Group(
    "flow",
    N_("IVR flows"),
    (
        Command(
            "check",
            N_("name every mistake in flows before they go live"),
            flow_check,
            (
                "mxbox flow check flows/hotline.toml --config box.toml",
                "mxbox flow check flows/a.toml flows/b.toml --json",
            ),
            N_("Exit status 0 if all files are good, 1 if not."),
            arguments=_flow_arguments,
        ),
        RELOAD,
    ),
)
