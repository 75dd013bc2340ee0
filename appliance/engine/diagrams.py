# SPDX-License-Identifier: GPL-2.0-or-later
"""Diagrams of the engine's machines, made from their tables: `python -m appliance.engine.diagrams FILE` writes them.

The text in FILE between the two marks is replaced. The diagrams are Mermaid's; an arrow to the end means that the
machine hands over, or that the call ends.
"""

import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from appliance.engine.parts import legs, offers
from appliance.engine.parts.activity import Machine
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER, asked
from appliance.engine.table import ACTIVITIES

BEGIN: Final = "<!-- machines: make diagrams -->"
END: Final = "<!-- end of machines -->"
_LIFE: Final = frozenset(asked())
"""Inputs with which every activity ends: not drawn."""


def page() -> str:
    """Return all diagrams as Markdown."""
    machines: list[type[Machine]] = [*ACTIVITIES.values(), Reach]
    parts = [f"**{machine.__name__}**\n\n{_diagram(_of_machine(machine))}" for machine in machines]
    parts += [f"**{name}**\n\n{_diagram(_of_pairs(table))}" for name, table in _PAIRS.items()]
    return "\n\n".join(parts)


_PAIRS: Final[dict[str, Any]] = {"Leg": legs.TABLE, "Offer": offers.TABLE}


def _of_machine(machine: type[Machine]) -> Iterator[tuple[str, str, str]]:
    """Return (state, input, next state) of a machine with a block a state."""
    for state, rows in machine.TABLE.items():
        for given, (following, _action) in rows.items():
            if given not in _LIFE:
                yield state.name, given.name, "[*]" if following is OVER else following.name


def _of_pairs(table: dict[tuple[IntEnum, IntEnum], tuple[Any, ...]]) -> Iterator[tuple[str, str, str]]:
    """Return the same of a table by state and input; entries that keep the state are left out."""
    for (state, given), (following, *_rest) in table.items():
        if following is not state:
            yield state.name, given.name, following.name


def _diagram(arrows: Iterator[tuple[str, str, str]]) -> str:
    inputs: dict[tuple[str, str], list[str]] = {}
    for state, given, following in arrows:
        inputs.setdefault((state, following), []).append(given)
    lines = [f"    {state} --> {following}: {', '.join(given)}" for (state, following), given in inputs.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def written(text: str) -> str:
    """Return a document with the diagrams in it. Raises ValueError if it has no marks."""
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:before]}\n\n{page()}\n\n{text[after:]}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(written(document.read_text("utf-8")), "utf-8")
