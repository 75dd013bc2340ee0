# SPDX-License-Identifier: GPL-2.0-or-later
"""On a desk phone of another make: a prompt is recorded, kept by a key, and heard; so is a message of a queue's box."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.api import messages as api
from appliance.config.model import BoxConfig, ExtensionConfig, SipConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.config.recordings import RecordingConfig
from appliance.config.voicemail import VoicemailConfig
from appliance.demo.checks import MIN_SCORE, SECOND
from appliance.demo.stage import Stage
from appliance.sounds.shape import SPEECH_DBM0, speech_level_dbm0
from dsp.correlate import find_pieces
from dsp.levels import Float
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from hw_sim.sounds import Library
from hw_sim.wav import read_wav
from tests.appliance.sounds.test_own_prompts import wav
from tests.scenarios import house

CALLER_SAYS = house.speech(4.0, 7)
PHONE_SAYS = house.speech(60.0, 11)
PROMPT = "en/welcome"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def config(line: str) -> BoxConfig:
    return BoxConfig(
        language="en",
        sip=SipConfig(bind="127.0.0.1", port=free_port(), rtp_first=24000, rtp_last=24199, calls=20),
        extension=(ExtensionConfig(number="1001", line=line, supervisor=True),),
        agent=(AgentConfig(number="8001", extension="1001"),),
        queue=(QueueConfig(name="sales", agents=("8001",)),),
        voicemail=(VoicemailConfig(name="orders", number="8600", queue="sales"),),
        recording=RecordingConfig(rule="none", min_free_mb=50),
    )


def doing(stage: Stage) -> str:
    return next((call.state for call in stage.client.ask(api.Calls(), api.CallsReply).calls), "")


def prompt(stage: Stage) -> api.PromptReply:
    return stage.client.ask(api.Prompt(PROMPT), api.PromptReply)


def over(stage: Stage) -> None:
    stage.until(stage.quiet, 60, "the call does not end", every_s=0.5)


def record_at(stage: Stage, phone: BaresipPhone) -> None:
    """Record the prompt at the phone as a person does: 1, speak, hash, 3 to keep it, 4 to leave."""
    stage.client.ask(api.RecordPrompt(PROMPT, "1001", why="new hours"), api.Done)
    stage.until(lambda: doing(stage) == "speaking", 20, "the phone does not answer", every_s=0.2)
    phone.press("1")
    stage.until(lambda: doing(stage) == "message", 20, "it is not recorded", every_s=0.2)
    stage.run_s(4.0)
    phone.press("#")
    stage.until(lambda: doing(stage) == "speaking", 20, "the recording does not end", every_s=0.2)
    phone.press("3")
    stage.until(lambda: prompt(stage).prompt.source == "own", 20, "it is not kept", every_s=0.2)
    phone.press("4")
    over(stage)


def heard_of(reference: Float, heard: Float) -> bool:
    """Return whether what was said is in what was heard, second by second, but for its begin and its end."""
    scores = [match.score for match in find_pieces(reference, heard, SECOND)]
    return sum(score >= MIN_SCORE for score in scores) >= len(scores) - 1


def test_a_prompt_recorded_at_a_phone_and_a_message_of_a_queue_are_heard_there(folder: Path) -> None:
    (folder / "says.wav").write_bytes(wav(PHONE_SAYS))
    with BaresipPhone(folder / "phone", PhoneOptions("1001", says=folder / "says.wav")) as phone:
        library = Library(references={"caller": CALLER_SAYS})
        with Stage(folder / "box", config(phone.line), {}, library=library) as stage:
            stage.start()
            record_at(stage, phone)
            (change,) = prompt(stage).changes
            assert (change.step, change.why, change.text) == ("record", "new hours", "1001")
            rows = stage.client.ask(api.Operations(what="record_prompt"), api.OperationsReply).operations
            assert [(each.user, each.why) for each in rows] == 2 * [(change.user, "new hours")], "asked for, and kept"
            assert change.door == "machine", "whoever asked, and not the phone"
            assert 3.0 < change.length_s < 6.0
            stage.client.ask(api.PlayPrompt(PROMPT, "1001"), api.Done)
            over(stage)
            says = read_script("wait answer 15; wait 1; key #; wait 2; speak caller; wait 1; key #; wait remote 15")
            left = stage.exchange.call(CallPlan("8600", says, "13800138000"))
            stage.until(lambda: left.ended is not None and stage.quiet(), 60, "the call does not end", every_s=0.5)
            (message,) = stage.client.ask(api.Messages(), api.MessagesReply).messages
            stage.client.ask(api.PlayMessage(message.message, "1001"), api.Done)
            over(stage)
            assert stage.client.ask(api.Ledger(), api.LedgerReply).balanced
            (own,) = read_wav(stage.paths.sounds / f"{PROMPT}.wav")
    _recording, of_prompt, of_message = [np.asarray(read_wav(file)[0], np.float32) for file in phone.heard()]
    assert heard_of(own, of_prompt)
    assert abs(speech_level_dbm0(of_prompt) - SPEECH_DBM0) < 1.0, "as loud as all prompts"
    assert any(match.score >= MIN_SCORE for match in find_pieces(PHONE_SAYS, own, SECOND)), "what the phone said"
    assert heard_of(CALLER_SAYS, of_message)
