# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox sim` as a tester types it: two processes, a line between them."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli.main import main
from appliance.cli.sim import SIM
from appliance.cli.sim_show import _folded
from hw_sim.log import LineEvent
from hw_sim.report import RunReport


@pytest.fixture(name="far_end")
def _far_end(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Open our end of a line; an exchange answers at the other end."""
    a, b = tmp_path / "a", tmp_path / "b"
    words = ["sim", "exchange", "--side", "user", "--span", f"tdmoe:{b},{a}?frames=20", "--keep-audio", "--json"]
    words += ["--called", "96900=answer; speak tone 1004 -10 1; wait remote", "--called", "2000=busy"]
    process = subprocess.Popen([sys.executable, "-m", "appliance.cli.main", *words], stdout=subprocess.PIPE, text=True)
    yield f"tdmoe:{a},{b}?frames=20", process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_calls_to_an_exchange_in_another_process(
    far_end: tuple[str, "subprocess.Popen[str]"], capsys: pytest.CaptureFixture[str]
) -> None:
    span, process = far_end
    words = ["sim", "call", "--span", span, "--from", "13800138000", "--json"]
    assert main([*words, "--to", "96900", "wait answer; listen 1; expect 1004; key 42; hangup"]) == 0
    near = json.loads(capsys.readouterr().out)
    assert near["passed"]
    assert near["calls"][0]["heard"][0]["kind"] == "tone"
    assert near["calls"][0]["heard"][0]["level_dbm0"] == pytest.approx(-10, abs=0.5)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    far = json.loads(out)
    assert process.returncode == 0
    assert [h["what"] for h in far["calls"][0]["heard"]] == ["4", "2"]
    assert far["calls"][0]["caller"] == "13800138000"


def test_refused_call_fails_and_shows_a_table(
    far_end: tuple[str, "subprocess.Popen[str]"], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "call", "--span", far_end[0], "--to", "2000", "wait answer; hangup"]) == 1
    out = capsys.readouterr().out
    assert "17 far end" in out
    assert "step 1 (wait): the far end hung up (cause 17)" in out


def test_load_prints_its_figures(
    far_end: tuple[str, "subprocess.Popen[str]"], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sim", "load", "--span", far_end[0], "--to", "96900", "--rate", "10", "--hold", "0.2", "--calls", "10"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "Erlang B" in out
    assert "30 channels" in out


@pytest.mark.parametrize(
    ("words", "problem", "hint"),
    [
        (["call", "--span", "tdmoe:x,y", "--to", "1", "dance"], "step 1 'dance': 'dance' is no step", "steps are"),
        (["call", "--span", "smoke:1", "--to", "1", "hangup"], "no kind of span is called 'smoke'", "tdmoe:"),
        (
            ["call", "--span", "tdmoe:x,y", "--to", "one", "hangup"],
            'command line: call[0].to = "one": not allowed here',
            "0-9 * # A-D",
        ),
        (["load", "--span", "tdmoe:x,y", "--to", "1", "--calls", "1"], "no traffic", "--erlangs or --rate"),
        (["load", "--span", "tdmoe:x,y", "--to", "1", "--rate", "1"], "without an end", "number of calls"),
        (["exchange", "--span", "tdmoe:x,y", "--called", "1"], "has no '='", "NUMBER=SCRIPT"),
        (["load", "--span", "tdmoe:x,y", "--to", "1", "--rate", "1", "--erlangs", "2"], "asked for twice", "or --rate"),
        (["load", "--span", "tdmoe:x,y", "--to", "1", "--erlangs", "2", "--hold", "0"], "no holding time", "above 0"),
        (["load", "--span", "tdmoe:x,y", "--to", "1", "--rate", "2", "--hold", "nan"], "no holding time", "above 0"),
        (["load", "--span", "tdmoe:x,y", "--to", "abc", "--rate", "1", "--calls", "1"], "load.to", "0-9 * # A-D"),
        (["call", "--span", "tdmoe:x,y", "--to", "1\n", "hangup"], "call[0].to", "0-9 * # A-D"),
        (["call", "--span", "tdmoe:x,y", "--to", "", "hangup"], "no number that can be dialled", "digits"),
        (["run", "nowhere.toml"], "nowhere.toml: cannot be read: No such file", "sim check nowhere.toml"),
        (["exchange"], "no span is named", "--span"),
    ],
)
def test_mistakes_have_a_message_and_a_hint(
    words: list[str], problem: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", *words]) == 1
    err = capsys.readouterr().err
    assert problem in err
    assert hint in err


def test_scenario_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.toml"
    path.write_text("[[call]]\nto = '1'\nscript = 'wait answer; hangup'\n")
    assert main(["sim", "check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"file": str(path), "good": True, "mistakes": [], "calls": 1, "called": 0}
    ]
    assert main(["sim", "check", str(path)]) == 0
    assert "one.toml: good: 1 call, 0 subscribers who are called" in capsys.readouterr().out


SCENARIO = """\
country = "xx"
side = "both"
seed = "many"

[sounds]
a = "nowhere.wav"

[[call]]
to = "abc"
script = "wait answer; dance"

[[call]]
from = "138-0013 8000"
to = "(010) 6552-9988"
script = ["listen one", "hangup"]
spam = 1

[[fault]]
kind = "fire"
at_s = -1

[load]
to = ""
rate_per_s = 0
hold_s = 1
"""


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_mistake_in_a_scenario_is_told_at_once(
    tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(SCENARIO)
    monkeypatch.setenv("LANGUAGE", language)
    assert main(["sim", "check", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    places = [line.removeprefix(f"{path}:").split(" ")[:2] for line in lines]
    assert [line + key.rstrip(":") for line, key in places] == [
        "1:country", "2:side", "3:seed", "6:sounds.a", "9:call[0].to", "10:call[0].script",
        "15:call[1].script", "16:call[1].spam", "18:fault[0].for_s", "19:fault[0].kind", "20:fault[0].at_s", "22:load",
        "23:load.to", "24:load.rate_per_s",
    ]  # fmt: skip
    if language == "zh_CN":
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in lines)
    else:
        assert "step 2 'dance': 'dance' is no step (steps are: " in lines[5]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('title = "x"'.encode("utf-16"), "is not written in UTF-8"),
        ("标题 = 1".encode(), "1: is not TOML: Invalid statement (a key with other letters"),
        (b"seed = ", "1: is not TOML: "),
    ],
)
def test_what_is_no_scenario_is_told_as_a_configuration_is(
    tmp_path: Path, content: bytes, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    assert main(["sim", "check", str(path)]) == 1
    assert told in capsys.readouterr().out
    assert main(["sim", "run", str(path), "--span", "tdmoe:/x,/y"]) == 1
    err = capsys.readouterr().err
    assert told in err
    assert "mxbox sim check" in err


def test_every_command_has_examples() -> None:
    assert all(command.examples for command in SIM.commands)


def test_events_that_differ_in_the_channel_only_are_one_line() -> None:
    events = [LineEvent(0.1 * n, 1, f"Restart: channel {n}") for n in (1, 2, 3, 17, 16)]
    events += [LineEvent(2.0, 1, "D channel up"), LineEvent(3.0, 2, "Restart: channel 4")]
    report = RunReport(passed=True, seconds=4.0, calls=(), spans=(), events=tuple(events))
    assert [(span, text) for _at_s, span, text in _folded(report)] == [
        (1, "Restart: channel 1-3, 16-17"),
        (1, "D channel up"),
        (2, "Restart: channel 4"),
    ]
