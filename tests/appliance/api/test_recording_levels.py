# SPDX-License-Identifier: GPL-2.0-or-later
"""Levels of a recording and the score cards, over the socket, at a call server with recordings."""

from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApiError
from tests.appliance.api.running import RunningBox


def test_levels_of_a_recording_are_asked_for_in_as_many_stretches_as_a_screen_has_columns(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        box.calls(12)
        box.drain()
        row = next(row for row in client.ask(api.Recordings(), api.RecordingsReply).recordings if row.length_s > 1)
        reply = client.ask(api.RecordingLevels(row.recording, 70), api.RecordingLevelsReply)
        assert (reply.recording, reply.length_s) == (row.recording, row.length_s)
        assert [len(track) for track in reply.tracks] == [70, 70]
        judged = client.ask(api.QualityOf(row.recording), api.QualityReply)
        assert (judged.recording, judged.events, judged.cards) == (row.recording, (), ())
        with pytest.raises(ApiError, match="recording 9999 has no file"):
            client.ask(api.RecordingLevels(9999), api.RecordingLevelsReply)
        with pytest.raises(ApiError, match="the archive has no month 2020-01"):
            client.ask(api.RecordingLevels(row.recording, archive="2020-01"), api.RecordingLevelsReply)
        client.ask(api.DeleteRecording(recording=row.recording, why="asked for"), api.RecordingsReply)
        with pytest.raises(ApiError, match="has no file"):
            client.ask(api.RecordingLevels(row.recording), api.RecordingLevelsReply)
