# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings leave the box as files with an index, and are deleted with a trace."""

import csv
import getpass
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.cli import converting
from appliance.cli.converting import ConvertError, convert
from appliance.cli.main import main
from appliance.store import archive
from appliance.store.recordings import read_wav
from appliance.switch.sound.wav import header
from dsp.g711 import alaw_encode
from tests.appliance.api.running import RunningBox

DAY_MS = 86_400_000
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningBox]:
    monkeypatch.setenv("LANGUAGE", "en")
    (tmp_path / "box").mkdir()
    with RunningBox(tmp_path / "box") as box:
        monkeypatch.setenv("MXBOX_SOCKET", str(box.path))
        box.calls(8)
        box.drain()
        yield box


def told(capsys: Capture, *words: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert main([*words, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def index(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_that_fit_are_exported_with_an_index(box: RunningBox, tmp_path: Path, capsys: Capture) -> None:
    rows = told(capsys, "recordings")["recordings"]
    out = tmp_path / "out"
    assert told(capsys, "recording", "export", "--folder", str(out))["written"] == len(rows) > 3
    for row, line in zip(rows, index(out), strict=True):
        assert (line["recording"], line["caller"], line["agent"]) == (
            str(row["recording"]),
            row["caller"],
            row["agent"],
        )
        assert (out / line["file"]).read_bytes() == (box.folder / "recordings" / row["path"]).read_bytes()
    fitting = [row for row in rows if row["agent"] == rows[0]["agent"]]
    some = told(capsys, "recording", "export", "--agent", rows[0]["agent"], "--folder", str(tmp_path / "some"))
    assert some["written"] == len(fitting)
    one = told(capsys, "recording", "export", str(rows[1]["recording"]), "--folder", str(tmp_path / "one"))
    assert one["written"] == 1
    assert [line["recording"] for line in index(tmp_path / "one")] == [str(rows[1]["recording"])]


def test_what_cannot_be_exported_is_in_the_index_with_its_reason(
    box: RunningBox, tmp_path: Path, capsys: Capture
) -> None:
    first, *rows = told(capsys, "recordings")["recordings"]
    (box.folder / "recordings" / first["path"]).unlink()
    left = told(capsys, "recording", "export", "--folder", str(tmp_path / "out"), status=1)
    assert (left["written"], left["left_out"]) == (len(rows), 1)
    [line] = [line for line in index(tmp_path / "out") if not line["file"]]
    assert (line["recording"], line["remark"]) == (str(first["recording"]), "No such file or directory")


def test_a_deleted_recording_stays_in_the_books_with_who_when_and_why(
    box: RunningBox, tmp_path: Path, capsys: Capture
) -> None:
    first, *_rest = told(capsys, "recordings")["recordings"]
    number, why = str(first["recording"]), "asked for by the caller"
    [row] = told(capsys, "recording", "delete", number, "--why", why)
    assert (row["deleted_by"], row["deleted_why"]) == (getpass.getuser(), why)
    assert row["deleted_at"] > first["started_at"]
    assert not (box.folder / "recordings" / first["path"]).exists()
    assert told(capsys, "recordings")["recordings"][0] == row
    assert main(["recordings"]) == 0
    assert f"deleted by {getpass.getuser()}: {why}" in capsys.readouterr().out
    assert main(["ledger"]) == 0, "a file that is deleted so is no fault"
    assert told(capsys, "recording", "export", number, "--folder", str(tmp_path / "o"), status=1)["left_out"] == 1
    assert index(tmp_path / "o")[0]["remark"] == "deleted"


def test_recordings_of_archived_months_are_found_exported_played_and_deleted(
    box: RunningBox, tmp_path: Path, capsys: Capture
) -> None:
    rows = told(capsys, "recordings")["recordings"]
    store, months = box.server.store, box.folder / "archive"
    month = f"{datetime.fromtimestamp(rows[0]['started_at'] / 1000, UTC):%Y-%m}"
    number = str(rows[-1]["recording"])

    def put_aside() -> None:
        store.move_mark()
        with closing(store.reader()) as books:
            due = archive.find_due(books, rows[-1]["started_at"] + DAY_MS)
            archive.copy(box.folder / "store.db", months, due)
        store.forget(due)

    box.do(put_aside)
    assert told(capsys, "recording", "show", number, status=1) is None, "it left the books"
    found = told(capsys, "recordings", "--archive", month)["recordings"]
    assert found == [row for row in rows if row["recording"] <= found[0]["recording"]]
    agent = next(row["agent"] for row in found if row["agent"])
    of_agent = told(capsys, "recordings", "--archive", month, "--agent", agent)["recordings"]
    assert {row["agent"] for row in of_agent} == {agent}
    assert told(capsys, "recording", "show", number, "--archive", month)["path"] == rows[-1]["path"]
    out = str(tmp_path / "out")
    assert told(capsys, "recording", "export", "--archive", month, "--folder", out)["written"] == len(found)
    assert told(capsys, "recording", "export", number, "--archive", month, "--folder", out)["written"] == 1
    assert archive.sound_of(months, number) == rows[-1]["path"]
    [row] = told(capsys, "recording", "delete", number, "--why", "asked for", "--archive", month)
    assert (row["deleted_why"], row["deleted_by"]) == ("asked for", getpass.getuser())
    assert archive.sound_of(months, number) == ""
    assert main(["ledger"]) == 0
    assert main(["recordings", "--archive", "2001-01"]) != 0
    assert f"the archive has no month 2001-01\n  it has: {month}" in capsys.readouterr().err


def test_the_coverage_is_shown_and_is_the_exit_status(box: RunningBox, capsys: Capture) -> None:
    whole = told(capsys, "recording", "coverage")
    assert whole["wanted"] == whole["recorded"] > 1
    with closing(sqlite3.connect(box.folder / "store.db")) as books, books:
        call = books.execute("SELECT max(call) FROM segments WHERE kind = 'talk'").fetchone()[0]
        books.execute("DELETE FROM recordings WHERE call = ?", (call,))
    assert told(capsys, "recording", "coverage", status=1)["missing"] == [call]
    assert main(["recording", "coverage"]) == 1
    assert f"without a recording: {call}" in capsys.readouterr().out


def test_a_recording_is_shown_with_its_parts(box: RunningBox, capsys: Capture) -> None:
    rows = told(capsys, "recordings")["recordings"]
    row = next(row for row in rows if any(part["kind"] == "talk" and part["agents"] for part in row["parts"]))
    shown = told(capsys, "recording", "show", str(row["recording"]))
    assert shown["parts"] == row["parts"]
    assert {"flow", "queue", "talk"} <= {part["kind"] for part in shown["parts"]}
    assert any(part["kind"] == "talk" and part["agents"] == [row["agent"]] for part in shown["parts"])
    assert main(["recording", "show", str(row["recording"])]) == 0
    assert row["path"] in capsys.readouterr().out
    assert main(["recording", "show", "999999"]) == 1


def test_a_call_that_is_up_is_recorded_as_a_person_asks_who_is_named_in_the_books(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with RunningBox(tmp_path) as box:
        monkeypatch.setenv("MXBOX_SOCKET", str(box.path))
        box.calls(8)
        row = next(row for row in told(capsys, "recordings")["recordings"] if row["running"])
        call = str(row["call"])
        for do in ("pause", "resume", "off", "on", "rules"):
            assert told(capsys, "recording", do, call)["call"] == row["call"]
        assert main(["recording", "pause", "999999"]) == 1
        assert "there is no call 999999 now" in capsys.readouterr().err
        user = getpass.getuser()
        with closing(sqlite3.connect(tmp_path / "store.db")) as books:
            assert books.execute("SELECT paused_by, resumed_by FROM recording_pauses").fetchall() == [(user, user)]
            decided = books.execute(
                "SELECT wanted, asked, asked_by FROM recording_decisions ORDER BY decided"
            ).fetchall()
        assert decided[-1] == (1, 0, user)


def test_playing_to_a_phone_that_is_no_supervisors_says_why(box: RunningBox, capsys: Capture) -> None:
    assert main(["recording", "play", "1", "--at", "8001"]) == 1
    assert "extension 8001 is no supervisor's" in capsys.readouterr().err


def test_what_cannot_be_deleted_says_why(box: RunningBox, capsys: Capture) -> None:
    number = str(told(capsys, "recordings")["recordings"][0]["recording"])
    assert main(["recording", "delete", "999999", "--why", "x"]) == 1
    assert "there is no recording 999999 in the books" in capsys.readouterr().err
    assert main(["recording", "delete", number, "--why", "x"]) == 0
    assert main(["recording", "delete", number, "--why", "y"]) == 1
    assert f"recording {number} was deleted before" in capsys.readouterr().err


def test_a_recording_that_is_being_made_is_neither_deleted_nor_exported(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with RunningBox(tmp_path) as box:
        monkeypatch.setenv("MXBOX_SOCKET", str(box.path))
        box.calls(8)
        number = next(str(row["recording"]) for row in told(capsys, "recordings")["recordings"] if row["running"])
        assert main(["recording", "delete", number, "--why", "x"]) == 1
        assert "is being made" in capsys.readouterr().err
        assert told(capsys, "recording", "export", number, "--folder", str(tmp_path / "o"), status=1)["left_out"] == 1
        assert index(tmp_path / "o")[0]["remark"] == "running"


def tone(path: Path, tracks: int) -> Path:
    """Write two seconds of 400 Hz on the left, and of 1000 Hz on the right."""
    at = np.arange(16_000) / 8000
    both = np.stack([0.3 * np.sin(2 * np.pi * hz * at) for hz in (400, 1000)[:tracks]], axis=1)
    path.write_bytes(header(16_000, tracks) + alaw_encode(both.astype(np.float32)).tobytes())
    return path


DECODERS = {"opus": ("opusdec", "--quiet", "--rate", "8000"), "mp3": ("lame", "--quiet", "--decode")}


@pytest.mark.parametrize("tracks", [1, 2])
@pytest.mark.parametrize("form", ["opus", "mp3"])
def test_both_tracks_are_heard_apart_in_other_formats(tmp_path: Path, form: Any, tracks: int) -> None:
    target, back = tmp_path / f"a.{form}", tmp_path / "back.wav"
    convert(tone(tmp_path / "a.wav", tracks), target, form)
    subprocess.run([*DECODERS[form], target, back], check=True)
    sound = np.frombuffer(back.read_bytes()[44:], "<i2")
    sound = sound[: len(sound) // tracks * tracks].reshape(-1, tracks)[4000:12_000] / 32768
    for track, hz in zip(range(tracks), (400, 1000), strict=False):
        spectrum = np.abs(np.fft.rfft(sound[:, track])) / 4000
        assert spectrum.argmax() == hz
        assert spectrum[hz] == pytest.approx(0.3, rel=0.15)


def test_an_encoder_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(header(800_000) + bytes(1_600_000))
    monkeypatch.setattr(converting, "encoder", lambda *_: ("sh", "-c", "echo full >&2; exit 3"))
    with pytest.raises(ConvertError, match="sh failed: full"):
        convert(source, tmp_path / "a.mp3", "mp3")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_an_encoder_that_is_not_there_names_its_package(
    box: RunningBox, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["recording", "export", "--format", "opus", "--folder", str(tmp_path / "out")]) == 1
    assert "apt-get install opus-tools" in capsys.readouterr().err


@pytest.mark.parametrize("tracks", [1, 2])
def test_the_tracks_of_a_file_are_read(tmp_path: Path, tracks: int) -> None:
    assert read_wav(tone(tmp_path / "a.wav", tracks)).tracks == tracks
