# SPDX-License-Identifier: GPL-2.0-or-later
"""The books as a clerk reads them: charged time, served callers and their agents, from events to CDR rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.api.messages import HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.rows import CdrRow
from appliance.engine.engine import Step
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import Box, config
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call


class Clerk(Box):
    """A box whose records go into books with the tick of their step."""

    def __init__(self) -> None:
        self.store = Store.in_memory(lockstep_wall(EPOCH_MS))
        super().__init__(config(recording={"rule": "all"}))

    def did(self, step: Step) -> Step:
        self.store.apply(None, self.now, step.records)
        return super().did(step)

    def cdr(self, call: int = 1) -> CdrRow:
        self.store.settle(self.now)
        (row,) = [row for row in Reads(self.store.reader()).cdr(0, 0, "", 0, 50) if row.call == call]
        return row

    def balanced(self) -> bool:
        return Ledger(self.store.reader(), None, "none", tolerance_s=1e9, idle=True).check().balanced


@contextmanager
def clerk() -> Iterator[Clerk]:
    box = Clerk()
    yield box
    for recording in list(box.engine._board.recordings):
        box.tell(m.Recorded(recording, 0))
    assert box.balanced()
    box.store.close()


def stops_recording(box: Clerk) -> bool:
    return [type(command) for command in box.commands if isinstance(command, m.StopRecord | m.Clear)][:2] == [
        m.StopRecord,
        m.Clear,
    ]


@pytest.mark.parametrize("clearing_s", [0, 3, 38])
def test_charging_ends_when_the_box_begins_to_clear_however_long_the_far_end_takes(clearing_s: int) -> None:
    with clerk() as box:
        a = box.call_in()
        box.wait(2)
        box.did(box.engine.request(HangUp(1), box.now))
        assert stops_recording(box), "the recording ends with the talk as well"
        box.wait(clearing_s)
        box.tell(m.Cleared(a, 16))
        assert box.cdr().billed_s == 2.0
        assert box.cdr().duration_s == 2.0 + clearing_s


def test_charging_ends_when_the_caller_disconnects() -> None:
    with clerk() as box:
        a = box.call_in()
        box.wait(2)
        box.tell(m.Disconnected(a, 16))
        assert [command for command in box.commands if isinstance(command, m.StopRecord)]
        box.wait(4)
        box.tell(m.Cleared(a, 16))
        assert box.cdr().billed_s == 2.0


def test_what_an_answered_caller_hears_after_a_failure_is_charged() -> None:
    """The line is answered while the flow announces a failure: the carrier counts it."""
    with clerk() as box:
        a = box.call_in()
        box.played(a)
        box.key(a, "3")
        phone = box.asked(m.Dial).leg
        box.wait(1)
        box.tell(m.Cleared(phone, 17))
        box.wait(1)
        box.played(a)
        for leg in list(box.engine._board.legs):
            box.tell(m.Cleared(leg, 16))
        assert box.cdr().billed_s == pytest.approx(2.0)


@pytest.mark.parametrize("first", [m.Cleared, m.Disconnected])
def test_a_caller_who_is_gone_before_the_answer_left_was_not_answered(first: type) -> None:
    with clerk() as box:
        a = box.call_in()
        assert box.wrote(r.CallAnswered)
        if first is m.Disconnected:
            box.tell(m.Disconnected(a, 16, connected=False))
        box.tell(m.Cleared(a, 16, connected=False))
        row = box.cdr()
        assert (row.disposition, row.billed_s, row.ended_by, row.served) == ("abandoned", 0.0, "caller", False)
        reader = box.store.reader()
        assert reader.execute("SELECT answered FROM legs").fetchall() == [(None,)]
        box.tell(m.Recorded(1, 0))
        assert box.cdr().recording == "", "there is no file"
        assert not box.all(r.TroubleNoted)


def test_an_answer_that_left_counts_although_the_caller_hung_up_at_once() -> None:
    with clerk() as box:
        a = box.call_in()
        box.wait(0.06)
        box.tell(m.Cleared(a, 16))
        assert (box.cdr().disposition, box.cdr().billed_s) == ("answered", 0.06)


def test_who_hung_up_in_a_greeting_is_told_apart_from_who_was_served() -> None:
    with clerk() as box:
        a = box.call_in()
        box.wait(1)
        box.tell(m.Cleared(a, 16))
        assert (box.cdr().disposition, box.cdr().served, box.cdr().ended_in) == ("answered", False, "flow")
        a, b = box.call_in("8001"), box.asked(m.Dial).leg
        box.tell(m.Answered(b))
        box.wait(1)
        box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
        assert (box.cdr(2).disposition, box.cdr(2).served, box.cdr(2).ended_in) == ("answered", True, "talk")


def consult(box: Clerk) -> tuple[int, int, int]:
    a, b = box.call_in("8001"), box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    box.wait(1)
    box.key(b, "*28002#")
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    box.wait(2)
    return a, b, c


def test_a_leg_that_comes_back_from_a_consultation_has_two_stays() -> None:
    with clerk() as box:
        a, b, c = consult(box)
        box.tell(m.Cleared(c, 16))
        box.wait(1)
        stays = box.store.reader().execute(
            "SELECT opened, answered IS NOT NULL, closed, cause FROM legs WHERE call = 1 AND leg = ? ORDER BY opened",
            (b,),
        )
        assert stays.fetchall() == [(0, 1, 50, 0), (150, 1, None, None)]
        box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
        assert box.cdr().talk_s == 2.0, "the first second and the last"
        use = box.store.reader().execute("SELECT seizures, held_s FROM channel_use").fetchall()
        assert use == [(1, 4.0)], "no stay counts a channel twice"


def test_a_transferred_talk_names_all_who_talked_in_order() -> None:
    with clerk() as box:
        a, b, c = consult(box)
        box.tell(m.Cleared(b, 16))
        box.wait(3)
        box.tell(m.Cleared(a, 16), m.Cleared(c, 16))
        assert box.cdr().talked_with == "101 102", "agents by their numbers"


def test_a_leg_that_is_in_its_call_already_contradicts_the_books() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        enter(store, queue_call(1)[:1])
        store.apply(None, 10, [r.LegOpened(2, 1, "pri:carrier", "caller", "1")])
        (trouble,) = Reads(store.reader()).troubles(5)
        assert trouble.kind == "books"
        assert "leg 2 is in call 1 already" in trouble.text
        assert trouble.msgid.format(**trouble.values) == trouble.text


def test_the_ledger_names_records_that_wait_and_does_not_balance(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS))
    store._connection.execute("PRAGMA max_page_count = 60")
    seq = 0
    for n in range(1, 401):
        seq = enter(store, queue_call(n, 3000 * n), max(seq, 9 * (n - 1)))
    waiting = store.status().waiting
    assert waiting
    result = Ledger(store.reader(), waiting=waiting).check()
    assert not result.balanced
    assert [finding.where for finding in result.findings if finding.rule == "records_waiting"] == [
        f"records: {waiting}"
    ]
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.settle(3000 * 400 + 2400)
    assert store.status().waiting == 0
    assert Ledger(store.reader(), waiting=0, idle=True).check().balanced
    (trouble,) = [each for each in Reads(store.reader()).troubles(5) if each.kind == "disk"]
    assert "full" in trouble.values["why"]
    assert int(trouble.values["seconds"]) > 0
    store.close()
