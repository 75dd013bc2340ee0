# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios: who calls whom, who answers how, and what goes wrong with the lines, in one TOML document.

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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from dsp.levels import Float
from dsp.tones import countries
from hw_sim.calls import CallPlan, Presentation
from hw_sim.errors import ScenarioError, ScriptError, SoundError
from hw_sim.impairments import Impairment
from hw_sim.load import LoadPlan
from hw_sim.script import read_script
from hw_sim.sounds import Library
from hw_sim.steps import Script
from hw_sim.wav import read_wav

Digits = Annotated[str, Meta(pattern=r"^\+?[0-9*#A-D]{0,31}$")]
Pattern = Annotated[str, Meta(pattern=r"^[0-9#+]*\*?$")]
Seconds = Annotated[float, Meta(ge=0, le=86400)]
SpanNumber = Annotated[int, Meta(ge=1, le=8)]
ScriptText = str | tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a key nobody knows is a mistake."""


class CalledPart(_Part, frozen=True, kw_only=True):
    """A subscriber who is called."""

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
    """Something that happens to a span."""

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
        ScenarioError: naming the file, the key, what is wrong with it, and what to write.
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
    if scenario.country not in countries():
        hint = f"write one of: {', '.join(countries())}"
        raise ScenarioError(file, "country", f"'{scenario.country}' has no tones", hint)
    if scenario.load:
        _script(file, "load", scenario.load.script)
        if scenario.load.calls is None and scenario.load.seconds is None:
            raise ScenarioError(file, "load", "traffic without an end", "give a number of calls, or of seconds")
    return Prepared(
        scenario,
        Library(scenario.country, folder, _sounds(file, folder, scenario.sounds)),
        tuple((part.number, _script(file, f"called[{n}]", part.script)) for n, part in enumerate(scenario.called)),
        tuple((part.at_s, _plan(file, n, part)) for n, part in enumerate(scenario.call)),
    )


def _plan(file: str, number: int, part: CallPart) -> CallPlan:
    script = _script(file, f"call[{number}]", part.script)
    return CallPlan(part.to, script, part.caller, part.name, part.presentation, part.overlap, part.digit_gap_s)


def _script(file: str, where: str, text: ScriptText) -> Script:
    try:
        return read_script(text)
    except ScriptError as error:
        raise ScenarioError(file, f"{where}.script", str(error), error.hint) from None


def _sounds(file: str, folder: Path, names: dict[str, str]) -> dict[str, Float]:
    sounds = {}
    for name, place in names.items():
        try:
            sounds[name] = read_wav(folder / place)[0]
        except SoundError as error:
            raise ScenarioError(file, f"sounds.{name}", str(error), error.hint) from None
    return sounds


# --- msgspec's words, made a person's ---------------------------------------------------------------------------------


def _convert(file: str, document: Mapping[str, object]) -> Scenario:
    try:
        return msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").lstrip(".")
        # A regular expression tells most people nothing.
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
    """Keys that may stand in the table that `key` names."""
    table = re.sub(r"\[.*?\]", "", key).split(".")[0]
    kinds: dict[str, type[msgspec.Struct]] = {
        "": Scenario, "called": CalledPart, "call": CallPart, "impairment": Impairment, "fault": FaultPart, "load":
        LoadPlan,
    }  # fmt: skip
    return [field.encode_name for field in msgspec.structs.fields(kinds.get(table, Scenario))]
