# SPDX-License-Identifier: GPL-2.0-or-later
"""The edge's names for what it shows (RFC 3903 4.1), kept in a file for the next call server.

A call server that was killed cannot take back what it published. The next one must replace it, which needs these names:
what it published beside it would contradict it, and a phone that was busy then would look busy for an hour.
"""

import logging
from pathlib import Path
from typing import Final

Key = tuple[str, str]
"""Extension, event package."""
LINES_MAX: Final = 5000
"""After so many changes the file is written anew."""

_log = logging.getLogger(__name__)


class Tags:
    """Entity tags by extension and event; one short line is appended for every change.

    Without its file (a full disk) it forgets with its process, and nothing else suffers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tags = _read(path)
        self._rewrite()

    def get(self, key: Key) -> str:
        """Give the tag under which something is shown; '' if nothing is."""
        return self._tags.get(key, "")

    def put(self, key: Key, tag: str) -> None:
        """Keep a tag; '' if what it named is not shown any more."""
        if self.get(key) == tag:
            return
        self._tags[key] = tag
        self._lines += 1
        if self._lines > LINES_MAX:
            self._rewrite()
        else:
            self._write("a", _line(key, tag))

    def _rewrite(self) -> None:
        self._lines = len(self._tags)
        self._write("w", "".join(_line(key, tag) for key, tag in self._tags.items() if tag))

    def _write(self, mode: str, text: str) -> None:
        try:
            with self._path.open(mode) as file:
                file.write(text)
        except OSError as error:
            _log.warning("what the edge shows is not written down: %s", error)


def _read(path: Path) -> dict[Key, str]:
    try:
        lines = path.read_text(errors="replace").split("\n")[:-1]  # the last one may have been cut off by a kill
    except OSError:
        return {}
    words = [line.split(" ") for line in lines]
    return {(each[0], each[1]): each[2] for each in words if len(each) == 3}


def _line(key: Key, tag: str) -> str:
    return f"{key[0]} {key[1]} {tag}\n"
