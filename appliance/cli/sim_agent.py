# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox sim agent`: an agent at a real desk phone (baresip), whose shift is written in words."""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from appliance.cli.command import Command
from appliance.cli.output import clock, show, show_json, table, verdict
from appliance.i18n import N_, _

if TYPE_CHECKING:
    from dsp.levels import Float
    from hw_sim.shift import Shift
    from hw_sim.sip_desk import SipDesk

POLL_S: Final = 0.05


def run(args: argparse.Namespace, prompts: "dict[str, Float]", stopped: Callable[[], bool]) -> int:
    """Do a shift, and tell which codes were confirmed; return 0 only if all were."""
    import numpy as np

    from hw_sim.baresip import BaresipPhone, PhoneOptions
    from hw_sim.desk import Person
    from hw_sim.shift import Shift, read_shift
    from hw_sim.sip_desk import SipDesk, silence

    doings = read_shift("; ".join(args.shift), Person(args.agent, args.pin))
    registrar = f"sip:{args.box}" if args.password else ""
    at = f"sip:{{}}@{args.domain if registrar else args.box}"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mxbox-agent-")))
        says = silence(folder / "silence.wav")
        options = PhoneOptions(
            args.phone, args.port, says, registrar=registrar, domain=args.domain, password=args.password
        )
        phone = stack.enter_context(BaresipPhone(folder / "phone", options))
        desk = SipDesk(phone, at, prompts, args.talk)
        shift = Shift(doings, desk, np.random.default_rng(args.seed))
        if registrar:
            _registered(phone, stopped)
        _work(shift, desk, args.longest, stopped)
    return _show(args, shift, desk.answered)


def _registered(phone: Any, stopped: Callable[[], bool]) -> None:
    """Wait until the box has taken the phone's registration. Raises PhoneError."""
    from hw_sim.errors import PhoneError

    log, until = phone.folder / "baresip.log", time.monotonic() + 70
    while "200 OK" not in log.read_text(errors="replace"):
        if stopped() or time.monotonic() > until:
            raise PhoneError("the box takes no registration of this phone", "look at the password and --box")
        time.sleep(POLL_S)


def _work(shift: "Shift", desk: "SipDesk", longest_s: float, stopped: Callable[[], bool]) -> None:
    until = time.monotonic() + longest_s
    while not shift.over and not stopped() and time.monotonic() < until:
        desk.poll()
        shift.tick(time.monotonic())
        time.sleep(POLL_S)


def _show(args: argparse.Namespace, shift: "Shift", answered: int) -> int:
    if args.json:
        codes = [
            {"dialled": each.called, "confirmed": each.passed, "failures": each.failures} for each in shift.records
        ]
        show_json({"passed": shift.passed, "over": shift.over, "answered": answered, "codes": codes})
        return 0 if shift.passed else 1
    rows = [
        (each.called, verdict(_("confirmed") if each.passed else "; ".join(each.failures) or "-", good=each.passed))
        for each in shift.records
    ]
    show(table((_("dialled"), _("result")), rows, empty=_("no code was dialled")))
    show(_("callers answered: {n}").format(n=answered))
    if not shift.over:
        show(_("the shift did not come to its end; it is {time} now").format(time=clock(int(time.time() * 1000))))
    return 0 if shift.passed else 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("phone", metavar=_("PHONE"), help=_("the extension of the desk phone"))
    parser.add_argument("agent", metavar=_("AGENT"), help=_("the agent's number"))
    parser.add_argument("shift", nargs="+", metavar=_("SHIFT"), help=_("what the agent does"))
    parser.add_argument("--pin", default="", metavar="PIN", help=_("of the agent; none: the phone is the agent's own"))
    parser.add_argument("--box", default="127.0.0.1:5060", metavar=_("ADDRESS"), help=_("where the box takes calls"))
    parser.add_argument("--port", type=int, default=0, metavar="N", help=_("of the phone, where its line has one"))
    parser.add_argument("--password", default="", metavar=_("WORD"), help=_("of a phone that registers"))
    parser.add_argument("--domain", default="mxbox", help=_("`edge.domain`, for a phone that registers"))
    text = _("with each caller; 0: until the caller hangs up")
    parser.add_argument("--talk", type=float, default=0.0, metavar=_("SECONDS"), help=text)
    parser.add_argument("--longest", type=float, default=3600.0, metavar=_("SECONDS"), help=_("give up after so long"))
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=_("of everything random"))


SHIFT_TEXT: Final = N_("""A shift is words between semicolons:
  sign_in      sign_out      pause [KEY] [lock=DIGITS]      resume [lock=DIGITS]
  code KEY     keyed CODE DIGITS [prompt=NAME]      dial NUMBER SECONDS
  wait SECONDS | wait LEAST..MOST
The phone is Debian's baresip; callers of queues are answered meanwhile.
Exit status 0 only if the box confirmed every code in words.""")


def command(do: Callable[[argparse.Namespace], int]) -> Command:
    """Return the command; `do` runs it."""
    return Command(
        "agent",
        N_("be an agent at a desk phone: sign in, pause, key in data, take callers"),
        do,
        (
            'mxbox sim agent 1001 8001 --port 5071 "sign_in; wait 60; pause 2; wait 5; resume; sign_out"',
            'mxbox sim agent 1002 8001 --pin 580217 --password WORD "sign_in; wait 300; keyed *41 4711; sign_out"',
        ),
        SHIFT_TEXT,
        arguments=arguments,
    )
