# SPDX-License-Identifier: GPL-2.0-or-later
"""The edge's names for the states it shows (RFC 3903 4.1), kept in a file for the next call server.

A call server that was killed cannot withdraw its publications. The next one must replace them, and needs these names:
a publication beside an old one would contradict it, and a phone busy then would look busy until that expires.
"""

import contextlib
import logging
from pathlib import Path
from typing import Final, NamedTuple, TextIO

Key = tuple[str, str]
"""Extension, event package."""
LINES_MAX: Final = 5000
"""Changes after which the file is written anew."""

_log = logging.getLogger(__name__)


class Tag(NamedTuple):
    """The edge's name for the state it shows, and the token of a request under way; '' where there is none."""

    etag: str = ""
    token: str = ""


class Tags:
    """Entity tags by extension and event; one short line is appended for every change.

    Without its file (a full disk) the tags end with the process; nothing else depends on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tags = _read(path)
        self._file: TextIO | None = None
        self._rewrite()

    def get(self, key: Key) -> Tag:
        """Return the tag of a publication."""
        return self._tags.get(key, Tag())

    def put(self, key: Key, tag: Tag) -> None:
        """Keep a tag, also in the file."""
        if self.get(key) == tag:
            return
        self._tags[key] = tag
        self._lines += 1
        if self._lines > LINES_MAX + len(self._tags):
            self._rewrite()
        else:
            self._write([(key, tag)])

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _rewrite(self) -> None:
        self.close()
        kept = [(key, tag) for key, tag in self._tags.items() if any(tag)]
        self._lines = len(kept)
        try:
            self._file = self._path.open("w", buffering=1)
        except OSError as error:
            _log.warning("what the edge shows is not written down: %s", error)
        self._write(kept)

    def _write(self, tags: list[tuple[Key, Tag]]) -> None:
        if self._file is None:
            return
        try:
            self._file.write("".join(" ".join((*key, *tag)) + "\n" for key, tag in tags))
        except OSError as error:
            _log.warning("what the edge shows is not written down: %s", error)
            self.close()


def _read(path: Path) -> dict[Key, Tag]:
    try:
        lines = path.read_text(errors="replace").split("\n")[:-1]  # the last one may have been cut off by a kill
    except OSError:
        return {}
    words = [line.split(" ") for line in lines]
    return {(each[0], each[1]): Tag(each[2], each[3]) for each in words if len(each) == 4}
