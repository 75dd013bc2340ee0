# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenario documents: from file to report, and every mistake named."""

from pathlib import Path

import numpy as np
import pytest

import hw_sim
from drivers.sim import SimLine
from dsp.levels import SAMPLE_RATE
from hw_sim.errors import ScenarioError
from hw_sim.exchange import Exchange
from hw_sim.scenario import load_scenario
from hw_sim.script import read_script
from hw_sim.session import Session
from tests.hw_sim.wavs import write_wav

EXAMPLES = Path(hw_sim.__file__).parent / "examples"
MORNING = """
title = "one call of each kind"
seed = 3

[sounds]
hello = "hello.wav"

[[called]]
number = "138*"
script = "answers 0.5"

[[call]]
at_s = 0.5
to = "96900"
from = "13800138000"
script = ["wait answer", "listen 1.5", "expect hello", "key 1", "hangup"]

[[call]]
at_s = 1
to = "2000"
script = "wait answer; hangup"

[[impairment]]
noise_dbm0 = -55

[[fault]]
kind = "d_cut"
at_s = 60
for_s = 1
"""


def test_scenario_from_file_to_report(tmp_path: Path) -> None:
    chirp = 0.2 * np.sin(2 * np.pi * np.cumsum(np.linspace(300, 3000, SAMPLE_RATE)) / SAMPLE_RATE)
    write_wav(tmp_path / "hello.wav", chirp)
    (tmp_path / "morning.toml").write_text(MORNING)
    prepared = load_scenario(tmp_path / "morning.toml")
    near, far = SimLine().ends()
    net = Exchange([near], prepared.scenario.side, prepared.scenario.seed, prepared.library)
    usr = Exchange([far], "user", library=prepared.library)
    usr.subscribe("96900", read_script("answer; wait 0.2; speak hello; wait remote"))
    usr.subscribe("2000", read_script("busy"))
    session = Session(net, prepared)
    for _ in range(200):
        net.tick()
        usr.tick()
    assert net.ready
    session.begin()
    for _ in range(1000):
        if session.done:
            break
        net.tick()
        usr.tick()
    report = session.report()
    good, refused = report.calls
    assert good.passed, good.failures
    assert good.listened[0].heard == ("hello",)
    assert (refused.passed, refused.cause) == (False, 17)
    assert not report.passed
    assert report.spans[0].d_channel_up
    assert [event.text for event in report.events] == ["D channel up"]
    assert good.at_s - report.events[0].at_s > 3  # the scenario's time began when it was told to


@pytest.mark.parametrize(
    ("line", "key", "problem", "hint"),
    [
        ("sidee = 'user'", "", "unknown field `sidee`", "keys here are: title, side, span"),
        ("side = 'both'", "side", "invalid enum value 'both'", "write"),
        ("seed = 'x'", "seed", "expected `int`, got `str`", "write"),
        ("country = 'xx'", "country", "'xx' has no tones", "write one of: cn"),
        ("[[call]]\nto = '1'", "call[0]", "missing required field `script`", "add it"),
        ("[[call]]\nto = '1'\nscript = 'dance'", "call[0].script", "step 1 'dance': 'dance' is no step", "steps are"),
        ("[[call]]\nto = 'x'\nscript = ''", "call[0].to", "no number that can be dialled", "digits"),
        ("[[call]]\ncaller = '1'\nto = '1'\nscript = ''", "call[0]", "unknown field `caller`", "from, at_s"),
        ("[[called]]\nnumber = '1'\nscript = 'wait 1; key x'", "called[0].script", "step 2 'key x'", "keys are"),
        ("[[impairment]]\nbit_error_ratio = 2.0", "impairment[0].bit_error_ratio", "<= 0.4", "write"),
        ("[[fault]]\nkind = 'fire'\nat_s = 1\nfor_s = 1", "fault[0].kind", "invalid enum value 'fire'", "write"),
        (
            "[load]\nto = '1'\nrate_per_s = 1.0\nhold_s = 1.0\nscript = 'nap'",
            "load.script",
            "'nap' is no step",
            "steps",
        ),
        ("[load]\nto = '1'\nrate_per_s = 1.0\nhold_s = 1.0", "load", "without an end", "number of calls"),
        ("[sounds]\na = 'nowhere.wav'", "sounds.a", "No such file", "existing"),
        ("seed = ", "", "Invalid value", "TOML"),
    ],
)
def test_mistakes_name_file_key_and_remedy(tmp_path: Path, line: str, key: str, problem: str, hint: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(line)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.file == str(path)
    assert caught.value.key == key
    assert problem in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: str(path.stem))
def test_examples_have_no_mistakes(path: Path) -> None:
    assert load_scenario(path).scenario.title


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        load_scenario(tmp_path / "none.toml")
