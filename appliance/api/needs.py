# SPDX-License-Identifier: GPL-2.0-or-later
"""Needs of each request and each topic, for users who have signed in: one table.

A request that is not in it is refused to them. What users of the machine may ask is at each request (`right`).
"""

from collections.abc import Mapping
from typing import Final

from appliance.api import messages as m
from appliance.contract.access import Need

OWN: Final[Mapping[type[m.Request], None]] = dict.fromkeys((m.SignIn, m.UseTicket, m.SignOut))
"""Requests that take no right: they are about the connection itself."""

NEEDS: Final[Mapping[type[m.Request], Need]] = {
    m.Status: Need("status", "view"),
    m.Spans: Need("status", "view"),
    m.Troubles: Need("status", "view"),
    m.Note: Need("status", "add"),
    m.Ledger: Need("status", "view"),
    m.System: Need("status", "view"),
    m.SipLadder: Need("status", "view"),
    m.Trace: Need("status", "view"),
    m.ChangeSpan: Need("status", "change"),
    m.TestSpan: Need("status", "change"),
    m.SpanQuarters: Need("status", "view"),
    m.Jobs: Need("status", "view"),
    m.StopJob: Need("status", "change"),
    m.Calls: Need("calls", "view"),
    m.Originate: Need("calls", "add"),
    m.HangUp: Need("calls", "change"),
    m.RecordCall: Need("calls", "change"),
    m.ChangeTalk: Need("calls", "change"),
    m.Cdr: Need("history", "view"),
    m.WholeCall: Need("history", "view"),
    m.Figures: Need("history", "view"),
    m.Choices: Need("queues", "view"),
    m.Agents: Need("agents", "view"),
    m.AgentTotals: Need("agents", "view"),
    m.Desk: Need("agents", "view"),
    m.SetAgent: Need("agents", "change"),
    m.SetWrapUpCode: Need("agents", "change"),
    m.Queues: Need("queues", "view"),
    m.Forecasts: Need("queues", "view"),
    m.CallBacks: Need("queues", "view"),
    m.Supervise: Need("supervision", "change"),
    m.ReleaseTalk: Need("supervision", "change"),
    m.TransferTalk: Need("supervision", "change"),
    m.TakeOut: Need("supervision", "change"),
    m.MoveWaiting: Need("supervision", "change"),
    m.CancelCallBack: Need("supervision", "change"),
    m.SetPriority: Need("supervision", "change"),
    m.SupervisorLog: Need("supervision", "view"),
    m.GetPhone: Need("phones", "view"),
    m.NewPassword: Need("settings", "change"),
    m.Provision: Need("settings", "change"),
    m.Phones: Need("phones", "view"),
    m.Directory: Need("phones", "view"),
    m.SetPhone: Need("phones", "change"),
    m.RouteTest: Need("routes", "view"),
    m.Plans: Need("routes", "view"),
    m.SetPlan: Need("routes", "change"),
    m.Duties: Need("routes", "view"),
    m.SetDuty: Need("routes", "change"),
    m.Recordings: Need("recordings", "view"),
    m.RecordingCoverage: Need("recordings", "view"),
    m.RecordingLevels: Need("recordings", "view"),
    m.PlayRecording: Need("recordings", "view"),
    m.DeleteRecording: Need("recordings", "delete"),
    m.Prompts: Need("settings", "view"),
    m.Prompt: Need("settings", "view"),
    m.PlayPrompt: Need("settings", "view"),
    m.RecordPrompt: Need("settings", "change"),
    m.ReplacePrompt: Need("settings", "change"),
    m.MakePrompt: Need("settings", "change"),
    m.RestorePrompt: Need("settings", "change"),
    m.QualityOf: Need("quality", "view"),
    m.QualitySample: Need("quality", "view"),
    m.Review: Need("quality", "change"),
    m.Messages: Need("messages", "view"),
    m.ChangeMessage: Need("messages", "change"),
    m.PlayMessage: Need("messages", "view"),
    m.Keyed: Need("collected", "view"),
    m.Surveys: Need("collected", "view"),
    m.SurveyTotals: Need("collected", "view"),
    m.Conferences: Need("conferences", "view"),
    m.ConferenceLog: Need("conferences", "view"),
    m.ChangeConference: Need("conferences", "change"),
    m.CallIntoConference: Need("conferences", "add"),
    m.EdgeBlocked: Need("edge", "view"),
    m.EdgeUnblock: Need("edge", "delete"),
    m.ReloadFlows: Need("settings", "change"),
    m.ReloadExtensions: Need("settings", "change"),
    m.GetConfig: Need("settings", "view"),
    m.CheckConfig: Need("settings", "view"),
    m.DiffConfig: Need("settings", "view"),
    m.ConfigHistory: Need("settings", "view"),
    m.ApplyConfig: Need("settings", "change"),
    m.UndoConfig: Need("settings", "change"),
    m.SetEntry: Need("settings", "change"),
    m.RemoveEntry: Need("settings", "delete"),
    m.Users: Need("users", "view"),
    m.AddUser: Need("users", "add"),
    m.ChangeUser: Need("users", "change"),
    m.SetPassword: Need("users", "change"),
    m.SetSecondFactor: Need("users", "change"),
    m.RemoveUser: Need("users", "delete"),
    m.Operations: Need("operations", "view"),
    m.VerifyOperations: Need("operations", "view"),
}
"""One's own password and second factor take nothing; a subscription takes what each of its topics does."""

TOPICS: Final[Mapping[m.Topic, Need]] = {
    "calls": Need("calls", "view"),
    "queues": Need("queues", "view"),
    "agents": Need("agents", "view"),
    "keyed": Need("collected", "view"),
    "surveys": Need("collected", "view"),
    "recordings": Need("recordings", "view"),
    "messages": Need("messages", "view"),
    "troubles": Need("status", "view"),
    "spans": Need("status", "view"),
    "status": Need("status", "view"),
    "jobs": Need("status", "view"),
    "supervision": Need("supervision", "view"),
}


def needs(request: m.AnyRequest) -> tuple[Need, ...] | None:
    """Return what a request takes; None: none of them may ask it."""
    if isinstance(request, m.Subscribe):
        return tuple(TOPICS[topic] for topic in request.topics)
    if type(request) in OWN or (isinstance(request, m.SetPassword | m.SetSecondFactor) and not request.user):
        return ()
    need = NEEDS.get(type(request))
    return None if need is None else (need,)
