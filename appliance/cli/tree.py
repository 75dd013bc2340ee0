# SPDX-License-Identifier: GPL-2.0-or-later
"""All commands of `mxbox`, in the order in which the help lists them."""

import argparse
from typing import Final

from appliance.cli import books, change, check, extension, live, phone, recording, sip
from appliance.cli.about import ABOUT
from appliance.cli.command import Command, Group
from appliance.cli.conference import CONFERENCE
from appliance.cli.dahdi import DAHDI
from appliance.cli.directory import FIND
from appliance.cli.duty import DUTY
from appliance.cli.edge import EDGE
from appliance.cli.keyed import KEYED
from appliance.cli.oplog import LOG
from appliance.cli.plan import PLAN
from appliance.cli.prompt import PROMPT
from appliance.cli.quality import QUALITY
from appliance.cli.queue_why import QUEUE
from appliance.cli.setup import SETUP
from appliance.cli.signalling import TRACE
from appliance.cli.sim import SIM
from appliance.cli.span import JOBS, SPAN
from appliance.cli.supervise import SUPERVISE
from appliance.cli.survey import SURVEY
from appliance.cli.system import SYSTEM, TODAY
from appliance.cli.terminal import DESK, TUI
from appliance.cli.tones import TONES
from appliance.cli.user import USER
from appliance.cli.voicemail import VOICEMAIL
from appliance.i18n import N_, _


def _run(args: argparse.Namespace) -> int:
    from appliance.cli.run import run

    return run(args)


def _demo(args: argparse.Namespace) -> int:
    from appliance.cli.first_call import demo

    return demo(args)


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", help=_("the box's configuration, a TOML file"))


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", metavar="FOLDER", help=_("work in this folder, which is emptied first; else a new one")
    )
    parser.add_argument("--language", choices=("en", "zh"), default="zh", help=_("of the prompts and of both parties"))


RUN: Final = Command(
    "run",
    N_("the whole box in the foreground, from a configuration file"),
    _run,
    ("mxbox run box.toml", "mxbox run appliance/config/examples/mx30.toml"),
    N_("Keeps its processes running until SIGTERM or Ctrl-C, and starts each again that ends."),
    arguments=_run_arguments,
    json=False,
)

DEMO: Final = Command(
    "demo",
    N_("one call through the whole box, shown step by step; no hardware needed"),
    _demo,
    ("mxbox demo", "mxbox demo --language en --folder demo-call", "mxbox demo --json"),
    N_("Exit status 0 only if both sides heard each other, the key was understood, and the books balance."),
    arguments=_demo_arguments,
)

TREE: Final[tuple[Command | Group, ...]] = (
    SETUP,
    RUN,
    DEMO,
    TUI,
    DESK,
    *live.COMMANDS,
    SYSTEM,
    TODAY,
    *books.COMMANDS,
    ABOUT,
    TRACE,
    SPAN,
    JOBS,
    QUEUE,
    KEYED,
    SURVEY,
    recording.RECORDING,
    QUALITY,
    VOICEMAIL,
    PROMPT,
    change.AGENT,
    CONFERENCE,
    SUPERVISE,
    *change.COMMANDS,
    FIND,
    phone.PHONE,
    phone.ROUTE,
    PLAN,
    DUTY,
    extension.EXTENSION,
    USER,
    LOG,
    EDGE,
    sip.SIP,
    check.CONFIG,
    check.FLOW,
    DAHDI,
    SIM,
    TONES,
)
