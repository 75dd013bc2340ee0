# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo's call: a subscriber of the exchange speaks with a baresip phone through the box; all results are kept."""

import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.api.client import Client
from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply, Recordings, RecordingsReply, Update
from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig, SipConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.config.recordings import RecordingConfig
from appliance.contract.errors import ApiError
from appliance.contract.rows import CdrRow, RecordingRow
from appliance.demo.stage import Stage
from appliance.i18n import _
from appliance.sounds.speech import synthesise
from dsp.g711 import float_to_int16
from dsp.levels import SAMPLE_RATE, Float
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.sounds import Library

HOTLINE = "96900"
CALLER = "13800138000"
AGENT, EXTENSION = "2001", "1001"
CALL_S = 90.0
SENTENCES = {
    "caller": {
        "en": "Good morning. My train leaves at half past nine, and I have lost my ticket.",
        "zh": "早上好，我的火车九点半开，我的车票丢了。",
    },
    "agent": {
        "en": "Please do not worry. Tell me your name and the number of your order.",
        "zh": "请不要着急，请告诉我您的姓名和订单号码。",
    },
}
SCRIPT = "wait answer 10; listen 3; key 1; hear agent 45; wait 5; speak caller; wait 5; hangup"
ANSWER_AFTER_S = 3.0


@dataclass(frozen=True)
class Setting:
    """Surroundings of the call: addresses of phone and box, the pace of time at both ends, and the stage."""

    phone: str = "127.0.0.1"
    box: str = "127.0.0.1"
    pace: float = 1.0
    stage: Callable[..., Stage] = Stage


@dataclass(frozen=True)
class Outcome:
    """Everything the call left behind."""

    sentences: dict[str, Float]
    exchange: CallRecord
    updates: list[Update]
    cdr: CdrRow
    recording: RecordingRow
    recording_file: Path
    phone_heard: Path
    ledger: LedgerReply


def configuration(phone: str, language: str, bind: str = "127.0.0.1") -> BoxConfig:
    """Return the demo's box: an MX30 with one phone and one agent."""
    return BoxConfig(
        language="zh" if language == "zh" else "en",
        sip=SipConfig(bind=bind, port=free_port(), rtp_first=24000, rtp_last=24199, calls=20),
        extension=(ExtensionConfig(number=EXTENSION, line=phone, name="baresip"),),
        agent=(AgentConfig(number=AGENT, name="Li Na", extension=EXTENSION, start="ready"),),
        queue=(QueueConfig(name="service", agents=(AGENT,), wrap_up_s=2.0),),
        route=(RouteConfig(called=HOTLINE, flow="hotline"),),
        recording=RecordingConfig(min_free_mb=50),
    )


def sentences(folder: Path, language: str) -> dict[str, Float]:
    """Return both parties' sentences, synthesised; write the agent's, repeated, for the phone."""
    spoken = {who: synthesise(texts[language], language) for who, texts in SENTENCES.items()}
    pause = np.zeros(SAMPLE_RATE, np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    endless = np.concatenate([pause, *([spoken["agent"], pause] * 8)])
    with wave.open(str(folder / "agent.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(float_to_int16(endless).tobytes())
    return spoken


@contextmanager
def watching(socket: Path) -> Iterator[list[Update]]:
    """Collect updates of the box while the body runs."""
    updates: list[Update] = []
    client = Client(socket)
    stream = client.updates("calls", "queues", "agents", "recordings")

    def collect() -> None:
        with suppress(ApiError):
            updates.extend(stream)

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    time.sleep(0.2)
    try:
        yield updates
    finally:
        client.close()


class _Hand:
    """The agent's hand: lifts the handset some time after the phone began to ring."""

    def __init__(self, phone: BaresipPhone) -> None:
        self._phone = phone
        self._rings_since: float | None = None

    def is_done(self, record: CallRecord) -> bool:
        """Poll the phone, and answer when it is time. Return True once the call is over."""
        now = time.monotonic()
        if "CALL_INCOMING" in self._phone.poll():
            self._rings_since = now
        if self._rings_since is not None and now - self._rings_since > ANSWER_AFTER_S:
            self._rings_since = None
            self._phone.command("accept")
        return record.ended is not None


def first_call(folder: Path, language: str, setting: Setting = Setting()) -> Outcome:
    """Start the stage, make the call, ask the box about it. Raises StageError, PhoneError, ApiError."""
    spoken = sentences(folder, language)
    options = PhoneOptions(EXTENSION, says=folder / "agent.wav", answers=False, host=setting.phone, pace=setting.pace)
    with BaresipPhone(folder / "phone", options) as phone:
        library = Library(references=spoken)
        flow = Path(__file__).with_name("hotline.toml").read_text(encoding="utf-8")
        box = configuration(phone.line, language, setting.box)
        with setting.stage(folder, box, {"hotline": flow}, library=library, ppm=(setting.pace - 1) * 1e6) as stage:
            stage.start()
            with watching(stage.paths.control_socket) as updates:
                record = stage.exchange.call(CallPlan(HOTLINE, read_script(SCRIPT), CALLER))
                hand = _Hand(phone)
                stage.until(lambda: hand.is_done(record), CALL_S, _("the call does not end"))
                stage.until(
                    lambda: stage.agents()[AGENT] == "idle", 20, _("the agent does not become ready"), every_s=0.2
                )
                stage.run_s(0.5)
            (cdr,) = stage.client.ask(Cdr(), CdrReply).calls
            listed = stage.client.ask(Recordings(), RecordingsReply)
            ledger = stage.client.ask(Ledger(), LedgerReply)
    (recording,) = listed.recordings
    return Outcome(
        spoken, record, updates, cdr, recording, Path(listed.folder) / recording.path, phone.heard()[0], ledger
    )
