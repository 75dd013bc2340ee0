# SPDX-License-Identifier: GPL-2.0-or-later
"""The card of all codes: complete, of the box's own codes, and in both languages."""

import json
from pathlib import Path

import msgspec
import pytest

from appliance.cli import card, reference
from appliance.cli.main import main
from appliance.config.codes import CodesConfig
from appliance.config.model import BoxConfig


def test_every_code_is_on_the_card_once() -> None:
    shown = [name for part in card.PARTS for name in part.codes]
    assert sorted(shown) == sorted(CodesConfig.__struct_fields__), "give the code a line in appliance/cli/card.py"


def test_a_line_tells_whether_more_is_dialled_behind_the_code() -> None:
    lines = {each.dial: each.does for each in card.lines(BoxConfig())}
    assert {"*60", "*62 key", "*621", "## number", "*3"} <= lines.keys()
    assert lines["*622"] == "meal"


@pytest.mark.parametrize("folder", reference.LANGUAGES)
def test_the_page_is_that_of_a_new_box(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", reference.LANGUAGES[folder])
    there = (reference.DOCS / folder / "card.md").read_text(encoding="utf-8")
    assert there == reference.card_page(), "run: make commands"
    assert all(f"`{code}" in there for code in msgspec.structs.astuple(CodesConfig()))


def test_the_command_prints_the_codes_of_the_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    box = tmp_path / "box.toml"
    box.write_text(
        '[codes]\nagent_sign_in = "*70"\nagent_sign_out = ""\n'
        '[[agents.wrap_up_codes]]\nkey = "12"\nname = "complaint"\n'
        '[[keyed]]\nname = "pickup"\ncode = "*41"\n',
        encoding="utf-8",
    )
    assert main(["agent", "card", "--config", str(box)]) == 0
    text = capsys.readouterr().out
    for shown in ("*70", "sign in", "*6512", "complaint", "*41", "pickup"):
        assert shown in text
    assert "*61" not in text
    assert main(["agent", "card", "--config", str(box), "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert {"part": "Work", "dial": "*6512", "does": "complaint"} in lines
