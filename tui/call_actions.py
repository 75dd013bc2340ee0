# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions on calls that are up."""

from collections.abc import Sequence

from appliance.api.messages import HangUp, RecordCall, Supervise, TransferTalk
from appliance.contract.supervision import Mode
from appliance.i18n import _, ngettext
from tui.actions import Action, Field, each
from tui.things import CallNow


def on_calls(rows: Sequence[CallNow]) -> Sequence[Action]:
    """Return what can be done with calls."""
    if not rows:
        return ()
    calls = [row.call for row in rows]
    named = _named(rows)
    silent = _("From now on nothing is recorded of {calls}.").format(calls=named)
    actions = [
        Action("h", _("hang up"), each([HangUp(n) for n in calls]), _("Ends {calls}.").format(calls=named)),
        Action("r", _("record"), each([RecordCall(n, "record") for n in calls])),
        Action("s", _("do not record"), each([RecordCall(n, "stop") for n in calls]), silent),
    ]
    return [*actions, *(_on_one(rows[0], named) if len(rows) == 1 else ())]


def _on_one(it: CallNow, named: str) -> list[Action]:
    modes: tuple[tuple[str, Mode, str], ...] = (
        ("l", "listen", _("listen")),
        ("w", "whisper", _("whisper to the agent")),
        ("b", "barge", _("barge in")),
    )
    actions = [_supervise(it.call, key, mode, name) for key, mode, name in modes]
    sentence = _("Sends the other party of {calls} to {to}.").format(calls=named, to="{to}")
    to = Field("to", _("number, as a phone dials it"))
    transfer = Action(
        "t", _("send on"), lambda values: (TransferTalk(values["to"], call=it.call),), sentence, (to,), "supervise"
    )
    return [*actions, transfer]


def _supervise(call: int, key: str, mode: Mode, name: str) -> Action:
    phone = Field("phone", _("your phone (extension)"), kept=True)
    return Action(
        key, name, lambda values: (Supervise(values["phone"], call=call, mode=mode),), "", (phone,), "supervise"
    )


def _named(rows: Sequence[CallNow]) -> str:
    if len(rows) > 1:
        return ngettext("{n} call", "{n} calls", len(rows)).format(n=len(rows))
    it = rows[0]
    with_whom = it.agent or it.called
    return _("the call of {caller} with {other}").format(caller=it.caller or _("unknown"), other=with_whom)
