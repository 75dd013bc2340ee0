# SPDX-License-Identifier: GPL-2.0-or-later
"""The folders of recordings' files: the one they are written to, and the one they are moved to after some days.

A file is copied, synced, read back and compared before its source goes. In the books the path of a moved one is
absolute (`FILE`), so it is found below either folder.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import N_

FILE: Final = "CASE r.folder WHEN '' THEN r.path ELSE r.folder || '/' || r.path END"
"""Path of the file of a recording `r`: relative to the recordings folder, or absolute."""
_BLOCK: Final = 1 << 20


class ShelfError(ApplianceError):
    """A folder of recordings cannot be used now."""


class Shelves:
    """Both folders.

    Args:
        recordings: where recordings are written.
        moved: where they are moved to; None: nowhere.
        mounted: `moved` is on another file system; while it is not, it is not mounted.
    """

    def __init__(self, recordings: Path, moved: Path | None = None, *, mounted: bool = True) -> None:
        self.recordings, self.moved = recordings, moved
        self._mounted = mounted

    def require(self, folder: Path) -> None:
        """Raise ShelfError unless a folder with moved recordings is there: mounted, and a folder."""
        place = folder
        while not place.exists():
            place = place.parent
        if self._mounted and place.stat().st_dev == self.recordings.stat().st_dev:
            hint = N_("mount it, or set recording.archive.mounted = false")
            raise ShelfError.of(N_("the folder {folder} for recordings is not mounted"), hint, folder=folder)
        if not place.is_dir():
            raise ShelfError.of(N_("{place} is no folder"), place=place)

    def sound(self, path: str) -> str:
        """Return the sound of a file as `Play` takes it, '' if it is not there."""
        for name, folder in (("recordings", self.recordings), ("archive", self.moved)):
            if path and folder is not None and (file := self.recordings / path).is_relative_to(folder):
                return f"file:{name}/{file.relative_to(folder)}" if file.is_file() else ""
        return ""

    def move(self, path: str) -> bool:
        """Copy a file to the other folder and compare it; return False if there is none. Its source stays.

        Raises OSError, ShelfError.
        """
        if self.moved is None or not (source := self.recordings / path).is_file():
            return False
        target = self.moved / path
        part = target.with_name(f".{target.name}")
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, part)
            _sync(part)
            if _sum(part) != _sum(source):
                text = N_("{path} differs from its copy in {folder}")
                raise ShelfError.of(text, N_("look at both disks"), path=path, folder=self.moved)
            part.replace(target)
            _sync(target.parent)
        finally:
            part.unlink(missing_ok=True)
        return True

    def unlink(self, paths: Iterable[str], moved_to: Iterable[str] = ()) -> None:
        """Delete files, and the folders below the recordings folder that become empty.

        `moved_to`: folders of those that were moved; they must be there, or their files would be taken for deleted.
        Raises OSError, ShelfError.
        """
        for folder in moved_to:
            self.require(Path(folder))
        paths = tuple(paths)
        for path in paths:
            (self.recordings / path).unlink(missing_ok=True)
        for place in {(self.recordings / path).parent for path in paths} - {self.recordings}:
            with suppress(OSError):  # it is not empty
                place.rmdir()


def _sync(path: Path) -> None:
    """Push a file or folder to the medium, so that it is read back from there."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def _sum(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
