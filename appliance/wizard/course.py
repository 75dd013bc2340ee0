# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps of the set-up, in order."""

import re
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Final

from appliance.access.errors import AccessError
from appliance.access.passwords import check as check_password
from appliance.access.users import USER
from appliance.i18n import N_, _, filled, ngettext
from appliance.wizard.draft import FIRST_AGENT, changes, made_anew
from appliance.wizard.finish import write
from appliance.wizard.machine import LOOPBACK, Port
from appliance.wizard.question import NO, YES, YES_NO, Answers, Choice, Question, Site, Step

MAX_PORTS: Final = 3
ADMIN, FIRST_EXTENSION = "admin", "1001"
_NUMBER: Final = re.compile(r"[0-9]{1,32}")
_AREA: Final = re.compile(r"[0-9]{0,5}")
Told = Callable[[Site, Answers], Sequence[str]]


def _fixed(*questions: Question) -> Callable[[Site], Sequence[Question]]:
    return lambda _site: questions


def _lines(*msgids: str) -> Told:
    return lambda _site, _answers: [_(each) for each in msgids]


# --- language

LANGUAGE: Final = Step(
    "language",
    N_("Language"),
    _lines(N_("Callers hear prompts in this language, and these questions are asked in it.")),
    _fixed(
        Question(
            "language",
            N_("Language"),
            lambda site, _answers: site.reader if site.new else site.config.language,
            lambda _site: (Choice("zh", "中文"), Choice("en", "English")),
        )
    ),
)

# --- password


def _users(site: Site, _answers: Answers) -> Sequence[str]:
    known = _("users who may sign in: {names}").format(names=", ".join(site.users) or _("none"))
    return [_("A technician signs in with a name and a password, in the browser or at a terminal."), known]


def _user_name(text: str, site: Site, _answers: Answers) -> str:
    if text == "-":
        return ""
    if text in site.users:
        return _("user {user} is there already").format(user=text)
    return "" if USER.fullmatch(text) else _("small letters, digits and _ . - after a letter, 32 at most")


def _password(text: str, _site: Site, answers: Answers) -> str:
    try:
        check_password(text, answers["user"])
    except AccessError as error:
        return filled(_(error.msgid), error.values)
    return ""


def _again(text: str, _site: Site, answers: Answers) -> str:
    return "" if text == answers["password"] else _("the two are different: go back, and type it once more")


def _adds_user(_site: Site, answers: Answers) -> bool:
    return answers.get("user", "-") != "-"


PASSWORD: Final = Step(
    "password",
    N_("User and password"),
    _users,
    _fixed(
        Question(
            "user",
            N_("Name of a new technician (-: none)"),
            lambda site, _answers: "-" if site.users else ADMIN,
            check=_user_name,
        ),
        Question("password", N_("Password"), lambda _site, _answers: "", check=_password, when=_adds_user, secret=True),
        Question("again", N_("The same once more"), lambda _s, _a: "", check=_again, when=_adds_user, secret=True),
    ),
)

# --- network


def _network(site: Site, _answers: Answers) -> Sequence[str]:
    found = [f"{address} ({interface})" for address, interface in site.machine.addresses]
    return [
        _("Addresses of this machine: {addresses}").format(addresses=", ".join(found)),
        _("They are changed with the tools of the system; the box cannot do that yet."),
    ]


def _addresses(site: Site) -> Sequence[Choice]:
    known = [Choice(address, f"{address} {interface}") for address, interface in site.machine.addresses]
    now = site.config.edge.bind[0] if site.config.edge.bind else LOOPBACK
    return known if now in [each.value for each in known] else [*known, Choice(now, now)]


def _address(site: Site, _answers: Answers) -> str:
    kept = not site.new and site.config.edge.enabled and site.config.edge.bind
    return site.config.edge.bind[0] if kept else site.machine.addresses[0][0]


NETWORK: Final = Step(
    "network",
    N_("Network"),
    _network,
    _fixed(
        Question("bind", N_("Address at which phones reach the box"), _address, _addresses),
        Question(
            "web",
            N_("Terminal in the browser at this address"),
            lambda site, _answers: YES if site.new or site.config.web.enabled else NO,
            YES_NO,
        ),
    ),
)

# --- time


def _time(site: Site, _answers: Answers) -> Sequence[str]:
    told = {
        True: _("The clock of this machine is kept by a time server."),
        False: _("The clock of this machine is kept by no time server: install one, such as chrony."),
        None: _("Whether a time server keeps the clock of this machine is not known."),
    }
    return [told[site.machine.synced], _("Opening hours and holidays are read by the clock of the site.")]


def _zone(text: str, _site: Site, _answers: Answers) -> str:
    return "" if text in zoneinfo.available_timezones() else _("there is no such time zone; e.g. Asia/Shanghai")


TIME: Final = Step(
    "time",
    N_("Time"),
    _time,
    _fixed(
        Question(
            "timezone",
            N_("Time zone"),
            lambda site, _answers: site.config.site.timezone or site.machine.zone or "Asia/Shanghai",
            check=_zone,
        )
    ),
)

# --- cards and lines


def _cards(site: Site, _answers: Answers) -> Sequence[str]:
    if site.machine.ports:
        heading = ngettext("{n} E1 port was found:", "{n} E1 ports were found:", len(site.machine.ports))
        found = [f"  {each.number} {each.name} {each.state}".rstrip() for each in site.machine.ports]
        return [heading.format(n=len(found)), *found]
    if site.machine.driver:
        return [_("The DAHDI driver is loaded and knows no E1 port: is the card in its slot? See dmesg.")]
    return [_("No E1 card was found: the DAHDI driver is not loaded. The simulator may take its place.")]


def _ports(site: Site) -> Sequence[Port]:
    return site.machine.ports[:MAX_PORTS]


def _line_questions(site: Site) -> Sequence[Question]:
    if not _ports(site):
        return (
            Question(
                "simulator",
                N_("A line of the simulator instead of a card, for tests"),
                lambda site, _answers: YES if site.new else NO,
                YES_NO,
                when=lambda site, _answers: not site.config.span,
            ),
        )
    return [question for port in _ports(site) for question in _port_questions(port)]


def _port_questions(port: Port) -> Sequence[Question]:
    side, crc4 = f"side{port.number}", f"crc4{port.number}"

    def known(site: Site) -> tuple[str, bool]:
        now = next((each for each in site.config.span if each.address == f"dahdi:{port.number}"), None)
        return (now.side, now.crc4) if now is not None else ("user" if site.new else "unused", True)

    return (
        Question(
            side,
            N_("Port {n} leads to"),
            lambda site, _answers: known(site)[0],
            lambda _site: (
                Choice("user", N_("a carrier")),
                Choice("network", N_("a private exchange")),
                Choice("unused", N_("nothing")),
            ),
            fill={"n": port.number},
        ),
        Question(
            crc4,
            N_("Port {n} with CRC4"),
            lambda site, _answers: YES if known(site)[1] else NO,
            YES_NO,
            when=lambda _site, answers: answers.get(side) != "unused",
            fill={"n": port.number},
        ),
    )


CARDS: Final = Step("cards", N_("Cards"), _cards, _fixed())
LINES: Final = Step(
    "lines", N_("Lines"), _lines(N_("Carriers say whether a line has CRC4; it is usual.")), _line_questions
)

# --- numbers and the first extension


def _digits(text: str, _site: Site, _answers: Answers) -> str:
    return "" if _NUMBER.fullmatch(text) else _("digits, please")


def _area(text: str, _site: Site, _answers: Answers) -> str:
    return "" if text == "-" or _AREA.fullmatch(text) else _("digits without the leading zero, e.g. 21")


def _free(text: str, site: Site, answers: Answers) -> str:
    if wrong := _digits(text, site, answers):
        return wrong
    taken = {each.number for each in site.config.extension} | {FIRST_AGENT, *site.config.parking.numbers}
    return _("this number is taken") if text in taken or text == answers.get("hotline") else ""


def _routes(site: Site, _answers: Answers) -> Sequence[str]:
    if site.config.route:
        n = len(site.config.route)
        return [ngettext("{n} route is there, and stays.", "{n} routes are there, and stay.", n).format(n=n)]
    return [_("Callers of the hotline hear a greeting and a menu, and wait for an agent.")]


NUMBERS: Final = Step(
    "numbers",
    N_("Numbers"),
    _routes,
    _fixed(
        Question(
            "area_code",
            N_("Area code of this place, without the leading zero (-: none)"),
            lambda site, _answers: site.config.site.area_code or "-",
            check=_area,
        ),
        Question(
            "hotline",
            N_("Number that callers dial, as the carrier sends it"),
            lambda _site, _answers: "12345",
            check=_digits,
            when=lambda site, _answers: not site.config.route,
        ),
    ),
)


def _phones(site: Site, _answers: Answers) -> Sequence[str]:
    if site.config.extension:
        n = len(site.config.extension)
        told = ngettext("{n} extension is there, and stays.", "{n} extensions are there, and stay.", n)
        return [told.format(n=n), _("More are added by: mxbox extension add")]
    return [_("A phone registers with this number and a password, which is shown at the end.")]


EXTENSION: Final = Step(
    "extension",
    N_("First extension"),
    _phones,
    _fixed(
        Question(
            "extension",
            N_("Number"),
            lambda _site, _answers: FIRST_EXTENSION,
            check=_free,
            when=lambda site, _answers: not site.config.extension,
        ),
        Question(
            "name",
            N_("Name on displays (-: none)"),
            lambda _site, _answers: "-",
            when=lambda site, _answers: not site.config.extension,
        ),
    ),
)

# --- write


def _summary(site: Site, answers: Answers) -> Sequence[str]:
    heading = _("{file} will be new:") if made_anew(site) else _("{file} will change; what is not named here stays:")
    lines = changes(site, answers)
    return [heading.format(file=site.file), *(f"  {each}" for each in lines or [_("nothing")])]


WRITE: Final = Step(
    "write",
    N_("Write"),
    _summary,
    _fixed(
        Question(
            "write",
            N_("Write it now; nothing was changed so far"),
            lambda _site, _answers: YES,
            lambda _site: (Choice(YES, N_("yes")), Choice(NO, N_("no: leave all as it was"))),
        )
    ),
    write,
)

# --- test call


def _call_told(site: Site, _answers: Answers) -> Sequence[str]:
    if site.machine.ports:
        return [_("Start the box, and call the hotline from outside: greeting, menu, music, then the phone rings.")]
    return [_("A simulated caller rings, hears the greeting, presses a key, and talks with a phone: about a minute.")]


def _call(site: Site, answers: Answers) -> Sequence[str]:
    if answers.get("call") != YES:
        return ()
    good, lines = site.call(answers["language"])
    return [_("test call: PASS") if good else _("test call: FAILED"), *lines]


CALL: Final = Step(
    "call",
    N_("Test call"),
    _call_told,
    _fixed(
        Question(
            "call",
            N_("Make a test call on the simulator"),
            lambda _site, _answers: YES,
            YES_NO,
            when=lambda site, _answers: not site.machine.ports,
        )
    ),
    _call,
)


def _end(site: Site, answers: Answers) -> Sequence[str]:
    told = [_("Start the box: mxbox run {file}").format(file=site.file), _("Look at it: mxbox status, mxbox tui")]
    if answers.get("web") == YES:
        address = f"https://{answers['bind']}:{site.config.web.port}/"
        told.append(_("In the browser: {address}").format(address=address))
    return [*told, _("Change it later: mxbox setup once more, or an editor and mxbox config check")]


END: Final = Step("end", N_("Done"), _end, _fixed())

STEPS: Final = (LANGUAGE, PASSWORD, NETWORK, TIME, CARDS, LINES, NUMBERS, EXTENSION, WRITE, CALL, END)
