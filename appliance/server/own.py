# SPDX-License-Identifier: GPL-2.0-or-later
"""Own things: what a user sees and does whose role is for one's own calls, agent, phone and queues alone.

A request that is not named here is refused to such a role, so that a new one shows nothing by mistake.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from appliance.api import messages as m
from appliance.contract import records as r
from appliance.contract.errors import RequestError
from appliance.contract.rows import LiveCall
from appliance.contract.views import CallView
from appliance.engine.engine import Engine
from appliance.i18n import N_

_WHOLE: Final = (
    *(m.Status, m.Spans, m.Plans, m.Duties, m.RouteTest, m.Directory, m.Desk),
    *(m.Subscribe, m.SignIn, m.UseTicket, m.SignOut),
)
"""Requests whose replies tell of no person, or what all of the house may know."""
_BY_AGENT: Final = (m.AgentTotals, m.Cdr, m.Keyed, m.Surveys, m.Recordings)
"""Requests that are narrowed to the agent."""
_OF_CALL: Final = (m.HangUp, m.RecordCall, m.Choices, m.WholeCall)
_OF_AGENT: Final = (m.SetAgent, m.SetWrapUpCode)
_OF_PHONE: Final = (m.Originate, m.GetPhone, m.SetPhone, m.ChangeTalk)


class Own:
    """The things of one agent."""

    def __init__(self, agent: str, engine: Engine) -> None:
        self._agent, self._engine = agent, engine

    def narrow(self, request: m.AnyRequest) -> m.AnyRequest:
        """Return a request for the agent's own things alone. Raises RequestError."""
        if isinstance(request, _BY_AGENT):
            return replace(request, agent=self._agent)
        if isinstance(request, _OF_CALL) and request.call not in self.calls():
            raise _not_own(request.call)
        if isinstance(request, _OF_AGENT) and request.agent != self._agent:
            raise _not_own(request.agent)
        if isinstance(request, _OF_PHONE) and request.extension != self._seat:
            raise _not_own(request.extension)
        if isinstance(request, m.SetAgent) and self._engine.is_locked(self._agent):
            _unlocks(request)
        if isinstance(request, (*_OF_CALL, *_OF_AGENT, *_OF_PHONE, *_WHOLE, *_FILTERED)) or _is_own(request):
            return request
        raise _not_own(str(type(request).__struct_config__.tag))

    def part(self, reply: m.AnyReply) -> m.AnyReply:
        """Return what the agent sees of a reply."""
        match reply:
            case m.CallsReply():
                reply = replace(reply, calls=tuple(call for call in reply.calls if self._in(call)))
            case m.AgentsReply():
                reply = replace(reply, agents=tuple(row for row in reply.agents if row.agent == self._agent))
            case m.QueuesReply():
                reply = replace(reply, queues=tuple(row for row in reply.queues if row.queue in self.queues()))
            case m.CallBacksReply(callbacks, totals):
                mine = self.queues()
                rows = tuple(row for row in callbacks if row.queue in mine)
                reply = replace(reply, callbacks=rows, totals=tuple(row for row in totals if row.queue in mine))
            case m.PhonesReply():
                reply = replace(reply, phones=tuple(row for row in reply.phones if row.extension == self._seat))
            case m.ForecastsReply():
                reply = replace(reply, forecasts=tuple(row for row in reply.forecasts if row.queue in self.queues()))
        return reply

    @property
    def _seat(self) -> str:
        return self._engine.seat(self._agent) or "-"

    def queues(self) -> frozenset[str]:
        """Return the agent's queues."""
        return frozenset(self._engine.queues_of().get(self._agent, ()))

    def calls(self) -> frozenset[int]:
        """Return the calls that the agent, or the agent's phone, is in."""
        return frozenset(call.call for call in self._engine.calls() if self._in(call))

    def is_mine(self, number: str, agent: str) -> bool:
        """Return whether a leg is the agent's."""
        return agent == self._agent or (bool(number) and number == self._seat)

    def _in(self, call: CallView | LiveCall) -> bool:
        return any(self.is_mine(leg.number, leg.agent) for leg in call.legs)


def _is_own(request: m.AnyRequest) -> bool:
    return isinstance(request, m.SetPassword | m.SetSecondFactor) and not request.user


_FILTERED: Final = (m.Calls, m.Agents, m.Queues, m.Phones, m.Forecasts, m.CallBacks)


class OwnUpdates:
    """Which updates an agent sees, one after the other: a call is the agent's from the leg on that is."""

    def __init__(self, own: Own, agent: str) -> None:
        self.own, self.agent = own, agent
        self.calls, self.offers, self.surveys = set(own.calls()), set[int](), set[int]()

    def __call__(self, update: m.Update) -> bool:
        """Return whether the agent sees it."""
        what = update.what
        return type(what) in _SEEN and _SEEN[type(what)](self, what)

    @staticmethod
    def keep(known: set[int], number: int, *, mine: bool) -> bool:
        """Return whether something is the agent's; if so, remember its number."""
        if mine:
            known.add(number)
        return mine


def _of_call(seen: OwnUpdates, what: Any) -> bool:
    return what.call in seen.calls


def _of_leg(seen: OwnUpdates, what: r.LegOpened) -> bool:
    return seen.keep(seen.calls, what.call, mine=seen.own.is_mine(what.number, what.agent)) or _of_call(seen, what)


def _last_of_call(seen: OwnUpdates, what: r.CallClosed) -> bool:
    known = _of_call(seen, what)
    seen.calls.discard(what.call)
    return known


def _of_agent(seen: OwnUpdates, what: Any) -> bool:
    return bool(what.agent == seen.agent)


def _of_queue(seen: OwnUpdates, what: Any) -> bool:
    return what.queue in seen.own.queues()


def _of_survey(seen: OwnUpdates, what: Any) -> bool:
    return what.survey in seen.surveys


_SEEN: Final[Mapping[type, Callable[[OwnUpdates, Any], bool]]] = {
    **dict.fromkeys((r.CallOpened, r.CallAnswered, r.CallReleased, r.CallNotAnswered), _of_call),
    **dict.fromkeys((r.LegAnswered, r.LegClosed, r.ChannelSeized, r.SegmentOpened, r.SegmentClosed), _of_call),
    **dict.fromkeys((r.RecordingOpened, r.RecordingDecided, r.RecordingPaused, r.RecordingResumed), _of_call),
    r.LegOpened: _of_leg,
    r.CallClosed: _last_of_call,
    **dict.fromkeys((r.AgentChanged, r.WrapUpCoded, r.DataKeyed), _of_agent),
    **dict.fromkeys((r.QueueEntered, r.QueueLeft), _of_queue),
    r.OfferMade: lambda seen, what: seen.keep(seen.offers, what.offer, mine=_of_agent(seen, what)),
    r.OfferEnded: lambda seen, what: what.offer in seen.offers,
    r.SurveyOpened: lambda seen, what: seen.keep(seen.surveys, what.survey, mine=_of_agent(seen, what)),
    **dict.fromkeys((r.SurveyRated, r.SurveyCommented, r.SurveyClosed), _of_survey),
    r.SettingChanged: lambda seen, what: seen.own.is_mine(what.extension, ""),
}
"""Records that an agent may see, and which of them; all others are not shown."""


def _unlocks(request: m.SetAgent) -> None:
    """Raise RequestError unless the request tells the code of a locked pause: the desk may be left alone."""
    if request.status == "paused":
        raise RequestError.of(N_("your pause is locked"), N_("end it first"))
    if not request.lock:
        raise RequestError.of(N_("your pause is locked"), N_("tell its lock code"))


def _not_own(what: object) -> RequestError:
    hint = N_("your role is for your own calls, agent, phone and queues")
    return RequestError.of(N_("{what} is not yours"), hint, what=what)
