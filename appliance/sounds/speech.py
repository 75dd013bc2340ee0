# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own prompts, in each language: a recording where Debian has one, else spoken by espeak-ng."""

import shutil
import subprocess
import tomllib
import wave
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.i18n import _
from appliance.sounds.errors import SoundError
from appliance.sounds.files import decode_wav, read_wav
from dsp.levels import Float

PROMPTS: Final = Path(__file__).parents[1] / "ivr/prompts.toml"
RECORDINGS: Final = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
SYNTHESISER: Final = "espeak-ng"
VOICES: Final = {"en": ("-v", "en-us+f3", "-s", "150"), "zh": ("-v", "cmn-latn-pinyin+f3", "-s", "210")}
"""espeak-ng's options of each language of prompts: voice, words a minute.

espeak-ng 1.51 turns Chinese characters into pinyin; its voice `cmn` then reads that as English words.
"""


class PromptText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `prompts.toml`: the words by language, and the recording of the English ones, if there is one."""

    en: Annotated[str, Meta(min_length=1)]
    zh: Annotated[str, Meta(min_length=1)]
    asterisk: str = ""

    def words(self, language: str) -> str:
        """Return the words in `language`, 'en' or 'zh'."""
        return self.zh if language == "zh" else self.en


def read_prompts(path: Path = PROMPTS) -> dict[str, PromptText]:
    """Read the list of prompts. Raises `SoundError`."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, PromptText])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        message = _("{file} is no list of prompts: {why}").format(file=path, why=error)
        raise SoundError(message, _("give each prompt its texts en and zh")) from error


def recording(prompt: PromptText, language: str) -> Path | None:
    """Return the file of the prompt's recording, if it has one in this language."""
    return RECORDINGS / prompt.asterisk if language == "en" and prompt.asterisk else None


def require_sources() -> str:
    """Return the synthesiser's version. Raises `SoundError` if it or the recordings are not on this machine."""
    if shutil.which(SYNTHESISER) is None:
        raise SoundError(
            _("{program} is not installed: it speaks the Mandarin prompts").format(program=SYNTHESISER),
            _("as root: apt-get install {package}").format(package=SYNTHESISER),
        )
    if not RECORDINGS.is_dir():
        raise SoundError(
            _("{folder} is missing: the recorded English prompts").format(folder=RECORDINGS),
            _("as root: apt-get install {package}").format(package="asterisk-core-sounds-en-wav"),
        )
    return subprocess.run([SYNTHESISER, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def say(prompt: PromptText, language: str) -> tuple[Float, str]:
    """Return the sound of a prompt, 8 kHz, unshaped, and its source. Raises `SoundError`."""
    recorded = recording(prompt, language)
    if recorded is not None:
        return read_wav(recorded), f"asterisk-core-sounds-en-wav {prompt.asterisk}"
    return synthesise(prompt.words(language), language), " ".join((SYNTHESISER, *VOICES[language]))


def synthesise(words: str, language: str) -> Float:
    """Return words spoken by espeak-ng. Raises `SoundError`."""
    command = [SYNTHESISER, *VOICES[language], "-z", "--stdin", "--stdout"]
    done = subprocess.run(command, input=words.encode(), capture_output=True, check=False, timeout=60)
    try:
        return decode_wav(done.stdout)
    except (wave.Error, EOFError, ValueError) as error:
        message = _("{program} did not speak {words!r}: {why}")
        why = done.stderr.decode(errors="replace").strip() or error
        hint = _("as root: apt-get install --reinstall espeak-ng espeak-ng-data")
        raise SoundError(message.format(program=SYNTHESISER, words=words, why=why), hint) from error
