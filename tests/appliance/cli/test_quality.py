# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox quality`: points as people type them, steps of a review, and the sample of a plan."""

import argparse
import getpass
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.cli.main import main
from appliance.cli.quality import points_of
from tests.appliance.api import running
from tests.appliance.api.running import RunningBox
from tests.appliance.engine.box import config

Capture = pytest.CaptureFixture[str]
MARKS: dict[str, Any] = {
    "scorecard": [{"name": "service", "item": [{"name": "greeting"}, {"name": "closing", "weight": 2}]}],
    "quality_plan": [{"name": "weekly", "each_agent": 1, "min_s": 1}],
}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningBox]:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(running, "config", lambda: config(**MARKS))
    with RunningBox(tmp_path) as box:
        monkeypatch.setenv("MXBOX_SOCKET", str(box.path))
        box.calls(12)
        box.drain()
        yield box


def told(capsys: Capture, *words: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert main([*words, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_all_that_a_plan_draws_is_reviewed_and_found_by_its_score(box: RunningBox, capsys: Capture) -> None:
    sample = told(capsys, "quality", "sample", "weekly", status=1)
    assert len(sample["drawn"]) == len(sample["agents"]) > 1
    for n, each in enumerate(sample["drawn"]):
        points = f"greeting=5,closing={'-' if n == 0 else 1}"
        number = str(each["recording"])
        reply = told(capsys, "quality", "review", number, "--agent", each["agent"], "--points", points)
        assert [(event["step"], event["by"]) for event in reply["events"]] == [("review", getpass.getuser())]
    assert all(each["reviewed"] == 1 for each in told(capsys, "quality", "sample", "weekly")["agents"])
    first = sample["drawn"][0]["recording"]
    best = told(capsys, "recordings", "--qc", "reviewed", "--score-min", "99")["recordings"]
    assert [row["recording"] for row in best] == [first]
    assert best[0]["quality"][0]["score"] == 100
    assert main(["quality", "appeal", str(first), "--note", "too good"]) == 0
    assert "objection" in capsys.readouterr().out
    assert main(["quality", "show", str(first)]) == 0
    out = capsys.readouterr().out
    assert "greeting=5 closing=-" in out
    assert "too good" in out
    assert main(["quality", "second", str(first), "--points", "greeting=1,closing=1"]) == 1
    assert "the second one is another reviewer's" in capsys.readouterr().err
    assert main(["recordings"]) == 0
    assert "100 (objected to)" in capsys.readouterr().out


def test_an_unknown_plan_or_card_names_those_that_there_are(box: RunningBox, capsys: Capture) -> None:
    assert main(["quality", "sample", "monthly"]) == 1
    assert "weekly" in capsys.readouterr().err


def test_points_are_read_as_they_are_typed() -> None:
    assert points_of("greeting=5, closing=-,law=0.5") == {"greeting": 5.0, "closing": None, "law": 0.5}
    assert points_of("") == {}
    for wrong in ("greeting", "greeting=", "greeting=much"):
        with pytest.raises(argparse.ArgumentTypeError, match="greeting=5,closing=-"):
            points_of(wrong)
