# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `mxbox-tools`: reads the command line, runs the command, prints mistakes without a traceback."""

import argparse
import gettext
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from firmware_tools import bundle, cards, console, flashing, serial_setup
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


def _bundle(parser_: argparse.ArgumentParser) -> None:
    parser_.add_argument("what", choices=["inspect"], help=_("read it, and check signature and content"))
    parser_.add_argument("bundle", type=Path, metavar="FILE", help=_("an update, *.raucb"))
    text = _("certificates that releases are signed with, PEM")
    parser_.add_argument("--keyring", type=Path, required=True, metavar="FILE", help=text)


def _port(parser_: argparse.ArgumentParser) -> None:
    parser_.add_argument("--port", metavar="PORT", help=_("serial port; without it all are listed"))
    parser_.add_argument("--baud", type=int, default=115200, metavar="N", help=_("its speed (115200)"))
    parser_.add_argument("--log", type=Path, metavar="FILE", help=_("append what arrives to a file"))


def _setup(parser_: argparse.ArgumentParser) -> None:
    _port(parser_)
    text = _("TOML file of answers by the names of questions; others are asked, or take what is proposed")
    parser_.add_argument("--answers", type=Path, metavar="FILE", help=text)
    text = _("typed at the box's shell if nothing answers, as 'mxbox setup box.toml --frames'")
    parser_.add_argument("--start", metavar="COMMAND", help=text)


def _cards(parser_: argparse.ArgumentParser) -> None:
    text = _("those in this machine, those that drivers know, or take a firmware file")
    parser_.add_argument("what", choices=["list", "known", "import"], help=text)
    parser_.add_argument("file", type=Path, nargs="?", metavar="FILE", help=_("firmware of a card, *.bin"))
    text = _("where the kernel looks for firmware")
    parser_.add_argument("--folder", type=Path, default=cards.FOLDER, metavar="FOLDER", help=text)
    parser_.add_argument("--devices", type=Path, default=cards.DEVICES, help=argparse.SUPPRESS)


COMMANDS: Final = (
    Command("disks", N_("list the disks, and which of them may be written to"), _disks, flashing.disks),
    Command("flash", N_("write an image to a disk, as far as it differs, and read it back"), _flash, flashing.flash),
    Command("verify", N_("compare a disk with an image"), _verify, flashing.verify),
    Command("map", N_("write the block map of an image"), _image, flashing.make_map),
    Command("bundle", N_("check an update before it is carried to a box"), _bundle, bundle.inspect),
    Command("setup", N_("first set-up of a box over a serial line"), _setup, serial_setup.setup),
    Command("console", N_("this terminal at the serial line of a box"), _port, console.console),
    Command("cards", N_("E1 cards: what is in this machine, and what it needs"), _cards, cards.cards),
)
