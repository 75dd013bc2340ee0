# SPDX-License-Identifier: GPL-2.0-or-later
"""Many calls at once on the whole box, in lockstep: nothing is lost, and one seed gives one set of books."""

from pathlib import Path

import pytest

from appliance.config.model import BoxConfig, RouteConfig
from appliance.store.ledger import Ledger
from appliance.switch.lines.pri.card import PriCard
from hw_sim.calls import CallPlan
from hw_sim.load import LoadPlan, LoadRun
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.bench import lockstep, ninety
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox


def test_one_seed_gives_identical_books_and_another_gives_others(tmp_path: Path) -> None:
    """The blocked share of Erlang takes more calls than a test has time for: `make bench`."""
    first, again, other = (
        lockstep.run(tmp_path / str(n), calls, seed) for n, (calls, seed) in enumerate(((70, 1), (70, 1), (20, 2)))
    )
    for seen in (first, again, other):
        assert seen.load.lost == 0, seen.load.lost_calls
        assert seen.balanced
    assert first.digest == again.digest
    assert first.digest != other.digest


def test_ninety_channels_of_three_spans_lose_no_call_no_key_and_no_sample(tmp_path: Path) -> None:
    flow = tmp_path / "desk.toml"
    flow.write_text(house.DESK)
    config = BoxConfig(profile="mx90", language="en", route=(RouteConfig(called="96900", flow="desk"),))
    with LockBox(tmp_path, config, {"desk": flow}, {"1001": "busy"}, spans=3, keep_audio=False).start() as box:
        box.exchange.subscribe(
            "10086", read_script("alert; wait 1; answer; wait 2; key 5; wait 2; key 0; speak tone 700 -12 600")
        )
        script = read_script("wait answer 20; wait 3; key 1; wait 3; speak tone 1004 -12 10; hangup")
        records = [box.exchange.call(CallPlan("96900", script, f"138{n:08d}", keep_audio=False)) for n in range(45)]
        box.until(lambda: len(box.exchange.records) == 90 and all(r.answered for r in box.exchange.records), 20)
        assert box.exchange.active == 90
        box.until(lambda: box.exchange.active == 0)
        box.run_s(2)
        assert [failure for record in records for failure in record.failures] == []
        paths = [path for (path,) in box.store.reader().execute("SELECT path FROM recordings")]
        assert len(paths) == 45
        for said, heard in (read_wav(tmp_path / "recordings" / path) for path in paths):
            assert ninety.gaps(said) == 0
            assert ninety.keys(heard) == "50"
        pressed = box.store.reader().execute("SELECT key, accepted, count(*) FROM keys GROUP BY 1, 2").fetchall()
        assert pressed == [("1", 1, 45)]
        assert Ledger(box.store.reader(), tmp_path / "recordings", tolerance_s=0.05, idle=True).check().balanced


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1, 1.0, 3.0, 3.3, 4.0, 5.5, 7.0, 12.0])
def test_hanging_up_at_any_moment_leaves_nothing_behind(tmp_path: Path, moment: float) -> None:
    stations = {"1001": "alert; wait 2; answer; wait 60"}
    with LockBox(
        tmp_path, house.call_centre(1, wrap_up_s=0.5), house.HOTLINE, stations, keep_audio=False
    ).start() as box:
        calls = [
            CallPlan("96900", read_script(f"wait {moment + part}; hangup"), "138", keep_audio=False)
            if not moment
            else CallPlan("96900", read_script(f"wait answer; wait 2.6; key 1; wait {moment + part}; hangup"), "138")
            for part in (0.0, 0.02, 0.04, 0.06)
        ]
        for plan in calls:
            record = box.exchange.call(plan)
            box.until(lambda record=record: record.ended is not None)  # type: ignore[misc]
            box.run_s(3)
            assert box.switch.legs == ()
            assert box.engine.calls() == []
            assert box.engine.agents()[0].state == "idle"
        assert Ledger(box.store.reader(), tmp_path / "recordings", tolerance_s=0.05, idle=True).check().balanced


def test_calls_both_ways_are_lost_to_no_restart(tmp_path: Path) -> None:
    """Channels are restarted on demand all the while: callers talk, and both ends and the books agree at the end."""
    config = BoxConfig(language="en", route=(RouteConfig(called="96900", flow="desk"),))
    flow = tmp_path / "desk.toml"
    flow.write_text(house.DESK)
    plan = LoadPlan(
        to="96900", rate_per_s=8, hold_s=2, calls=150, script="wait answer 20; wait 0.5; key 1; hold; hangup"
    )
    with LockBox(tmp_path, config, {"desk": flow}, {"1001": "busy"}, keep_audio=False, in_memory=True).start() as box:
        box.exchange.subscribe("10086", read_script("alert; wait 0..1; answer; wait 0..2; hangup"))
        card = next(card for card in box.switch.cards if isinstance(card, PriCard))
        load = LoadRun(box.exchange, plan)
        while not load.done:
            if box.ticks % 25 == 0:
                card.restart()
            box.tick()
        box.until(lambda: not (box.exchange.active or card._channels.in_use), 10)
        box.run_s(1)
        result = load.result()
        assert result.passed, result.lost_calls
        assert set(result.causes) <= {16, 34}
        assert {record.cause for record in box.exchange.records if record.direction == "in"} <= {16, 44}
        assert box.exchange.trunks[0].channels.in_use == 0
        [(calls,)] = box.store.reader().execute("SELECT count(*) FROM cdr WHERE cause = 16")
        assert calls == result.offered - result.blocked
        assert Ledger(box.store.reader(), tmp_path / "recordings", tolerance_s=0.05, idle=True).check().balanced
