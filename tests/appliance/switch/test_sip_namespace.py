# SPDX-License-Identifier: GPL-2.0-or-later
"""Two desk phones that are not ours at the far end of bad wires, each in a network namespace of its own."""

import wave
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.contract.switch import Answered, Cleared, Dial, Record
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers.span import TICK_SAMPLES
from dsp.correlate import find
from dsp.levels import Float
from hw_sim.bad_network import NetworkPlan
from hw_sim.baresip import BaresipPhone, PhoneOptions
from hw_sim.wav import read_wav
from tests.appliance.switch.namespaces import Wires, back_again, end_of_wire, enter_new, unavailable
from tests.appliance.switch.sip_lockstep import Delays, delays
from tests.appliance.switch.test_sip_card import Runner
from tests.drivers import sip_peers
from tests.scenarios.house import prompts

BOX = "10.77.0.1"
PLANS = {
    "10.77.0.2": NetworkPlan(loss=0.02, jitter_ms=60, overtaken=0.02, doubled=0.02),
    "10.77.0.3": NetworkPlan(loss=0.05, jitter_ms=60, overtaken=0.02, doubled=0.02),
}
TALK_S, LEAD_S = 8, 3

pytestmark = pytest.mark.skipif(unavailable() is not None, reason=unavailable() or "")


class Talk(Runner):
    """Every leg hears one sound, and is recorded."""

    def __init__(self, card: SipCard, folder: Path, sound: Float) -> None:
        super().__init__(card)
        self.recorders = Recorders(card.rows, InlineDisk(folder))
        self.blocks = iter(sound[: len(sound) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, TICK_SAMPLES))
        self.talking = False

    def exchange(self, said: Float, heard: Float) -> None:
        heard[:] = next(self.blocks, 0.0) if self.talking else 0.0
        self.recorders.advance(said, heard)


def write(path: Path, sound: Float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def aligned(said: Float, heard: Float) -> Delays:
    """As `delays`, whenever it began."""
    first = find(said[: 3 * 8000], heard).offset_samples
    return delays(said, heard[max(0, first - 800) :], most_late_s=0.5)


def test_speech_goes_on_both_ways_over_bad_wires(tmp_path: Path) -> None:
    sentences = np.resize(np.concatenate(list(prompts("en", ["welcome", "menu-hotline"]).values())), TALK_S * 8000)
    lead = np.zeros(LEAD_S * 8000, np.float32)  # a lost 200 or ACK takes its time
    says = write(tmp_path / "says.wav", np.concatenate((lead, sentences, lead, lead)))
    with ExitStack() as stack:
        stack.enter_context(back_again())
        phones, ends = [], {}
        for number, (address, plan) in enumerate(PLANS.items(), 1001):
            enter_new()
            ends[address] = (end_of_wire("wire", address), plan)
            options = PhoneOptions(str(number), host=address, port=5060, says=says)
            phones.append(stack.enter_context(BaresipPhone(tmp_path / str(number), options)))
        enter_new()
        wires = stack.enter_context(Wires(end_of_wire("wire", BOX), ends).carrying())
        extensions = [ExtensionConfig(number=phone.options.number, line=phone.line) for phone in phones]
        config = SipConfig(bind=BOX, rtp_first=20000, rtp_last=20040, calls=2)
        card = SipCard(config, extensions, iter(range(2, 100, 2)).__next__)
        stack.callback(card.close)
        box = Talk(card, tmp_path, sentences)
        for leg, phone in enumerate(phones, 1):
            card.execute(Dial(leg, phone.line, phone.options.number), 0)
        box.until(lambda: sum(isinstance(event, Answered) for event in box.events) == len(phones))
        for leg, phone in enumerate(phones, 1):
            row = card.row(leg)
            assert row is not None
            box.recorders.start(Record(leg, leg, f"{phone.options.number}.wav"), row)
        began, box.talking = box.now, True
        box.run(TALK_S + LEAD_S + 0.5)
        ticks = box.now - began
        assert not [event for event in box.events if isinstance(event, Cleared)]
        box.recorders.close()
        assert [done.samples for done in box.recorders.finished()] == [ticks * TICK_SAMPLES] * 2
        for way in (*wires.out.values(), *wires.back.values()):
            assert way.lost > 0
        for phone in phones:
            phone.command("hangup")
        box.until(lambda: sum(isinstance(event, Cleared) for event in box.events) == len(phones))
    for phone, (found, intact) in zip(phones, ((0.9, 0.75), (0.85, 0.7)), strict=True):
        said, heard = read_wav(tmp_path / f"{phone.options.number}.wav")
        assert np.abs(heard).max() > 0.1, "the box's own side is recorded as well"
        at_box = aligned(sentences, said)
        at_phone = aligned(sentences, (sip_peers.read_wav(phone.heard()[0]) / 32768).astype(np.float32))
        print(phone.options.host, at_box.share(0.7), at_box.share(0.9), at_phone.share(0.7), at_phone.share(0.9))
        assert at_box.share(0.7) >= found
        assert at_box.share(0.9) >= intact
        assert at_phone.share(0.7) >= 0.7, "the phone's own jitter buffer has its say"
