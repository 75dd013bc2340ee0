# SPDX-License-Identifier: GPL-2.0-or-later
"""Spoken sounds, the rows that carry them, and the tape that keeps the received ones."""

import struct
from pathlib import Path

import numpy as np
import pytest

from drivers.span import IDLE_BYTE, Octets
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import level_dbm0
from dsp.tones import sine
from hw_sim import steps
from hw_sim.errors import SoundError
from hw_sim.sounds import Library, Voices
from hw_sim.tape import Tape
from hw_sim.wav import read_wav
from tests.hw_sim.wavs import write_wav


def _ticks(voices: Voices, rows: int, n: int) -> Octets:
    out = np.zeros((n, rows, 160), np.uint8)
    for tick in out:
        voices.advance(tick)
    return out


@pytest.mark.parametrize(
    ("step", "level"),
    [
        (steps.SpeakTone((1004.0,), -10, 2), -10),
        (steps.SpeakTone((333.3, 620.0), -20, 2), -17),
        (steps.SpeakNoise(-30, 2), -30),
        (steps.SpeakNamed("dial", 2), -10),
    ],
)
def test_sounds_that_go_on_have_their_level_and_no_seam(step: steps.SpeakTone, level: float) -> None:
    octets, ticks = Library().render(step)
    assert ticks == 100
    assert octets.size % 160 == 0
    sound = alaw_decode(np.tile(octets, 3))
    assert float(level_dbm0(sound)) == pytest.approx(level, abs=0.2)
    if isinstance(step, steps.SpeakTone):
        exact = sine(step.frequencies_hz, step.level_dbm0, sound.size)
        assert np.abs(sound - exact).max() < 0.04 * np.abs(exact).max() + 0.001


def test_keys_with_noise() -> None:
    quiet, once = Library().render(steps.Key("12", 50, 70, -10))
    noisy, _ = Library().render(steps.Key("12", 50, 70, -10, noise_dbm0=-40))
    assert once is None
    assert quiet.size == noisy.size == 2 * 960  # 120 ms a key, in whole ticks
    gap = slice(50 * 8 + 80, 119 * 8)
    assert float(level_dbm0(alaw_decode(noisy[gap]))) == pytest.approx(-40, abs=1.5)
    assert float(level_dbm0(alaw_decode(quiet[gap]))) < -60


def test_file_at_its_own_level_and_at_another(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", sine([500], -20, 1000))
    library = Library(folder=tmp_path)
    octets, _ = library.render(steps.SpeakFile("a.wav"))
    assert octets.size == 1120
    assert float(level_dbm0(alaw_decode(octets[:1000]))) == pytest.approx(-20, abs=0.1)
    assert float(level_dbm0(alaw_decode(library.render(steps.SpeakFile("a.wav", -9))[0][:1000]))) == pytest.approx(
        -9, abs=0.1
    )


def test_sounds_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"nothing.wav"):
        Library(folder=tmp_path).render(steps.SpeakFile("nothing.wav"))
    with pytest.raises(SoundError, match="no tone 'birdsong'"):
        Library().render(steps.SpeakNamed("birdsong", 1))


def test_wav_of_the_wrong_kind_names_the_remedy(tmp_path: Path) -> None:
    write_wav(tmp_path / "fast.wav", np.zeros(100), rate=16000)
    write_wav(tmp_path / "two.wav", np.zeros(100), tracks=2)
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(SoundError, match="16000 Hz") as caught:
        read_wav(tmp_path / "fast.wav")
    assert "-r 8000" in caught.value.hint
    with pytest.raises(SoundError, match="is no WAV"):
        read_wav(tmp_path / "text.wav")
    with pytest.raises(SoundError, match="has 2 tracks"):
        Library(folder=tmp_path).render(steps.SpeakFile("two.wav"))
    assert read_wav(tmp_path / "two.wav").shape == (2, 50)


def test_wav_in_alaw_cut_off_in_mid_recording(tmp_path: Path) -> None:
    left, right = sine([500], -10, 400), sine([700], -20, 400)
    data = np.stack([alaw_encode(left), alaw_encode(right)], axis=1).tobytes()
    head = b"RIFF" + struct.pack("<I", 9999) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 6, 2, 8000, 16000, 2, 8)
    (tmp_path / "cut.wav").write_bytes(head + b"data" + struct.pack("<I", 9999) + data[:-3])
    tracks = read_wav(tmp_path / "cut.wav")
    assert tracks.shape == (2, 398)
    assert float(level_dbm0(tracks[1])) == pytest.approx(-20, abs=0.2)


def test_rows_speak_once_over_and_over_and_not_at_all() -> None:
    voices = Voices(3)
    ramp = np.arange(320, dtype=np.int64).astype(np.uint8)
    voices.say(0, ramp)
    voices.say(1, ramp, loop=True)
    out = _ticks(voices, 3, 5)
    idle = np.full(160, IDLE_BYTE, np.uint8)
    assert np.array_equal(out[:, 0].reshape(-1), np.concatenate([ramp, idle, idle, idle]))
    assert np.array_equal(out[:, 1].reshape(-1), np.concatenate([ramp, ramp, ramp[:160]]))
    assert (out[:, 2] == IDLE_BYTE).all()
    assert voices.silent.tolist() == [False, False, True]
    voices.hush(1)
    assert (_ticks(voices, 3, 2)[:, 1] == IDLE_BYTE).all()


def test_pool_grows_without_harm() -> None:
    voices = Voices(2)
    first = np.full(160 * 100, 1, np.uint8)
    voices.say(0, first, loop=True)
    for n in range(10):
        voices.say(1, np.full(160 * 100, n, np.uint8))
    assert (_ticks(voices, 2, 150)[:, 0] == 1).all()


def test_tape_keeps_what_somebody_listens_to() -> None:
    tape = Tape(2)
    tick = np.zeros((2, 160), np.uint8)
    for n in range(30):
        tape.write(tick + np.uint8(n))
    start = tape.open()
    for n in range(30, 160):
        tape.write(tick + np.uint8(n))
    heard = tape.read(1, start).reshape(-1, 160)
    assert heard[:, 0].tolist() == list(range(30, 160))
    assert tape.read(0, start + 60, start + 70).reshape(-1, 160)[:, 0].tolist() == list(range(90, 100))
    later = tape.open()
    tape.close(start)
    tape.write(tick + np.uint8(160))
    assert tape.read(0, later)[0] == 160
    assert tape.read(0, later - 160)[0] == IDLE_BYTE  # let go
    tape.close(later)
    assert not tape.wanted
