# SPDX-License-Identifier: GPL-2.0-or-later
"""The pool holds the sounds that the box uses, at one loudness; the owner's files win; broken ones are named."""

import re
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.i18n import filled
from appliance.sounds import setup, speech
from appliance.sounds.errors import SoundError
from appliance.sounds.kept import INDEX, POOL, kept_dir, read_index
from appliance.sounds.music import LEVEL_DBM0, music
from appliance.sounds.pool import SoundPool
from appliance.sounds.shape import SPEECH_DBM0, active, speech_level_dbm0
from appliance.sounds.speech import read_prompts
from dsp.dtmf import DtmfDetector
from dsp.levels import TICK_SAMPLES, Float, level_dbm0
from dsp.tone_table import load_tone
from dsp.tones import render_period


def sound(pool: SoundPool, name: str) -> Float:
    place = pool.find(name)
    assert place is not None, name
    return np.asarray(pool.samples[place[0] : place[0] + place[1]] / 32768, dtype=np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int = 8000, tracks: int = 1, width: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(tracks)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def pool(kept: Path) -> SoundPool:
    return SoundPool.load(kept, None, "cn")


def test_every_prompt_is_there_in_both_languages_at_one_loudness(pool: SoundPool) -> None:
    for name in read_prompts():
        for language in ("en", "zh"):
            spoken = sound(pool, f"prompt:{language}/{name}")
            assert abs(speech_level_dbm0(spoken) - SPEECH_DBM0) < 0.5, name
            assert np.abs(spoken).max() < 0.95
            assert 0.15 < len(spoken) / 8000 < 12
            first, last = np.flatnonzero(active(spoken))[[0, -1]]
            assert first * 0.01 <= 0.05, f"{name} begins with silence"
            assert len(spoken) / 8000 - last * 0.01 <= 0.25, f"{name} ends with silence"


def test_a_recording_is_taken_where_there_is_one(kept: Path) -> None:
    sounds = read_index(kept).sounds
    assert sounds["prompt:en/goodbye"].source == "asterisk-core-sounds-en-wav goodbye.wav"
    assert sounds["prompt:zh/goodbye"].source.startswith("espeak-ng -v cmn")
    assert sounds["prompt:zh/goodbye"].text == read_prompts()["goodbye"].zh


def test_mandarin_is_spoken_as_mandarin_and_not_as_english_words_of_its_pinyin() -> None:
    texts = [prompt.zh for prompt in read_prompts().values()]
    texts = [text for text in texts if not re.search("[A-Za-z]", text)]  # espeak-ng 1.52 spells letters in English
    words = "\n\n".join(texts)
    command = [speech.SYNTHESISER, *speech.VOICES["zh"], "-q", "-x", "--stdin"]
    phonemes = subprocess.run(command, input=words.encode(), capture_output=True, check=True).stdout.decode()
    assert "(en)" not in phonemes, "espeak-ng tells so that it changes to its English voice"
    assert len(phonemes.splitlines()) >= len(texts) > 200


def test_tones_are_those_of_the_boxs_country(kept: Path, pool: SoundPool) -> None:
    busy = render_period(load_tone("cn", "busy"))
    np.testing.assert_allclose(sound(pool, "tone:busy"), busy, atol=1 / 32768)
    german = SoundPool.load(kept, None, "de")
    assert len(sound(german, "tone:busy")) == 2 * round(0.48 * 8000)
    assert german.find("tone:cn/busy") == pool.find("tone:busy")


def test_what_is_not_there_is_none(pool: SoundPool) -> None:
    for name in ("prompt:zh/none", "tone:none", "music:none", "none", "", "prompt:fr/welcome"):
        assert pool.find(name) is None


def test_the_music_loops_without_a_seam_and_holds_no_key() -> None:
    tune = music()
    assert 30 <= len(tune) / 8000 <= 60
    assert len(tune) % TICK_SAMPLES == 0
    assert abs(float(level_dbm0(tune)) - LEVEL_DBM0) < 0.5
    assert abs(tune[0] - tune[-1]) <= np.abs(np.diff(tune)).max()
    detector = DtmfDetector(1)
    for tick in np.concatenate([tune, tune]).reshape(-1, 1, TICK_SAMPLES):
        assert not detector.feed(tick)


def test_the_owners_file_wins_and_is_resampled(kept: Path, tmp_path: Path) -> None:
    t = np.arange(16000) / 16000
    tone = (8000 * np.sin(2 * np.pi * 1000 * t)).astype("<i2")
    write_wav(tmp_path / "zh/welcome.wav", np.repeat(tone, 2), rate=16000, tracks=2)
    write_wav(tmp_path / "zh/shop/closed.wav", tone[:8000])
    write_wav(tmp_path / "music/default.wav", tone[:4000])
    pool = SoundPool.load(kept, tmp_path, "cn")
    assert pool.troubles == ()
    welcome = sound(pool, "prompt:zh/welcome")
    assert len(welcome) == 8000
    expected = 8000 / 32768 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    np.testing.assert_allclose(welcome[400:-400], expected[400:-400], atol=0.01)
    assert len(sound(pool, "prompt:zh/shop/closed")) == 8000
    assert len(sound(pool, "music:default")) == 4000
    built_in = SoundPool.load(kept, None, "cn")
    np.testing.assert_array_equal(sound(pool, "tone:busy"), sound(built_in, "tone:busy"))


@pytest.mark.parametrize("broken", ["text", "empty", "8 bits", "no samples"])
def test_a_broken_file_of_the_owner_is_named_and_the_built_in_one_played(
    kept: Path, tmp_path: Path, broken: str
) -> None:
    file = tmp_path / "en/welcome.wav"
    write_wav(file, np.zeros(0 if broken == "no samples" else 800, np.uint8), width=1 if broken == "8 bits" else 2)
    if broken in {"text", "empty"}:
        file.write_bytes(b"not a sound" if broken == "text" else b"")
    pool = SoundPool.load(kept, tmp_path, "cn")
    assert len(pool.troubles) == 1
    told = filled(pool.troubles[0].text, pool.troubles[0].values)
    assert str(file) in told
    assert "sox welcome.wav -r 8000 -c 1 -b 16" in told
    assert pool.find("prompt:en/welcome") == SoundPool.load(kept, None, "cn").find("prompt:en/welcome")


def test_a_pool_read_again_keeps_every_place_and_has_what_is_new(kept: Path, tmp_path: Path) -> None:
    same, changed = np.arange(800, dtype="<i2"), np.full(800, 7, "<i2")
    write_wav(tmp_path / "zh/same.wav", same)
    write_wav(tmp_path / "zh/changed.wav", same)
    write_wav(tmp_path / "zh/gone.wav", same)
    write_wav(tmp_path / "zh/welcome.wav", same)
    before = SoundPool.load(kept, tmp_path, "cn")
    write_wav(tmp_path / "zh/changed.wav", changed)
    write_wav(tmp_path / "zh/new.wav", changed)
    (tmp_path / "zh/gone.wav").unlink()
    (tmp_path / "zh/welcome.wav").unlink()
    after = SoundPool.load(kept, tmp_path, "cn", before)
    np.testing.assert_array_equal(after.samples[: len(before.samples)], before.samples)
    assert after.find("prompt:zh/same") == before.find("prompt:zh/same")
    assert sound(after, "prompt:zh/new") == pytest.approx(changed / 32768)
    assert sound(after, "prompt:zh/changed") == pytest.approx(changed / 32768)
    assert after.find("prompt:zh/gone") is None
    assert after.find("prompt:zh/welcome") == SoundPool.load(kept, None, "cn").find("prompt:zh/welcome")
    again = SoundPool.load(kept, tmp_path, "cn", after)
    assert len(again.samples) == len(after.samples), "nothing changed, so nothing is kept twice"


def test_sounds_that_were_not_made_or_were_cut_are_refused(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="not made yet") as caught:
        SoundPool.load(tmp_path, None, "cn")
    assert "make setup" in caught.value.hint
    (tmp_path / INDEX).write_bytes((kept / INDEX).read_bytes())
    (tmp_path / POOL).write_bytes((kept / POOL).read_bytes()[:1000])
    with pytest.raises(SoundError, match="cut short"):
        SoundPool.load(tmp_path, None, "cn")
    (tmp_path / INDEX).write_text("{")
    with pytest.raises(SoundError, match="cannot be read"):
        SoundPool.load(tmp_path, None, "cn")


def test_a_pool_is_made_again_only_when_its_sources_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: prompt for name, prompt in read_prompts().items() if name in {"digit-0", "digit-1"}}
    monkeypatch.setattr(setup, "read_prompts", lambda: few)
    folder = tmp_path / "pool"
    assert setup.make(folder)
    assert not setup.make(folder)
    (folder / POOL).write_bytes(b"")
    assert setup.make(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["pool"]


def test_a_missing_synthesiser_or_recordings_name_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "RECORDINGS", tmp_path / "none")
    with pytest.raises(SoundError) as caught:
        setup.make(tmp_path / "pool")
    assert "apt-get install asterisk-core-sounds-en-wav" in caught.value.hint
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SoundError) as caught:
        setup.make(tmp_path / "pool")
    assert "apt-get install espeak-ng" in caught.value.hint


def test_a_service_user_finds_the_sounds_that_set_up_made_for_another(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = {"HOME": str(tmp_path / "service")}
    monkeypatch.setattr("appliance.sounds.kept._owners_cache", lambda: tmp_path / "owner/.cache")
    monkeypatch.setattr("appliance.sounds.kept.SYSTEM_CACHE", tmp_path / "var/cache")
    mine = kept_dir(home)
    assert mine.is_relative_to(tmp_path / "service"), "where nobody has made any, they are to be made here"
    name = mine.relative_to(tmp_path / "service/.cache")
    for cache in ("var/cache", "owner/.cache", "service/.cache"):  # the nearer one wins
        folder = tmp_path / cache / name
        folder.parent.mkdir(parents=True)
        folder.symlink_to(kept)
        assert kept_dir(home) == folder


def test_the_pool_lies_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.sounds.kept._owners_cache", lambda: tmp_path / "nobody")
    assert kept_dir({"MXBOX_SOUNDS": "/srv/sounds"}) == Path("/srv/sounds")
    assert kept_dir({"XDG_CACHE_HOME": str(tmp_path)}).parent == tmp_path / "mxbox/sounds"
    assert kept_dir({"HOME": "/home/mx"}).parent == Path("/home/mx/.cache/mxbox/sounds")
