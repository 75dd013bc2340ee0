# SPDX-License-Identifier: GPL-2.0-or-later
"""README's commands as they stand there: all are understood, and the first steps of technician and tester work.

In both languages, each as its page says and as its reader sees it.

Only places are changed: sockets in /tmp and the SIP port would meet another run on the same machine.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli.main import make_parser
from hw_sim.baresip import free_port

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh-CN.md")
LOCALES = ("en_US.UTF-8", "zh_CN.UTF-8")
"""Of the readers of these pages: set-up installs neither."""
UP = (
    "the box is up: mx30, 1 span, 1 extension; ask it: mxbox status --socket ",
    "本机已启动：mx30，1 条中继，1 个分机；查询：mxbox status --socket ",
)
CHINESE = re.compile("[\u4e00-\u9fff]")
NOT_YET_HEALTHY = ("mxbox status",)
"""Of the technician's questions: before a carrier is there, the box says that its line needs attention."""


def blocks(page: str) -> list[list[str]]:
    """Give the commands of each shell block, without remarks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [[shlex.join(words) for line in block.splitlines() if (words := _words(line))] for block in found]


def _words(line: str) -> list[str]:
    return shlex.split(line, comments=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_the_page_is_understood(page: str) -> None:
    told = [words for block in blocks(page) for line in block if (words := _words(line))[0] == "mxbox"]
    assert len(told) > 20
    for words in told:
        make_parser().parse_args(words[1:])


def test_both_pages_have_the_same_commands() -> None:
    def shape(page: str) -> list[list[list[str]]]:
        return [[_words(line)[:3] for line in block] for block in blocks(page)]

    assert shape(PAGES[0]) == shape(PAGES[1])


class Shell:
    """Runs lines of README in a folder that has the tree's files, as a person would in a terminal."""

    def __init__(self, folder: Path, locale: str) -> None:
        self.folder = folder
        (folder / "appliance").symlink_to(ROOT / "appliance")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        others = {
            name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES")
        }
        self._environment = {**others, "PATH": path, "LANG": locale}

    def placed(self, line: str) -> str:
        return line.replace("/tmp/mxbox-", f"{self.folder}/")

    def run(self, line: str, below: str = ".") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.placed(line), shell=True, cwd=self.folder / below, env=self._environment,
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    def start(self, line: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self.placed(line)}"], cwd=self.folder, env=self._environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        yield Path(folder)


@pytest.mark.timeout(240)  # callers wait and talk in real time, and a dozen commands start one after the other
@pytest.mark.parametrize(("page", "locale", "up"), list(zip(PAGES, LOCALES, UP, strict=True)), ids=LOCALES)
def test_the_first_steps_of_technician_and_tester(folder: Path, page: str, locale: str, up: str) -> None:
    shell = Shell(folder, locale)
    [_two, technician, questions, *others] = blocks(page)
    prepare = [line for line in technician if not line.startswith(("make ", ". ", "mxbox run"))]
    [start] = [line for line in technician if line.startswith("mxbox run")]
    [tester] = [block for block in others if any(line.startswith("mxbox sim call") for line in block)]
    for line in prepare:
        done = shell.run(line)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    example = shell.folder / "mysite/tester.toml"
    example.write_text(shell.placed(example.read_text()) + f"\n[sip]\nport = {free_port()}\n")
    box = shell.start(start)
    try:
        assert box.stdout
        said: list[str] = []
        for line in box.stdout:
            said.append(line)
            if up in line:
                break
        assert up in said[-1], said
        threading.Thread(target=box.stdout.read, daemon=True).start()
        for line in [*questions, "mxbox extension list"]:
            done = shell.run(line, "mysite")
            assert done.returncode in ({0, 1} if line in NOT_YET_HEALTHY else {0}), (line, done.stdout, done.stderr)
            assert bool(CHINESE.search(done.stdout)) == (page == PAGES[1]), (line, done.stdout)
            assert "1001" in done.stdout or line != "mxbox extension list"
        for line in tester:
            done = shell.run(line)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            assert "sim call" not in line or "zh/welcome" in done.stdout, "what the caller heard has its name"
            assert done.stdout.count("Restart") <= 1, "one line for all channels"
            assert bool(CHINESE.search(done.stdout)) == (page == PAGES[1]), (line, done.stdout)
    finally:
        box.send_signal(signal.SIGTERM)
        assert box.wait(20) == 0
