# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox extension ...`: numbers inside the house, the phones that register for them, and their telephones' settings.

An extension is in the configuration file, which these commands edit (`appliance.config.edit`); the password with which
its phone registers is in `edge.db`. A password or one-time address is shown when it is made, and never again.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from appliance.cli.command import Command, Group
from appliance.cli.edge import until
from appliance.cli.extension_box import SYSTEM_CONFIG, Box, ExtensionError, Made
from appliance.cli.file_log import note
from appliance.cli.output import BAD, clock, facts, show, show_json, table
from appliance.contract.address import LineAddress
from appliance.contract.reasons import why
from appliance.i18n import N_, _, ngettext

if TYPE_CHECKING:  # loaded at the first use: the other commands start in a tenth of the time
    from appliance.contract.edge import EdgeBlock
    from appliance.edge.registered import Contact
    from appliance.phones.book import Handset, Phone

_STATES: Final = {"open": N_("to be fetched"), "fetching": N_("being fetched"), "used": N_("fetched")}


def add(args: argparse.Namespace) -> int:
    """Add one extension."""
    from appliance.cli.extension_csv import mistakes, row

    box = Box(args)
    given = row(args.number, args.name, args.line, args.maker, args.mac)
    if wrong := list(mistakes(given)):
        raise ExtensionError("\n".join(wrong))
    if given.number in box.numbers():
        hint = _("to take it out: mxbox extension remove {number}").format(number=given.number)
        raise ExtensionError(_("extension {number} is there already").format(number=given.number), hint)
    [made] = box.add([given])
    return _tell(args, made, _("extension {number} is added").format(number=made.number), _known_when(box, made.line))


def remove(args: argparse.Namespace) -> int:
    """Remove one extension."""
    box = Box(args)
    line = box.config.extension[box.place(args.number)].line
    box.remove(args.number)
    when = _known_when(box, line)
    if args.json:
        show_json({"reply": "extension_removed", "removed": args.number})
    else:
        show(_("extension {number} is removed; its phone can no longer register").format(number=args.number), when)
    return 0


def password(args: argparse.Namespace) -> int:
    """Set a new password for a phone."""
    box = Box(args)
    extension = box.registered(args.number)
    domain = box.config.edge.domain
    made = Made(
        args.number, extension.name, extension.line, domain, box.book.set_password(args.number, domain, box.now)
    )
    note(box.paths, "extension_password", args.number)
    return _tell(
        args, made, _("phone {number} has a new password; the old one no longer works").format(number=made.number)
    )


def provision(args: argparse.Namespace) -> int:
    """Make a new one-time address for an extension's telephone."""
    from appliance.cli.extension_csv import mistakes, row

    box = Box(args)
    extension = box.registered(args.number)
    known = box.book.handsets().get(args.number)
    maker, mac = args.maker or (known.maker if known else ""), args.mac or (known.mac if known else "")
    given = row(args.number, extension.name, extension.line, maker, mac)
    if wrong := list(mistakes(given)):
        raise ExtensionError("\n".join(wrong))
    if not mac:
        raise ExtensionError(_("no telephone is known for this extension"), _("name it: --maker MAKER --mac MAC"))
    with box.book.all_or_nothing():
        if args.number not in box.book.phones():
            box.book.add(args.number, box.config.edge.domain, box.now)
        address = box.invite(args.number, given.maker, given.mac)
    note(box.paths, "extension_provision", args.number, after=f"{given.maker} {given.mac}")
    made = Made(args.number, extension.name, extension.line, box.config.edge.domain, address=address)
    status = _tell(args, made, _("telephone {mac} may fetch its settings once").format(mac=given.mac))
    if not args.json and not box.config.provisioning.enabled:
        show(_("nobody serves them yet: set provisioning.enabled = true"))
    return status


def listing(args: argparse.Namespace) -> int:
    """List all extensions with the state of their phones."""
    from appliance.edge.registered import contacts

    box = Box(args)
    phones, handsets = box.book.phones(), box.book.handsets()
    registered, blocked = contacts(box.paths.state, box.now), box.blocked()
    if args.json:
        known = [_known(each, phones, handsets, registered, blocked) for each in box.config.extension]
        show_json({"reply": "extension_list", "extensions": known})
        return 0
    heads = (_("number"), _("name"), _("line"), _("registered"), _("password"), _("telephone"), _("settings"))
    rows = []
    for each in box.config.extension:
        handset = handsets.get(each.number)
        telephone = f"{handset.maker} {handset.mac}" if handset else ""
        settings = _(_STATES[handset.state]) if handset else ""
        where = _registered(each, registered.get(each.number, []), blocked.get(each.number, []))
        rows.append((each.number, each.name, each.line, where, _password(box, each, phones), telephone, settings))
    show(table(heads, rows, empty=_("no extension is configured")))
    for number in sorted(phones.keys() - set(box.numbers())):
        show(_("phone {number} may register, but there is no such extension").format(number=number))
    return 0


def _registered(extension: Any, contacts: "list[Contact]", blocked: "list[EdgeBlock]") -> Any:
    from rich.text import Text

    if not LineAddress.of(extension.line).registers:
        return ""
    where = [Text(f"{each.address} {each.transport}, {each.agent}") for each in contacts]
    shut = [Text(until(each), style=BAD) for each in blocked]
    return Text("\n").join([*(where or [Text(_("no"), style=BAD)]), *shut])


def _password(box: Box, extension: Any, phones: "dict[str, Phone]") -> Any:
    from rich.text import Text

    phone = phones.get(extension.number)
    if not LineAddress.of(extension.line).registers:
        return ""
    if phone is None:
        return Text(_("none: it cannot register"), style=BAD)
    if phone.realm != box.config.edge.domain:
        return Text(_("for the domain {domain}").format(domain=phone.realm), style=BAD)
    return _("since {time}").format(time=clock(phone.set_at))


def _known(
    extension: Any,
    phones: "dict[str, Phone]",
    handsets: "dict[str, Handset]",
    registered: "dict[str, list[Contact]]",
    blocked: "dict[str, list[EdgeBlock]]",
) -> dict[str, Any]:
    phone, handset = phones.get(extension.number), handsets.get(extension.number)
    return {
        "number": extension.number,
        "name": extension.name,
        "line": extension.line,
        "phone": {"domain": phone.realm, "password_since": phone.set_at} if phone else None,
        "telephone": handset,
        "registered": registered.get(extension.number, []),
        "blocked": blocked.get(extension.number, []),
    }


def import_(args: argparse.Namespace) -> int:
    """Add all extensions of a table, or none."""
    from appliance.cli.extension_csv import read_rows

    box = Box(args)
    macs = [handset.mac for handset in box.book.handsets().values()]
    made = box.add(read_rows(_text(args), args.file, box.numbers(), macs))
    when = _known_when(box, *(each.line for each in made))
    if args.json:
        show_json(made)
        return 0
    heads = (_("number"), _("name"), _("password"), _("address for the telephone, once"))
    show(table(heads, [(each.number, each.name, each.password, each.address) for each in made]))
    told = ngettext("{n} extension is added", "{n} extensions are added", len(made)).format(n=len(made))
    show(told + "; " + _("what is shown here is not shown again"), when)
    return 0


def _text(args: argparse.Namespace) -> str:
    try:
        data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
        return data.decode(args.encoding)
    except OSError as error:
        message = _("{file} cannot be read: {why}").format(file=args.file, why=why(error))
        raise ExtensionError(message) from error
    except (UnicodeDecodeError, LookupError) as error:
        encoding = "UTF-8" if args.encoding == "utf-8-sig" else args.encoding  # with or without a byte order mark
        message = _("{file} is not written in {encoding}").format(file=args.file, encoding=encoding)
        hint = _("save it as CSV UTF-8, or name its encoding, e.g. --encoding gb18030")
        raise ExtensionError(message, hint) from error


def export(args: argparse.Namespace) -> int:
    """Write all extensions as a table."""
    from appliance.cli.extension_csv import write_rows

    box = Box(args)
    text = write_rows(box.config.extension, box.book.handsets())
    if args.output is None:
        sys.stdout.write(text.replace("\r\n", "\n"))
        return 0
    try:
        Path(args.output).write_bytes(text.encode("utf-8-sig"))  # byte order mark: spreadsheets know UTF-8 by it
    except OSError as error:
        message = _("{file} cannot be written: {why}").format(file=args.output, why=why(error))
        raise ExtensionError(message) from error
    show(_("{n} extensions are in {file}").format(n=len(box.config.extension), file=args.output))
    return 0


def _tell(args: argparse.Namespace, made: Made, told: str, when: str = "") -> int:
    if args.json:
        show_json(made)
        return 0
    show(told)
    pairs = [(_("user name"), made.number), (_("domain"), made.domain)]
    if made.password:
        show(facts([*pairs, (_("password"), made.password)]), _("this password is not shown again"))
    if made.address:
        show(facts([(_("address"), made.address)]), _("this address works once and is not shown again"))
    if when:
        show(when)
    return 0


def _known_when(box: Box, *lines: str) -> str:
    """Make the running box read the configuration again; return since when these lines are in use."""
    told = _("calls know of it now") if box.tell(*lines) else _("calls know of it when the box is started again")
    if box.mistakes:
        hint = ngettext(
            "the configuration has {n} mistake yet: mxbox config check {file}",
            "the configuration has {n} mistakes yet: mxbox config check {file}",
            box.mistakes,
        )
        told += "\n" + hint.format(n=box.mistakes, file=box.file)
    return told


def _config_argument(parser: argparse.ArgumentParser) -> None:
    text = _("the box's configuration (else $MXBOX_CONFIG, box.toml, that of the running box, {system})").format(
        system=SYSTEM_CONFIG
    )
    parser.add_argument("--config", metavar="FILE", help=text)


def _number_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help=_("the extension's number"))
    _config_argument(parser)


def _telephone_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--maker", default="", help=_("of the telephone: yealink, grandstream, fanvil, snom"))
    parser.add_argument("--mac", default="", help=_("of the telephone, as on its label"))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    _number_argument(parser)
    parser.add_argument("--name", default="", help=_("whose it is, shown on displays"))
    line = _("fixed line instead of a phone that registers: sip:<user>@<host>:<port> or station:<number>")
    parser.add_argument("--line", default="", help=line)
    _telephone_arguments(parser)


def _provision_arguments(parser: argparse.ArgumentParser) -> None:
    _number_argument(parser)
    _telephone_arguments(parser)


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("CSV file; - is standard input"))
    parser.add_argument("--encoding", default="utf-8-sig", help=_("of the file (UTF-8)"))
    _config_argument(parser)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", metavar="FILE", help=_("write there, as spreadsheets like it; else standard output")
    )
    _config_argument(parser)


EXTENSION = Group(
    "extension",
    N_("extensions and the phones that register for them"),
    (
        Command(
            "add",
            N_("add an extension; its phone's password is shown once"),
            add,
            (
                "mxbox extension add 1001 --name 张伟",
                "mxbox extension add 1002 --maker yealink --mac 00:15:65:aa:bb:cc",
                "mxbox extension add 1003 --line sip:1003@192.168.1.30:5060",
            ),
            N_("Edits the configuration; its old text is kept in the history folder of paths.state."),
            arguments=_add_arguments,
        ),
        Command(
            "remove",
            N_("take an extension out; its phone can no longer register"),
            remove,
            ("mxbox extension remove 1001",),
            N_("Edits the configuration; its old text is kept in the history folder of paths.state."),
            arguments=_number_argument,
        ),
        Command(
            "list",
            N_("all extensions, their phones and telephones"),
            listing,
            ("mxbox extension list", "mxbox extension list --config mysite/mx30.toml --json"),
            arguments=_config_argument,
        ),
        Command(
            "password",
            N_("make a new password for an extension's phone, shown once"),
            password,
            ("mxbox extension password 1001",),
            arguments=_number_argument,
        ),
        Command(
            "provision",
            N_("make a new one-time address from which a telephone fetches its settings"),
            provision,
            (
                "mxbox extension provision 1001 --maker snom --mac 000413aabbcc",
                "mxbox extension provision 1001",
            ),
            N_("When the telephone fetches them it gets a new password. Maker and MAC address are remembered."),
            arguments=_provision_arguments,
        ),
        Command(
            "import",
            N_("add all extensions of a CSV file, or none"),
            import_,
            ("mxbox extension import people.csv", "mxbox extension import people.csv --encoding gb18030"),
            N_(
                "The first line names the columns: number, name, line, maker, mac, password; only number is needed."
                " Without a password one is made. Passwords and addresses are shown once."
            ),
            arguments=_import_arguments,
        ),
        Command(
            "export",
            N_("write all extensions as CSV, without passwords"),
            export,
            ("mxbox extension export", "mxbox extension export --output people.csv"),
            arguments=_export_arguments,
            json=False,
        ),
    ),
)
