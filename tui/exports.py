# SPDX-License-Identifier: GPL-2.0-or-later
"""Export of sound files: into a folder where the terminal runs, or to the browser in which it is shown."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from appliance.cli.converting import FORMATS, convert, require
from appliance.contract.errors import ApiError, ApplianceError
from appliance.i18n import _, ngettext
from appliance.store.recordings import RecordingUnreadable
from tui.actions import Action, Field, Values
from tui.host import Host
from tui.link import Asks

AT_ONCE: Final = 16
"""Files that a browser takes at once."""


class Sound(NamedTuple):
    """A sound file of the box; its name begins with `number`."""

    number: int
    path: Path


def export(key: str, host: Host, sounds: Sequence[Sound]) -> Action:
    """Return the action that exports these files."""
    if host.in_browser:
        return Action(key, _("save here"), right="read", do=_to_browser(host, sounds))
    folder = Field("folder", _("folder of the machine where this terminal runs"), "export")
    form = Field("format", _("format: wav, opus, mp3"), "wav")
    return Action(key, _("export"), fields=(folder, form), right="read", do=_to_folder(sounds))


def _to_browser(host: Host, sounds: Sequence[Sound]) -> Callable[[Asks, Values], Awaitable[str]]:
    async def do(_link: Asks, _values: Values) -> str:
        for each in sounds[:AT_ONCE]:
            try:
                host.hand_out(each.path, f"{each.number:09d}.wav", "audio/wav")
            except OSError as error:
                text = _("the file {path} cannot be read: {why}")
                raise ApiError(text.format(path=each.path, why=error.strerror)) from error
        return _told(len(sounds[:AT_ONCE]), "")

    return do


def _to_folder(sounds: Sequence[Sound]) -> Callable[[Asks, Values], Awaitable[str]]:
    async def do(_link: Asks, values: Values) -> str:
        folder = await asyncio.to_thread(_write, sounds, values["folder"], values["format"])
        return _told(len(sounds), str(folder))

    return do


def _write(sounds: Sequence[Sound], named: str, form: str) -> Path:
    """Write files into a folder; return it. Raises ApiError."""
    chosen = next((each for each in FORMATS if each == form), None)
    if chosen is None:
        raise ApiError(
            _("there is no format {word}").format(word=repr(form)),
            _("choose of: {kinds}").format(kinds=", ".join(FORMATS)),
        )
    try:
        folder = Path(named).expanduser().absolute()
        require(chosen)
        folder.mkdir(parents=True, exist_ok=True)
        for each in sounds:
            convert(each.path, folder / f"{each.number:09d}.{chosen}", chosen)
    except ApplianceError as error:
        raise ApiError(error.message, error.hint) from error
    except (RecordingUnreadable, OSError, RuntimeError) as error:  # ~name of no user is a RuntimeError
        raise ApiError(str(error)) from error
    return folder


def _told(count: int, folder: str) -> str:
    text = ngettext("{n} file is written: {folder}", "{n} files are written: {folder}", count)
    return text.format(n=count, folder=folder or _("your browser saves it"))
