# SPDX-License-Identifier: GPL-2.0-or-later
"""The names of the sounds that can be played, for checks: the same as in a `SoundPool`, without the samples."""

from collections.abc import Callable
from pathlib import Path

from appliance.sounds.errors import SoundFileError
from appliance.sounds.files import read_wav
from appliance.sounds.kept import kept_dir, read_index
from appliance.sounds.owner import owner_files


def prompt_names(owner_dir: Path | None, folder: Path | None = None) -> Callable[[str], bool]:
    """Return a function that returns whether the prompt `<language>/<name>` can be played.

    Args:
        owner_dir: the owner's sounds, which come before the built-in ones.
        folder: the kept pool, None: this tree's.

    Raises:
        SoundError: there is no whole pool.
    """
    built_in = read_index(folder or kept_dir()).sounds.keys()
    own = {name: file for name, file in owner_files(owner_dir) if name not in built_in} if owner_dir else {}

    def known(prompt: str) -> bool:
        name = f"prompt:{prompt}"
        return name in built_in or (name in own and _can_be_played(own[name]))

    return known


def _can_be_played(file: Path) -> bool:
    try:
        read_wav(file)
    except SoundFileError:
        return False
    return True
