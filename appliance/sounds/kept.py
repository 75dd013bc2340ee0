# SPDX-License-Identifier: GPL-2.0-or-later
"""The kept pool of sounds: one file of samples, one index; where it lies, how it is written and read.

`pool.i16` all sounds one after the other, int16 little-endian, 8 kHz mono. `index.json` an `Index`. Its folder is named
by a hash of its inputs in this tree, so two versions of the box on one machine each find their own.
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

import appliance.sounds
import dsp
from appliance.i18n import _
from appliance.sounds.errors import SoundError
from appliance.sounds.speech import PROMPTS
from dsp.levels import Float

POOL: Final = "pool.i16"
INDEX: Final = "index.json"
SYSTEM_CACHE: Final = Path("/var/cache")
_REMEDY: Final = "make setup"
_MAKERS: Final = ("files.py", "kept.py", "music.py", "setup.py", "shape.py", "speech.py")
"""Files of this room that determine the pool's content."""


class Sound(msgspec.Struct, frozen=True):
    """Place of a sound in the pool, in samples, and its description."""

    offset: int
    samples: int
    language: str = ""
    text: str = ""
    source: str = ""


class Index(msgspec.Struct, frozen=True):
    """All sounds by name (`prompt:zh/welcome`, `tone:cn/busy`, `music:default`), and the tools that made them."""

    made_with: dict[str, str]
    sounds: dict[str, Sound]


def kept_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this tree's pool: `$MXBOX_SOUNDS`, else one of its own in the user's cache.

    Where set-up was run by another user and a service runs the box, it is that of the tree's owner, or the machine's.
    """
    if environ.get("MXBOX_SOUNDS"):
        return Path(environ["MXBOX_SOUNDS"])
    name = Path("mxbox", "sounds", _tree_hash())
    mine = Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "/root")) / ".cache") / name
    others = (_owners_cache() / name, SYSTEM_CACHE / name)
    return next((folder for folder in (mine, *others) if _is_readable(folder)), mine)


def _owners_cache() -> Path:
    """Return the cache of the user that owns the tree."""
    try:
        return Path(pwd.getpwuid(PROMPTS.stat().st_uid).pw_dir) / ".cache"
    except (KeyError, OSError):  # a user that does not exist any more, as in a container
        return SYSTEM_CACHE


def _is_readable(folder: Path) -> bool:
    return os.access(folder / INDEX, os.R_OK) and os.access(folder / POOL, os.R_OK)


def _tree_hash() -> str:
    ours, tones = Path(appliance.sounds.__file__).parent, Path(dsp.__file__).parent
    sources = [
        PROMPTS,
        tones / "tones.toml",
        tones / "tone_table.py",
        tones / "tones.py",
        tones / "levels.py",
        *(ours / name for name in _MAKERS),
    ]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def read_index(folder: Path) -> Index:
    """Read a kept pool's index. Raises `SoundError` if there is no whole pool."""
    try:
        index = msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
        total = max((sound.offset + sound.samples for sound in index.sounds.values()), default=0)
        if (folder / POOL).stat().st_size != 2 * total:
            raise SoundError(_("the sounds in {folder} are cut short").format(folder=folder), _remedy())
    except FileNotFoundError as error:
        raise SoundError(_("no sounds in {folder}: they were not made yet").format(folder=folder), _remedy()) from error
    except (OSError, msgspec.DecodeError) as error:
        message = _("the sounds in {folder} cannot be read: {why}").format(folder=folder, why=error)
        raise SoundError(message, _remedy()) from error
    return index


def _remedy() -> str:
    return _("make them with: {command}; or name their folder in MXBOX_SOUNDS").format(command=_REMEDY)


def write_pool(folder: Path, made_with: dict[str, str], parts: Iterable[tuple[str, Float, Sound]]) -> Index:
    """Write a pool, whole or not at all. `parts`: name, samples float32, and the index's entry of each."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        index = _write(new, made_with, parts)
        if folder.exists():
            shutil.rmtree(folder)
        new.chmod(0o755)
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return index


def _write(folder: Path, made_with: dict[str, str], parts: Iterable[tuple[str, Float, Sound]]) -> Index:
    sounds: dict[str, Sound] = {}
    offset = 0
    with (folder / POOL).open("wb") as pool:
        for name, samples, sound in parts:
            pool.write(to_int16(samples).tobytes())
            sounds[name] = msgspec.structs.replace(sound, offset=offset, samples=len(samples))
            offset += len(samples)
    index = Index(made_with, sounds)
    (folder / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(index), indent=1))
    return index


def to_int16(x: Float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return full scale 1.0 as int16, little-endian as every machine this runs on."""
    return np.clip(np.rint(x * 32768), -32768, 32767).astype("<i2")
