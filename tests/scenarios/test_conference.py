# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences in lockstep: sixty phones hear the right tones at their level without a gap; a host leads by keys."""

import asyncio
from pathlib import Path
from typing import Final

import numpy as np

from appliance.config.conferences import ConferenceConfig
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.phones import pins
from appliance.store.ledger import Ledger
from appliance.switch.sound.rooms import LOUDEST
from dsp.g711 import alaw_decode
from dsp.levels import Float
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_lookup import asks

PARTIES: Final = 60
ROOM: Final = "8500"
LEVEL: Final = -26
LOUD: Final = frozenset(range(3, 59, 7))
"""Eight of them talk louder, by 10 dB."""
TALK_S: Final = 4.0


GUEST_SAYS: Final = house.speech(3, 5)


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


def test_a_caller_outside_comes_in_by_pin_asks_to_speak_and_the_host_grants_it_by_keys(tmp_path: Path) -> None:
    words = ("room-enter-pin", "room-alone", "room-listening", "room-asks", "room-may-speak", "room-left")
    config = BoxConfig(
        language="en",
        extension=(ExtensionConfig(number="1001", line="station:1001"),),
        conference=(ConferenceConfig(number=ROOM, host_pin=True, guest_pin=True, guests_speak=False),),
    )
    host = (
        "wait answer 5; hear room-enter-pin 10; key 4711#; hear room-alone 10;"
        " hear room-asks 40; key *4#; hear guest 20; hear room-left 30; hangup"
    )
    guest = (
        "wait answer 5; hear room-enter-pin 10; key 12#; hear room-listening 10; wait 5; key *1;"
        " hear room-may-speak 20; wait 1; speak guest; wait 2; hangup"
    )
    library = house.library("en", words, guest=GUEST_SAYS)
    pins.keep(tmp_path / pins.FILE, f"conference:host:{ROOM}", "4711", 0)
    pins.keep(tmp_path / pins.FILE, f"conference:guest:{ROOM}", "12", 0)

    async def meet(box: LockBox) -> CallRecord:
        asked, record = asks(box, tmp_path), None
        while box.bank.records[0].ended is None or record is None or record.ended is None:
            if box.ticks == begun + 400:
                record = box.exchange.call(CallPlan(ROOM, read_script(guest), "13800138000"))
            box.tick()
            await asked.settled()
        return record

    with LockBox(tmp_path, config, {}, {"1001": "reject 21"}, library=library).start() as box:
        assert box.bank.dial("1001", ROOM, host)
        begun = box.ticks
        record = asyncio.run(meet(box))
        (station,) = box.bank.records
        box.run_s(3)
        assert record.passed, record.failures
        assert station.passed, station.failures
        log = "SELECT what, member, done_by FROM conference_log ORDER BY change"
        assert [tuple(row) for row in box.store.reader().execute(log)] == [
            ("joined", "1001", ""),
            ("joined", "13800138000", ""),
            ("asked", "13800138000", ""),
            ("granted", "13800138000", "1001"),
            ("left", "13800138000", ""),
            ("left", "1001", ""),
        ]
        assert Ledger(box.store.reader(), tmp_path / "recordings", tolerance_s=0.05, idle=True).check().balanced
