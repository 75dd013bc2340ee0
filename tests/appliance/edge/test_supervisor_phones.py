# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor's desk phone (baresip) in a talk of two others: tones tell who hears whom, on lines and on tape."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.api.messages import Ledger, LedgerReply
from hw_sim.baresip import BaresipPhone
from hw_sim.wav import read_wav as read_tracks
from tests.appliance.edge.house import House, count, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.appliance.edge.test_desk_phones import CALL_CENTRE
from tests.drivers.sip_peers import read_wav

HZ = {"1001": 700, "1002": 900, "1003": 1100}
AGENT, CALLER, SUPERVISOR = HZ
BLOCK = 160
MODE_S = 2.0
"""How long each mode lasts, by this machine's clock; what is heard may differ by a part of a second."""
LEAST = 5
"""Blocks of 20 ms in a row that are a tone."""
Heard = NDArray[np.bool_]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[House, dict[str, BaresipPhone]]]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        made = stack.enter_context(House(folder, tuple(HZ), supervisors=(SUPERVISOR,), **CALL_CENTRE))
        phones = {number: stack.enter_context(made.phone(tmp_path, number, hz)) for number, hz in HZ.items()}
        made.start()
        for phone in phones.values():
            made.wait_registered(phone)
        yield made, phones
        assert made.client.ask(Ledger(files=False), LedgerReply).balanced


def tone(sound: NDArray[np.float64], hz: int) -> Heard:
    """Return in which blocks of 20 ms a sound holds a tone."""
    blocks = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    level = np.abs(blocks @ np.exp(-2j * np.pi * hz * np.arange(BLOCK) / 8000))
    return np.asarray(level > 0.2 * np.quantile(level, 0.98))


def length_s(heard: Heard) -> float:
    """Return the time from the first sound of a tone to the last; speech has a tone for a moment only.

    A phone sends no sound while it sends a key (RFC 4733), here for 240 ms; with the end of the key and what waits in
    the jitter buffer 340 ms are without sound.
    """
    stretches = np.flatnonzero(np.diff(np.concatenate(([False], heard, [False])))).reshape(-1, 2)
    steady = stretches[np.diff(stretches, axis=1)[:, 0] >= LEAST]
    assert (steady[1:, 0] - steady[:-1, 1]).max(initial=0) * BLOCK / 8000 < 0.6, "it comes and goes"
    return float(steady[-1, 1] - steady[0, 0]) * BLOCK / 8000


def kinds(box: House) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{box.paths.state / 'store.db'}?mode=ro", uri=True)) as books:
        return [kind for (kind,) in books.execute("SELECT kind FROM segments WHERE call = 1 ORDER BY segment")]


def signalled(phone: BaresipPhone) -> list[str]:
    """Return the reports of a phone about its calls, without the statistics of their sound."""
    phone.poll()
    return [each["type"] for each in phone.events if each["type"].startswith("CALL_") and each["type"] != "CALL_RTCP"]


def test_phones_and_both_tracks_hold_what_each_mode_says(box: tuple[House, dict[str, BaresipPhone]]) -> None:
    house, phones = box

    def dial(number: str, called: str) -> None:
        phones[number].command("dial", f"sip:{called}@{DOMAIN}")
        house.until(lambda: count(phones[number], "CALL_ESTABLISHED"), 15, f"{number} is not answered")

    dial(CALLER, "96900")
    house.run_s(4)
    phones[CALLER].press("1")
    house.until(lambda: kinds(house)[-1] == "talk", 30, "no talk", every_s=0.2)
    house.run_s(1)
    before = signalled(phones[AGENT])
    dial(SUPERVISOR, "*342001")
    for key in ("", "5", "6", "4"):
        phones[SUPERVISOR].press(key)
        house.run_s(MODE_S)
    assert signalled(phones[AGENT]) == before, "the agent's phone is told nothing"
    assert kinds(house)[-1] == "talk"
    for number in (SUPERVISOR, CALLER, AGENT):
        phones[number].command("hangup")
    house.until(house.quiet, 15, "a call is left", every_s=0.2)
    heard = {number: read_wav(phone.heard()[-1]) for number, phone in phones.items()}
    assert length_s(tone(heard[AGENT], HZ[SUPERVISOR])) == pytest.approx(2 * MODE_S, abs=0.7)
    assert length_s(tone(heard[CALLER], HZ[SUPERVISOR])) == pytest.approx(MODE_S, abs=0.7)
    for number in (CALLER, AGENT):  # but for what the supervisor is told, and the ends
        assert tone(heard[SUPERVISOR][8000:-8000], HZ[number]).mean() > 0.95
    (path,) = (house.paths.recordings).rglob("*.wav")
    left, right = read_tracks(path).astype(np.float64)
    assert np.abs(left @ np.exp(-2j * np.pi * HZ[SUPERVISOR] * np.arange(len(left)) / 8000)) < 0.001 * len(left)
    assert length_s(tone(right, HZ[SUPERVISOR])) == pytest.approx(MODE_S, abs=0.7)
    assert tone(right, HZ[AGENT]).sum() * BLOCK / 8000 > 4 * MODE_S
