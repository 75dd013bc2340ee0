# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the simulator's scenarios, as of configurations: every mistake with its line, value and what is allowed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from appliance.cli.checked import Checked
from appliance.config.document import lined, read_text, read_toml
from appliance.config.errors import ConfigError, Mistake
from appliance.config.mend import Mended
from appliance.config.shape import shape_mistakes
from appliance.i18n import N_, _, ngettext
from appliance.numbering import fold


class ScenarioError(ConfigError):
    """A scenario that cannot be played."""

    remedy = N_("correct the file, then run: mxbox sim check {file}")


def load_document(path: Path) -> dict[str, Any]:
    """Read a scenario's document. Raises ScenarioError if it is none."""
    try:
        return plain_numbers(read_toml(_text(path), str(path)))
    except ConfigError as error:
        raise ScenarioError(error.where, *error.mistakes) from None


def check_scenario(path: Path) -> Checked:
    """Read a scenario's file; return it with all its mistakes."""
    try:
        text = _text(path)
        document = plain_numbers(read_toml(text, str(path)))
    except ConfigError as error:
        return Checked(str(path), error.mistakes)
    mistakes = lined(scenario_mistakes(document, path.parent), text)
    calls, called = (
        len(each) if isinstance(each := document.get(name, ()), list) else 0 for name in ("call", "called")
    )
    good = _("{file}: good: {calls}, {called}").format(
        file=path,
        calls=ngettext("{n} call", "{n} calls", calls).format(n=calls),
        called=ngettext("{n} subscriber who is called", "{n} subscribers who are called", called).format(n=called),
    )
    return Checked(str(path), mistakes, good, {"calls": calls, "called": called})


def scenario_mistakes(document: Mapping[str, Any], folder: Path) -> list[Mistake]:
    """Return all mistakes of a scenario's document; relative file names begin at `folder`."""
    from hw_sim.scenario import Scenario

    shape, mended = tuple(shape_mistakes(document, Scenario)), Mended(document, Scenario)
    sense = _sense(msgspec.convert(mended.data, Scenario), folder)
    return [*shape, *mended.mistakes(shape, sense)]


def plain_numbers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's document with separators removed from its numbers."""
    keys = {"call": ("to", "from"), "called": ("number",), "load": ("to", "caller")}
    return {name: _folded(value, keys[name]) if name in keys else value for name, value in document.items()}


def _folded(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_folded(each, keys) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {key: fold(each) if key in keys and isinstance(each, str) else each for key, each in value.items()}


def _sense(scenario: Any, folder: Path) -> Iterator[Mistake]:
    from hw_sim.scenario import wrongs

    for wrong in wrongs(scenario, folder):
        yield Mistake(wrong.key, wrong.value, _translated(wrong.problem), _translated(wrong.hint))


def _translated(text: str) -> str:
    """Return a text of the simulator in the reader's language."""
    msgid: str = getattr(text, "msgid", "")
    if not msgid:
        return text
    values = getattr(text, "values", {})
    return _(msgid).format(
        **{name: _translated(value) if isinstance(value, str) else value for name, value in values.items()}
    )


def _text(path: Path) -> str:
    return read_text(path, _("name a scenario that is there; hw_sim/examples/hotline.toml is a start"))
