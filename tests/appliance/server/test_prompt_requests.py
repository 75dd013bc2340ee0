# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts by requests to a call server: listed, replaced from files, made of texts, restored, kept from phones."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from appliance.access import operations
from appliance.api import messages as api
from appliance.cli import prompt as commands
from appliance.contract import switch as m
from appliance.sounds.files import read_wav
from tests.appliance.server.test_config_requests import refused
from tests.appliance.server.test_flow_requests import running
from tests.appliance.server.test_process import Rig
from tests.appliance.sounds.test_own_prompts import tone, wav

WELCOME = "zh/welcome"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with running(tmp_path) as made:
        yield made


def mxbox(rig: Rig, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "appliance.cli", *words, "--socket", str(rig.folder / "run/control.sock")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def shown(rig: Rig, prompt: str = WELCOME) -> api.PromptReply:
    return rig.client.ask(api.Prompt(prompt), api.PromptReply)


def own(rig: Rig, prompt: str = WELCOME) -> Path:
    return rig.folder / f"state/sounds/{prompt}.wav"


def logged(rig: Rig) -> list[tuple[str, str, str, str]]:
    rows = operations.found(rig.folder / "state/access.db")[::-1]
    return [(each.what, each.on, each.why, each.before) for each in rows]


def test_a_prompt_is_listed_replaced_shown_and_restored(rig: Rig) -> None:
    listed = {row.prompt: row for row in rig.client.ask(api.Prompts(), api.PromptsReply).prompts}
    assert listed[WELCOME].source == "made"
    assert listed["en/welcome"].text
    assert not rig.client.ask(api.Prompts(own=True), api.PromptsReply).prompts
    done = rig.client.ask(api.ReplacePrompt(WELCOME, wav(tone(2.0)), why="new"), api.PromptReply)
    assert done.prompt.source == "own"
    assert max(done.levels) > -25
    assert read_wav(own(rig)).size
    assert rig.client.ask(api.Prompts(own=True), api.PromptsReply).prompts == (done.prompt,)
    assert [each.why for each in shown(rig).changes] == ["new"]
    back = rig.client.ask(api.RestorePrompt(WELCOME, why="old"), api.PromptReply)
    assert (back.prompt, own(rig).exists()) == (listed[WELCOME], False)
    version = done.prompt.version
    assert logged(rig) == [
        ("replace_prompt", WELCOME, "new", "-"), ("restore_prompt", WELCOME, "old", version),
    ]  # fmt: skip
    assert rig.client.ask(api.RestorePrompt(WELCOME, version), api.PromptReply).prompt.version == version


def test_the_switch_reads_the_sounds_before_the_change_is_told(rig: Rig) -> None:
    rig.tell(10, m.Attached("test", 30))
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).connected)
    with ThreadPoolExecutor(1) as other:
        reply = other.submit(rig.client.ask, api.ReplacePrompt(WELCOME, wav(tone(1.0))), api.PromptReply)
        rig.until(rig.asked(m.ReadSounds))
        assert not reply.done(), "it is not in force yet"
        (asked,) = [command for command in rig.commands if isinstance(command, m.ReadSounds)]
        rig.uplink.send([m.Envelope(rig.seq, 11, m.SoundsRead(asked.request))])
        rig.until(reply.done)
        assert reply.result().prompt.source == "own"


def test_a_long_file_comes_in_parts_and_is_one_row_of_the_operation_log(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    file.write_bytes(wav(tone(60.0)))
    assert file.stat().st_size > commands.PART
    done = mxbox(rig, "prompt", "replace", WELCOME, str(file), "--why", "long")
    assert (done.returncode, done.stderr) == (0, "")
    assert abs(shown(rig).prompt.length_s - 60.0) < 0.5
    assert shown(rig).changes[0].text == "long.wav"
    assert logged(rig) == [("replace_prompt", WELCOME, "long", "-")]


def test_parts_that_do_not_fit_together_change_nothing(rig: Rig) -> None:
    data = wav(tone(1.0))
    rig.client.ask(api.ReplacePrompt(WELCOME, data[:1000], more=True), api.Done)
    assert "begins at 500, 1000 bytes are here" in refused(rig, api.ReplacePrompt(WELCOME, data[500:], at=500))
    assert "0 bytes are here" in refused(rig, api.ReplacePrompt(WELCOME, data[1000:], at=1000)), "it begins anew"
    assert not own(rig).exists()


REFUSED = (
    (api.ReplacePrompt(WELCOME, b"none", file="a.mp3"), "a.mp3 is no WAV file"),
    (api.ReplacePrompt(WELCOME, wav(np.zeros(8000, np.float32))), "nothing is heard"),
    (api.ReplacePrompt("zh/welcom", wav(tone(1.0))), "there is no prompt zh/welcom"),
    (api.MakePrompt("zh/welcom", "你好"), "there is no prompt zh/welcom"),
    (api.RestorePrompt(WELCOME, "0" * 16), "has no version"),
    (api.PlayPrompt("zh/welcom", "1001"), "there is no prompt zh/welcom"),
    (api.PlayPrompt(WELCOME, "1001", "0" * 16), "has no version"),
    (api.PlayPrompt(WELCOME, "9999"), "there is no extension 9999"),
    (api.RecordPrompt("zh/welcom", "1001"), "there is no prompt zh/welcom"),
)
NO_NAMES = ("../welcome", "zh/../../box", "zh/", "zh//a", "music/a", "/etc/a", "zh/a\n")


def test_what_cannot_be_done_is_told_and_changes_nothing(rig: Rig) -> None:
    for request, said in REFUSED:
        assert said in refused(rig, request)
    for prompt in NO_NAMES:
        refused(rig, api.ReplacePrompt(prompt, wav(tone(1.0)), new=True))
    assert not [*rig.folder.rglob("*.wav")]
    assert not logged(rig)


def test_a_text_is_spoken_in_place_of_a_prompt_and_only_once(rig: Rig) -> None:
    first = mxbox(rig, "prompt", "make", "zh/holiday", "春节期间照常营业", "--new", "--why", "holiday")
    assert (first.returncode, first.stderr) == (0, "")
    made = shown(rig, "zh/holiday").prompt
    assert (made.text, made.source) == ("春节期间照常营业", "own")
    assert made.length_s > 1
    rig.client.ask(api.ReplacePrompt("zh/holiday", wav(tone(1.0))), api.PromptReply)
    assert rig.client.ask(api.MakePrompt("zh/holiday", made.text), api.PromptReply).prompt.version == made.version


def test_the_list_can_be_read_and_its_words_looked_for(rig: Rig) -> None:
    listed = mxbox(rig, "prompt", "list", "welcome").stdout
    assert "zh/welcome" in listed
    assert "zh/goodbye" not in listed
    assert "it was never changed" in mxbox(rig, "prompt", "show", WELCOME).stdout
