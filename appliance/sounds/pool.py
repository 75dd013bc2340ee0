# SPDX-License-Identifier: GPL-2.0-or-later
"""The sounds a switch can play: the kept pool, memory-mapped, and the owner's own files before it.

The owner's folder holds `<language>/<name>.wav` for prompts and `music/<name>.wav` for music; a file of the owner's
replaces the built-in sound of the same name. One that cannot be played is named in `troubles`, and the built-in one
stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Trouble
from appliance.i18n import N_
from appliance.sounds.errors import SoundFileError
from appliance.sounds.files import read_wav
from appliance.sounds.kept import POOL, read_index, to_int16
from appliance.sounds.owner import owner_files


@dataclass(frozen=True)
class SoundPool:
    """All sounds as one int16 array [n] at 8 kHz, and the place of each one in it.

    Attributes:
        samples: the sounds, one after the other.
        places: offset and length in samples, by name: `prompt:zh/welcome`, `tone:cn/busy`, `music:default`.
        country: the country of `tone:<name>`.
        troubles: troubles for a technician: files of the owner that cannot be played.
    """

    samples: NDArray[np.int16]
    places: Mapping[str, tuple[int, int]]
    country: str
    troubles: tuple[Trouble, ...] = ()

    @classmethod
    def load(cls, kept_dir: Path, owner_dir: Path | None, country: str, before: Self | None = None) -> Self:
        """Map the pool of `kept_dir` and read the owner's files. Raises `appliance.sounds.errors.SoundError`.

        After a pool from `before`, its samples keep their places, for players under way; files that are new or changed
        come after them.
        """
        index = read_index(kept_dir)
        built_in = np.memmap(kept_dir / POOL, dtype="<i2", mode="r")
        places = {name: (sound.offset, sound.samples) for name, sound in index.sounds.items()}
        own, troubles = _read_owners(owner_dir)
        there = built_in if before is None else before.samples
        known = {name: place for name in own if before and (place := before.places.get(name))}
        new, end = [], len(there)
        for name, samples in own.items():
            places[name] = known.get(name, (0, 0))
            if not np.array_equal(_stretch(there, places[name]), samples):
                places[name] = (end, len(samples))
                new.append(samples)
                end += len(samples)
        # Only an owner's own prompts cost a copy in memory.
        return cls(np.concatenate([there, *new]) if new else there, places, country, troubles)

    def find(self, sound: str) -> tuple[int, int] | None:
        """Return offset and length in samples of a sound as `contract.switch.Play` names it; None if there is none."""
        kind, _colon, name = sound.partition(":")
        if kind == "tone" and "/" not in name:
            sound = f"tone:{self.country}/{name}"
        return self.places.get(sound)


def _stretch(samples: NDArray[np.int16], place: tuple[int, int]) -> NDArray[np.int16]:
    offset, length = place
    return samples[offset : offset + length]


def _read_owners(folder: Path | None) -> tuple[dict[str, NDArray[np.int16]], tuple[Trouble, ...]]:
    own: dict[str, NDArray[np.int16]] = {}
    troubles: list[Trouble] = []
    for name, file in owner_files(folder) if folder else ():
        try:
            own[name] = to_int16(read_wav(file))
        except SoundFileError as error:
            troubles.append(_unplayable(error))
    return own, tuple(troubles)


def _unplayable(error: SoundFileError) -> Trouble:
    text = (
        N_("{file} cannot be read: {why}; the built-in sound is played instead (let the box's user read it)")
        if isinstance(error.__cause__, OSError)
        else N_(
            "{file} is no WAV file of 16-bit PCM: {why}; the built-in sound is played instead"
            " (convert it: sox {name} -r 8000 -c 1 -b 16 -e signed new.wav)"
        )
    )
    return Trouble("sounds", text, values=error.values)
