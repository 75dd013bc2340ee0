# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks before anything goes live, without a running box: `mxbox config check`, `mxbox flow check`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.cli.change import RELOAD
from appliance.cli.command import Command, Group
from appliance.cli.output import console, show, show_json, verdict
from appliance.config.errors import ConfigError
from appliance.i18n import N_, _

if TYPE_CHECKING:  # what they need is loaded when it is used: the other commands start in a tenth of the time
    from appliance.config.model import BoxConfig
    from appliance.ivr.check import Problem
    from appliance.ivr.flow import Flow

_GOOD = N_(
    "{file}: good: {profile}; {spans} spans, {extensions} extensions, {agents} agents, {queues} queues, {flows} flows"
)


def config_check(args: argparse.Namespace) -> int:
    """Check configurations; 1 if any has a mistake."""
    found = [(file, _config_mistakes(Path(file))) for file in args.files]
    if args.json:
        show_json([{"file": file, "good": not error, "mistakes": _told(error)} for file, error in found])
    else:
        for file, error in found:
            show(verdict(error.message, good=False) if error else _config_line(file))
    return 1 if any(error for _file, error in found) else 0


def _config_mistakes(file: Path) -> ConfigError | None:
    from appliance.config.load import load_config

    try:
        load_config(file)
    except ConfigError as error:
        return error
    return None


def _told(error: ConfigError | None) -> list[dict[str, Any]]:
    names = ("line", "key", "value", "message", "hint")
    return [{name: getattr(mistake, name) for name in names} for mistake in (error.mistakes if error else ())]


def _config_line(file: str) -> Any:
    from appliance.config.load import load_config

    config = load_config(Path(file))
    return verdict(
        _(_GOOD).format(
            file=file, profile=config.profile, spans=len(config.span), extensions=len(config.extension),
            agents=len(config.agent), queues=len(config.queue), flows=len({route.flow for route in config.route}),
        ),
        good=True,
    )  # fmt: skip


def flow_check(args: argparse.Namespace) -> int:
    """Check flows; 1 if any has a mistake."""
    from appliance.config.load import load_box
    from appliance.config.model import BoxConfig
    from appliance.sounds.kept import kept_dir
    from appliance.switch.sounds import SoundPool

    config, owner_sounds = BoxConfig(), None
    if args.config:
        config, paths = load_box(Path(args.config))
        owner_sounds = paths.sounds
    pool = SoundPool.load(kept_dir(), owner_sounds, config.country)

    def prompt(name: str) -> bool:
        return pool.find(f"prompt:{name}") is not None

    found = {file: _flow_problems(Path(file), config if args.config else None, prompt) for file in args.files}
    if args.json:
        show_json([{"file": file, "good": not problems, "problems": problems} for file, problems in found.items()])
    else:
        _show_problems(found)
        if not args.config:
            show(_("names of queues and extensions were not checked: that needs --config FILE"))
    return 1 if any(found.values()) else 0


def _flow_problems(file: Path, config: "BoxConfig | None", prompt: Callable[[str], bool]) -> "list[Problem]":
    from appliance.ivr.check import FlowError, check_flow, load_flow

    try:
        flow = load_flow(file)
    except FlowError as error:
        return list(error.problems)
    return check_flow(flow, prompt, config or _whatever_it_names(flow), str(file))


def _whatever_it_names(flow: "Flow") -> "BoxConfig":
    """Make a configuration that has every queue and extension the flow names, for a check of the flow alone."""
    from appliance.config.model import BoxConfig, ExtensionConfig, QueueConfig
    from appliance.ivr.flow import Dial, Queue

    nodes = flow.node.values()
    queues = {node.queue for node in nodes if isinstance(node, Queue)}
    extensions = {node.extension for node in nodes if isinstance(node, Dial) and node.extension}
    return BoxConfig(
        queue=tuple(QueueConfig(name=name) for name in sorted(queues)),
        extension=tuple(ExtensionConfig(number=number, line=f"station:{number}") for number in sorted(extensions)),
    )


def _show_problems(found: "dict[str, list[Problem]]") -> None:
    out = console()
    for file, problems in found.items():
        if not problems:
            out.print(verdict(_("{file}: good").format(file=file), good=True))
        for problem in problems:
            place = ".".join(part for part in (problem.node and f"node.{problem.node}", problem.key) if part)
            line = ": ".join(part for part in (problem.file, place, problem.message) if part)
            out.print(verdict(line + (f" ({problem.hint})" if problem.hint else ""), good=False))


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=_("TOML file"))


def _flow_arguments(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument(
        "--config", metavar="FILE", help=_("the box's configuration, for names of queues and extensions")
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
