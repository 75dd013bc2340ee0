# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts of a box: the built-in ones, the owner's in their place, and the history of each. It blocks on the disk.

An own sound is `<folder>/<language>/<name>.wav`, as one that is put there by hand. `<kept>/<language>/<name>/` has each
sound that the prompt ever had, named by its hash, and `history.json`. `<kept>/numbers.json` has the numbers by which
phones name prompts: given once, in the order in which prompts come, and never to another.
"""

import hashlib
import io
import os
import re
import threading
import wave
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from appliance.config.known import nearest
from appliance.contract.prompt_rows import PromptChange, PromptRow, PromptSource
from appliance.i18n import N_
from appliance.sounds.errors import SoundError, SoundFileError
from appliance.sounds.files import read_wav
from appliance.sounds.kept import POOL, Index, to_int16
from appliance.sounds.owner import owner_files
from dsp.levels import SAMPLE_RATE, Float, power_dbm0

PROMPT: Final = re.compile(r"(en|zh)/[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*")
MAX_CHANGES: Final = 100
"""Changes of a prompt that are kept, the youngest, with their sounds."""
_HISTORY: Final = "history.json"
_NUMBERS: Final = "numbers.json"
_PREFIX: Final = "prompt:"
_SEE: Final = N_("see `mxbox prompt list`")


class _Own(NamedTuple):
    version: str
    length_s: float


class OwnPrompts:
    """The prompts of a box.

    Args:
        folder: the owner's sounds.
        kept: what prompts were before.
        pool: the folder of the built-in sounds.
        index: reads what is in it; raises SoundError.
    """

    def __init__(self, folder: Path, kept: Path, pool: Path, index: Callable[[Path], Index]) -> None:
        self._folder, self._kept, self._pool, self._index = folder, kept, pool, index
        self._one = threading.Lock()
        self._read: dict[tuple[Path, int, int], _Own] = {}

    # --- looked at

    def rows(self) -> list[PromptRow]:
        """Return all prompts, by number. Raises SoundError, OSError."""
        index, own = self._index(self._pool), self._own()
        built_in = [name.removeprefix(_PREFIX) for name in index.sounds if name.startswith(_PREFIX)]
        numbers = self._numbered([*built_in, *own])
        rows = [
            self._row(prompt, numbers[prompt], index, own.get(prompt)) for prompt in {**dict.fromkeys(built_in), **own}
        ]
        return sorted(rows, key=lambda row: row.number)

    def row(self, prompt: str) -> PromptRow:
        """Return a prompt. Raises SoundError if there is none, OSError."""
        rows = {row.prompt: row for row in self.rows()}
        if prompt not in rows:
            near = nearest(prompt, rows)
            hint = N_("did you mean {near}? All: `mxbox prompt list`") if near else _SEE
            raise SoundError.of(N_("there is no prompt {prompt}"), hint, prompt=prompt, near=near)
        return rows[prompt]

    def numbered(self, number: str) -> str:
        """Return the prompt with a number, '' if there is none. Raises SoundError, OSError."""
        return next((row.prompt for row in self.rows() if str(row.number) == number), "")

    def changes(self, prompt: str) -> tuple[PromptChange, ...]:
        """Return the changes of a prompt, the newest first. Raises OSError."""
        try:
            kept = msgspec.json.decode((self._home(prompt) / _HISTORY).read_bytes(), type=tuple[PromptChange, ...])
        except (FileNotFoundError, msgspec.DecodeError):
            return ()
        return kept[::-1]

    def levels(self, prompt: str, points: int) -> tuple[int, ...]:
        """Return the levels of a prompt in dBm0, in so many equal stretches, fewer if it is short.

        Raises SoundError, OSError.
        """
        x = self._samples(prompt)
        edges = np.linspace(0, len(x), min(points, len(x)) + 1).astype(int)[:-1]
        counts = np.diff(np.append(edges, len(x)))
        power = np.add.reduceat(np.square(x, dtype=np.float64), edges) / counts
        return tuple(np.rint(power_dbm0(power)).astype(int).tolist())

    def require(self, prompt: str, version: str = "") -> None:
        """Raise SoundError if there is no such prompt, or it never had this version; OSError."""
        self.row(prompt)
        if version:
            with self._one:
                self._keep_own(prompt)
            self._version(prompt, version)

    # --- changed

    def put(self, prompt: str, x: Float, change: PromptChange) -> PromptRow:
        """Play a sound of 8 kHz in place of a prompt from the next reading on; the one before is kept.

        Raises SoundError, OSError.
        """
        with self._one:
            data = _wav(x)
            version, before = _version(data), self._keep_own(prompt)
            _write(self._home(prompt) / f"{version}.wav", data)
            _write(self._file(prompt), data)
            self._note(
                prompt, msgspec.structs.replace(change, version=version, before=before, length_s=len(x) / SAMPLE_RATE)
            )
        return self.row(prompt)

    def restore(self, prompt: str, version: str, change: PromptChange) -> PromptRow:
        """Play a sound that the prompt had before, '': the built-in one.

        Raises SoundError if there is none, OSError.
        """
        with self._one:
            before = self._keep_own(prompt)
            if version:
                data = self._version(prompt, version).read_bytes()
            elif f"{_PREFIX}{prompt}" not in self._index(self._pool).sounds:
                hint = N_("name a version of its history, or replace it")
                raise SoundError.of(N_("the box has no sound of its own for {prompt}"), hint, prompt=prompt)
            if version:
                _write(self._file(prompt), data)
            else:
                self._file(prompt).unlink(missing_ok=True)
            self._note(prompt, msgspec.structs.replace(change, version=version, before=before))
        return self.row(prompt)

    def made_of(self, prompt: str, text: str) -> str:
        """Return the version that was made of a text before and is still kept, '' if none was. Raises OSError."""
        made = (each.version for each in self.changes(prompt) if each.step == "make" and each.text == text)
        return next((each for each in made if (self._home(prompt) / f"{each}.wav").is_file()), "")

    # --- files

    def _home(self, prompt: str) -> Path:
        return self._kept / prompt

    def _file(self, prompt: str) -> Path:
        return self._folder / f"{prompt}.wav"

    def _version(self, prompt: str, version: str) -> Path:
        file = self._home(prompt) / f"{version}.wav"
        if not file.is_file():
            text = N_("the history of {prompt} has no version {version}")
            raise SoundError.of(text, N_("see `mxbox prompt show`"), prompt=prompt, version=version)
        return file

    def _own(self) -> dict[str, _Own]:
        """Return the owner's prompts."""
        found = {}
        for name, file in owner_files(self._folder):
            prompt = name.removeprefix(_PREFIX)
            if name.startswith(_PREFIX) and PROMPT.fullmatch(prompt):
                found[prompt] = self._look(file)
        return found

    def _look(self, file: Path) -> _Own:
        """Return version and length of an own file; it is read once, unless it changes."""
        state = file.stat()
        key = (file, state.st_mtime_ns, state.st_size)
        if key not in self._read:
            self._read = {each: own for each, own in self._read.items() if each[0] != file}
            try:
                self._read[key] = _Own(_version(file.read_bytes()), len(read_wav(file)) / SAMPLE_RATE)
            except SoundFileError:  # the switch tells of it, and plays the built-in one
                self._read[key] = _Own("", 0.0)
        return self._read[key]

    def _row(self, prompt: str, number: int, index: Index, own: _Own | None) -> PromptRow:
        built_in = index.sounds.get(f"{_PREFIX}{prompt}")
        text = built_in.text if built_in is not None else ""
        if own is None or not own.version:
            recorded = built_in is not None and not built_in.source.startswith("espeak-ng")
            length_s = built_in.samples / SAMPLE_RATE if built_in is not None else 0.0
            source: PromptSource = "recorded" if recorded else "made"
            return PromptRow(number=number, prompt=prompt, text=text, source=source, length_s=length_s)
        last = next(iter(self.changes(prompt)), None)
        if last is None or last.version != own.version:
            return PromptRow(
                number=number, prompt=prompt, text=text, source="own", length_s=own.length_s, version=own.version
            )
        text = last.text if last.step == "make" else text
        return PromptRow(
            number=number, prompt=prompt, text=text, source="own", length_s=own.length_s, version=own.version,
            at=last.at, user=last.user,
        )  # fmt: skip

    def _samples(self, prompt: str) -> Float:
        file = self._file(prompt)
        if file.is_file():
            try:
                return read_wav(file)
            except SoundFileError:
                pass  # the built-in one is played
        place = self._index(self._pool).sounds.get(f"{_PREFIX}{prompt}")
        if place is None:
            raise SoundError.of(N_("there is no prompt {prompt}"), _SEE, prompt=prompt)
        found = np.memmap(self._pool / POOL, "<i2", "r", 2 * place.offset, (place.samples,))
        return found.astype(np.float32) / np.float32(32768)

    def _keep_own(self, prompt: str) -> str:
        """Keep the sound that the prompt has, also one that was put there by hand; return its version, '' without."""
        file = self._file(prompt)
        if not file.is_file():
            return ""
        data = file.read_bytes()
        kept = self._home(prompt) / f"{_version(data)}.wav"
        if not kept.is_file():
            _write(kept, data)
        return kept.stem

    def _note(self, prompt: str, change: PromptChange) -> None:
        """Add a change; sounds that no change names any more are deleted."""
        noted = (*self.changes(prompt)[::-1], change)[-MAX_CHANGES:]
        home = self._home(prompt)
        _write(home / _HISTORY, msgspec.json.encode(noted))
        named = {version for each in noted for version in (each.version, each.before)}
        for file in home.glob("*.wav"):
            if file.stem not in named:
                file.unlink()

    def _numbered(self, prompts: Iterable[str]) -> dict[str, int]:
        """Return the numbers of prompts; new ones get the next."""
        file = self._kept / _NUMBERS
        with self._one:
            try:
                numbers = msgspec.json.decode(file.read_bytes(), type=dict[str, int])
            except (FileNotFoundError, msgspec.DecodeError):
                numbers = {}
            new = [each for each in dict.fromkeys(prompts) if each not in numbers]
            if new:
                first = max(numbers.values(), default=0) + 1
                numbers |= {each: first + n for n, each in enumerate(new)}
                _write(file, msgspec.json.encode(numbers))
        return numbers


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _wav(x: Float) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(to_int16(x).tobytes())
    return made.getvalue()


def _write(file: Path, data: bytes) -> None:
    """Write a file, whole at every moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    with part.open("wb") as new:
        new.write(data)
        new.flush()
        os.fsync(new.fileno())
    part.replace(file)
