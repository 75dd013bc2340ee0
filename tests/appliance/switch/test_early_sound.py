# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound before the answer: its begin and its end are reported, but no clicks, noise and pauses of a tone."""

import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Alerting, Answered, Confirm, Dial, EarlySound, Party
from appliance.contract.ticks import ticks
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.early_sound import EarlyWatch
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.recorders import Recorders
from dsp.blocks import tick_of
from dsp.g711 import alaw_encode
from dsp.levels import Float, amplitude
from tests.appliance.switch.test_core import Bench, TonePool
from tests.appliance.switch.test_sip_card import running
from tests.drivers.word_phone import WordPhone

ROWS, ROW, LEG = 4, 2, 7
Told = list[tuple[float, bool]]


def tone(seconds: float, dbm0: float = -20.0) -> Float:
    n = np.arange(round(seconds * 50) * 160)
    return (amplitude(dbm0) * np.sin(2 * np.pi * 450 * n / 8000)).astype(np.float32)


def silence(seconds: float) -> Float:
    return np.zeros(round(seconds * 50) * 160, np.float32)


def listen(*sound: Float, packets_end_s: float = 1e9) -> Told:
    """Return the reports about a leg with this sound, and their ticks; no packets come after `packets_end_s`."""
    now = 0
    watch = EarlyWatch(ROWS, lambda leg: max(0, now - ticks(packets_end_s)) if leg == LEG else 0)
    watch.watch(LEG, ROW)
    told: Told = []
    for now, part in enumerate(np.concatenate(sound).reshape(-1, 160)):
        said = np.zeros((ROWS, 160), np.float32)
        said[ROW] = part
        said[ROW - 1] = tone(0.02)  # another row, of which nobody asks
        told += [(now / 50, heard) for leg, heard in watch.hear(tick_of(said, ROWS)) if leg == LEG]
    return told


def test_sound_is_told_as_it_begins() -> None:
    ((at, heard),) = listen(silence(1.0), tone(1.0))
    assert heard
    assert 1.0 <= at <= 1.1


@pytest.mark.parametrize("pause_s", [1.0, 4.0, 5.0], ids=["quick", "ringing in China", "ringing in Sweden"])
def test_the_pauses_of_a_ringing_tone_are_no_end(pause_s: float) -> None:
    assert listen(*[tone(1.0), silence(pause_s)] * 4) == [(0.04, True)]


def test_long_silence_is_an_end_and_what_comes_then_a_beginning() -> None:
    (_, (ends, ended), (_, begun)) = listen(tone(1.0), silence(8.0), tone(1.0))
    assert (ended, begun) == (False, True)
    assert 6.9 <= ends <= 7.1


def test_where_no_packets_come_any_more_the_end_is_sooner() -> None:
    (_, (ends, ended)) = listen(tone(1.0), silence(4.0), packets_end_s=1.0)
    assert not ended
    assert 2.9 <= ends <= 3.1


@pytest.mark.parametrize("dbm0", [-50.0, -65.0, -90.0])
def test_the_noise_of_a_line_is_no_sound(dbm0: float) -> None:
    assert listen(tone(3.0, dbm0)) == []


def test_a_click_is_no_sound() -> None:
    assert listen(*[silence(0.5), tone(0.02, 0.0)] * 5) == []


def test_a_leg_that_came_to_another_row_begins_anew_and_one_that_is_forgotten_tells_nothing() -> None:
    watch = EarlyWatch(ROWS, lambda _: 0)
    loud = tick_of(np.tile(tone(0.02), (ROWS, 1)), ROWS)
    watch.watch(LEG, 0)
    watch.watch(9, 3)
    assert [watch.hear(loud) for _ in range(3)][-1] == [(LEG, True), (9, True)]
    watch.watch(LEG, ROW)
    assert [watch.hear(loud) for _ in range(3)][-1] == [(LEG, True)]
    for leg in (LEG, 9, LEG):
        watch.forget(leg)
    assert [watch.hear(loud) for _ in range(3)] == [[], [], []]


class EarlyCard(StationCard):
    """A card whose first line sends a tone from tick 40 on, answered or not, for two seconds of every twelve."""

    heard = 0

    def receive(self, sound: Sound) -> None:
        super().receive(sound)
        self.heard += 1
        if self.heard % 600 >= 40 and self.heard % 600 < 140:
            sound[0] = tone(0.02)


def test_the_switch_tells_of_a_leg_it_dialled_until_it_is_answered(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "wait 14; answer; wait 60", EarlyCard)
    bench.switch.execute(Dial(1, "station:1", "1", Party("100")))
    told = [event for event in bench.ticks(1900) if isinstance(event, EarlySound | Answered)]
    assert told == [EarlySound(1, heard=True), EarlySound(1, heard=False), EarlySound(1, heard=True), Answered(1)]


class EarlyPhone(WordPhone):
    """It answers an INVITE with 183 and a description, and nothing more."""

    def _take(self, text: str) -> None:
        if not text.startswith("INVITE"):
            super()._take(text)
            return
        self.far_rtp = ("127.0.0.1", int(re.search(r"^m=audio (\d+)", text, re.MULTILINE)[1]))  # type: ignore[index]
        kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): [^\r]+)", text, re.MULTILINE)
        lines = [f"{line};tag=early" if line.startswith("To:") else line for line in kept]
        lines += [f"Contact: <{self.line}>", "Content-Type: application/sdp", f"Content-Length: {len(self.sdp())}"]
        self.to = ("127.0.0.1", int(re.search(r"^Via: \S+ 127\.0\.0\.1:(\d+)", text, re.MULTILINE)[1]))  # type: ignore[index]
        self.send("\r\n".join(["SIP/2.0 183 Session Progress", *lines, "", self.sdp()]))


@pytest.mark.parametrize("then", ["nothing", "silence"])
def test_what_a_phone_sends_before_it_answers_is_told_not_what_it_promises(tmp_path: Path, then: str) -> None:
    phone, said, n = EarlyPhone(), [], 0
    with running(phone.line) as box:
        switch = Switch([box.card], TonePool(), partial(Recorders, disk=InlineDisk(tmp_path)), Journal(None))
        switch.attach(Confirm(0))
        switch.execute(Dial(1, phone.line, "1001"))
        begin = time.monotonic()
        for n in range(260):
            said += [(n, each.event) for each in switch.tick() if isinstance(each.event, Alerting | EarlySound)]
            phone.poll()
            if 50 <= n < 100 or (n >= 100 and then == "silence"):
                sound = tone(1.0)[160 * (n % 50) :][:160] if n < 100 else silence(0.02)
                phone.speak(phone.packet(alaw_encode(sound).tobytes()))
            time.sleep(max(0.0, begin + 0.02 * n - time.monotonic()))
    phone.close()
    assert said[0][1] == Alerting(1, inband=True), "it promises"
    told = [EarlySound(1, heard=True), *([EarlySound(1, heard=False)] if then == "nothing" else [])]
    assert [event for _, event in said[1:]] == told
    assert 50 <= said[1][0] <= 60
    assert then == "silence" or 195 <= said[2][0] <= 210
