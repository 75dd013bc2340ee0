# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading recordings back: whole ones, cut ones, and other files."""

import struct
from pathlib import Path

import pytest

from appliance.store.recordings import RecordingUnreadable, Wav, read_wav
from appliance.switch.sound.wav import header


def test_a_whole_recording_has_the_length_of_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(header(8000) + bytes(16_000))
    assert read_wav(path) == Wav(58, 8000)


def test_sound_after_the_headers_length_is_not_played(tmp_path: Path) -> None:
    """A power cut between the block and the header's renewal."""
    path = tmp_path / "a.wav"
    path.write_bytes(header(4000) + bytes(16_000))
    assert read_wav(path).samples == 4000


def test_a_file_shorter_than_its_header_plays_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(header(8000) + bytes(101))
    assert read_wav(path).samples == 50


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no RIFF WAVE file"),
        (b"RIFF\0\0\0\0AVI ", "no RIFF WAVE file"),
        (header(10)[:30], "its format is cut off"),
        (header(10)[:50], "no sound in it"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "sound before its format"),
        (
            b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 44100, 88200, 2, 16),
            "format 1, 1 tracks, 44100 Hz instead of A-law",
        ),
    ],
)
def test_what_is_no_recording_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingUnreadable, match=said):
        read_wav(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="No such file"):
        read_wav(tmp_path / "none.wav")
