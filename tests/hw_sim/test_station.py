# SPDX-License-Identifier: GPL-2.0-or-later
"""Stations, ticked as the switch ticks them."""

import numpy as np
import pytest

from appliance.switch.lines.station import Bank, StationCard
from dsp.levels import Float, level_dbm0
from dsp.tones import sine
from hw_sim.errors import SimError
from hw_sim.station import Signal, StationBank


class Owner:
    """Runs a bank as the switch does, and keeps the voices of its rows."""

    def __init__(self, bank: StationBank) -> None:
        self.bank = bank
        self.signals: list[tuple[int, Signal]] = []
        self.said: list[Float] = []

    def run(self, ticks: int, heard: Float | None = None) -> None:
        for _ in range(ticks):
            sound = np.full((self.bank.rows, 160), 9.0, np.float32)
            self.bank.receive(sound)
            self.said.append(sound)
            self.signals += [(self.bank.now, signal) for signal in self.bank.signal(0)]
            self.bank.transmit(np.zeros_like(sound) if heard is None else heard)

    def row(self, row: int) -> Float:
        return np.concatenate([tick[row] for tick in self.said])


def test_station_rings_answers_talks_and_hangs_up() -> None:
    bank = StationBank(["1001", "1002", "1003"], "alert; wait 1; answer; speak tone 440 -10 2; hangup 31")
    owner = Owner(bank)
    assert bank.ring("1002", 7, "555")
    assert bank.row(7) == 1
    owner.run(200)
    assert owner.signals == [
        (0, ("alerting", 7, "", "")),
        (50, ("answered", 7, "", "")),
        (150, ("cleared", 7, "31", "")),
    ]
    assert bank.row(7) is None
    sounding = np.abs(owner.row(1)) > 0
    assert np.count_nonzero(sounding) == pytest.approx(16000, rel=0.02)
    assert float(level_dbm0(owner.row(1)[52 * 160 : 150 * 160])) == pytest.approx(-10, abs=0.1)
    assert not owner.row(0).any()
    assert not owner.row(2).any()


@pytest.mark.parametrize(
    ("behaviour", "signals"), [("busy", [("cleared", 1, "17", "")]), ("silent", [("alerting", 1, "", "")])]
)
def test_refusing_and_never_answering(behaviour: str, signals: list[Signal]) -> None:
    owner = Owner(StationBank(["1001"], behaviour))
    owner.bank.ring("1001", 1, "")
    owner.run(1000)
    assert [signal for _, signal in owner.signals] == signals


def test_bank_fits_the_card_of_the_switch() -> None:
    bank: Bank = StationBank(["1001"])
    assert StationCard(bank, lambda: 2).rows == 1


def test_station_has_one_call_at_a_time_and_must_exist() -> None:
    bank = StationBank(["1001"])
    assert bank.ring("1001", 1, "")
    assert not bank.ring("1001", 2, "")
    assert not bank.ring("1002", 3, "")
    bank.cancel(1)
    assert bank.ring("1001", 2, "")


def test_cancelled_call_is_cleared_once_with_the_canceller_s_cause() -> None:
    owner = Owner(StationBank(["1001", "1002"], "answers 0.5"))
    owner.bank.ring("1001", 1, "")
    owner.bank.ring("1002", 2, "")
    owner.bank.cancel(2)  # before it began to ring
    owner.run(50)
    owner.bank.cancel(1)
    owner.run(5)
    whats = [signal for _, signal in owner.signals]
    assert whats.count(("cleared", 1, "16", "")) == whats.count(("cleared", 2, "16", "")) == 1
    assert ("alerting", 2, "", "") not in whats
    assert [record.ended_by for record in owner.bank.records] == ["far end", "far end"]


def test_behaviour_by_number_and_times_by_seed() -> None:
    def answers(seed: int) -> list[int]:
        bank = StationBank([str(n) for n in range(20)], {"3": "busy", "*": "answers 1..3"}, seed)
        owner = Owner(bank)
        for n in range(20):
            bank.ring(str(n), n, "")
        owner.run(200)
        assert (0, ("cleared", 3, "17", "")) in owner.signals
        return [tick for tick, signal in owner.signals if signal[0] == "answered"]

    assert answers(1) == answers(1) != answers(2)
    assert all(50 <= tick <= 150 for tick in answers(1))
    assert len(set(answers(1))) > 10


def test_station_hears_keeps_and_echoes() -> None:
    bank = StationBank(["1001", "1002"], "answer; loop; wait 1; hangup", keep_audio=True)
    owner = Owner(bank)
    bank.ring("1002", 1, "")
    tone = np.tile(sine([1000], -15, 160), (2, 1))
    owner.run(60, tone)
    assert float(level_dbm0(owner.row(1)[10 * 160 : 40 * 160])) == pytest.approx(-15, abs=0.1)
    assert not owner.row(0).any()
    (heard,) = bank.ear.hear(bank.records[0].heard)
    assert heard.what == "1000 Hz"


def test_station_makes_a_call() -> None:
    bank = StationBank(["1001", "1002"])
    owner = Owner(bank)
    token = bank.dial("1001", "913800138000", "wait answer; speak tone 700 -10 1; hangup")
    assert token is not None
    assert token < 0
    assert bank.dial("1001", "1", "hangup") is None
    owner.run(10)
    assert owner.signals == [(0, ("incoming", token, "913800138000", "1001"))]
    bank.accept(token)
    owner.run(60)
    assert owner.signals[-1][1] == ("cleared", token, "16", "")
    assert bank.records[0].passed
    with pytest.raises(SimError, match="no station 9"):
        bank.dial("9", "1", "hangup")
