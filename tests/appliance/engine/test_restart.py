# SPDX-License-Identifier: GPL-2.0-or-later
"""Either process dies: the books close by the ordinary events, and no unknown leg rings."""

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import LastAgent, OpenBooks, OpenEntry, OpenLeg, OpenOffer, OpenRecording, OpenSegment
from appliance.engine.engine import Engine
from appliance.store.store import Store
from tests.appliance.engine.box import Box, config, flow

BOOKS = OpenBooks(
    next_call=8, next_leg=12, next_segment=31, next_offer=6, next_recording=9,
    calls=(7,),
    legs=(OpenLeg(4, 7, "pri:carrier", "138"), OpenLeg(11, 7, "sip:8001@127.0.0.1:5001", "8001", "101")),
    segments=(OpenSegment(30, 7),),
    offers=(OpenOffer(5, 7, "101", 11),),
    entries=(OpenEntry(7, "sales"),),
    recordings=(OpenRecording(8, 7, 4), OpenRecording(3, 2, 2)),
    agents=(LastAgent("101", "ready", "offered"), LastAgent("102", "paused", "paused", "lunch")),
)  # fmt: skip


def _reopened() -> Engine:
    return Engine(config(), {"hotline": flow()}, BOOKS)


def test_replay_closes_the_books() -> None:
    engine = _reopened()
    assert engine.handle(m.Key(4, "1", 80), 0).records == []
    assert engine.handle(m.Answered(11), 0).records == [], "nothing is decided any more"
    first = engine.handle(m.Cleared(11, 41), 1).records
    assert first[0] == r.LegClosed(11, 7, 41)
    assert r.OfferEnded(5, 7, "interrupted") in first
    assert r.QueueLeft(7, "sales", "interrupted") in first
    assert r.SegmentClosed(30, 7) in first
    assert engine.handle(m.Recorded(8, 4000), 1).records == [r.RecordingClosed(8, 4000)]
    last = engine.handle(m.Cleared(4, 41), 2).records
    assert last == [r.LegClosed(4, 7, 41), r.CallClosed(7, "interrupted", 41, "line")]
    assert not engine.calls()


def test_attached_closes_what_the_replay_did_not() -> None:
    engine = _reopened()
    step = engine.handle(m.Attached("1", 30, legs=(11,)), 100)
    assert not step.commands
    assert r.LegClosed(4, 7, 41) in step.records
    assert not [record for record in step.records if isinstance(record, r.CallClosed)]
    states = {
        record.agent: (record.status, record.state) for record in step.records if isinstance(record, r.AgentChanged)
    }
    assert states == {"101": ("ready", "talking"), "103": ("ready", "idle")}, "102 is in the books as it is"
    end = engine.handle(m.Cleared(11, 16), 105).records
    assert r.CallClosed(7, "interrupted", 41, "line") in end
    assert r.AgentChanged("101", "ready", "idle", extension="8001") in end
    lost = engine.advance(300).records
    assert {record for record in lost if isinstance(record, r.RecordingClosed)} == {
        r.RecordingClosed(8, 0, "lost"),
        r.RecordingClosed(3, 0, "lost"),
    }


def test_a_recording_that_the_disk_was_still_closing_is_not_lost() -> None:
    engine = _reopened()
    engine.handle(m.Attached("1", 30), 100)
    assert engine.handle(m.Recorded(8, 555), 110).records == [r.RecordingClosed(8, 555)]
    assert [record for record in engine.advance(300).records if isinstance(record, r.RecordingClosed)] == [
        r.RecordingClosed(3, 0, "lost")
    ]


def test_numbers_go_on() -> None:
    engine = _reopened()
    engine.handle(m.Attached("1", 30), 100)
    step = engine.handle(m.Incoming(20, "sip", "8002", m.Party("8009")), 101)
    assert isinstance(step.records[0], r.CallOpened)
    assert step.records[0].call == 8
    dial = next(command for command in step.commands if isinstance(command, m.Dial))
    assert dial.leg == 13, "odd, and not used before"


def test_paused_agents_stay_paused() -> None:
    engine = _reopened()
    assert {view.agent: (view.status, view.reason) for view in engine.agents()}["102"] == ("paused", "lunch")


def test_a_call_that_came_and_went_while_nobody_was_there() -> None:
    engine = Engine(config(), {"hotline": flow()}, OpenBooks())
    step = engine.handle(m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 1), 5)
    assert not step.commands
    assert [type(record) for record in step.records] == [r.CallOpened, r.LegOpened, r.ChannelSeized]
    closed = engine.handle(m.Cleared(2, 41), 6).records
    assert closed == [r.LegClosed(2, 1, 41), r.CallClosed(1, "interrupted", 41, "line")]
    assert not engine.handle(m.Attached("1", 30), 7).commands


def test_detach_ends_everything_without_a_command() -> None:
    box = Box()
    a = box.to_queue()
    b = box.asked(m.Dial).leg
    box.did(box.engine.detach(box.now))
    assert not box.commands
    assert box.wrote(r.OfferEnded).result == "interrupted"
    assert box.wrote(r.QueueLeft).reason == "interrupted"
    assert box.engine.next_deadline() is None
    box.tell(m.Cleared(a, 41))
    box.tell(m.Attached("1", 30))
    assert r.LegClosed(b, 1, 41) in box.records
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "interrupted", 41, "line")
    assert box.agent("101")[1] == "idle"
    box.wait(3)
    box.audit.idle()
    box.to_queue()
    assert box.asked(m.Dial), "back in service"


def test_books_of_the_real_store_are_taken_up() -> None:
    with Store.in_memory() as store:
        box = Box()
        a = box.to_queue()
        store.apply(1, 0, box.history)
        books = store.open_books()
        assert {leg.leg for leg in books.legs} == {a, 1}
        again = Engine(config(), {"hotline": flow()}, books)
        store.apply(2, 9, again.handle(m.Attached("1", 30), 9).records)
        store.apply(None, 200, again.advance(200).records)
        books = store.open_books()
        still_open = (books.calls, books.legs, books.segments, books.offers, books.entries, books.recordings)
        assert not any(still_open)
        assert {last.agent: last.state for last in books.agents} == {"101": "idle", "102": "idle", "103": "idle"}


def test_the_switch_lies() -> None:
    """Impossible events are noted as troubles and change nothing."""
    engine = Engine(config(), {"hotline": flow()}, OpenBooks())
    engine.handle(m.Attached("1", 30), 0)
    engine.handle(m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 1), 1)
    for event in (
        m.Incoming(2, "pri:carrier", "96900"),
        m.Answered(2),
        m.Answered(44),
        m.Cleared(44, 16),
        m.Key(44, "1", 80),
        m.Recorded(44, 1),
    ):
        step = engine.handle(event, 2)
        assert not step.commands
        assert [record.kind for record in step.records if isinstance(record, r.TroubleNoted)] == ["switch"], event
    assert len(engine.calls()) == 1
