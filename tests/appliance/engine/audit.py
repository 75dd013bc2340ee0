# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules that every sequence of records and commands must keep, checked as they are written. Memory stays flat."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from appliance.contract import asks
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import LastPlan
from appliance.contract.choices import Choice
from appliance.contract.records import AgentState
from appliance.engine.parts.lines import MOVED
from tests.appliance.engine import true_choices
from tests.appliance.engine.audited_callbacks import AuditedCallBacks


class Audit(AuditedCallBacks):
    """Follows open entries. A broken rule is an AssertionError that names it."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: set[int] = set()
        self.released: set[int] = set()
        self.legs: dict[int, int] = {}  # leg -> its call
        self.moved: set[int] = set()  # legs on their way to another call
        self.seized: dict[int, tuple[int, int]] = {}
        self.segments: dict[int, int] = {}
        self.offers: dict[int, r.OfferMade] = {}
        self.ringing: dict[int, str] = {}  # leg of an offer -> agent, until the leg is closed
        self.chose: dict[int, Choice] = {}  # call -> the last choice of agents for it
        self.states: dict[str, AgentState] = {}  # of agents, by the books
        self.surveys: dict[int, int] = {}  # survey -> its call
        self.last_survey = 0
        self.comments: set[int] = set()
        self.recordings: dict[int, int] = {}
        self.members: dict[int, set[int]] = {}  # call of a conference -> its members
        self.messages: set[int] = set()  # in boxes, and those that are being spoken
        self.by_hand: dict[str, r.PlanSwitched | LastPlan] = {}
        self.decided: dict[int, r.RecordingDecided] = {}
        self.stopping: set[int] = set()
        self.paused: set[int] = set()
        self.asked: dict[int, int] = {}  # ask -> its call
        self.agents: dict[int, str] = {}  # leg -> its agent
        self.served: set[tuple[int, str]] = set()  # call and agent who was in it
        self.last_ask = 0
        self.last_call = 0
        self.last_odd_leg = -1
        self.dispositions: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()  # reasons for which agents were no candidates, steps of those chosen for
        self.troubles: Counter[str] = Counter()
        self.lies = 0  # false events of the switch, so many must be found

    def step(self, commands: list[m.AnyCommand], records: list[r.AnyRecord], asked: Sequence[asks.AnyAsk] = ()) -> None:
        """Check the output of one step."""
        for each in asked:
            self.ask(each)
        self.stopping |= {command.recording for command in commands if isinstance(command, m.StopRecord)}
        for record in records:
            self.counts[type(record).__name__] += 1
            CHECKS[type(record)](self, record)
        assert set(self.asked.values()) <= self.calls.keys(), f"asked for calls that are not there: {self.asked}"
        assert not self.moved, f"legs that left their call and came to no other: {self.moved}"
        gone = {record.leg for record in records if isinstance(record, r.LegClosed) and record.cause != MOVED}
        for command in commands:
            legs = _legs_of(command)
            assert legs <= self.legs.keys() | gone, f"command for a leg that is not open: {command}"
            assert not legs & gone or isinstance(command, m.Hush | m.Clear), (
                f"command for a leg that just closed: {command}"
            )

    def idle(self) -> None:
        """Check that nothing is open when no leg is left."""
        for name in (
            "calls",
            "answered",
            "legs",
            "seized",
            "segments",
            "offers",
            "ringing",
            "queued",
            "surveys",
            "recordings",
            "asked",
            "tries",
        ):
            assert not getattr(self, name), f"{name} still open: {getattr(self, name)}"
        assert self.counts["LegOpened"] == self.counts["LegClosed"], "every leg is closed once"

    # --- asks -------------------------------------------------------------------------------------------------------

    def ask(self, ask: asks.AnyAsk) -> None:
        if isinstance(ask, asks.Withdraw):
            assert self.asked.pop(ask.ask, None) is not None, f"withdrawn, not asked: {ask}"
            self.counts["late" if ask.late else "withdrawn"] += 1
            return
        assert ask.ask > self.last_ask, f"ask number used again: {ask}"
        assert ask.call not in self.asked.values(), f"a call that asks twice at once: {ask}"
        self.last_ask = ask.ask
        self.asked[ask.ask] = ask.call

    def answer(self, answer: asks.AnyAnswer) -> bool:
        """Note an answer that is given now; return whether it was waited for."""
        return self.asked.pop(answer.ask, None) is not None

    # --- records ----------------------------------------------------------------------------------------------------

    def call_opened(self, record: r.CallOpened) -> None:
        assert record.call > self.last_call or record.call in self.calls, f"call number used again: {record}"
        self.last_call = max(self.last_call, record.call)
        self.calls.setdefault(record.call, set())

    def call_answered(self, record: r.CallAnswered) -> None:
        assert record.call in self.calls, f"answered, not open: {record}"
        assert record.call not in self.answered, f"answered twice: {record}"
        self.answered.add(record.call)

    def call_released(self, record: r.CallReleased) -> None:
        assert record.call in self.answered, f"released, not answered: {record}"
        assert record.call not in self.released, f"released twice: {record}"
        self.released.add(record.call)

    def call_not_answered(self, record: r.CallNotAnswered) -> None:
        assert record.call in self.answered, f"not answered in the first place: {record}"
        self.answered.discard(record.call)

    def call_closed(self, record: r.CallClosed) -> None:
        assert record.call in self.calls, f"closed, not open: {record}"
        assert not self.calls.pop(record.call), f"closed with legs: {record}"
        assert record.call not in self.queued, f"closed in a queue: {record}"
        assert record.call not in self.asked.values(), f"closed with an ask: {record}"
        assert record.call not in self.segments.values(), f"closed in a segment: {record}"
        assert all(offer.call != record.call for offer in self.offers.values()), f"closed with an offer: {record}"
        assert record.call not in self.surveys.values(), f"closed with a survey: {record}"
        assert (record.call in self.answered) == (record.call in self.released), f"charging did not end: {record}"
        self.answered.discard(record.call)
        self.released.discard(record.call)
        if all(each.call != record.call for each in self.callbacks.values()):
            self.chose.pop(record.call, None)
        self.members.pop(record.call, None)
        self.dispositions[record.disposition] += 1

    def leg_opened(self, record: r.LegOpened) -> None:
        assert record.leg not in self.legs, f"leg opened twice: {record}"
        new = record.leg % 2 == 0 or record.leg > self.last_odd_leg
        assert new or record.leg in self.moved, f"leg number used again: {record}"
        self.moved.discard(record.leg)
        self.last_odd_leg = max(self.last_odd_leg, record.leg if record.leg % 2 else -1)
        self.legs[record.leg] = record.call
        if record.agent:
            self.agents[record.leg] = record.agent
        self.calls[record.call].add(record.leg)

    def leg_answered(self, record: r.LegAnswered) -> None:
        assert self.legs.get(record.leg) == record.call, f"answered, not open: {record}"
        if record.leg in self.agents:
            self.served.add((record.call, self.agents[record.leg]))

    def leg_closed(self, record: r.LegClosed) -> None:
        assert self.legs.get(record.leg) == record.call, f"leg closed twice: {record}"
        self.calls[self.legs.pop(record.leg)].discard(record.leg)
        if record.cause == MOVED:
            self.moved.add(record.leg)
        self.seized.pop(record.leg, None)
        self.ringing.pop(record.leg, None)

    def channel_seized(self, record: r.ChannelSeized) -> None:
        assert self.legs.get(record.leg) == record.call, f"seizure without a leg: {record}"
        channel = (record.span, record.timeslot)
        assert channel not in self.seized.values() or self.seized.get(record.leg) == channel, (
            f"channel taken twice: {record}"
        )
        self.seized[record.leg] = channel

    def segment_opened(self, record: r.SegmentOpened) -> None:
        assert record.call in self.calls, f"segment without a call: {record}"
        assert record.call not in self.segments.values(), f"two segments at once: {record}"
        assert set(record.legs) <= self.calls[record.call], f"segment of strange legs: {record}"
        self.segments[record.segment] = record.call

    def segment_closed(self, record: r.SegmentClosed) -> None:
        assert self.segments.get(record.segment) == record.call, f"segment closed twice: {record}"
        del self.segments[record.segment]

    def key_pressed(self, record: r.KeyPressed) -> None:
        assert record.call in self.calls, f"key without a call: {record}"

    def offer_made(self, record: r.OfferMade) -> None:
        assert self._waits_in(record.call) == record.queue, f"offer for a caller who does not wait: {record}"
        assert record.agent not in self.ringing.values(), f"agent has two offers (C4): {record}"
        choice = self.chose.get(self._asked_in(record.call))
        assert choice is not None, f"offer without a choice: {record}"
        assert record.agent in choice.chosen, f"offer to an agent who was not chosen: {record}, {choice}"
        rung = [o.agent for o in self.offers.values() if o.call == record.call]
        assert {*rung} <= {*choice.chosen} - {record.agent}, f"caller offered to two agents: {record}"
        self.offers[record.offer] = record
        self.ringing[record.leg] = record.agent

    def queue_chose(self, record: r.QueueChose) -> None:
        choice = record.choice
        assert self._waits_in(record.call) == record.queue, f"chosen for a caller who does not wait: {record}"
        assert all(o.call != record.call for o in self.offers.values()), f"chosen for a caller who is offered: {record}"
        true_choices.check(record, self.states)
        self.chose[record.call] = choice
        self.passed.update([*choice.passed.values(), f"step {choice.step}"])

    def offer_ended(self, record: r.OfferEnded) -> None:
        assert record.offer in self.offers, f"offer ended twice: {record}"
        assert self.offers[record.offer].call == record.call
        del self.offers[record.offer]

    def data_keyed(self, record: r.DataKeyed) -> None:
        assert 0 < record.call <= self.last_call, f"keyed for no call: {record}"
        assert record.value, f"nothing was keyed: {record}"
        assert record.agent, f"keyed by no agent: {record}"
        assert record.queue, f"keyed for no queue: {record}"
        self.counts["whole" if record.whole else "incomplete"] += 1

    def data_asked(self, record: r.DataAsked) -> None:
        assert record.call in self.calls, f"asked for data without a call: {record}"
        assert 0 < record.served <= self.last_call, f"asked for data of no call: {record}"
        self.counts["asked"] += 1

    def survey_opened(self, record: r.SurveyOpened) -> None:
        assert record.call in self.calls, f"survey without a call: {record}"
        assert record.call not in self.surveys.values(), f"two surveys at once: {record}"
        assert record.survey > self.last_survey, f"survey number used again: {record}"
        self.surveys[record.survey] = record.call
        self.last_survey = record.survey

    def survey_has(self, record: r.SurveyRated | r.SurveyCommented) -> None:
        assert self.surveys.get(record.survey) == record.call, f"no such survey: {record}"

    def survey_closed(self, record: r.SurveyClosed) -> None:
        assert self.surveys.pop(record.survey, None) == record.call, f"survey closed twice: {record}"
        self.counts[f"survey {record.result}"] += 1

    def room_changed(self, record: r.RoomChanged) -> None:
        self.counts[f"conference {record.what}"] += 1
        there = self.members.setdefault(record.call, set())
        if record.what == "joined":
            assert record.leg in self.calls[record.call], f"a member without a leg: {record}"
            assert record.leg not in there, f"joined twice: {record}"
            there.add(record.leg)
        elif record.leg:
            assert record.leg in there, f"a change for no member: {record}"
            there -= {record.leg} if record.what == "left" else set()

    def recording_opened(self, record: r.RecordingOpened) -> None:
        assert record.leg in self.legs, f"recording without a leg: {record}"
        self.comments |= {record.recording} if record.rule == "comment" else set()
        others = self.stopping | self.comments
        running = [leg for recording, leg in self.recordings.items() if recording not in others]
        assert record.rule == "comment" or record.leg not in running, f"leg recorded twice: {record}"
        self.recordings[record.recording] = record.leg

    def recording_decided(self, record: r.RecordingDecided) -> None:
        assert record.call in self.calls, f"decision for no call: {record}"
        assert self.decided.get(record.call) != record, f"decided twice: {record}"
        self.decided[record.call] = record

    def recording_paused(self, record: r.RecordingPaused) -> None:
        assert record.recording in self.recordings.keys() - self.stopping, f"no such recording: {record}"
        assert record.recording not in self.paused, f"paused twice: {record}"
        self.paused.add(record.recording)

    def recording_resumed(self, record: r.RecordingResumed) -> None:
        assert record.recording in self.paused - self.stopping, f"resumed, not paused: {record}"
        self.paused.discard(record.recording)

    def recording_closed(self, record: r.RecordingClosed) -> None:
        assert record.recording in self.recordings, f"recording closed twice: {record}"
        del self.recordings[record.recording]
        self.stopping.discard(record.recording)
        self.paused.discard(record.recording)

    def message_opened(self, record: r.MessageOpened) -> None:
        assert self.legs.get(record.leg) == record.call, f"message of no leg of its call: {record}"
        assert record.message not in self.messages | self.recordings.keys(), f"number used again: {record}"
        self.messages.add(record.message)
        self.recordings[record.message] = -record.leg  # beside the recording of the call

    def message_closed(self, record: r.MessageClosed) -> None:
        assert self.recordings.pop(record.message, None) is not None, f"message closed twice: {record}"
        if not record.kept:
            self.messages.discard(record.message)

    def message_marked(self, record: r.MessageMarked) -> None:
        assert record.message in self.messages, f"marked, and in no box: {record}"
        if record.mark == "deleted":
            self.messages.discard(record.message)

    def message_tasked(self, record: r.MessageTasked) -> None:
        assert record.message in self.messages, f"a task in no box: {record}"

    def agent_changed(self, record: r.AgentChanged) -> None:
        self.states[record.agent] = record.state

    def wrap_up_coded(self, record: r.WrapUpCoded) -> None:
        assert (record.call, record.agent) in self.served, f"the code of a call in which the agent was not: {record}"

    def pins_counted(self, record: r.PinsCounted) -> None:
        assert not (record.wrong and record.locked_s), f"counted on while locked: {record}"

    def supervisor_acted(self, record: r.SupervisorActed) -> None:
        asked = [each.call for each in self.callbacks.values()]
        over = record.act == "cancel_callback" or record.call in asked
        assert over or record.call in self.calls, f"a supervisor in no call: {record}"
        self.counts[record.act] += 1

    def setting_changed(self, record: r.SettingChanged) -> None:
        pass

    def plan_switched(self, record: r.PlanSwitched) -> None:
        assert record.state != "by_plan" or not record.until, f"no time ends a plan's own times: {record}"
        assert record.state != "by_plan" or record.plan in self.by_hand, f"was not switched by hand: {record}"
        self.by_hand.pop(record.plan, None)
        if record.state != "by_plan":
            self.by_hand[record.plan] = record

    def duty_set(self, record: r.DutySet) -> None:
        assert record.when, f"no time: {record}"

    def trouble_noted(self, record: r.TroubleNoted) -> None:
        self.troubles[record.kind] += 1
        if record.kind == "switch":
            assert self.lies, f"the engine thinks that the switch lies: {record}"
            self.lies -= 1


CHECKS: dict[type, Callable[[Audit, Any], None]] = {
    r.CallOpened: Audit.call_opened,
    r.CallAnswered: Audit.call_answered,
    r.CallReleased: Audit.call_released,
    r.CallNotAnswered: Audit.call_not_answered,
    r.CallClosed: Audit.call_closed,
    r.LegOpened: Audit.leg_opened,
    r.LegAnswered: Audit.leg_answered,
    r.LegClosed: Audit.leg_closed,
    r.ChannelSeized: Audit.channel_seized,
    r.SegmentOpened: Audit.segment_opened,
    r.SegmentClosed: Audit.segment_closed,
    r.KeyPressed: Audit.key_pressed,
    r.QueueEntered: Audit.queue_entered,
    r.QueueLeft: Audit.queue_left,
    r.CallBackAsked: Audit.call_back_asked,
    r.CallBackTried: Audit.call_back_tried,
    r.CallBackMissed: Audit.call_back_missed,
    r.CallBackMoved: Audit.call_back_moved,
    r.CallBackEnded: Audit.call_back_ended,
    r.QueueChose: Audit.queue_chose,
    r.OfferMade: Audit.offer_made,
    r.OfferEnded: Audit.offer_ended,
    r.DataKeyed: Audit.data_keyed,
    r.DataAsked: Audit.data_asked,
    r.SurveyOpened: Audit.survey_opened,
    r.SurveyRated: Audit.survey_has,
    r.SurveyCommented: Audit.survey_has,
    r.SurveyClosed: Audit.survey_closed,
    r.RoomChanged: Audit.room_changed,
    r.RecordingOpened: Audit.recording_opened,
    r.RecordingDecided: Audit.recording_decided,
    r.RecordingPaused: Audit.recording_paused,
    r.RecordingResumed: Audit.recording_resumed,
    r.RecordingClosed: Audit.recording_closed,
    r.MessageOpened: Audit.message_opened,
    r.MessageClosed: Audit.message_closed,
    r.MessageMarked: Audit.message_marked,
    r.MessageTasked: Audit.message_tasked,
    r.AgentChanged: Audit.agent_changed,
    r.WrapUpCoded: Audit.wrap_up_coded,
    r.PinsCounted: Audit.pins_counted,
    r.SupervisorActed: Audit.supervisor_acted,
    r.SettingChanged: Audit.setting_changed,
    r.PlanSwitched: Audit.plan_switched,
    r.DutySet: Audit.duty_set,
    r.TroubleNoted: Audit.trouble_noted,
}


def _legs_of(command: m.AnyCommand) -> set[int]:
    match command:
        case m.Mix(changes=changes):
            return {leg for change in changes for leg in (change.listener, change.leg) if leg > 0}
        case m.StopRecord() | m.PauseRecord() | m.Confirm() | m.Trace() | m.Measure() | m.SpanDo() | m.ReadSounds():
            return set()
        case _:
            return {command.leg}
