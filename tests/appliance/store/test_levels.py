# SPDX-License-Identifier: GPL-2.0-or-later
"""Levels of a recording over its length: right in dBm0 on each track, for files of any length."""

from pathlib import Path

import numpy as np
import pytest

from appliance.contract.errors import RequestError
from appliance.store.levels import levels_of
from appliance.store.recordings import Wav, read_wav
from appliance.switch.sound.wav import header
from dsp.g711 import alaw_encode
from dsp.levels import amplitude

TONE = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)


def written(path: Path, *tracks: np.ndarray) -> Path:
    octets = alaw_encode(np.stack(tracks, axis=1).astype(np.float32)).tobytes()
    path.write_bytes(header(len(tracks[0]), len(tracks)) + octets)
    return path


def test_each_track_has_its_level_in_each_stretch(tmp_path: Path) -> None:
    loud, soft, none = (amplitude(dbm0) * TONE for dbm0 in (-10, -30, -99))
    path = written(tmp_path / "a.wav", np.concatenate([loud, soft, none]), np.concatenate([none, none, loud]))
    length_s, (said, heard) = levels_of(path, 3)
    assert length_s == 3.0
    assert said[:2] == (-10, -30)
    assert said[2] < -60
    assert heard[2] == -10
    assert max(heard[:2]) < -60


@pytest.mark.parametrize("points", [1, 7, 200, 2000])
@pytest.mark.parametrize("samples", [0, 1, 6, 8000])
def test_a_short_one_has_fewer_stretches_and_an_empty_one_none(tmp_path: Path, samples: int, points: int) -> None:
    path = written(tmp_path / "a.wav", TONE[:samples], TONE[:samples])
    length_s, tracks = levels_of(path, points)
    assert length_s == samples / 8000
    assert [len(track) for track in tracks] == [min(points, samples)] * 2


def test_stretches_longer_than_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    long = np.concatenate([0 * TONE] * 12 + [amplitude(-10) * TONE] * 12)
    (track,) = levels_of(written(tmp_path / "a.wav", long), 1)[1]
    assert track == (-13,), "half of it is silent: 3 dB less"


def test_a_file_that_is_cut_or_no_recording_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", TONE, TONE)
    path.write_bytes(path.read_bytes()[:-4001])
    assert len(levels_of(path, 10)[1][0]) == 10
    path.write_bytes(b"nothing")
    with pytest.raises(RequestError, match="cannot be read: no RIFF WAVE file"):
        levels_of(path, 10)


def test_a_recording_that_goes_after_its_head_was_read_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.wav", TONE)

    def read_and_gone(where: Path) -> Wav:
        wav = read_wav(where)
        where.unlink()
        return wav

    monkeypatch.setattr("appliance.store.levels.read_wav", read_and_gone)
    with pytest.raises(RequestError, match=r"a\.wav cannot be read"):
        levels_of(path, 10)
