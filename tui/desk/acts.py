# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions of an agent at a desk: states, the call that goes on, calls from the own phone."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from appliance.api.messages import (
    AnyRequest,
    ChangeTalk,
    HangUp,
    Originate,
    RecordCall,
    SetAgent,
    SetWrapUpCode,
)
from appliance.contract.desk import DeskView, InTalk
from appliance.contract.records import AgentStatus
from appliance.i18n import _
from tui.actions import Action, Field, Values, one
from tui.desk.find import FindNumber
from tui.desk.mine import other_party
from tui.things import AgentNow, CallNow

TALKS: Final = ("talking", "held")


def on_myself(me: AgentNow, desk: DeskView) -> Iterable[Action]:
    """Return what an agent may choose to be."""
    phone = Field("phone", _("the phone at which you sit (extension)"), me.extension)
    if me.status == "signed_out":
        yield Action(
            "s", _("sign in"), lambda values: (SetAgent(me.agent, "ready", "", values["phone"]),), "", (phone,)
        )
        return
    if me.locked:
        yield _unlocked(me, "r", _("ready"), "ready")
    else:
        if me.status == "paused" or me.state in ("wrap_up", "unreachable"):
            yield Action("r", _("ready"), one(SetAgent(me.agent, "ready")))
        for each in desk.pause_reasons:
            yield _pause(me, desk, each.key, _("pause: {reason}").format(reason=each.name), each.name)
        if not desk.pause_reasons:
            yield _pause(me, desk, "p", _("pause"), "")
    if desk.wrap_up_codes:
        known = "  ".join(f"{each.key} {each.name}" for each in desk.wrap_up_codes)
        code = Field("code", _("code: {codes}").format(codes=known))
        about = _("what the last call was about")
        yield Action("w", about, lambda values: (SetWrapUpCode(me.agent, values["code"]),), "", (code,))
    no_more = _("No callers ring your phone any more.")
    if me.locked:
        yield _unlocked(me, "o", _("sign out"), "signed_out", no_more)
    else:
        yield Action("o", _("sign out"), one(SetAgent(me.agent, "signed_out")), no_more)


def _pause(me: AgentNow, desk: DeskView, key: str, name: str, reason: str) -> Action:
    """Return the action that pauses; it asks for a lock code where agents choose one."""
    if not desk.lock_pause:
        return Action(key, name, one(SetAgent(me.agent, "paused", reason)))
    lock = Field("lock", _("lock code with which the pause ends, digits; empty: none"), needed=False, secret=True)
    return Action(key, name, lambda values: (SetAgent(me.agent, "paused", reason, lock=values["lock"]),), "", (lock,))


def _unlocked(me: AgentNow, key: str, name: str, status: AgentStatus, told: str = "") -> Action:
    """Return the action that ends a locked pause with its code."""
    lock = Field("lock", _("lock code of your pause"), secret=True)
    return Action(key, name, lambda values: (SetAgent(me.agent, status, lock=values["lock"]),), told, (lock,))


def on_call(me: AgentNow, call: CallNow | None, *, consults: bool) -> Iterable[Action]:
    """Return what can be done with the call of an agent."""
    if call is None:
        return
    other = other_party(call, me) or _("the caller")
    if call.state in TALKS and consults:
        yield _talk(me, "b", "back", _("back to the party that waits"), _("Ends the talk with {other}."), other)
        yield _talk(me, "m", "conference", _("all three talk together"), "", other)
        yield _talk(
            me, "j", "join", _("connect both, and leave"), _("{other} goes on with the party that waits."), other
        )
        return
    if call.state in TALKS:
        sends, asks = _("Sends {other} to {named}."), _("{other} waits while your phone calls {named}.")
        yield _to_number(me, "t", "transfer", _("transfer"), sends, other)
        yield _to_number(me, "n", "consult", _("consult"), asks, other)
        yield _talk(me, "k", "park", _("park"), _("Parks {other}; your phone says where."), other)
        yield Action("v", _("pause the recording"), one(RecordCall(call.call, "pause")))
        yield Action("V", _("go on recording"), one(RecordCall(call.call, "resume")))
    yield Action("h", _("hang up"), one(HangUp(call.call)), _("Ends the call with {other}.").format(other=other))


def dial(me: AgentNow, number: str = "", named: str = "") -> Action:
    """Return the action that calls a number from an agent's phone; without one it is looked for."""
    text = _("Your phone {phone} rings; pick it up, and {named} is called.")
    if number:
        told = text.format(phone=me.extension, named=named or number)
        return Action("d", _("call it"), one(Originate(me.extension, number)), told)
    told = text.format(phone=me.extension, named="{named}")
    find = partial(FindNumber, _("call whom?"))
    return Action("d", _("call a number"), lambda values: (Originate(me.extension, values["to"]),), told, form=find)


def give_to(me: AgentNow, call: CallNow, do: InTalk, number: str, named: str) -> Action:
    """Return the action that sends the other party to a number, or consults it."""
    other = other_party(call, me) or _("the caller")
    key, name, text = {
        "transfer": ("t", _("transfer to it"), _("Sends {other} to {named}.")),
        "consult": ("n", _("consult it"), _("{other} waits while your phone calls {named}.")),
    }[do]
    return Action(key, name, one(ChangeTalk(me.extension, do, number)), text.format(other=other, named=named))


def _talk(me: AgentNow, key: str, do: InTalk, name: str, text: str, other: str) -> Action:
    return Action(key, name, one(ChangeTalk(me.extension, do)), text.format(other=other))


def _to_number(me: AgentNow, key: str, do: InTalk, name: str, text: str, other: str) -> Action:
    def requests(values: Values) -> tuple[AnyRequest, ...]:
        return (ChangeTalk(me.extension, do, values["to"]),)

    told = text.format(other=other, named="{named}")
    return Action(key, name, requests, told, form=partial(FindNumber, f"{name}: {other}"))
