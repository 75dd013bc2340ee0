# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of users who may not supervise are not shown that a supervisor listens: now, in updates, in the past."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.api.messages import Supervise
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.rights import Peer, Right
from appliance.server.discretion import Discretion
from appliance.server.rights import Admission
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.store.whole_call import WholeCall
from appliance.wall import lockstep_wall
from tests.appliance.api.running import RunningBox
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_supervising import box, served
from tests.appliance.store.calls import EPOCH_MS


def by_code(house: Box) -> int:
    return house.phone_dials("*34101")


def by_request(house: Box) -> int:
    house.did(house.engine.request(Supervise("8009", "101", mode="whisper"), house.now, "lina"))
    leg = house.asked(m.Dial).leg
    house.tell(m.Answered(leg))
    return leg


def named(record: object, leg: int, call: int) -> bool:
    """Return whether a record tells of a leg or a call."""
    legs = (getattr(record, "leg", 0), *getattr(record, "legs", ()))
    return leg in legs or getattr(record, "call", 0) == call


@pytest.mark.parametrize("begin", [by_code, by_request])
def test_neither_updates_nor_lists_tell_of_a_supervisor(begin: Callable[[Box], int]) -> None:
    house = box()
    caller, agent = served(house)
    leg = begin(house)
    house.tell(m.Key(leg, "6", 80), m.Cleared(leg, 16))
    leg = begin(house)
    discretion = Discretion("*34")
    shown = [each for each in house.history if not discretion.hides(each)]
    calls = [each.call for each in house.all(r.CallOpened) if each.called == "*34101"]
    assert len(calls) == 2
    assert not [each for each in shown if named(each, leg, calls[-1]) and not isinstance(each, r.SupervisorActed)]
    assert [each.leg for each in shown if isinstance(each, r.LegOpened)] == [caller, agent]
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        store.apply(None, house.now, house.history)
        books = Reads(store.reader())
        live = books.live(house.engine.calls(), house.now)
        assert "supervisor" in [each.role for call in live for each in call.legs]
        reply = discretion.reply(api.CallsReply(live))
        assert isinstance(reply, api.CallsReply)
        assert [[each.leg for each in call.legs] for call in reply.calls] == [[caller, agent]]
        past = discretion.reply(api.CdrReply(books.cdr(0, 0, "", 0, 9)))
        assert isinstance(past, api.CdrReply)
        assert [row.called for row in past.calls] == ["", "", "96900"], (
            "rows stay, so that lists go on below their numbers"
        )
    signals = tuple(m.SignalMessage(each, 0, False, "", "INVITE") for each in (caller, leg))
    ladder = discretion.reply(api.SipLadderReply(1, signals))
    assert isinstance(ladder, api.SipLadderReply)
    assert [each.leg for each in ladder.messages] == [caller]
    trace = discretion.reply(api.TraceReply(1, 0, signals))
    assert isinstance(trace, api.TraceReply)
    assert [each.leg for each in trace.messages] == [caller]


@pytest.mark.parametrize("begin", [by_code, by_request])
def test_a_whole_call_tells_of_no_supervisor(begin: Callable[[Box], int]) -> None:
    house = box()
    caller, agent = served(house)
    leg = begin(house)
    discretion = Discretion("*34")
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        store.apply(None, house.now, house.history)
        books = Reads(store.reader())
        live = {call.call: call for call in books.live(house.engine.calls(), house.now)}
        for row in books.cdr(0, 0, "", 0, 9):
            parts = WholeCall(store.reader(), row.call)
            whole = api.WholeCallReply(
                call=row, live=live.get(row.call), stays=tuple(parts.stays()), segments=tuple(parts.segments()),
                keys=tuple(parts.keys()), waits=tuple(parts.waits()), offers=tuple(parts.offers()), recordings=(),
            )  # fmt: skip
            shown = discretion.reply(whole)
            assert isinstance(shown, api.WholeCallReply)
            assert f'"leg":{leg},' not in msgspec.json.encode(shown).decode()
            assert leg not in {each for segment in shown.segments for each in segment.legs}
            if row.called == "96900":
                assert {stay.leg for stay in whole.stays} == {caller, agent, leg}
                assert {stay.leg for stay in shown.stays} == {caller, agent}
            else:
                assert (shown.call.called, shown.stays, shown.live) == ("", (), None)


def test_one_who_has_taken_the_agents_place_is_shown_as_any_other_party() -> None:
    house = box()
    caller, _agent = served(house)
    leg = by_code(house)
    house.tell(m.Key(leg, "7", 80))
    [call] = house.engine.calls()
    assert {each.leg: each.role for each in call.legs if each.leg in (caller, leg)} == {
        caller: "caller",
        leg: "extension",
    }


class Some(Admission):
    """Users with the rights of `given`."""

    given: tuple[Right, ...] = ("read", "control", "supervise")

    def of(self, uid: int) -> Peer:
        return Peer(super().of(uid).user, self.given)


def test_the_right_decides_on_the_socket(tmp_path: Path) -> None:
    rights = Some({})
    with RunningBox(tmp_path, rights) as running, Client(running.path, timeout_s=10) as all_seeing:
        all_seeing.ask(api.Status())
        rights.given = ("read",)
        with Client(running.path, timeout_s=10) as client:
            opened = r.LegOpened(998, 17, "sip", "supervisor", "8009")
            updates, seen = client.updates("calls"), all_seeing.updates("supervision")
            other = r.LegOpened(996, 17, "sip", "agent", "8001")
            running.do(lambda: running.server.watchers[0](running.server.now, [opened, other]))
            assert next(updates).what == other
            assert next(seen).what == opened
