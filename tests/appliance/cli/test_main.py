# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line itself: wrong words, help in the reader's language, checks without a box, pipes that close."""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

import appliance.config
from appliance.cli.ask import limit, moment_at, socket_path
from appliance.cli.main import main, make_parser
from appliance.cli.output import length, size
from tests.appliance.cli import answers
from tests.appliance.cli.counter import Counter
from tests.appliance.config.test_all_at_once import NONSENSE
from tests.appliance.ivr.test_check import BAD

EXAMPLES = Path(appliance.config.__file__).parent / "examples"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.mark.parametrize(
    "line", ["", "nothing", "agent", "agent ready", "calls --sinc today", "hangup x", "watch nothing"]
)
def test_wrong_words_end_with_2_and_the_usage(line: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main(line.split())
    assert end.value.code == 2
    assert "usage: mxbox" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["nothing --json", "agent ready --json", "calls --sinc today --json"])
def test_wrong_words_are_told_to_programs_as_every_other_error(line: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main(line.split())
    assert end.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert set(json.loads(told.err)) == {"error", "hint"}
    assert "--help" in json.loads(told.err)["hint"]


@pytest.mark.parametrize("line", ["status", "agent", "agent ready", "edge unblock", "sim call", "config check"])
def test_a_command_that_is_named_is_made_alone_and_is_as_among_all(line: str) -> None:
    def named(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.ArgumentParser:
        for word in words:
            parser = below(parser)[word]
        return parser

    words = line.split()
    alone, all_ = make_parser([*words, "--help"]), make_parser()
    assert named(alone, words).format_help() == named(all_, words).format_help()
    assert list(below(alone)) == words[:1]
    assert len(below(all_)) > 40


def below(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """Return the parsers of the commands below one."""
    [found] = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return found


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["examples:", "print JSON"]), ("zh_CN", ["示例：", "用法：", "选项"])]
)
def test_help_is_in_the_readers_language(
    language: str, words: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    with pytest.raises(SystemExit) as end:
        main(["ledger", "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert not [word for word in words if word not in shown], shown


def test_a_good_configuration_is_said_to_be_good(capsys: Capture) -> None:
    files = [str(EXAMPLES / "mx30.toml"), str(EXAMPLES / "mx90.toml")]
    assert main(["config", "check", *files]) == 0
    assert "mx30.toml: good: mx30; 1 span, 3 extensions, 3 agents, 2 queues, 1 flow" in capsys.readouterr().out
    assert main(["config", "check", *files, "--json"]) == 0
    assert [each["good"] for each in json.loads(capsys.readouterr().out)] == [True, True]


def test_mistakes_in_a_configuration_are_listed_and_the_status_is_1(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "box.toml"
    file.write_text('profile = "mx31"\n[sip]\nport = 0\n')
    assert main(["config", "check", str(file)]) == 1
    assert f'{file}:1: profile = "mx31": not allowed here (allowed: "mx30" or "mx90")' in capsys.readouterr().out
    assert main(["config", "check", str(file), "--json"]) == 1
    [told] = json.loads(capsys.readouterr().out)
    assert [(each["line"], each["key"], each["value"]) for each in told["mistakes"]] == [
        (1, "profile", "mx31"),
        (3, "sip.port", 0),
    ]


def test_a_run_with_a_bad_configuration_is_refused_before_anything_starts(tmp_path: Path, capsys: Capture) -> None:
    assert main(["run", str(tmp_path / "none.toml")]) == 1
    assert "none.toml: cannot be read" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_example_flow_is_good(capsys: Capture) -> None:
    flow = str(EXAMPLES / "flows/hotline.toml")
    assert main(["flow", "check", flow, "--config", str(EXAMPLES / "mx30.toml")]) == 0
    assert f"{flow}: good" in capsys.readouterr().out
    assert main(["flow", "check", flow]) == 0
    assert "were not checked" in capsys.readouterr().out


def test_mistakes_in_a_flow_are_listed_and_the_status_is_1(tmp_path: Path, capsys: Capture) -> None:
    text = (EXAMPLES / "flows/hotline.toml").read_text()
    bad = tmp_path / "bad.toml"
    bad.write_text(
        text.replace('next = "menu"', 'next = "men"')
        .replace('"welcome"]', '"welcom"]')
        .replace('"sales"\noth', '"sale"\noth')
    )
    assert (
        main(
            ["flow", "check", str(bad), str(tmp_path / "none.toml"), "--config", str(EXAMPLES / "mx30.toml"), "--json"]
        )
        == 1
    )
    told = {Path(each["file"]).name: each for each in json.loads(capsys.readouterr().out)}
    assert not told["none.toml"]["good"]
    assert [(each["line"], each["key"], each["value"]) for each in told["bad.toml"]["mistakes"]] == [
        (10, "node.welcome.prompts", "welcom"),
        (11, "node.welcome.next", "men"),
        (23, "node.sales.queue", "sale"),
    ]
    for each in told["bad.toml"]["mistakes"]:
        assert list(each) == ["file", "line", "key", "value", "text", "hint", "column"]
        assert each["file"] == str(bad)
    assert main(["flow", "check", str(bad)]) == 1
    assert "node.welcome" in capsys.readouterr().out


def test_a_configuration_is_no_better_than_the_flows_that_its_routes_name(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    flow = tmp_path / "flows/hotline.toml"
    flow.write_text((EXAMPLES / "flows/hotline.toml").read_text().replace('next = "menu"', 'next = "men"'))
    box = tmp_path / "box.toml"
    box.write_text((EXAMPLES / "mx30.toml").read_text().replace('number = "1003"', 'number = "701"'))
    assert main(["config", "check", str(box), "--json"]) == 1
    [told] = json.loads(capsys.readouterr().out)
    assert [(each["file"], each["key"]) for each in told["mistakes"]] == [
        (str(box), "extension[2].number"),
        (str(box), "agent[2].extension"),
        (str(flow), "node.welcome.next"),
    ]
    monkeypatch.setenv("MXBOX_SOUNDS", str(tmp_path / "none"))  # before set-up
    assert main(["config", "check", str(box)]) == 1
    assert (
        f'\n{flow}:11: node.welcome.next = "men": there is no node men (did you mean menu?' in capsys.readouterr().out
    )


@pytest.mark.parametrize("check", [["flow", "check"], ["config", "check"]])
def test_mistakes_are_chinese_for_who_reads_chinese(
    check: list[str], tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    file = tmp_path / "bad.toml"
    file.write_text(BAD if check[0] == "flow" else NONSENSE)
    assert main([*check, str(file)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(str(file))]
    assert len(lines) > 10
    for line in lines:
        words = [each for each in (line.partition(": ")[2], line.rpartition("(")[2]) if each]
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in each) for each in words), line


def test_a_moment_is_read_as_people_type_it() -> None:
    china = timezone(timedelta(hours=8))
    now = datetime(2026, 11, 22, 15, 30, tzinfo=china)

    def read(text: str) -> datetime:
        return datetime.fromtimestamp(moment_at(text, now) / 1000, UTC).astimezone(china)

    assert read("today") == datetime(2026, 11, 22, tzinfo=china)
    assert read("yesterday") == datetime(2026, 11, 21, tzinfo=china)
    assert read("90m") == datetime(2026, 11, 22, 14, 0, tzinfo=china)
    assert read("7d") == datetime(2026, 11, 15, 15, 30, tzinfo=china)
    assert read("2026-01-31T14:30+08:00") == datetime(2026, 1, 31, 14, 30, tzinfo=china)
    for wrong in ("", "tomorrow", "5", "5x", "2026-13-01", "９９m"):
        with pytest.raises(argparse.ArgumentTypeError, match="is no moment"):
            moment_at(wrong, now)


@pytest.mark.parametrize("wrong", ["0", "10001", "-1", "x", "", "١"])
def test_a_limit_has_limits(wrong: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        limit(wrong)


def test_the_socket_is_the_one_named_then_the_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert socket_path("a.sock", {"MXBOX_SOCKET": "b.sock"}) == Path("a.sock")
    assert socket_path(None, {"MXBOX_SOCKET": "b.sock"}) == Path("b.sock")
    assert socket_path(None, {}) == Path("run/control.sock")


def test_lengths_and_sizes_are_as_people_read_them() -> None:
    assert [length(x) for x in (0, 7.9, 750, 3723, 266523)] == ["0:00", "0:07", "12:30", "1:02:03", "3 d 02:02:03"]
    assert [size(x) for x in (0, 999, 1500, 1_234_567, 5_000_000_000_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "1.2 MB",
        "5000.0 GB",
    ]


def mxbox(*words: str, **more: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "appliance.cli.main", *words]
    # A shell that runs the tests in the background has them ignore SIGINT, and a child would inherit that.
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": hears}
    return subprocess.Popen(command, **(pipes | more))  # type: ignore[call-overload,no-any-return]


def test_a_reader_who_has_read_enough_causes_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text("".join(f'[[extension]]\nnumber = "{n}"\nline = "bad"\n' for n in range(5000)))
    child = mxbox("config", "check", str(file))
    assert child.stdout is not None
    child.stdout.read(10)
    child.stdout.close()
    assert child.wait(30) == 1
    assert child.stderr is not None
    assert child.stderr.read() == b""


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with Counter(path, lambda _request: answers.STATUS, (answers.UPDATE,), keep=True):
        child = mxbox("watch", "--socket", str(path))
        assert child.stdout is not None
        assert b"agent_changed" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
        assert child.stderr is not None
        assert child.stderr.read() == b""
