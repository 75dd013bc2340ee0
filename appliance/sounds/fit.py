# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a sound is fit for a prompt: its format, rate, length, level and clipping, refused in words if not."""

import wave
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.i18n import N_
from appliance.sounds.errors import SoundFileError
from appliance.sounds.files import mono, read_pcm
from appliance.sounds.shape import shape_speech, speech_level_dbm0
from dsp.dtmf import DtmfDetector, KeyStart
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float

SHORTEST_S: Final = 0.1
LONGEST_S: Final = 900.0
QUIETEST_DBM0: Final = -45.0
"""Least level of the parts with speech: below it a caller hears nothing, and amplified it is noise."""
TAIL_S: Final = 0.15
"""Silence after the words, as after those of made prompts."""
LAST_KEY: Final = "#"
LAST_KEY_SAMPLES: Final = 4000
"""Sound at the end in which the key is looked for: it is told when it ends, after 0.5 s at most."""
_FULL: Final = 32_700
_RUN: Final = 3
"""Samples at full scale in a row that are no peak but a clipped one."""
_MOST_CLIPPED: Final = 0.001
_CONVERT: Final = N_("convert it: sox {name} -r 8000 -c 1 -b 16 -e signed new.wav")


def fit_file(data: bytes, name: str, *, as_is: bool) -> Float:
    """Return the sound of a WAV file for the line, at the level of all prompts, unless `as_is`.

    Args:
        data: the file's bytes.
        name: of the file, for errors.
        as_is: its level and the silence around it stay as they are.

    Raises:
        SoundFileError: it is no such file, or not fit; the message says why.
    """
    try:
        pcm, rate = read_pcm(data)
    except (wave.Error, EOFError, ValueError) as error:
        raise SoundFileError.of(
            N_("{name} is no WAV file of 16-bit PCM: {why}"), _CONVERT, name=name, why=error
        ) from error
    if rate < SAMPLE_RATE:
        hint = N_("record it anew with 8000 samples a second or more")
        raise SoundFileError.of(
            N_("{name} has {rate} samples a second, a telephone line carries 8000"), hint, name=name, rate=rate
        )
    _require_length(len(pcm) / rate, name)
    _require_unclipped(pcm, name)
    return fit(mono(pcm, rate), name, as_is=as_is)


def fit(x: Float, name: str, *, as_is: bool = False) -> Float:
    """Return a sound of 8 kHz as `fit_file` does. Raises SoundFileError."""
    _require_length(len(x) / SAMPLE_RATE, name)
    level = speech_level_dbm0(x)
    if level < QUIETEST_DBM0:
        hint = N_("record it louder; speech has about -15 dBm0")
        text = N_("nothing is heard in {name}: its level is {level} dBm0")
        raise SoundFileError.of(text, hint, name=name, level=f"{level:.0f}")
    if as_is:
        return x
    y = shape_speech(x, TAIL_S)
    _require_length(len(y) / SAMPLE_RATE, name)
    return y


def without_last_key(x: Float) -> Float:
    """Return what was recorded without the tone of the key that ended it, of a phone that sends tones."""
    last = x[-LAST_KEY_SAMPLES:]
    heard = DtmfDetector(1).feed(last[None])
    first = next((each.at_sample for each in heard if isinstance(each, KeyStart) and each.key == LAST_KEY), None)
    return x if first is None else x[: max(0, len(x) - len(last) + first - TICK_SAMPLES)]


def _require_length(length_s: float, name: str) -> None:
    if not SHORTEST_S <= length_s <= LONGEST_S:
        text = N_("{name} lasts {length} s: a prompt has {least} to {most} s")
        values = {"length": f"{length_s:.2f}", "least": f"{SHORTEST_S:g}", "most": f"{LONGEST_S:g}"}
        raise SoundFileError.of(text, N_("cut it, or play it in several prompts"), name=name, **values)


def _require_unclipped(pcm: NDArray[np.int16], name: str) -> None:
    full = (pcm >= _FULL) | (pcm <= -_FULL)
    runs = full[: 1 - _RUN] & full[1 : 2 - _RUN] & full[_RUN - 1 :]
    share = float(runs.any(axis=1).mean())
    if share > _MOST_CLIPPED:
        hint = N_("record it again with less gain: what is cut off cannot be mended")
        text = N_("{name} is clipped: it is at full scale in {percent} %")
        raise SoundFileError.of(text, hint, name=name, percent=f"{100 * share:.1f}")
