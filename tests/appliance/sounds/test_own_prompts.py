# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts are replaced and restored, each sound is kept with its author, and sounds that are not fit are told why."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.prompt_rows import PromptChange, PromptStep
from appliance.sounds.errors import SoundError, SoundFileError
from appliance.sounds.files import read_wav
from appliance.sounds.fit import fit_file, without_last_key
from appliance.sounds.kept import read_index
from appliance.sounds.own_prompts import MAX_CHANGES, OwnPrompts
from appliance.sounds.pool import SoundPool
from appliance.sounds.shape import SPEECH_DBM0, speech_level_dbm0
from dsp.keypad import dtmf_samples
from dsp.levels import Float, amplitude
from tests.appliance.sounds.test_pool import sound, write_wav
from tests.scenarios import house

WELCOME = "zh/welcome"


def change(step: PromptStep = "replace", user: str = "ann", text: str = "") -> PromptChange:
    return PromptChange(at=7, user=user, door="machine", step=step, why="new hours", text=text)


def tone(seconds: float, level_dbm0: float = -20.0, rate: int = 8000, hz: float = 440.0) -> Float:
    return (amplitude(level_dbm0) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def wav(x: Float, rate: int = 8000, tracks: int = 1) -> bytes:
    made = io.BytesIO()
    pcm = np.repeat(np.clip(np.rint(x * 32768), -32768, 32767).astype("<i2"), tracks)
    with wave.open(made, "wb") as file:
        file.setnchannels(tracks)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return made.getvalue()


@pytest.fixture
def prompts(kept: Path, tmp_path: Path) -> OwnPrompts:
    return OwnPrompts(tmp_path / "sounds", tmp_path / "prompts", kept, read_index)


def test_a_prompt_is_replaced_and_the_switch_plays_the_new_sound(
    prompts: OwnPrompts, kept: Path, tmp_path: Path
) -> None:
    before = SoundPool.load(kept, tmp_path / "sounds", "cn")
    built_in = sound(before, f"prompt:{WELCOME}").copy()
    row = prompts.put(WELCOME, tone(1.0), change())
    assert (row.source, row.length_s, row.at, row.user, len(row.version)) == ("own", 1.0, 7, "ann", 16)
    pool = SoundPool.load(kept, tmp_path / "sounds", "cn", before)
    np.testing.assert_allclose(sound(pool, f"prompt:{WELCOME}"), tone(1.0), atol=1 / 32768)
    prompts.restore(WELCOME, "", change("restore"))
    assert prompts.row(WELCOME).source == "made"
    after = SoundPool.load(kept, tmp_path / "sounds", "cn", pool)
    np.testing.assert_array_equal(sound(after, f"prompt:{WELCOME}"), built_in)
    place = pool.find(f"prompt:{WELCOME}")
    assert place is not None
    heard = after.samples[place[0] : place[0] + place[1]] / 32768
    np.testing.assert_allclose(heard, tone(1.0), atol=1 / 32768, err_msg="a player under way keeps its sound")


def test_each_sound_is_kept_with_its_author_and_can_be_had_again(prompts: OwnPrompts, tmp_path: Path) -> None:
    first = prompts.put(WELCOME, tone(1.0), change(user="ann")).version
    second = prompts.put(WELCOME, tone(2.0), change("record", "bob")).version
    prompts.restore(WELCOME, first, change("restore", "eve"))
    assert [(each.user, each.step, each.version, each.before) for each in prompts.changes(WELCOME)] == [
        ("eve", "restore", first, second), ("bob", "record", second, first), ("ann", "replace", first, ""),
    ]  # fmt: skip
    assert len(read_wav(tmp_path / f"sounds/{WELCOME}.wav")) == 8000
    prompts.require(WELCOME, second)
    with pytest.raises(SoundError, match="has no version 0000000000000000"):
        prompts.require(WELCOME, "0" * 16)


def test_a_file_that_was_put_there_by_hand_is_kept_too(prompts: OwnPrompts, tmp_path: Path) -> None:
    write_wav(tmp_path / f"sounds/{WELCOME}.wav", np.full(4000, 1000, "<i2"))
    row = prompts.row(WELCOME)
    assert (row.source, row.at, row.length_s) == ("own", 0, 0.5)
    prompts.put(WELCOME, tone(1.0), change())
    assert prompts.changes(WELCOME)[0].before == row.version
    prompts.restore(WELCOME, row.version, change("restore"))
    assert prompts.row(WELCOME).version == row.version


def test_numbers_stay_with_their_prompts(prompts: OwnPrompts, kept: Path, tmp_path: Path) -> None:
    before = {row.prompt: row.number for row in prompts.rows()}
    assert sorted(before.values()) == list(range(1, len(before) + 1))
    prompts.put("zh/a-new-one", tone(1.0), change())
    again = OwnPrompts(tmp_path / "sounds", tmp_path / "prompts", kept, read_index)
    after = {row.prompt: row.number for row in again.rows()}
    assert after == {**before, "zh/a-new-one": len(before) + 1}
    assert again.numbered(str(before[WELCOME])) == WELCOME
    assert again.numbered("0") == again.numbered("") == ""


def test_a_prompt_that_is_not_built_in_has_no_built_in_sound(prompts: OwnPrompts) -> None:
    with pytest.raises(SoundError, match="there is no prompt zh/welcom") as refused:
        prompts.row("zh/welcom")
    assert "did you mean zh/welcome?" in refused.value.hint
    prompts.put("zh/a-new-one", tone(1.0), change())
    with pytest.raises(SoundError, match="no sound of its own for zh/a-new-one"):
        prompts.restore("zh/a-new-one", "", change("restore"))
    assert prompts.row("zh/a-new-one").source == "own"


def test_a_text_is_spoken_once(prompts: OwnPrompts) -> None:
    version = prompts.put(WELCOME, tone(1.0), change("make", text="你好")).version
    prompts.put(WELCOME, tone(2.0), change())
    assert prompts.made_of(WELCOME, "你好") == version
    assert not prompts.made_of(WELCOME, "再见")


def test_old_changes_go_with_their_sounds(prompts: OwnPrompts, tmp_path: Path) -> None:
    for n in range(MAX_CHANGES + 3):
        prompts.put(WELCOME, tone(0.1 + n / 1000), change())
    assert len(prompts.changes(WELCOME)) == MAX_CHANGES
    assert len([*(tmp_path / "prompts" / WELCOME).glob("*.wav")]) == MAX_CHANGES + 1


def test_levels_are_told_along_the_sound(prompts: OwnPrompts) -> None:
    quiet, loud = tone(1.0, -40.0), tone(1.0, -10.0)
    prompts.put(WELCOME, np.concatenate([quiet, loud]), change())
    assert prompts.levels(WELCOME, 4) == (-40, -40, -10, -10)
    assert len(prompts.levels("en/digit-1", 2000)) == 2000


@pytest.mark.parametrize(("rate", "tracks"), [(8000, 1), (44_100, 2), (48_000, 1)])
def test_a_file_of_any_rate_gets_the_level_of_all_prompts(rate: int, tracks: int) -> None:
    silence = np.zeros(rate, np.float32)
    x = fit_file(wav(np.concatenate([silence, tone(1.0, -30.0, rate), silence]), rate, tracks), "a.wav", as_is=False)
    assert abs(speech_level_dbm0(x) - SPEECH_DBM0) < 0.5
    assert 1.0 <= len(x) / 8000 < 1.3, "without the silence around it"
    as_it_is = fit_file(wav(tone(1.0, -30.0, rate), rate, tracks), "a.wav", as_is=True)
    assert abs(speech_level_dbm0(as_it_is) + 30.0) < 0.5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no WAV file"),
        (b"ID3\x03 an mp3", "is no WAV file"),
        (wav(tone(1.0))[:60], "lasts 0.00 s"),
        (wav(tone(1.0))[:44], "no sound in it"),
        (wav(tone(1.0, rate=6000), 6000), "has 6000 samples a second"),
        (wav(tone(0.05)), "lasts 0.05 s: a prompt has 0.1 to 900 s"),
        (wav(np.zeros(8000 * 901, np.float32)), "lasts 901.00 s"),
        (wav(np.zeros(8000, np.float32)), "nothing is heard in a.wav"),
        (wav(tone(1.0, -50.0)), "nothing is heard in a.wav: its level is -50 dBm0"),
        (wav(tone(1.0, 9.0)), "is clipped: "),
        (wav(tone(1.0, 9.0), 8000, 2), "is clipped: "),
    ],
)
def test_a_file_that_is_not_fit_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(SoundFileError) as refused:
        fit_file(data, "a.wav", as_is=False)
    assert said in refused.value.message
    assert refused.value.hint or "no sound" in said


def test_loud_sound_that_is_not_clipped_is_taken() -> None:
    fit_file(wav(tone(1.0, 3.0)), "a.wav", as_is=False)


@pytest.mark.parametrize("key", ["#", "5"])
def test_the_tone_of_the_key_that_ended_a_recording_is_not_in_the_prompt(key: str) -> None:
    said = house.speech(2.0, 3)
    pressed = np.concatenate([said, dtmf_samples(key, 100, 20, -10.0)])
    cut = without_last_key(pressed)
    if key == "#":
        assert 1.9 < len(cut) / 8000 <= 2.0
    else:
        assert len(cut) == len(pressed), "another key ends no recording"
    assert len(without_last_key(said)) == len(said)


def test_the_sound_of_a_file_put_there_by_hand_is_a_version_at_once(prompts: OwnPrompts, tmp_path: Path) -> None:
    write_wav(tmp_path / f"sounds/{WELCOME}.wav", np.full(4000, 1000, "<i2"))
    version = prompts.row(WELCOME).version
    prompts.require(WELCOME, version)
    assert (tmp_path / f"prompts/{WELCOME}/{version}.wav").is_file()
