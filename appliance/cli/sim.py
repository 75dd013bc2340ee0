# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox sim ...`: the simulator as a far end of real lines, in real time; for testers without hardware."""

import argparse
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from appliance.cli import sim_agent
from appliance.cli.checked import show_checked
from appliance.cli.command import Command, Group
from appliance.cli.output import show_json
from appliance.cli.sim_check import ScenarioError, check_scenario, load_document, plain_numbers, scenario_mistakes
from appliance.contract.errors import ApplianceError
from appliance.i18n import N_, _

if TYPE_CHECKING:
    from dsp.levels import Float
    from hw_sim.report import RunReport
    from hw_sim.scenario import Prepared
    from hw_sim.session import Session

_HERE: Final = "command line"
_PROMPT: Final = "prompt:"


class SimulatorError(ApplianceError):
    """The simulator cannot do what was asked."""


# --- the commands -----------------------------------------------------------------------------------------------------


def call(args: argparse.Namespace) -> int:
    """Make one call and show its result."""
    one = {"to": args.to, "from": args.caller, "script": "; ".join(args.script), "presentation": args.presentation}
    if args.overlap is not None:
        one["overlap"] = args.overlap
    return _run(args, {**_common(args), "longest_s": args.longest, "call": [one]})


def load(args: argparse.Namespace) -> int:
    """Make many calls and show the figures."""
    if (args.erlangs is None) == (args.rate is None):
        message = _("no traffic was asked for") if args.rate is None else _("traffic was asked for twice")
        raise SimulatorError(message, _("give --erlangs or --rate"))
    if not args.hold > 0:
        raise SimulatorError(
            _("--hold {value} is no holding time").format(value=f"{args.hold:g}"), _("allowed: a number above 0")
        )
    plan = {"to": args.to, "caller": args.caller, "hold_s": args.hold, "warm_up_s": args.warm_up, "seed": args.seed}
    plan["rate_per_s"] = args.rate if args.rate is not None else args.erlangs / args.hold
    plan["script"] = "; ".join(args.script) or "wait answer; hold; hangup"
    plan |= {key: getattr(args, key) for key in ("calls", "seconds") if getattr(args, key) is not None}
    return _run(args, {**_common(args), "longest_s": 86400.0, "load": plan})


def scenario(args: argparse.Namespace) -> int:
    """Run a scenario and show its result."""
    with _told():
        prepared = _prepared(load_document(args.file), args.file.parent, str(args.file))
        with _session(prepared, args.span, keep_audio=True) as (session, stopped):
            return _show(args, _in_time(session, stopped))


def check(args: argparse.Namespace) -> int:
    """Check a scenario; return 1 if it has a mistake."""
    return show_checked([check_scenario(args.file)], as_json=args.json)


def exchange(args: argparse.Namespace) -> int:
    """Run an exchange until a signal ends it."""
    with _told():
        document = plain_numbers({**_common(args), "called": [_called(text) for text in args.called]})
        if args.scenario:
            prepared = _prepared(load_document(args.scenario), args.scenario.parent, str(args.scenario))
        else:
            prepared = _prepared(document, Path(), _HERE)
        with _session(prepared, args.span, keep_audio=args.keep_audio) as (session, stopped):
            return _serve(args, session, stopped)


def agent(args: argparse.Namespace) -> int:
    """Be an agent at a desk phone, and tell which codes were confirmed."""
    with _told(), _stop_signals() as stopped:
        return sim_agent.run(args, _prompts(), stopped)


def _serve(args: argparse.Namespace, session: "Session", stopped: Callable[[], bool]) -> int:
    """Answer calls and make the scenario's, until a signal or for --seconds; return the status of the calls."""
    from drivers.clock import TickClock
    from drivers.span import TICK_S

    box, clock = session.exchange, TickClock()
    begun = [False]

    def over() -> bool:
        if not begun[0] and box.ready:
            begun[0] = True
            session.begin()
        return stopped() or (args.seconds is not None and box.now * TICK_S >= args.seconds)

    box.run_realtime(clock, over)
    return _show(args, session.report())


def _run(args: argparse.Namespace, document: dict[str, Any]) -> int:
    with _told():
        prepared = _prepared(plain_numbers(document), Path(), _HERE)
        with _session(prepared, args.span, keep_audio=True) as (session, stopped):
            return _show(args, _in_time(session, stopped))


def _prepared(document: Mapping[str, Any], folder: Path, where: str) -> "Prepared":
    """Check a scenario, then prepare it. Raises ConfigError with every mistake."""
    from hw_sim.scenario import read_scenario

    mistakes = scenario_mistakes(document, folder)
    if mistakes and where == _HERE:
        raise SimulatorError("\n".join(mistake.text(where) for mistake in mistakes))
    if mistakes:
        raise ScenarioError(where, *mistakes)
    return read_scenario(document, folder, where)


def _in_time(session: "Session", stopped: Callable[[], bool]) -> "RunReport":
    from drivers.clock import TickClock

    return session.run(TickClock(), stopped)


@contextlib.contextmanager
def _session(
    prepared: "Prepared", spans: list[str], *, keep_audio: bool
) -> Iterator[tuple["Session", Callable[[], bool]]]:
    """Open the spans, `spans` or the scenario's; return the session, and a predicate: SIGTERM or SIGINT has come."""
    from drivers.spans import open_span
    from hw_sim.exchange import Exchange
    from hw_sim.session import Session

    plan = prepared.scenario
    addresses = spans or plan.span
    if not addresses:
        raise SimulatorError(_("no span is named"), _("give --span ADDRESS, or write span in the scenario"))
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(open_span(address)) for address in addresses]
        if keep_audio:
            prepared.library.references.update(_prompts() | prepared.library.references)
        far_end = Exchange(opened, plan.side, plan.seed, prepared.library, keep_audio=keep_audio)
        stack.callback(far_end.close)
        yield Session(far_end, prepared), stack.enter_context(_stop_signals())


def _prompts() -> "dict[str, Float]":
    """Return the box's built-in prompts, by `<language>/<name>`, for comparison with heard sound; none if not made."""
    import numpy as np

    from appliance.sounds.errors import SoundError
    from appliance.sounds.kept import kept_dir
    from appliance.sounds.pool import SoundPool

    try:
        pool = SoundPool.load(kept_dir(), None, "cn")
    except SoundError:
        return {}
    return {
        name.removeprefix(_PROMPT): (pool.samples[offset : offset + length] / 32768).astype(np.float32)
        for name, (offset, length) in pool.places.items()
        if name.startswith(_PROMPT)
    }


@contextlib.contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [(number, signal.signal(number, lambda n, _frame: asked.append(n))) for number in numbers]
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raise errors of simulator and drivers as SimulatorError."""
    from drivers.errors import DriverError
    from hw_sim.errors import SimError

    try:
        yield
    except (DriverError, SimError) as error:
        raise SimulatorError(str(error), error.hint) from error


def _show(args: argparse.Namespace, report: "RunReport") -> int:
    if args.json:
        show_json(report)
    else:
        from appliance.cli.sim_show import show_report

        show_report(report)
    return 0 if report.passed else 1


# --- their arguments --------------------------------------------------------------------------------------------------


def _common(args: argparse.Namespace) -> dict[str, Any]:
    sounds = dict(_pair(text, "NAME=FILE") for text in args.sound)
    return {"side": args.side, "seed": args.seed, "country": args.country, "sounds": sounds}


def _called(text: str) -> dict[str, str]:
    number, script = _pair(text, "NUMBER=SCRIPT")
    return {"number": number, "script": script}


def _pair(text: str, form: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SimulatorError(_("'{text}' has no '='").format(text=text), _("write {form}").format(form=form))
    return name, value


def _span_arguments(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument(
        "--span",
        action="append",
        default=[],
        required=required,
        metavar=_("ADDRESS"),
        help=_("our end of a line, e.g. tdmoe:/run/far.sock,/run/near.sock?frames=20; once for each span"),
    )


def _common_arguments(parser: argparse.ArgumentParser, *, span: bool = True) -> None:
    _span_arguments(parser, required=span)
    parser.add_argument(
        "--side", choices=("network", "user"), default="network", help=_("which end of the line we are")
    )
    parser.add_argument("--country", default="cn", metavar=_("CODE"), help=_("whose tones are spoken and known"))
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=_("of everything random"))
    parser.add_argument(
        "--sound",
        action="append",
        default=[],
        metavar=_("NAME=FILE"),
        help=_("a WAV file to be known, spoken and expected by name"),
    )


def _call_arguments(parser: argparse.ArgumentParser) -> None:
    _common_arguments(parser)
    parser.add_argument("--to", required=True, metavar=_("NUMBER"), help=_("number to dial"))
    parser.add_argument("--from", dest="caller", default="", metavar=_("NUMBER"), help=_("number of the caller"))
    parser.add_argument(
        "--presentation",
        choices=("allowed", "restricted", "unavailable"),
        default="allowed",
        help=_("may the caller's number be shown"),
    )
    parser.add_argument("--overlap", type=int, metavar="N", help=_("dial digit by digit after the first N"))
    parser.add_argument("--longest", type=float, default=300.0, metavar=_("SECONDS"), help=_("give up after so long"))
    parser.add_argument("script", nargs="+", metavar=_("SCRIPT"), help=_("what the caller does"))


def _load_arguments(parser: argparse.ArgumentParser) -> None:
    _common_arguments(parser)
    parser.add_argument("--to", required=True, metavar=_("NUMBER"), help=_("number to dial"))
    parser.add_argument("--from", dest="caller", default="", metavar=_("NUMBER"), help=_("number of the caller"))
    parser.add_argument("--erlangs", type=float, metavar="A", help=_("traffic: calls a second times --hold"))
    parser.add_argument("--rate", type=float, metavar=_("CALLS"), help=_("calls a second, instead of --erlangs"))
    parser.add_argument("--hold", type=float, default=60.0, metavar=_("SECONDS"), help=_("mean holding time"))
    parser.add_argument("--calls", type=int, metavar="N", help=_("end after so many calls"))
    parser.add_argument("--seconds", type=float, metavar="T", help=_("end arrivals after so long"))
    parser.add_argument(
        "--warm-up", type=float, default=0.0, metavar=_("SECONDS"), help=_("do not count the first calls")
    )
    parser.add_argument("script", nargs="*", metavar=_("SCRIPT"), help=_("what each caller does"))


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("a scenario, a TOML file"))


def _scenario_arguments(parser: argparse.ArgumentParser) -> None:
    _file_argument(parser)
    _span_arguments(parser, required=False)


def _exchange_arguments(parser: argparse.ArgumentParser) -> None:
    _common_arguments(parser, span=False)
    parser.add_argument(
        "--called",
        action="append",
        default=[],
        metavar=_("NUMBER=SCRIPT"),
        help=_("a subscriber who can be called, e.g. '138*=answers 2'"),
    )
    parser.add_argument("--scenario", type=Path, metavar=_("FILE"), help=_("subscribers, calls and faults from a file"))
    parser.add_argument("--seconds", type=float, metavar="T", help=_("stop after so long"))
    parser.add_argument("--keep-audio", action="store_true", help=_("tell what those who were called heard"))


_SCRIPT_TEXT: Final = N_("""A script is steps between semicolons:
  wait SECONDS | wait proceeding|alerting|answer|connect|remote [SECONDS]
  listen SECONDS      hear NAME [SECONDS]      expect NAME      reply NAME DIGITS
  key DIGITS [ms=80] [gap=80] [level=-9] [twist=2] [noise=-40]
  speak tone HZ DBM0 SECONDS | speak tone NAME SECONDS | speak noise DBM0 SECONDS | speak FILE [DBM0]
  loop [off]      digits DIGITS      hold [SECONDS]      hangup [CAUSE]
A called subscriber also: proceed, alert, progress, answer, reject CAUSE;
in one word: answers [AFTER], echoes [AFTER], busy, silent, unallocated.""")

_A_SPAN: Final = "--span tdmoe:/tmp/far.sock,/tmp/near.sock?frames=20"

SIM: Final = Group(
    "sim",
    N_("the simulator: an exchange with subscribers at the far end of the line"),
    (
        Command(
            "call",
            N_("make one call to the box and tell what was heard when"),
            call,
            (
                f'mxbox sim call {_A_SPAN} --to 96900 --from 13800138000 "wait answer; listen 3; key 1; hangup"',
                f'mxbox sim call {_A_SPAN} --to 96900 "wait answer; speak tone 1004 -10 5; hangup" --json',
            ),
            _SCRIPT_TEXT,
            arguments=_call_arguments,
        ),
        Command(
            "run",
            N_("do a scenario and tell what came of it"),
            scenario,
            (f"mxbox sim run morning.toml {_A_SPAN}",),
            N_("Exit status 0 only if every call did its script to the end and heard what it expected."),
            arguments=_scenario_arguments,
        ),
        Command(
            "exchange",
            N_("be an exchange whose subscribers answer, until SIGTERM or Ctrl-C"),
            exchange,
            (f"mxbox sim exchange {_A_SPAN} --called '138*=answers 2' --called '2000=busy'",),
            _SCRIPT_TEXT,
            arguments=_exchange_arguments,
        ),
        Command(
            "load",
            N_("make many calls by chance and tell blocked, lost and set-up times"),
            load,
            (f"mxbox sim load {_A_SPAN} --to 96900 --erlangs 20 --hold 30 --calls 500",),
            N_("Arrivals are Poisson, holding times exponential; the step 'hold' stays for the time that was drawn."),
            arguments=_load_arguments,
        ),
        sim_agent.command(agent),
        Command(
            "check",
            N_("read a scenario and name its mistakes"),
            check,
            ("mxbox sim check morning.toml",),
            arguments=_file_argument,
        ),
    ),
)
