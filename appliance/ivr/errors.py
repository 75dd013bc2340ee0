# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of the flows.

ApplianceError
+-- FlowError           a flow's document cannot be read; carries what is wrong, place by place
"""

from collections.abc import Sequence

import msgspec

from appliance.errors import ApplianceError


class Problem(msgspec.Struct, frozen=True):
    """A mistake in a flow: where it is, what is wrong, what to do. `node` and `key` may be ''."""

    file: str
    node: str
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        place = [self.file, f"[node.{self.node}]" if self.node else "", self.key]
        text = ": ".join([" ".join(part for part in place if part), self.message])
        return f"{text} ({self.hint})" if self.hint else text


class FlowError(ApplianceError):
    """A flow's document cannot be read. `problems` has at least one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), problems[0].hint)
        self.problems = tuple(problems)
