# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents as tests read them: pages, and the blocks of code on them.

The word after the language of a block is its use in tests: `sh run` and `python run` are run in their order; a file's
name means that the text stands at the end of this file from then on. Other blocks are only read."""

import re
import shlex
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
READMES: Final = ("README.md", "README.zh-CN.md")
GUIDES: Final = ("installer.md", "tester.md", "technician.md", "queues.md", "agent.md", "integrator.md")
"""Guides in the order in which their steps build on each other."""
LANGUAGES: Final = ("en", "zh")
PAGES: Final = (*READMES, *(f"docs/{language}/{guide}" for language in LANGUAGES for guide in GUIDES))

REMARK: Final = re.compile(r"(^|\s+)# .*$")


class Block(NamedTuple):
    """A block of code: its language, its use, its text."""

    language: str
    mark: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The commands of a block for the shell, without remarks."""
        return [line for each in self.text.splitlines() if (line := REMARK.sub("", each).strip())]


def blocks(page: str, *languages: str) -> list[Block]:
    """Return the blocks of a page, of these languages if any is named."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [Block(*parts) for parts in re.findall(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    return [block for block in found if not languages or block.language in languages]


def words_of(line: str) -> list[str]:
    """Return the words of a line for the shell, without its remark."""
    return shlex.split(line, comments=True)
