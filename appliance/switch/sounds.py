# SPDX-License-Identifier: GPL-2.0-or-later
"""The sounds a switch can play: the kept pool, memory-mapped, and the owner's own files before it.

The owner's folder holds `<language>/<name>.wav` for prompts and `music/<name>.wav` for music; a file of theirs wins
over the built-in sound of the same name. One that cannot be played is named in `troubles`, and the built-in one stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.config.paths import MUSIC
from appliance.i18n import _
from appliance.sounds.errors import SoundFileError
from appliance.sounds.files import read_wav
from appliance.sounds.kept import POOL, read_index, to_int16


@dataclass(frozen=True)
class SoundPool:
    """All sounds as one int16 array [n] at 8 kHz, and where each one lies in it.

    Attributes:
        samples: the sounds, one after the other.
        places: offset and length in samples, by name: `prompt:zh/welcome`, `tone:cn/busy`, `music:default`.
        country: whose tones `tone:<name>` means.
        troubles: what a technician should read: files of the owner that cannot be played.
    """

    samples: NDArray[np.int16]
    places: Mapping[str, tuple[int, int]]
    country: str
    troubles: tuple[str, ...] = ()

    @classmethod
    def load(cls, kept_dir: Path, owner_dir: Path | None, country: str) -> Self:
        """Map the pool of `kept_dir` and read the owner's files. Raises `appliance.sounds.errors.SoundError`."""
        index = read_index(kept_dir)
        built_in = np.memmap(kept_dir / POOL, dtype="<i2", mode="r")
        places = {name: (sound.offset, sound.samples) for name, sound in index.sounds.items()}
        own, troubles = _read_owners(owner_dir)
        offset = len(built_in)
        for name, samples in own.items():
            places[name] = (offset, len(samples))
            offset += len(samples)
        # Only an owner with prompts of their own pays for a copy in memory.
        all_samples = np.concatenate([built_in, *own.values()]) if own else built_in
        return cls(all_samples, places, country, troubles)

    def find(self, sound: str) -> tuple[int, int] | None:
        """Give offset and length in samples of a sound as `appliance.messages.Play` names it; None if there is none."""
        kind, _colon, name = sound.partition(":")
        if kind == "tone" and "/" not in name:
            sound = f"tone:{self.country}/{name}"
        return self.places.get(sound)


def owner_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the sounds in an owner's folder: name, file; in order."""
    for file in sorted(folder.glob("*/**/*.wav")):
        kind, *rest = file.relative_to(folder).with_suffix("").parts
        name = "/".join(rest)
        yield (f"music:{name}" if kind == MUSIC else f"prompt:{kind}/{name}"), file


def _read_owners(folder: Path | None) -> tuple[dict[str, NDArray[np.int16]], tuple[str, ...]]:
    own: dict[str, NDArray[np.int16]] = {}
    troubles: list[str] = []
    for name, file in owner_files(folder) if folder else ():
        try:
            own[name] = to_int16(read_wav(file))
        except SoundFileError as error:
            told = _("{what}; the built-in sound is played instead ({remedy})")
            troubles.append(told.format(what=error.message, remedy=error.hint))
    return own, tuple(troubles)
