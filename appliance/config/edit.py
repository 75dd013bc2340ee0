# SPDX-License-Identifier: GPL-2.0-or-later
"""Editing of extensions in a configuration file, as its owner would with an editor.

Everything else stays byte for byte: comments, order, spaces. The new text is parsed before it replaces the file: it
must be the old configuration with just that change, or nothing is changed. The old text goes to `<state>/history`.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import tomli_w

from appliance.config.document import decoded
from appliance.config.errors import Mistake
from appliance.config.load import read_config
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.errors import ApplianceError
from appliance.i18n import _

MAX_KEPT: Final = 50
"""Old texts that are kept, the youngest."""
HISTORY: Final = "history"
"""Folder of old texts, in the folder of the box's state."""
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_ABOUT: Final = ".json"
_TABLE: Final = re.compile(r"\s*\[")
_EXTENSION: Final = re.compile(r"\s*\[\[\s*extension\s*\]\]\s*(#.*)?$")
_PLACE: Final = re.compile(r"\[\d+\]")
_ASIDE: Final = re.compile(r"\s*(#.*)?$")


class EditError(ApplianceError):
    """The configuration cannot be edited by the command."""


def with_extensions(text: str, new: Sequence[ExtensionConfig]) -> str:
    """Return a text with `[[extension]]` tables added behind the last one there, or at the end."""
    lines = text.splitlines(keepends=True)
    blocks = _blocks(lines)
    place = blocks[-1][1] if blocks else len(lines)
    before = "".join(lines[:place])
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "".join("\n" + _table(each) for each in new) + "".join(lines[place:])


def without_extension(text: str, place: int) -> str:
    """Return a text without the `[[extension]]` table at `place` (0..).

    Comments inside it and the blank line before it go with it.
    """
    lines = text.splitlines(keepends=True)
    blocks = _blocks(lines)
    if place >= len(blocks):
        return text
    first, last = blocks[place]
    while first and not lines[first - 1].strip():
        first -= 1
    return "".join(lines[:first] + lines[last:])


def save(path: Path, paths: ResolvedPaths, old: str, new: str, wanted: BoxConfig) -> int:
    """Replace `old` by `new` in the file, which is whole at every moment; the old text is kept.

    Mistakes that are in the file already do not hinder: the edit may be one of several that mend them.

    Returns:
        The number of mistakes that the file still has.

    Raises:
        EditError: the new text is not `wanted`, or has mistakes that the file had not, or the file was changed
            meanwhile.
        ConfigError: the file is no TOML.
    """
    after = read_config(new, str(path))
    wanted = msgspec.structs.replace(wanted, calendar=after.config.calendar)  # `load_box` adds days of another file
    if after.shape or msgspec.to_builtins(after.config) != msgspec.to_builtins(wanted):
        hint = _("write each extension as a table [[extension]] of its own, or edit the file by hand")
        raise EditError(_("{file} cannot be edited by this command").format(file=path), hint)
    before = {_placeless(each) for each in read_config(old, str(path)).sense}
    if fresh := [each for each in after.sense if _placeless(each) not in before]:
        told = "\n".join(each.text(str(path)) for each in fresh)
        raise EditError(told, _("nothing was changed: this would have made a mistake"))
    put(path, paths.state / HISTORY, old, new, Kept())
    return len(after.sense)


class Kept(msgspec.Struct, frozen=True):
    """A text of the configuration that another took the place of: when (Unix milliseconds), by whom, from where, why.

    `version` names the text, `after` the one that took its place.
    """

    at: int = 0
    user: str = ""
    door: str = ""
    why: str = ""
    version: str = ""
    after: str = ""


def version(text: str) -> str:
    """Return the name of a text: the beginning of its hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


NO_TEXT: Final = version("")
"""Stands in the history for the time when there was no file."""


def put(path: Path, history: Path, old: str, new: str, about: Kept) -> None:
    """Replace `old` by `new` in the file, which is whole at every moment; the old text is kept in the history.

    Raises EditError if the file was changed meanwhile.
    """
    if read(path) != old:
        raise EditError(_("{file} was changed in the meantime").format(file=path), _("run the command again"))
    _keep(path, history, old, msgspec.structs.replace(about, version=version(old), after=version(new)))
    replace_text(path, new)


def remove(path: Path, history: Path, old: str, about: Kept) -> None:
    """Delete a file; its text is kept in the history. Raises EditError if the file was changed meanwhile."""
    if read(path) != old:
        raise EditError(_("{file} was changed in the meantime").format(file=path), _("run the command again"))
    _keep(path, history, old, msgspec.structs.replace(about, version=version(old), after=NO_TEXT))
    path.unlink()


def kept(path: Path, history: Path) -> list[tuple[Kept, Path]]:
    """Return the texts in the history, and their files, the newest first."""
    found = []
    for file in sorted(history.glob(f"{path.name}.*Z"), reverse=True):
        about = file.with_name(file.name + _ABOUT)
        if about.is_file():
            found.append((msgspec.json.decode(about.read_bytes(), type=Kept), file))
        else:  # of a box before notes were kept
            stamp = datetime.strptime(file.name[len(path.name) + 1 :], _STAMP).replace(tzinfo=UTC)
            found.append((Kept(int(stamp.timestamp() * 1000), version=version(read(file))), file))
    return found


def _placeless(mistake: Mistake) -> tuple[str, str, str]:
    """Return a mistake without its places in lists, which move by an edit."""
    return _PLACE.sub("", mistake.key), repr(mistake.value), _PLACE.sub("", mistake.message)


def users(config: BoxConfig, number: str) -> list[str]:
    """Return the owners of keys that still lead to an extension, e.g. `agent 2001`."""
    found = [f"agent {each.number}" for each in config.agent if each.extension == number]
    found += [f"hunt {each.number}" for each in config.hunt if number in (*each.extensions, each.otherwise)]
    for each in config.extension:
        onward = (each.forward_always, each.forward_busy, each.forward_no_answer, *each.follow_me)
        if number in onward and each.number != number:
            found.append(f"extension {each.number}")
    return found


def read(path: Path) -> str:
    """Return a configuration's or a flow's text unchanged, line ends included. Raises OSError, ConfigError."""
    return decoded(path.read_bytes(), str(path))


def replace_text(path: Path, text: str) -> None:
    """Write a file anew, with its old mode."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _keep(path: Path, history: Path, text: str, about: Kept) -> None:
    history.mkdir(parents=True, exist_ok=True)
    history.chmod(0o700)
    now = datetime.now(UTC)  # a label for people
    file = history / f"{path.name}.{now.strftime(_STAMP)}"
    about = msgspec.structs.replace(about, at=about.at or int(now.timestamp() * 1000))
    file.with_name(file.name + _ABOUT).write_bytes(msgspec.json.encode(about))
    file.write_bytes(text.encode())
    for old in sorted(history.glob(f"{path.name}.*Z"))[:-MAX_KEPT]:
        old.unlink()
        old.with_name(old.name + _ABOUT).unlink(missing_ok=True)


def _table(extension: ExtensionConfig) -> str:
    default = ExtensionConfig(number=extension.number)
    fields = msgspec.structs.asdict(extension)
    given = {key: value for key, value in fields.items() if value != getattr(default, key) or key in ("number", "line")}
    return "[[extension]]\n" + tomli_w.dumps(given)


def _blocks(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return (first line, line after the last) of every `[[extension]]`.

    Comments and blank lines before the next table belong to that one.
    """
    found = []
    for first, line in enumerate(lines):
        if _EXTENSION.match(line.rstrip("\r\n")):
            last = next((n for n in range(first + 1, len(lines)) if _TABLE.match(lines[n])), len(lines))
            while _ASIDE.match(lines[last - 1].rstrip("\r\n")):
                last -= 1
            found.append((first, last))
    return found
