# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing of the driver's files to disk: whole or not at all, and nothing that a person wrote is lost."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from appliance.contract.reasons import why
from appliance.dahdi.files import is_ours
from appliance.dahdi.plan import DahdiSetupError
from appliance.i18n import _


@dataclass(frozen=True)
class Placed:
    """A written file: whether it changed, and the path of the copy of a person's text that was in its place."""

    path: Path
    changed: bool
    kept: Path | None = None


def place(texts: Mapping[PurePosixPath, str], root: Path) -> list[Placed]:
    """Write the files below `root`.

    Raises:
        DahdiSetupError: naming the file that cannot be written or read.
    """
    placed = []
    for below, text in texts.items():
        path = root / below
        try:
            placed.append(_place(path, text))
        except OSError as error:
            hint = _("only root may write there; try it elsewhere with --root FOLDER")
            message = _("{file} cannot be written: {why}").format(file=path, why=why(error))
            raise DahdiSetupError(message, hint) from error
    return placed


def _place(path: Path, text: str) -> Placed:
    old = path.read_bytes() if path.exists() else None
    if old == text.encode():
        return Placed(path, changed=False)
    kept = None if old is None or is_ours(old.decode("utf-8", "replace")) else _keep(path, old)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text.encode())
    return Placed(path, changed=True, kept=kept)


def _keep(path: Path, old: bytes) -> Path:
    """Keep a copy beside the file, under the first name that is free; an equal copy that is there already will do."""
    number = 1
    while (copy := path.with_name(f"{path.name}.saved-{number}")).exists():
        if copy.read_bytes() == old:
            return copy
        number += 1
    _write(copy, old)
    return copy


def _write(path: Path, octets: bytes) -> None:
    """Write a file whole or not at all, also when the power fails in between."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
