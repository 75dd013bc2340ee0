# SPDX-License-Identifier: GPL-2.0-or-later
"""README's commands as they stand there: the first steps of technician and tester work.

In both languages, each as its page says and as its reader sees it.

Only places are changed: sockets in /tmp and the SIP port would meet another run on the same machine.
"""

import re
import signal
import threading
from pathlib import Path

import pytest

from hw_sim.baresip import free_port
from tests.pages import READMES, blocks, words_of
from tests.scenarios.readers import Shell, folder

__all__ = ["folder"]

LOCALES = ("en_US.UTF-8", "zh_CN.UTF-8")
"""Of the readers of these pages: set-up installs neither."""
UP = (
    "the box is up: mx30, 1 span, 1 extension; ask it: mxbox status --socket ",
    "本机已启动：mx30，1 条中继，1 个分机；查询：mxbox status --socket ",
)
CHINESE = re.compile("[\u4e00-\u9fff]")
NOT_YET_HEALTHY = ("mxbox status",)
"""Of the technician's questions: before a carrier is there, the box says that its line needs attention."""


def test_both_pages_have_the_same_commands() -> None:
    def shape(page: str) -> list[list[list[str]]]:
        return [[words_of(line)[:3] for line in block.lines] for block in blocks(page, "sh")]

    assert shape(READMES[0]) == shape(READMES[1])


@pytest.mark.timeout(240)  # callers wait and talk in real time, and a dozen commands start one after the other
@pytest.mark.parametrize(("page", "locale", "up"), list(zip(READMES, LOCALES, UP, strict=True)), ids=LOCALES)
def test_the_first_steps_of_technician_and_tester(folder: Path, page: str, locale: str, up: str) -> None:
    shell = Shell(folder, locale)
    [_two, technician, questions, *others] = [block.lines for block in blocks(page, "sh")]
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
            assert bool(CHINESE.search(done.stdout)) == (page == READMES[1]), (line, done.stdout)
            assert "1001" in done.stdout or line != "mxbox extension list"
        for line in tester:
            done = shell.run(line)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            assert "sim call" not in line or "zh/welcome" in done.stdout, "what the caller heard has its name"
            assert done.stdout.count("Restart") <= 1, "one line for all channels"
            assert bool(CHINESE.search(done.stdout)) == (page == READMES[1]), (line, done.stdout)
    finally:
        box.send_signal(signal.SIGTERM)
        assert box.wait(20) == 0
