# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `mxbox`: parses the command line, runs the command, and prints people's mistakes without a traceback."""

import argparse
import gettext
import json
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from appliance.children.child import in_words
from appliance.children.start import INTERRUPTED
from appliance.cli.command import Command, Group
from appliance.contract.errors import ApplianceError
from appliance.i18n import DOMAIN, LOCALE_DIR, _
from appliance.version import VERSION

FAILED: Final = 1
WRONGLY_ASKED: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run `argv` (sys.argv without it); return the exit status: 0 good, 1 not, 2 wrongly asked."""
    words = sys.argv[1:] if argv is None else list(argv)
    as_json = "--json" in words
    if as_json:
        os.environ["LANGUAGE"] = "en"  # output for programs is never translated
    gettext.bindtextdomain(DOMAIN, str(LOCALE_DIR))  # argparse's own words are in our catalogue, too
    gettext.textdomain(DOMAIN)
    try:
        args = make_parser(words, as_json=as_json).parse_args(words)
        return int(args.command.run(args))
    except ApplianceError as error:
        _tell(error, as_json=as_json)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has ended (mxbox calls | head). Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        _tell(in_words(error), as_json=as_json)
        return FAILED


def _tell(error: ApplianceError, *, as_json: bool) -> None:
    if as_json:
        told = json.dumps({"error": error.message, "hint": error.hint}, ensure_ascii=False)
    else:
        told = "mxbox: " + error.message + (f"\n  {error.hint}" if error.hint else "")
    sys.stderr.write(told + "\n")


class _JsonParser(argparse.ArgumentParser):
    """A parser that prints usage errors as JSON, like every other error for programs."""

    def error(self, message: str) -> NoReturn:
        _tell(ApplianceError(message, f"{self.prog} --help"), as_json=True)
        sys.exit(WRONGLY_ASKED)


def make_parser(words: Sequence[str] = (), *, as_json: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the command that `words` name, else of all commands, its texts in the reader's language."""
    from appliance.cli.tree import TREE

    parser = (_JsonParser if as_json else argparse.ArgumentParser)(
        prog="mxbox",
        description=_("An open call-centre switch: E1 lines in, SIP desk phones out."),
        epilog=_(
            "Help on a command: mxbox COMMAND --help. All but run, demo, sim, tones, dahdi, extension and the checks"
            " ask the running box on its control socket."
        ),
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mxbox {VERSION}", help=_("show the version and exit"))
    _add(parser, TREE, words)
    return parser


def _add(parser: argparse.ArgumentParser, entries: Sequence[Command | Group], words: Sequence[str]) -> None:
    below = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    named = [entry for entry in entries if words[:1] == [entry.name]]  # one parser takes a hundredth of the time of all
    for entry in named or entries:
        if isinstance(entry, Group):
            text = _(entry.summary)
            _add(below.add_parser(entry.name, help=text, description=sentence(text)), entry.commands, words[1:])
        else:
            _add_command(below, entry)


def _add_command(below: "argparse._SubParsersAction[argparse.ArgumentParser]", command: Command) -> None:
    text = "\n\n".join(part for part in (sentence(_(command.summary)), _(command.text)) if part)
    examples = "\n".join(f"  {example}" for example in command.examples)
    parser = below.add_parser(
        command.name,
        help=_(command.summary),
        description=text,
        epilog=_("examples:") + "\n" + examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.arguments(parser)
    if command.asks:
        from appliance.cli.ask import add_socket

        add_socket(parser)
    if command.json:
        parser.add_argument("--json", action="store_true", help=_("print JSON, for programs"))
    parser.set_defaults(command=command)


def sentence(text: str) -> str:
    """Return a summary as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(("。", ".")) else _("."))


if __name__ == "__main__":
    sys.exit(main())
