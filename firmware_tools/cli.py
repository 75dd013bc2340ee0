# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `mxbox-tools`: reads the command line, runs the command, prints mistakes without a traceback."""

import argparse
import gettext
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from firmware_tools import flashing
from firmware_tools.errors import ToolError, WronglyAskedError
from firmware_tools.flashing import Job
from firmware_tools.i18n import DOMAIN, LOCALE_DIR, N_, _
from firmware_tools.output import Output
from firmware_tools.systems import System, here

GOOD, FAILED, WRONGLY_ASKED, INTERRUPTED = 0, 1, 2, 130


class Command(NamedTuple):
    """A command: its name, what it does, its arguments, and what runs it."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Job], int]


def main(argv: Sequence[str] | None = None, system: System | None = None) -> int:
    """Run `argv` (sys.argv without it); return the exit status: 0 good, 1 not good, 2 wrongly asked."""
    words = sys.argv[1:] if argv is None else list(argv)
    as_json = "--json" in words
    if as_json:
        os.environ["LANGUAGE"] = "en"  # output for programs is never translated
    gettext.bindtextdomain(DOMAIN, str(LOCALE_DIR))
    gettext.textdomain(DOMAIN)  # argparse's own words are in the catalogue, too
    out = Output(as_json=as_json)
    try:
        args = parser(as_json=as_json).parse_args(words)
        return int(args.run(Job(args, system or here(), out)))
    except ToolError as error:
        out.close()
        out.error(error)
        return WRONGLY_ASKED if isinstance(error, WronglyAskedError) else FAILED
    except OSError as error:
        out.close()
        out.error(ToolError("system", f"{error.filename or ''}: {error.strerror}".removeprefix(": ")))
        return FAILED
    except KeyboardInterrupt:
        out.close()
        return INTERRUPTED


class _JsonParser(argparse.ArgumentParser):
    """A parser that prints usage errors as JSON, like every other error for programs."""

    def error(self, message: str) -> NoReturn:
        Output(as_json=True).error(WronglyAskedError("usage", message, f"{self.prog} --help"))
        sys.exit(WRONGLY_ASKED)


def parser(*, as_json: bool = False) -> argparse.ArgumentParser:
    """Return the parser of all commands, its texts in the reader's language."""
    made = (_JsonParser if as_json else argparse.ArgumentParser)(
        prog="mxbox-tools",
        description=_("What an installer of MXBox runs on a laptop. Exit status: 0 good, 1 not good, 2 wrongly asked."),
        allow_abbrev=False,
    )
    below = made.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    for command in COMMANDS:
        text = _(command.summary)
        each = below.add_parser(command.name, help=text, description=text, allow_abbrev=False)
        command.arguments(each)
        each.add_argument("--json", action="store_true", help=_("print JSON, for programs: one object a line"))
        each.set_defaults(run=command.run)
    return made


def _disks(parser_: argparse.ArgumentParser) -> None:
    parser_.add_argument("--internal", action="store_true", help=_("also built-in disks, and such above 256 GB"))


def _image(parser_: argparse.ArgumentParser) -> None:
    parser_.add_argument("image", type=Path, metavar="IMAGE", help=_("mxbox-*.img or .img.zst, its files beside it"))


def _signed(parser_: argparse.ArgumentParser) -> None:
    _image(parser_)
    text = _("one more public key of minisign that may have signed")
    parser_.add_argument("--key", type=Path, action="append", default=[], metavar="FILE", help=text)
    text = _("leave the partitions for data, and the table of partitions, as they are")
    parser_.add_argument("--keep-data", action="store_true", help=text)


def _verify(parser_: argparse.ArgumentParser) -> None:
    _signed(parser_)
    parser_.add_argument("--disk", metavar="SERIAL", help=_("serial number, or a link below /dev/disk"))


def _flash(parser_: argparse.ArgumentParser) -> None:
    _signed(parser_)
    disk = parser_.add_mutually_exclusive_group()
    disk.add_argument(
        "--disk", metavar="SERIAL", help=_("serial number, or a link below /dev/disk; asks before it writes")
    )
    disk.add_argument("--erase", metavar="SERIAL", help=_("the same without a question, for programs"))
    parser_.add_argument("--erase-data", action="store_true", help=_("lose the data of a box that are on the disk"))
    _disks(parser_)


COMMANDS: Final = (
    Command("disks", N_("list the disks, and which of them may be written to"), _disks, flashing.disks),
    Command("flash", N_("write an image to a disk, as far as it differs, and read it back"), _flash, flashing.flash),
    Command("verify", N_("compare a disk with an image"), _verify, flashing.verify),
    Command("map", N_("write the block map of an image"), _image, flashing.make_map),
)
