# SPDX-License-Identifier: GPL-2.0-or-later
"""Troubles: every kind that the box can tell has a meaning and a remedy that names what is there."""

import ast
import re
from pathlib import Path

import pytest

from appliance import bugs
from appliance.api import messages as api
from appliance.children import crashes
from appliance.cli import reference
from appliance.contract.rows import TroubleRow
from appliance.server import asks
from tests.tui.busy import AT
from tests.tui.rig import running, terminal
from tui.remedies import REMEDIES

ROOT = Path(__file__).parent.parent.parent
CONSTANTS = {bugs.KIND, crashes.CRASH, crashes.NOT_READY, crashes.RESTART, asks.KIND}
TELLERS = {"Trouble", "TroubleNoted", "trouble", "Note"}
"""Functions and types whose first text is the kind of a trouble; of `Teller` it is the second."""


def kinds() -> set[str]:
    """Return the kinds of troubles in the sources of the box."""
    found = set(CONSTANTS)
    for path in (ROOT / "appliance").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = 0 if name in TELLERS else 1 if name == "Teller" else None
            if place is not None and len(node.args) > place and isinstance(kind := node.args[place], ast.Constant):
                found.add(str(kind.value))
    return {kind for kind in found if re.fullmatch(r"[a-z_]+", kind)}


def test_every_kind_of_trouble_has_a_remedy_and_no_remedy_is_idle() -> None:
    assert len(kinds()) > 25
    assert kinds() == set(REMEDIES)


def test_commands_in_remedies_are_there() -> None:
    known = [line for line, _command in reference.commands()]
    named = {each for remedy in REMEDIES.values() for text in remedy for each in re.findall(r"`(mxbox [^`]+)`", text)}
    assert len(named) > 8
    assert not [each for each in named if not any(f"{each} ".startswith(f"{line} ") for line in known)]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_trouble_tells_meaning_remedy_and_its_neighbours_in_time(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    near = TroubleRow(trouble=2, started_at=AT - 30_000, kind="late_ticks", text="5 ticks were late", count=5)
    far = TroubleRow(trouble=1, started_at=AT - 90_000, kind="disk", text="the disk is slow", count=1)
    it = TroubleRow(trouble=3, started_at=AT, kind="span", text="span 3: RED", count=1)

    async def story() -> None:
        async with terminal({api.Troubles: api.TroublesReply((it, near, far))}, size=(80, 40)) as rig:
            await rig.press("8")
            text = await rig.press("enter")
            [asked] = rig.link.changed(api.Cdr)
            assert (asked.since, asked.until) == (AT - 60_000, AT + 60_000)
            assert "span 3: RED" in text
            assert ("Red: cable, plug, far end" if language == "en" else "红：") in text
            assert "5 ticks were late" in text
            assert "the disk is slow" not in text
            assert ("call 16" if language == "en" else "呼叫 16") in text
            assert "late_ticks" in await rig.press("escape")

    running(story)
