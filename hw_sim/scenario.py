# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios: calls, subscribers that answer, and faults of the lines, in one TOML document.

side = "network"                    # or "user"
span = ["tdmoe:/run/a,/run/b"]      # may be left out and given on the command line

[sounds]                            # names for `expect`, `hear`, `speak`; files relative to this document
welcome = "prompts/welcome.wav"

[[called]]
number = "138*"
script = "answers 2; echo"

[[call]]
at_s = 1.0
to = "96900"
from = "13800138000"
script = ["wait answer", "listen 3", "key 1", "listen 5", "hangup"]

[[impairment]]                      # hw_sim.impairments.Impairment
span = 1
noise_dbm0 = -45

[[fault]]
at_s = 10
kind = "cut"                        # or "d_cut"
for_s = 5
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from dsp.levels import Float
from dsp.tone_table import countries
from hw_sim.calls import CallPlan, Presentation
from hw_sim.errors import N_, ScenarioError, ScriptError, SoundError, said
from hw_sim.impairments import Impairment
from hw_sim.load import Digits, LoadPlan
from hw_sim.script import read_script
from hw_sim.sounds import Library
from hw_sim.steps import Script
from hw_sim.wav import read_wav

Pattern = Annotated[str, Meta(pattern=r"^[0-9#+]*\*?$")]
Seconds = Annotated[float, Meta(ge=0, le=86400)]
SpanNumber = Annotated[int, Meta(ge=1, le=8)]
ScriptText = str | tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an unknown key is a mistake."""


class CalledPart(_Part, frozen=True, kw_only=True):
    """A subscriber that is called."""

    number: Pattern
    script: ScriptText


class CallPart(_Part, frozen=True, kw_only=True, rename={"caller": "from"}):
    """A call to make."""

    to: Digits
    script: ScriptText
    caller: Digits = ""
    at_s: Seconds = 0.0
    name: str = ""
    presentation: Presentation = "allowed"
    overlap: Annotated[int, Meta(ge=0, le=31)] | None = None
    digit_gap_s: Annotated[float, Meta(ge=0.02, le=30)] = 0.2


class FaultPart(_Part, frozen=True, kw_only=True):
    """A fault of a span."""

    kind: Literal["cut", "d_cut"]
    at_s: Seconds
    for_s: Seconds
    span: SpanNumber = 1


class Scenario(_Part, frozen=True, kw_only=True):
    """A whole document."""

    title: str = ""
    side: Literal["network", "user"] = "network"
    span: tuple[str, ...] = ()
    seed: int = 0
    country: str = "cn"
    longest_s: Annotated[float, Meta(gt=0, le=86400)] = 300.0
    sounds: dict[str, str] = {}
    called: tuple[CalledPart, ...] = ()
    call: tuple[CallPart, ...] = ()
    impairment: tuple[Impairment, ...] = ()
    fault: tuple[FaultPart, ...] = ()
    load: LoadPlan | None = None


@dataclass(frozen=True)
class Prepared:
    """A scenario whose scripts are read and whose sounds are loaded."""

    scenario: Scenario
    library: Library
    called: tuple[tuple[str, Script], ...]
    calls: tuple[tuple[float, CallPlan], ...]


def load_scenario(path: Path) -> Prepared:
    """Read a scenario.

    Raises:
        ScenarioError: naming the file, the key, the fault, and what to write.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(str(path), "", error.strerror or str(error), "name an existing file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), "", str(error), "a scenario is a TOML document in UTF-8") from None
    return read_scenario(document, path.parent, str(path))


def read_scenario(document: Mapping[str, object], folder: Path, file: str) -> Prepared:
    """Read a scenario that is parsed already (or was made of command line arguments).

    Raises:
        ScenarioError: as `load_scenario`.
    """
    return prepare(_convert(file, document), folder, file)


def prepare(scenario: Scenario, folder: Path, file: str) -> Prepared:
    """Read the scripts and sounds of a scenario; `folder` is where relative names begin, `file` is named in errors.

    Raises:
        ScenarioError: as `load_scenario`.
    """
    for wrong in wrongs(scenario, folder):
        raise ScenarioError(file, wrong.key, wrong.problem, wrong.hint)
    return Prepared(
        scenario,
        Library(scenario.country, folder, {name: _sound(folder, place) for name, place in scenario.sounds.items()}),
        tuple((part.number, read_script(part.script)) for part in scenario.called),
        tuple((part.at_s, _plan(part)) for part in scenario.call),
    )


class Wrong(NamedTuple):
    """A fault in a scenario of the right shape: place, value, and what to write."""

    key: str
    value: object
    problem: str
    hint: str


def wrongs(scenario: Scenario, folder: Path) -> Iterator[Wrong]:
    """Yield all faults in a scenario; `folder` is where relative names begin."""
    if scenario.country not in countries():
        hint = said(N_("write one of: {names}"), names=", ".join(countries()))
        problem = said(N_("'{name}' has no tones"), name=scenario.country)
        yield Wrong("country", scenario.country, problem, hint)
    if (load := scenario.load) is not None:
        yield from _wrong_script("load", load.script)
        if load.calls is None and load.seconds is None:
            problem, hint = said(N_("traffic without an end")), said(N_("give a number of calls, or of seconds"))
            yield Wrong("load", None, problem, hint)
        if not load.to:
            yield _no_number("load.to")
    for name, place in scenario.sounds.items():
        yield from _wrong_sound(f"sounds.{name}", folder, place)
    for n, called in enumerate(scenario.called):
        yield from _wrong_script(f"called[{n}]", called.script)
    for n, call in enumerate(scenario.call):
        yield from _wrong_script(f"call[{n}]", call.script)
        if not call.to and call.overlap is None:
            yield _no_number(f"call[{n}].to")


def _no_number(key: str) -> Wrong:
    return Wrong(key, "", said(N_("is no number that can be dialled")), said(N_("write digits, * and #")))


def _wrong_script(where: str, text: ScriptText) -> Iterator[Wrong]:
    try:
        read_script(text)
    except ScriptError as error:
        problem = said(N_("step {n} '{step}': {problem}"), n=error.number, step=error.step, problem=error.problem)
        yield Wrong(f"{where}.script", error.step, problem, error.hint)


def _wrong_sound(key: str, folder: Path, place: str) -> Iterator[Wrong]:
    try:
        _sound(folder, place)
    except SoundError as error:
        yield Wrong(key, place, error.problem, error.hint)


def _sound(folder: Path, place: str) -> Float:
    first: Float = read_wav(folder / place)[0]
    return first


def _plan(part: CallPart) -> CallPlan:
    script = read_script(part.script)
    return CallPlan(part.to, script, part.caller, part.name, part.presentation, part.overlap, part.digit_gap_s)


# --- msgspec's texts, made readable -----------------------------------------------------------------------------------


def _convert(file: str, document: Mapping[str, object]) -> Scenario:
    try:
        return msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").lstrip(".")
        # A regular expression is no help to most people.
        text = "is no number that can be dialled" if "regex" in problem else problem[:1].lower() + problem[1:]
        raise ScenarioError(file, key, text, _remedy(problem, key)) from None


def _remedy(problem: str, key: str) -> str:
    if "unknown field" in problem:
        return f"keys here are: {', '.join(_keys(key))}"
    if "missing required field" in problem:
        return "add it"
    if "regex" in problem:
        return "write digits, * and #" if not key.startswith("called") else "write digits, at the end perhaps *"
    return "write a value of that kind"


def _keys(key: str) -> list[str]:
    """Return the keys that may stand in the table that `key` names."""
    table = re.sub(r"\[.*?\]", "", key).split(".")[0]
    kinds: dict[str, type[msgspec.Struct]] = {
        "": Scenario, "called": CalledPart, "call": CallPart, "impairment": Impairment, "fault": FaultPart, "load":
        LoadPlan,
    }  # fmt: skip
    return [field.encode_name for field in msgspec.structs.fields(kinds.get(table, Scenario))]
