# SPDX-License-Identifier: GPL-2.0-or-later
"""Text form of a subscriber's script: steps between semicolons or lines, each a word and its arguments.

    wait SECONDS, or wait LEAST..MOST              hear NAME [SECONDS]        listen SECONDS      expect NAME
    reply NAME DIGITS: keys, when NAME is heard
    wait proceeding|alerting|answer|connect|remote [SECONDS]
    key DIGITS [ms=80] [gap=80] [level=-9] [twist=2] [noise=-40]
    speak tone HZ[+HZ...] DBM0 SECONDS             speak tone NAME SECONDS
    speak noise DBM0 SECONDS                       speak FILE [DBM0]          loop [off]
    digits DIGITS          hold [SECONDS]          hangup [CAUSE]             reject CAUSE
    proceed                alert                   progress                   answer

Words of a called subscriber in one: `answers [AFTER]`, `echoes [AFTER]` (seconds, or LEAST..MOST), `busy`, `silent`
(rings, never answers), `unallocated`. Names with spaces are quoted. `#` is a key, so there are no comments.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from hw_sim import steps
from hw_sim.errors import N_, Said, ScriptError, said
from hw_sim.steps import AnyStep, Script

T = TypeVar("T")
KEYS = "0123456789*#ABCD"
_STATES = ("proceeding", "alerting", "answer", "connect", "remote")
_MAX_S = 86400.0
REPLY_S = 0.5
"""Time from a question that is recognised to the first key."""


class BadWord(Exception):  # noqa: N818 - never leaves `read_words`
    """A step's problem and hint, before its place in the script is known."""

    def __init__(self, problem: Said, hint: Said) -> None:
        super().__init__(problem)
        self.problem, self.hint = problem, hint


def read_script(text: str | Iterable[str]) -> Script:
    """Read a script from one text or from a list of steps.

    Raises:
        ScriptError: names the step, its fault and what may stand there.
    """
    return tuple(step for read in read_words(text, _WORDS) for step in read)


def read_words(text: str | Iterable[str], words: Mapping[str, Callable[[list[str]], T]]) -> Iterator[T]:
    """Read a text or a list of steps: each begins with one of the words, whose reader takes its arguments.

    Raises:
        ScriptError: as `read_script`. Readers raise BadWord.
    """
    lines = [text] if isinstance(text, str) else list(text)
    parts = [part.strip() for line in lines for part in re.split(r"[;\n]", line) if part.strip()]
    for number, part in enumerate(parts, 1):
        try:
            yield _read_step(part, words)
        except BadWord as bad:
            raise ScriptError(number, part, bad.problem, bad.hint) from None


def _read_step(part: str, words: Mapping[str, Callable[[list[str]], T]]) -> T:
    try:
        word, *args = shlex.split(part)
    except ValueError:
        raise BadWord(said(N_("no closing quotation")), said(N_("close the quotation mark"))) from None
    reader = words.get(word)
    if reader is None:
        steps_are = ", ".join(sorted(words))
        raise BadWord(said(N_("'{word}' is no step"), word=word), said(N_("steps are: {names}"), names=steps_are))
    return reader(args)


# --- arguments --------------------------------------------------------------------------------------------------------


def _number(text: str, what: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadWord(said(N_("'{text}' is no number"), text=text), _range(what, low, high)) from None
    if not low <= value <= high:
        raise BadWord(said(N_("{text} is out of range"), text=text), _range(what, low, high))
    return value


def _range(what: str, low: float, high: float) -> Said:
    return said(N_("{what}: {low} to {high}"), what=said(what), low=f"{low:g}", high=f"{high:g}")


def _seconds(text: str) -> float:
    return _number(text, N_("seconds"), 0, _MAX_S)


def _level(text: str) -> float:
    return _number(text, N_("level in dBm0"), -70, 3)


def _cause(text: str) -> int:
    return int(_number(text, N_("Q.850 cause"), 1, 127))


def count(args: list[str], least: int, most: int, form: str) -> None:
    """Raise BadWord unless there are so many arguments."""
    if not least <= len(args) <= most:
        few = N_("too few arguments") if len(args) < least else N_("too many arguments")
        raise BadWord(said(few), said(N_("write: {form}"), form=form))


def digits(text: str) -> str:
    """Return keys. Raises BadWord if one is none."""
    if not text or set(text) - set(KEYS):
        raise BadWord(
            said(N_("'{text}' has something that is no key"), text=text), said(N_("keys are: {names}"), names=KEYS)
        )
    return text


# --- steps ------------------------------------------------------------------------------------------------------------


def _wait(args: list[str]) -> Script:
    count(args, 1, 2, "wait SECONDS, or wait STATE [SECONDS]")
    state = "answer" if args[0] == "answered" else "connect" if args[0] == "connected" else args[0]
    if state in _STATES:
        return (steps.Await(state, _seconds(args[1]) if args[1:] else 60.0),)  # type: ignore[arg-type]
    count(args, 1, 1, f"wait SECONDS, or wait STATE [SECONDS] with a state of: {', '.join(_STATES)}")
    if not args[0][:1].isdigit():
        problem = said(N_("'{text}' is neither a number nor a state"), text=args[0])
        raise BadWord(problem, said(N_("seconds, or a state: {names}"), names=", ".join(_STATES)))
    return (pause(args[0]),)


def pause(text: str) -> steps.Pause:
    """Return a pause of seconds, or LEAST..MOST. Raises BadWord."""
    least, dots, most = text.partition("..")
    return steps.Pause(_seconds(least), _number(most, "seconds", float(least), _MAX_S) if dots else None)


def _hear(args: list[str]) -> Script:
    count(args, 1, 2, "hear NAME [SECONDS]")
    return (steps.Hear(args[0], _seconds(args[1]) if args[1:] else 30.0),)


def _reply(args: list[str]) -> Script:
    """Return steps that press keys when a question is heard, however late it comes: data keyed in, a rating."""
    count(args, 2, 2, "reply NAME DIGITS")
    return (steps.Hear(args[0], _MAX_S), steps.Pause(REPLY_S), steps.Key(digits(args[1])))


def _listen(args: list[str]) -> Script:
    count(args, 1, 1, "listen SECONDS")
    return (steps.Listen(_seconds(args[0])),)


def _expect(args: list[str]) -> Script:
    count(args, 1, 1, "expect NAME")
    return (steps.Expect(args[0]),)


_KEY_OPTIONS: dict[str, tuple[str, float, float]] = {
    "ms": ("duration_ms", 10, 60000),
    "gap": ("gap_ms", 10, 60000),
    "level": ("level_dbm0", -60, 0),
    "twist": ("twist_db", -20, 20),
    "noise": ("noise_dbm0", -70, 0),
}


def _key(args: list[str]) -> Script:
    form = "key DIGITS [" + "] [".join(f"{name}=NUMBER" for name in _KEY_OPTIONS) + "]"
    count(args, 1, 1 + len(_KEY_OPTIONS), form)
    options: dict[str, float] = {}
    for arg in args[1:]:
        name, _, value = arg.partition("=")
        if name not in _KEY_OPTIONS:
            raise BadWord(said(N_("'{text}' is no option"), text=arg), said(N_("write: {form}"), form=form))
        field, low, high = _KEY_OPTIONS[name]
        options[field] = _number(value, name, low, high)
    return (steps.Key(digits(args[0]), **options),)


def _speak(args: list[str]) -> Script:
    count(args, 1, 4, "speak tone ..., speak noise ..., or speak FILE [DBM0]")
    if args[0] == "tone":
        return (_speak_tone(args[1:]),)
    if args[0] == "noise":
        count(args, 3, 3, "speak noise DBM0 SECONDS")
        return (steps.SpeakNoise(_level(args[1]), _seconds(args[2])),)
    count(args, 1, 2, "speak FILE [DBM0]")
    return (steps.SpeakFile(args[0], _level(args[1]) if args[1:] else None),)


def _speak_tone(args: list[str]) -> AnyStep:
    form = "speak tone HZ[+HZ...] DBM0 SECONDS, or speak tone NAME SECONDS"
    count(args, 2, 3, form)
    if args[0][:1].isdigit():
        count(args, 3, 3, form)
        frequencies = tuple(_number(hz, N_("frequency in Hz"), 20, 3980) for hz in args[0].split("+"))
        return steps.SpeakTone(frequencies, _level(args[1]), _seconds(args[2]))
    count(args, 2, 2, form)
    return steps.SpeakNamed(args[0], _seconds(args[1]))


def _loop(args: list[str]) -> Script:
    count(args, 0, 1, "loop [off]")
    if args and args[0] not in ("on", "off"):
        problem = said(N_("'{text}' is neither on nor off"), text=args[0])
        raise BadWord(problem, said(N_("write: {form}"), form="loop, loop off"))
    return (steps.Loop(on=args != ["off"]),)


def _dial_on(args: list[str]) -> Script:
    count(args, 1, 1, "digits DIGITS")
    return (steps.Digits(digits(args[0])),)


def _hold(args: list[str]) -> Script:
    count(args, 0, 1, "hold [SECONDS]")
    return (steps.Hold(_seconds(args[0]) if args else None),)


def _hangup(args: list[str]) -> Script:
    count(args, 0, 1, "hangup [CAUSE]")
    return (steps.HangUp(_cause(args[0]) if args else 16),)


def _reject(args: list[str]) -> Script:
    count(args, 1, 1, "reject CAUSE")
    return (steps.HangUp(_cause(args[0])),)


def _bare(step: AnyStep) -> Callable[[list[str]], Script]:
    def read(args: list[str]) -> Script:
        count(args, 0, 0, type(step).__name__.lower())
        return (step,)

    return read


def _answers(*then: AnyStep) -> Callable[[list[str]], Script]:
    def read(args: list[str]) -> Script:
        count(args, 0, 1, "answers [AFTER], echoes [AFTER]")
        return (steps.Alert(), pause(args[0] if args else "2"), steps.Answer(), *then, steps.Await("remote", _MAX_S))

    return read


def _fixed(*script: AnyStep) -> Callable[[list[str]], Script]:
    def read(args: list[str]) -> Script:
        count(args, 0, 0, "the word alone")
        return script

    return read


_WORDS: dict[str, Callable[[list[str]], Script]] = {
    "wait": _wait,
    "hear": _hear,
    "reply": _reply,
    "listen": _listen,
    "expect": _expect,
    "key": _key,
    "speak": _speak,
    "loop": _loop,
    "digits": _dial_on,
    "hold": _hold,
    "hangup": _hangup,
    "reject": _reject,
    "proceed": _bare(steps.Proceed()),
    "alert": _bare(steps.Alert()),
    "progress": _bare(steps.Progress()),
    "answer": _bare(steps.Answer()),
    "answers": _answers(),
    "echoes": _answers(steps.Loop()),
    "busy": _fixed(steps.HangUp(17)),
    "silent": _fixed(steps.Alert(), steps.Await("remote", _MAX_S)),
    "unallocated": _fixed(steps.HangUp(1)),
}
