# SPDX-License-Identifier: GPL-2.0-or-later
"""Sixty phones in one conference, in lockstep: each says a tone, each hears the right ones, at their level, no gap."""

from pathlib import Path
from typing import Final

import numpy as np

from appliance.config.conferences import ConferenceConfig
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.store.ledger import Ledger
from appliance.switch.sound.rooms import LOUDEST
from dsp.g711 import alaw_decode
from dsp.levels import Float
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox

PARTIES: Final = 60
ROOM: Final = "8500"
LEVEL: Final = -26
LOUD: Final = frozenset(range(3, 59, 7))
"""Eight of them talk louder, by 10 dB."""
TALK_S: Final = 4.0


def hz(n: int) -> int:
    """Return the tone of a phone: a whole number of periods in a tick, so that tones do not disturb each other."""
    return 300 + 50 * n


def levels(heard: Float) -> Float:
    """Return the level of each phone's tone in each tick, in dBm0 [ticks, phones]."""
    tones = np.exp(-2j * np.pi * np.array([hz(n) for n in range(PARTIES)]) * np.arange(160)[:, None] / 8000)
    amplitude = np.abs(heard.reshape(-1, 160) @ tones) / 80
    found: Float = (20 * np.log10(np.maximum(amplitude, 1e-9)) + 3.14).astype(np.float32)
    return found


def test_sixty_phones_hear_the_eight_loudest_without_themselves(tmp_path: Path) -> None:
    numbers = [str(1001 + n) for n in range(PARTIES)]
    config = BoxConfig(
        language="en",
        extension=tuple(ExtensionConfig(number=each, line=f"station:{each}") for each in numbers),
        conference=(ConferenceConfig(number=ROOM, tones=False, announce=False),),
    )
    scripts = dict.fromkeys(numbers, "reject 21")
    with LockBox(tmp_path, config, {}, scripts, library=house.library("en", ())).start() as box:
        for n, number in enumerate(numbers):
            level = LEVEL + 10 if n in LOUD else LEVEL
            assert box.bank.dial(
                number, ROOM, f"wait answer 5; wait 6; speak tone {hz(n)} {level} {TALK_S}; wait 3; hangup"
            )
        box.run_s(6.5)
        [conference] = box.engine.conferences()
        assert len(conference.members) == PARTIES
        box.until(lambda: all(record.ended is not None for record in box.bank.records), 30)
        box.run_s(1)
        for n, record in enumerate(box.bank.records):
            assert record.passed, record.failures
            assert record.heard is not None
            found = levels(alaw_decode(np.frombuffer(record.heard, np.uint8)))
            _hears_the_loud_ones(n, found)
        assert Ledger(box.store.reader(), tmp_path / "recordings").check().balanced
        assert len(list((tmp_path / "recordings").rglob("*.wav"))) >= 1


def _hears_the_loud_ones(n: int, found: Float) -> None:
    others = sorted(LOUD - {n})
    assert len(others) == LOUDEST - (n in LOUD)
    talking = np.flatnonzero(found[:, others[0]] > LEVEL)
    steady = found[talking[-1] - round(50 * (TALK_S - 0.5)) : talking[-1] - 2]  # it settles within half a second
    assert np.abs(steady[:, others] - (LEVEL + 10)).max() < 1, "a level is wrong, or a tick is missing"
    silent = [each for each in range(PARTIES) if each not in others]
    assert steady[:, silent].max() < LEVEL - 10, "a quiet one, or its own voice, is heard"
