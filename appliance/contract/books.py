# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries that the store found open when the call server starts; the engine closes them by the ordinary events."""

import msgspec

from appliance.contract.records import AgentState, AgentStatus, MessageWhy, PinOwner, PlanState, Setting, TaskState


class OpenLeg(msgspec.Struct, frozen=True, gc=False):
    """A leg without LegClosed; fields as in `records.LegOpened`."""

    leg: int
    call: int
    line: str = ""
    number: str = ""
    agent: str = ""


class OpenSegment(msgspec.Struct, frozen=True, gc=False):
    """A segment without SegmentClosed."""

    segment: int
    call: int


class OpenOffer(msgspec.Struct, frozen=True, gc=False):
    """An offer without OfferEnded."""

    offer: int
    call: int
    agent: str
    leg: int


class OpenEntry(msgspec.Struct, frozen=True, gc=False):
    """A caller without QueueLeft."""

    call: int
    queue: str


class OpenCallBack(msgspec.Struct, frozen=True, gc=False):
    """A call-back without CallBackEnded; fields as in `records.CallBackAsked`.

    `needs` is JSON. `tries` that were counted so far; `due`: the next one is made from that tick on; `trying`: the call
    of a try that has not ended, 0: none.
    """

    callback: int
    call: int
    queue: str
    number: str
    order: int
    entered: int
    expires: int
    language: str
    needs: str
    tries: int
    due: int
    trying: int


class OpenSurvey(msgspec.Struct, frozen=True, gc=False):
    """A survey without SurveyClosed."""

    survey: int
    call: int


class OpenKeying(msgspec.Struct, frozen=True, gc=False):
    """The newest DataAsked of a call that is open, and the keys pressed since, in their order."""

    call: int
    served: int
    field: str
    agent: str
    queue: str
    caller: str
    keys: str


class OpenRecording(msgspec.Struct, frozen=True, gc=False):
    """A recording without RecordingClosed."""

    recording: int
    call: int
    leg: int


class BoxMessage(msgspec.Struct, frozen=True, gc=False):
    """A message or greeting in a box, or one without MessageClosed (`open` 1); fields as in `records.MessageOpened`."""

    message: int
    box: str
    leg: int
    path: str
    number: str
    name: str
    presentation: int
    why: MessageWhy
    greeting: str
    at: int
    samples: int
    open: int
    heard: int
    saved: int
    state: TaskState = ""
    owner: str = ""
    due_at: int = 0


class LastAgent(msgspec.Struct, frozen=True, gc=False):
    """The newest AgentChanged of an agent."""

    agent: str
    status: AgentStatus
    state: AgentState
    reason: str = ""
    extension: str = ""
    borrowed: int = 0  # 1: the agent signed in there
    locked: int = 0  # 1: the pause ends with a code


class LastPins(msgspec.Struct, frozen=True, gc=False):
    """The newest PinsCounted of an agent or an extension; `counted` is its tick."""

    owner: PinOwner
    number: str
    wrong: int
    locked_s: float
    counted: int


class LastSetting(msgspec.Struct, frozen=True, gc=False):
    """The newest SettingChanged of a phone and a setting."""

    extension: str
    setting: Setting
    value: str


class LastPlan(msgspec.Struct, frozen=True, gc=False):
    """The newest PlanSwitched of a plan."""

    plan: str
    state: PlanState
    until: int = 0


class LastDuty(msgspec.Struct, frozen=True, gc=False):
    """The newest DutySet of a list and a time; `call` has blanks between the numbers."""

    duty: str
    when: str
    call: str


class OpenBooks(msgspec.Struct, frozen=True):
    """Open entries and the next free number of each kind. `next_leg` is odd: even legs are numbered by the switch.

    Attributes:
        calls: numbers of calls without CallClosed.
        next_play: no record keeps plays; any number will do, the switch drops its players with the connection.
    """

    next_call: int = 1
    next_leg: int = 1
    next_segment: int = 1
    next_offer: int = 1
    next_recording: int = 1
    next_survey: int = 1
    next_callback: int = 1
    next_play: int = 1
    calls: tuple[int, ...] = ()
    legs: tuple[OpenLeg, ...] = ()
    segments: tuple[OpenSegment, ...] = ()
    offers: tuple[OpenOffer, ...] = ()
    entries: tuple[OpenEntry, ...] = ()
    recordings: tuple[OpenRecording, ...] = ()
    surveys: tuple[OpenSurvey, ...] = ()
    keying: tuple[OpenKeying, ...] = ()
    callbacks: tuple[OpenCallBack, ...] = ()
    agents: tuple[LastAgent, ...] = ()
    settings: tuple[LastSetting, ...] = ()
    pins: tuple[LastPins, ...] = ()
    messages: tuple[BoxMessage, ...] = ()
    plans: tuple[LastPlan, ...] = ()
    duties: tuple[LastDuty, ...] = ()
