# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews of recordings by score cards, step by step, and the samples that are drawn for them."""

from collections.abc import Mapping
from contextlib import closing
from itertools import groupby
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from appliance.api import messages as m
from appliance.config.known import some
from appliance.config.model import BoxConfig
from appliance.config.quality import QualityPlanConfig, ScorecardConfig
from appliance.contract.errors import RequestError
from appliance.contract.quality import QualityEvent, QualityStep, Sampled, SampledAgent, ScoreCard, ScoreItem
from appliance.i18n import N_
from appliance.store import quality
from appliance.store.quality import Taken, Wanted
from appliance.store.store import Store

T = TypeVar("T")

AFTER: Final[dict[QualityStep, frozenset[QualityStep | None]]] = {
    "review": frozenset({None}),
    "appeal": frozenset({"review", "second"}),
    "second": frozenset({"review", "appeal"}),
    "final": frozenset({"review", "appeal", "second"}),
}
"""Steps after which each may be taken; None: before any."""
_NOT_NOW: Final[dict[QualityStep, str]] = {
    "review": N_("recording {recording}: the talk of agent {agent} is reviewed already"),
    "appeal": N_("recording {recording}: there is no score of agent {agent} that could be objected to now"),
    "second": N_("recording {recording}: agent {agent} has no first score, or a second one already"),
    "final": N_("recording {recording}: agent {agent} has no score, or the final one already"),
}


class Score(NamedTuple):
    """The result of a score card."""

    score: float
    passed: bool
    fatal: tuple[str, ...] = ()


def score(card: ScorecardConfig, points: Mapping[str, float | None]) -> Score:
    """Return what points count, by weight; items without points did not apply.

    Raises RequestError for items that are missing or strange, and points that are too many.
    """
    names = [item.name for item in card.item]
    strange, missing = sorted(points.keys() - set(names)), [name for name in names if name not in points]
    hint = N_("items of {card}: {items}; null where one does not apply")
    for text, wrong in ((N_("no item of the card: {wrong}"), strange), (N_("items without points: {wrong}"), missing)):
        if wrong:
            raise RequestError.of(text, hint, wrong=", ".join(wrong), card=card.name, items=", ".join(names))
    given = [(item, value) for item in card.item if (value := points[item.name]) is not None]
    for item, value in given:
        if not 0 <= value <= item.points:
            text = N_("{item}: {points} points, it has 0 to {most}")
            raise RequestError.of(text, item=item.name, points=f"{value:g}", most=item.points)
    if not given:
        raise RequestError.of(N_("no item has points"), hint, card=card.name, items=", ".join(names))
    fatal = tuple(item.name for item, value in given if item.fatal and not value)
    whole = sum(item.weight for item, _value in given)
    share = sum(item.weight * value / item.points for item, value in given) / whole
    total = 0.0 if fatal else round(100 * share, 1)
    return Score(total, not fatal and total >= card.passed, fatal)


class Quality:
    """Answers to requests about quality marks. They block: run them on another thread, but `take`."""

    def __init__(self, store: Store, config: BoxConfig) -> None:
        self._store = store
        self._cards = {card.name: card for card in config.scorecard}
        self._plans = {plan.name: plan for plan in config.quality_plan}

    def read(self, request: m.QualityOf | m.QualitySample) -> m.AnyReply:
        """Answer a request that changes nothing."""
        with closing(self._store.reader()) as books:
            if isinstance(request, m.QualityOf):
                _call, agents = quality.agents_of(books, request.recording)
                taken = tuple(quality.events(books, request.recording))
                return m.QualityReply(taken, request.recording, tuple(agents), tuple(map(_shown, self._cards.values())))
            name = request.plan or next(iter(self._plans), "")
            plan = _named(self._plans, name, N_("there is no quality plan {what}"))
            drawn = _sample(quality.talks(books, _wanted(plan, request)), plan)
            return replace(drawn, plan=name, known=tuple(self._plans))

    def prepare(self, request: m.Review, by: str, at: int) -> Taken:
        """Return the step that a request takes. Raises RequestError if it cannot be taken now."""
        with closing(self._store.reader()) as books:
            call, agents = quality.agents_of(books, request.recording)
            agent = _agent(request, agents)
            before = quality.events(books, request.recording, agent)
        _allow(request, agent, before, by)
        card, result, points = request.card, Score(0.0, passed=False), request.points
        if points or request.step in ("review", "second"):
            chosen = card or (before[-1].card if before else "") or next(iter(self._cards), "")
            result = score(_named(self._cards, chosen, N_("there is no score card {what}")), points)
            card = chosen
        elif before:
            card, result = before[-1].card, Score(before[-1].score, before[-1].passed)
        event = QualityEvent(
            event=0, at=at, recording=request.recording, agent=agent, step=request.step, by=by, card=card,
            score=result.score, passed=result.passed, points=dict(points), fatal=result.fatal, note=request.note,
        )  # fmt: skip
        return Taken(call, event, len(before))

    def take(self, taken: Taken) -> None:
        """Write a step into the books. Raises sqlite3.Error, and RequestError if another was taken meanwhile."""
        self._store.note_quality(taken)


def _shown(card: ScorecardConfig) -> ScoreCard:
    items = tuple(ScoreItem(each.name, each.text, each.points, each.fatal) for each in card.item)
    return ScoreCard(card.name, card.passed, items)


def _agent(request: m.Review, agents: list[str]) -> str:
    """Return the agent whose part is reviewed: the named one, or the only one."""
    if request.agent in agents or (not request.agent and len(agents) == 1):
        return request.agent or agents[0]
    hint = N_("agents in it: {agents}") if agents else N_("only talks of agents are reviewed")
    text = N_("recording {recording}: name the agent") if not request.agent else N_("agent {agent} is not in it")
    raise RequestError.of(text, hint, recording=request.recording, agent=request.agent, agents=", ".join(agents))


def _allow(request: m.Review, agent: str, before: list[QualityEvent], by: str) -> None:
    """Raise RequestError unless a step may be taken after those before, by this user."""
    last = before[-1].step if before else None
    taken = {each.step for each in before}
    if last not in AFTER[request.step] or (request.step in taken and request.step != "appeal"):
        hint = N_("see `mxbox quality show {recording}`")
        raise RequestError.of(_NOT_NOW[request.step], hint, recording=request.recording, agent=agent)
    if request.step == "second" and by in {each.by for each in before if each.step == "review"}:
        raise RequestError.of(N_("{user} gave the first score: the second one is another reviewer's"), user=by)
    if request.step == "appeal" and not request.note:
        raise RequestError.of(N_("an objection needs a reason"), N_("say it with `note`"))


def _wanted(plan: QualityPlanConfig, request: m.QualitySample) -> Wanted:
    return Wanted(request.since, request.until, plan.agents, plan.queues, plan.direction, plan.min_s)


def _sample(talks: list[Sampled], plan: QualityPlanConfig) -> m.QualitySampleReply:
    """Draw so many talks of each agent, and count."""
    drawn: list[Sampled] = []
    agents: list[SampledAgent] = []
    for agent, group in groupby(talks, lambda talk: talk.agent):
        own = list(group)
        first = own[: plan.each_agent]
        scores = [talk.score for talk in first if talk.state]
        mean = round(sum(scores) / len(scores), 1) if scores else 0.0
        agents.append(SampledAgent(agent, len(own), len(first), len(scores), mean))
        drawn += first
    return m.QualitySampleReply(tuple(drawn), tuple(agents))


def _named(known: Mapping[str, T], name: str, msgid: str) -> T:
    if name not in known:
        hint = N_("configured: {known}") if known else N_("none is configured yet")
        raise RequestError.of(msgid, hint, what=name, known=some(sorted(known)))
    return known[name]
