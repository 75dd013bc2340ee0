# SPDX-License-Identifier: GPL-2.0-or-later
"""Load runs: figures that add up, agree with theory, and come again."""

import pytest

from hw_sim.errors import SimError
from hw_sim.load import LoadPlan, LoadResult, LoadRun
from hw_sim.script import read_script
from tests.hw_sim.pair import Pair


def _load(plan: LoadPlan, called: str = "answers 0.2..1", spans: int = 1) -> tuple[LoadResult, LoadRun]:
    pair = Pair(spans, seed=4)
    pair.usr.subscribe("96900", read_script(called))
    run = LoadRun(pair.net, plan)
    pair.until(lambda: run.done, 3600)
    return run.result(), run


BUSY_HOUR = LoadPlan(to="96900", rate_per_s=5.4, hold_s=4.2, calls=1500, warm_up_s=20, seed=7)


def test_blocked_share_is_what_erlang_expects_and_one_seed_gives_one_result() -> None:
    result, run = _load(BUSY_HOUR)
    assert result.as_expected, (result.blocked_share, result.erlang_b)
    assert 0.01 < result.erlang_b < 0.2
    assert result.blocked > 0
    assert result.lost == 0
    assert result.offered == result.answered + result.blocked
    assert result.causes == {16: result.answered, 34: result.blocked}
    assert result.offered_erlangs == pytest.approx(5.4 * result.mean_occupancy_s, rel=0.1)
    assert result.answer_after_s is not None
    assert 0.2 < result.answer_after_s.p50 < 0.8
    assert (
        result.answer_after_s.p50
        <= result.answer_after_s.p90
        <= result.answer_after_s.p99
        <= result.answer_after_s.most
    )
    assert sum(record.started < 20 * 50 for record in run.records) > 50  # the warm-up is not counted, but was made
    again, _ = _load(BUSY_HOUR)
    assert again == result


def test_load_by_time_ends_in_time() -> None:
    result, run = _load(LoadPlan(to="96900", rate_per_s=2, hold_s=1, seconds=30, seed=1))
    first, last = run.records[0].started, run.records[-1].started
    assert (last - first) * 0.02 <= 30
    assert 35 <= result.offered <= 85
    assert result.seconds == pytest.approx(30)


def test_lost_calls_are_named() -> None:
    plan = LoadPlan(to="96900", rate_per_s=2, hold_s=1, calls=3, script="wait answer; key 1; hold; hangup")
    result, _ = _load(plan, "answer; hangup 17")
    assert (result.lost, result.cut_off) == (3, 0)
    assert result.lost_calls[0].startswith("call 1 at ")
    assert "cause 17" in result.lost_calls[0]
    assert "the far end " in result.lost_calls[0]
    result, _ = _load(plan, "answer; hangup 41")
    assert (result.lost, result.cut_off) == (0, 3)
    assert "cut off in talk (cause 41)" in result.lost_calls[0]


@pytest.mark.parametrize("script", [f"wait answer; {step}; hangup" for step in ("hold", "listen 60", "wait 60")])
@pytest.mark.parametrize(("cause", "cut"), [(41, True), (27, True), (34, True), (16, False), (31, False)])
def test_talks_that_a_fault_cuts_off_fail_the_run_and_those_that_end_early_do_not(
    script: str, cause: int, cut: bool
) -> None:
    plan = LoadPlan(to="96900", rate_per_s=2, hold_s=6000, calls=3, script=script)
    result, run = _load(plan, f"answer; wait 1; hangup {cause}")
    assert (result.answered, result.lost) == (3, 0)
    assert result.cut_off == (3 if cut else 0)
    assert result.cut_off_causes == ({cause: 3} if cut else {})
    assert result.ended_early == (0 if cut else 3)
    assert result.passed is not cut
    assert all(record.passed is not cut for record in run.records)


def test_a_line_that_dies_cuts_off_its_talks() -> None:
    pair = Pair(1, seed=4)
    pair.usr.subscribe("96900", read_script("answer; wait remote 60"))
    run = LoadRun(pair.net, LoadPlan(to="96900", rate_per_s=2, hold_s=600, calls=3))
    pair.until(lambda: len(run.records) == 3 and all(record.answered for record in run.records), 60)
    pair.net.cut(1, 5)
    pair.until(lambda: run.done, 60)
    result = run.result()
    assert (result.answered, result.cut_off, result.cut_off_causes) == (3, 3, {38: 3})
    assert result.lost_calls[0].endswith("cut off in talk (cause 38)")


def test_load_without_an_end_is_refused() -> None:
    with pytest.raises(SimError, match="without an end"):
        LoadRun(Pair().net, LoadPlan(to="1", rate_per_s=1, hold_s=1))
