# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys between the switch and desk phones that are not ours, in real time: encrypted, in codecs of two clock rates."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Key, SendKey
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.switch.test_sip_codecs import Bridge, write

CODECS = ("PCMA", "opus")


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[tuple[Bridge, list[BaresipPhone]]]:
    phones = []
    for number, codec in enumerate(CODECS, 1001):
        says = write(tmp_path / f"{codec}.wav", np.zeros(8000, np.float32), codec)
        options = PhoneOptions(str(number), says=says, codec=codec, encrypts=True)
        phones.append(BaresipPhone(tmp_path / codec, options))
    with contextlib.ExitStack() as stack:
        for phone in phones:
            stack.enter_context(phone)
        made = Bridge(tmp_path, [(phones[0], phones[1])])
        stack.callback(made.switch.close)
        made.connect()
        yield made, phones


def test_keys_are_told_both_ways_above_encryption(bridge: tuple[Bridge, list[BaresipPhone]]) -> None:
    talk, phones = bridge
    for _ in range(25):
        talk.tick()
    for phone in phones:
        phone.press("5")
    for leg in talk.legs[0]:
        for key in "78#":  # baresip 1.1.0 passes over ends: one of two equal presses. test_sip_keys.py has such
            talk.switch.execute(SendKey(leg, key, 100))
    for _ in range(75):
        talk.tick()
    pressed = sorted((event.leg, event.key, event.inband) for event in talk.events if isinstance(event, Key))
    assert pressed == [(leg, "5", False) for leg in sorted(talk.legs[0])]
    for phone in phones:
        phone.poll()
        heard = [event.get("param") for event in phone.events if event.get("type") == "CALL_DTMF_START"]
        assert heard == ["7", "8", "#"]
