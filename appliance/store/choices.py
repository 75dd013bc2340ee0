# SPDX-License-Identifier: GPL-2.0-or-later
"""Choices of queues as the books keep them: JSON in which a list of agents is one text, with blanks between.

A choice names every agent of its queue, so it is by far the longest row of a call: half the length counts.
"""

from typing import Any, Final

import msgspec

from appliance.contract.choices import Choice

_LISTS: Final = ("candidates", "chosen")


def written(choice: Choice) -> str:
    """Return the text of a choice."""
    data: dict[str, Any] = msgspec.to_builtins(choice)
    data |= {name: " ".join(data[name]) for name in _LISTS if name in data}
    if "passed" in data:
        data["passed"] = {why_not: " ".join(agents) for why_not, agents in data["passed"].items()}
    return msgspec.json.encode(data).decode()


def read(text: str) -> Choice:
    """Return the choice of a text."""
    data: dict[str, Any] = msgspec.json.decode(text)
    data |= {name: data[name].split() for name in _LISTS if name in data}
    data["passed"] = {why_not: agents.split() for why_not, agents in data.get("passed", {}).items()}
    return msgspec.convert(data, Choice)
