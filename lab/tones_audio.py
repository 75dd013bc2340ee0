# SPDX-License-Identifier: GPL-2.0-or-later
"""Audio for the tone laboratory: recorded speech and music from Debian's packages, synthesised voices, and the line.

Packages: asterisk-core-sounds-{en,es,fr,it,ru}-wav, asterisk-moh-opsound-wav, espeak-ng. Those not installed are left
out; the report names the sources used. Everything is 8 kHz float32 and goes through A-law as on the line.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly  # type: ignore[attr-defined]

from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.resample import to_line

SOUNDS = Path("/usr/share/asterisk/sounds")
MUSIC = Path("/usr/share/asterisk/moh")
_SENTENCES = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
_SPEAKERS = {
    "English": "en_US_f_Allison",
    "Spanish": "es_MX_f_Allison",
    "French": "fr_CA_f_June",
    "Italian": "it_IT_m_Carlo",
    "Russian": "ru_RU_f_IvrvoiceRU",
}
VOICES = (
    "en-us+m1", "en-us+f2", "en-gb+m3", "en-gb+f4", "de+m2", "de+f3", "fr+m4", "fr+f1", "es+m5", "es+f5", "cmn+m1",
    "cmn+f2", "ru+m6", "pt+f3", "it+m7", "pl+f4", "sv+m3", "tr+f1", "en-us+croak", "en-us+whisper", "en-us+klatt2",
)  # fmt: skip
_NO_SPEECH = ("dtmf", "beep", "tone", "ring", "echo", "silence", "zombie")
SPEEDS = (Fraction(1), Fraction(9, 10), Fraction(4, 3), Fraction(5, 4), Fraction(8, 7))
"""Speeds of each piece: pitch and formants move, so every speed tries other places."""


def line(x: Float) -> Float:
    """Return `x` as the other end of an A-law line gets it."""
    return alaw_decode(alaw_encode(x))


def read_wav(path: Path) -> Float:
    """Return a 16-bit WAV file as 8 kHz float32."""
    with wave.open(str(path)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return to_line(frames.reshape(-1, file.getnchannels()), file.getframerate())


def recorded_speech() -> dict[str, Float]:
    """Return language -> all its prompts one after the other."""
    found = {}
    for language, folder in _SPEAKERS.items():
        files = [f for f in sorted((SOUNDS / folder).rglob("*.wav")) if not any(word in f.name for word in _NO_SPEECH)]
        if files:
            found[language] = np.concatenate([read_wav(f) for f in files])
    return found


def music() -> dict[str, Float]:
    """Return title -> a piece of music on hold."""
    return {f.stem: read_wav(f) for f in sorted(MUSIC.glob("*.wav"))}


def synthetic_speech(voices: list[str]) -> Iterator[tuple[str, Float]]:
    """Yield the sentences of the prompts, spoken by voices of many languages."""
    if not (shutil.which("espeak-ng") and _SENTENCES.exists()):
        return
    lines = gzip.decompress(_SENTENCES.read_bytes()).decode(errors="replace").splitlines()
    spoken = [text.partition(":")[2].strip() for text in lines if ":" in text and not text.startswith(";")]
    text = "\n".join(sentence for sentence in spoken if sentence[:1] not in {"", "[", "(", "<"})
    for voice in voices:
        made = subprocess.run(
            ["espeak-ng", "-v", voice, "--stdout"], input=text.encode(), capture_output=True, check=True
        )
        pcm = np.frombuffer(made.stdout[44 : len(made.stdout) // 2 * 2], np.int16)
        yield f"espeak-ng {voice}", to_line(pcm, 22_050)


def at_speed(x: Float, speed: Fraction) -> Float:
    """Return `x` played faster or slower, pitch and all."""
    if speed == 1:
        return x
    return np.asarray(resample_poly(x, speed.denominator, speed.numerator), np.float32)


def as_rows(x: Float, rows: int) -> Float:
    """Return one long signal cut into `rows` rows of whole ticks [rows, n]."""
    ticks = len(x) // (rows * 160)
    return x[: rows * ticks * 160].reshape(rows, ticks * 160)
