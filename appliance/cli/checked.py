# SPDX-License-Identifier: GPL-2.0-or-later
"""Output of the checks of configurations, flows and scenarios: the same words for people, one shape for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from appliance.cli.output import console, show_json, verdict
from appliance.config.errors import Mistake


@dataclass(frozen=True)
class Checked:
    """A document that was checked; `good` is shown if it has no mistake, `counts` are for programs."""

    file: str
    mistakes: Sequence[Mistake]
    good: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def show_checked(found: Sequence[Checked], *, as_json: bool) -> int:
    """Show the mistakes; return the exit status, 1 if any document has a mistake."""
    if as_json:
        show_json([_for_programs(each) for each in found])
    else:
        out = console()
        for each in found:
            if not each.mistakes:
                out.print(verdict(each.good, good=True))
            for mistake in each.mistakes:
                out.print(verdict(mistake.text(each.file), good=False))
    return 1 if any(each.mistakes for each in found) else 0


def _for_programs(checked: Checked) -> dict[str, Any]:
    mistakes = [
        {
            "file": each.file or checked.file,
            "line": each.line,
            "key": each.key,
            "value": each.value,
            "text": each.message,
            "hint": each.hint,
            "column": each.column,
        }
        for each in checked.mistakes
    ]
    return {"file": checked.file, "good": not mistakes, "mistakes": mistakes, **checked.counts}
