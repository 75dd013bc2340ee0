# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps of the guides, from the installer's first to the integrator's last, on one box, as they stand there.

`tests/test_documents.py` holds that both languages have the same steps, so those of one are run. Each guide begins in
the folder of the tree, as in a new terminal. Only places are changed: ports and sockets would meet another run.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hw_sim.baresip import free_port
from tests.pages import GUIDES, Block, blocks
from tests.scenarios.readers import Shell, folder

__all__ = ["folder"]

STAYS = {"mxbox run ": "healthy|needs attention", "mxbox sim exchange ": "in service"}
"""Commands that run until they are ended, and what the box says of itself when they are ready."""
LOOK = "mxbox status --socket mysite/run/control.sock; mxbox spans --socket mysite/run/control.sock"


def placed_in(text: str) -> str:
    """Return a piece of configuration with ports that are free."""
    ports = "".join(f"\n{key} = {free_port()}" for key in ("port", "tls_port", "link_port"))
    return (
        text.replace("port = 5070", f"port = {free_port()}")
        .replace("[edge]", "[edge]" + ports)
        .replace("[provisioning]", f"[provisioning]\nport = {free_port()}")
    )


class Reader:
    """A reader that carries out the guides."""

    def __init__(self, folder: Path) -> None:
        self.shell = Shell(folder, "en_US.UTF-8")
        self.stay: list[subprocess.Popen[str]] = []

    def do(self, block: Block) -> None:
        if block.language == "sh":
            self._shell(block)
        elif block.language == "python":
            done = self.shell.run(f"{sys.executable} - <<'END'\n{block.text}\nEND\n", "mysite")
            assert done.returncode == 0, (block.text, done.stdout, done.stderr)
        else:
            with (self.shell.folder / block.mark).open("a", encoding="utf-8") as file:
                file.write("\n" + placed_in(block.text))

    def _shell(self, block: Block) -> None:
        below = "."
        for line in block.lines:
            if line.startswith("cd "):
                below = line.removeprefix("cd ")
            elif ready := [said for start, said in STAYS.items() if line.startswith(start)]:
                self._start(line, ready[0])
            else:
                done = self.shell.run(line, below)
                assert done.returncode == 0, (line, done.stdout, done.stderr)
                assert "Traceback" not in done.stderr, (line, done.stderr)
            if line.startswith("cp "):
                self._place_sockets()

    def _place_sockets(self) -> None:
        file = self.shell.folder / "mysite/tester.toml"
        file.write_text(self.shell.placed(file.read_text(encoding="utf-8")), encoding="utf-8")

    def _start(self, line: str, ready: str) -> None:
        self._wait(lambda said: not re.search(ready, said))  # what was there before is gone
        process = self.shell.start(line)
        self.stay.append(process)
        assert process.stdout
        threading.Thread(target=process.stdout.read, daemon=True).start()
        self._wait(lambda said: bool(re.search(ready, said)))

    def _wait(self, holds: Callable[[str], bool]) -> None:
        tries = 40
        while not holds(said := self.shell.run(LOOK).stdout):
            tries -= 1
            assert tries, said

    def end(self) -> None:
        for process in reversed(self.stay):
            process.terminate()
        assert [process.wait(20) for process in self.stay] == [0] * len(self.stay)


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    reader = Reader(folder)
    yield reader
    reader.end()


@pytest.mark.timeout(300)  # half a hundred commands, one after the other, and callers in real time
def test_the_steps_of_the_guides_work_from_the_first_to_the_last(reader: Reader) -> None:
    steps = [block for guide in GUIDES for block in blocks(f"docs/en/{guide}") if block.mark]
    assert len(steps) > 20
    for block in steps:
        reader.do(block)
