# SPDX-License-Identifier: GPL-2.0-or-later
"""Surveys after talks with agents: a caller is sent into the flow of the queue, and the result is recorded.

A flow that rates without a queue before it opens a survey as well, of no queue and no agent.
"""

from typing import Final

from appliance.contract.records import SurveyBy, SurveyClosed, SurveyOpened, SurveyRated, SurveyResult
from appliance.contract.switch import Cause
from appliance.engine.parts import lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Survey
from appliance.engine.parts.starts import StartFlow
from appliance.i18n import N_

CODE: Final = "survey"
"""Name of the code in `[codes]`."""


def invite(board: Board, call: Call, caller: Leg, agent: Leg, cause: int) -> bool:
    """Send a caller whom the agent has left into the queue's survey. Return False if there is none."""
    if cause != Cause.NORMAL_CLEARING or not _begin(board, call, agent, "end"):
        return False
    _enter(board, call, caller, agent)
    return True


def sent(board: Board, call: Call, caller: Leg, agent: Leg) -> None:
    """Send a caller into the queue's survey at the agent's code; the agent's leg is cleared."""
    if _begin(board, call, agent, "code"):
        agent.at = None
        lines.clear(board, agent, Cause.NORMAL_CLEARING)
        _enter(board, call, caller, agent)


def rated(board: Board, call: Call, question: str, rating: int) -> None:
    """Record a rating."""
    survey = of(board, call)
    survey.rated = True
    board.records.append(SurveyRated(survey.number, call.number, question, rating))


def of(board: Board, call: Call) -> Survey:
    """Return the survey of a call, which begins now if there is none yet."""
    return call.survey or _open(board, call, SurveyOpened(board.next_survey, call.number, "", "", "flow"))


def close(board: Board, call: Call, ending: Ending | None) -> None:
    """Record the result of the survey of a call; `ending` None: the call goes on."""
    survey, call.survey = call.survey, None
    if survey is None:
        return
    result: SurveyResult = "answered" if survey.rated else "nothing"
    if not survey.rated and ending is not None and ending.by != "box":
        result = "interrupted" if call.disposition == "interrupted" else "hung_up"
    board.records.append(SurveyClosed(survey.number, call.number, result))


def _begin(board: Board, call: Call, agent: Leg, by: SurveyBy) -> bool:
    offer = agent.offer
    if offer is None or not offer.survey:
        return False
    if offer.survey not in board.flows:
        text = N_("queue {queue}: its survey is flow {flow}, which is not loaded")
        board.trouble("flow_missing", text, queue=offer.queue, flow=offer.survey)
        return False
    _open(board, call, SurveyOpened(board.next_survey, call.number, offer.queue, offer.agent.number, by))
    return True


def _open(board: Board, call: Call, record: SurveyOpened) -> Survey:
    close(board, call, None)
    board.next_survey += 1
    board.records.append(record)
    call.survey = Survey(record.survey)
    return call.survey


def _enter(board: Board, call: Call, caller: Leg, agent: Leg) -> None:
    if agent.offer is not None:
        board.begin(call, StartFlow(caller, agent.offer.survey, agent.offer.language))
