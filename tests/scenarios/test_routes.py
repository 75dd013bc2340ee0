# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls on an E1 that go by who calls and on which day."""

from pathlib import Path

import msgspec

from appliance.config.model import ListsConfig, RouteConfig
from appliance.config.rules import PlanConfig
from appliance.store.ledger import Ledger as Audit
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from tests.scenarios import house
from tests.scenarios.test_troubles import GOOD, lockbox

NIGHT = """
flow_version = 1
start = "sorry"
[node.sorry]
do = "play"
prompts = ["welcome"]
next = "bye"
[node.bye]
do = "hangup"
"""
HEARS_THAT = "wait answer 5; listen 2; expect welcome; wait remote 20"


def test_on_a_holiday_only_a_vip_comes_to_the_agents(tmp_path: Path) -> None:
    """The clock of the rig stands at midday on 1 January 2024, a Monday."""
    config = msgspec.structs.replace(
        house.call_centre(1),
        plan=(PlanConfig(name="work", hours="mon-fri 08:00-18:00", holidays=("01-01",)),),
        lists=ListsConfig(vip=("13700000000",)),
        route=(
            RouteConfig(called="96900", flow="hotline", callers=("vip",)),
            RouteConfig(called="96900", flow="night", plan="work", closed=True),
            RouteConfig(called="96900", flow="hotline"),
            RouteConfig(called="96901", flow="night", lines=("trunk:elsewhere",)),
            RouteConfig(called="96901", flow="hotline", lines=("pri:carrier",), plan="work", closed=True),
        ),
    )
    calls = [
        CallPlan("96900", read_script(GOOD), "13700000000"),
        CallPlan("96900", read_script(HEARS_THAT), "13800138000"),
        CallPlan("96901", read_script("wait answer; wait 2; hangup"), "13800138000"),
    ]
    with lockbox(tmp_path, config, {"1001": "answers 1"}, {"night": NIGHT}) as box:
        for call in calls:
            record = box.exchange.call(call)
            box.until(lambda record=record: record.ended)  # type: ignore[misc]
            assert record.passed, record.failures
        box.run_s(3)
        books = box.store.reader()
        assert [flow for (flow,) in books.execute("SELECT flow FROM cdr ORDER BY call")] == [
            "hotline", "night", "hotline",
        ]  # fmt: skip
        assert len(books.execute("SELECT offer FROM offers").fetchall()) == 1
        assert Audit(books, tmp_path / "recordings", idle=True).check().balanced
