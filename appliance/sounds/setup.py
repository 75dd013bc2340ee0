# SPDX-License-Identifier: GPL-2.0-or-later
"""Making of the pool of sounds: `python -m appliance.sounds.setup`, part of `make setup`. No-op if nothing changed.

Prompts in every language, tones of every country in the table, music. Some seconds, a few MB.
"""

import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.sounds.errors import SoundError
from appliance.sounds.kept import Sound, kept_dir, read_index, write_pool
from appliance.sounds.music import music
from appliance.sounds.shape import shape_speech
from appliance.sounds.speech import VOICES, PromptText, read_prompts, recording, require_sources, say
from dsp.levels import SAMPLE_RATE, Float
from dsp.tone_table import countries, load_tone, table_hash, tone_names
from dsp.tones import render_period, sine

TAIL_S: Final = 0.15
DIGIT_TAIL_S: Final = 0.05
"""Silence after digits: numbers are put together from many words, and longer pauses would make them slow."""
JOINED: Final = ("digit-", "number-", "letter-", "money-", "date-", "month-", "time-")
"""Prompts that are said as parts of a value."""

BEEP_HZ: Final = 1000
BEEP_DBM0: Final = -12.0
BEEP_S: Final = 0.4

Part = tuple[str, Float, Sound]


def make(folder: Path) -> bool:
    """Make the pool in `folder` unless one of the same inputs is there; return whether. Raises `SoundError`."""
    prompts = read_prompts()
    made_with = {
        "synthesiser": require_sources(),
        "recordings": _recordings_hash(prompts),
        "tones": table_hash(),
    }
    try:
        if read_index(folder).made_with == made_with:
            return False
    except SoundError:
        pass  # there is none yet: so it is made
    write_pool(folder, made_with, _parts(prompts))
    return True


def _recordings_hash(prompts: dict[str, PromptText]) -> str:
    paths = [path for prompt in prompts.values() if (path := recording(prompt, "en")) and path.exists()]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _parts(prompts: dict[str, PromptText]) -> Iterator[Part]:
    yield from _spoken(prompts)
    for country in countries():
        for name in tone_names(country):
            yield f"tone:{country}/{name}", render_period(load_tone(country, name)), Sound(0, 0, source="ITU-T E.180")
        yield f"tone:{country}/beep", beep(), Sound(0, 0, source="appliance.sounds.setup")
    yield "music:default", music(), Sound(0, 0, source="appliance.sounds.music")


def beep() -> Float:
    """Return the tone after which a caller speaks a message, the same in every country."""
    return sine((BEEP_HZ,), BEEP_DBM0, round(BEEP_S * SAMPLE_RATE))


def _spoken(prompts: dict[str, PromptText]) -> Iterator[Part]:
    asked = [(name, prompt, language) for language in VOICES for name, prompt in prompts.items()]
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(_speak, asked)


def _speak(asked: tuple[str, PromptText, str]) -> Part:
    name, prompt, language = asked
    raw, source = say(prompt, language)
    tail_s = DIGIT_TAIL_S if name.startswith(JOINED) else TAIL_S
    return f"prompt:{language}/{name}", shape_speech(raw, tail_s), Sound(0, 0, language, prompt.words(language), source)


def main() -> int:
    """Make the pool in the folder where the box searches for it."""
    folder = kept_dir()
    try:
        if make(folder):
            sys.stdout.write(_("setup: sounds into {folder}").format(folder=folder) + "\n")
    except ApplianceError as error:
        sys.stderr.write(f"setup: {error.message}\nsetup: {error.hint}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
