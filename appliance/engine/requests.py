# SPDX-License-Identifier: GPL-2.0-or-later
"""Handlers of requests of people and programs: inputs like events."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from appliance import numbering
from appliance.api.messages import (
    CallIntoConference,
    CancelCallBack,
    ChangeConference,
    ChangeMessage,
    ChangeTalk,
    HangUp,
    MoveWaiting,
    Originate,
    PlayMessage,
    PlayPrompt,
    PlayRecording,
    RecordCall,
    RecordPrompt,
    ReleaseTalk,
    SetAgent,
    SetDuty,
    SetPhone,
    SetPlan,
    SetPriority,
    SetWrapUpCode,
    Supervise,
    TakeOut,
    TransferTalk,
)
from appliance.config.duty import DutyConfig
from appliance.config.known import some
from appliance.config.model import ExtensionConfig
from appliance.config.rules import PlanConfig
from appliance.contract.asks import MESSAGE
from appliance.contract.errors import RequestError
from appliance.contract.moments import moment
from appliance.contract.records import DutySet
from appliance.contract.switch import Party
from appliance.engine import arriving, conducting, in_talk, supervision
from appliance.engine.explain import UNDECIDED
from appliance.engine.parts import booth, features, messages, plans, recording, staffing, tries, wrapping
from appliance.engine.parts.agents import CHOICE
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.settings import MESSAGES, NUMBERS, normal
from appliance.engine.parts.starts import StartSpeech
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.routing import ToFeature, ToPlace, Undecided
from appliance.i18n import N_

Handler = Callable[[Board, Any], None]


def set_agent(board: Board, request: SetAgent) -> None:
    """Sign an agent in or out, or pause it.

    Raises:
        RequestError: there is no such agent or extension, or a talk keeps the agent from moving to that phone.
    """
    agent = board.agents.get(request.agent)
    if agent is None or agent.leaving:
        raise _unknown(N_("there is no agent {what}"), request.agent, board.agents)
    if request.extension and request.status != "signed_out":
        phone = phone_of(board, request.extension)
        if not staffing.sit(board, agent, phone.number):
            hint = N_("wait until it is over, then sign in at the other phone")
            raise RequestError.of(N_("a talk of a queue goes on at one of the phones"), hint)
    staffing.tell(board, agent, CHOICE[request.status], request.reason)
    if request.lock:  # kept or compared by the server
        staffing.lock(board, agent, locked=agent.status == "paused")
        tries.right(board, agent.number)
    for queue in board.queues_of(agent):
        staffing.dismiss(queue)


def set_wrap_up_code(board: Board, request: SetWrapUpCode) -> None:
    """Set the wrap-up code of the last call that an agent answered.

    Raises:
        RequestError: there is no such agent or code, or the agent has answered no call since the start.
    """
    agent, code = board.agents.get(request.agent), wrapping.find(board, request.code)
    if agent is None or agent.leaving:
        raise _unknown(N_("there is no agent {what}"), request.agent, board.agents)
    if code is None:
        known = {f"{each.key} ({each.name})": each for each in board.config.agents.wrap_up_codes}
        raise _unknown(N_("there is no wrap-up code {what}"), request.code, known)
    if agent.served is None:
        hint = N_("a wrap-up code belongs to the last call of a queue that the agent answered")
        raise RequestError.of(N_("agent {agent} has answered no call"), hint, agent=agent.number)
    wrapping.set_code(board, agent, code)


def originate(board: Board, request: Originate) -> None:
    """Ring an extension's phone, and when it answers dial the number as if it had dialled.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such extension, the number leads nowhere, or the switch is away.
    """
    _ring(board, phone_of(board, request.extension), numbering.number(request.called))


def play_recording(board: Board, request: PlayRecording) -> None:
    """Ring the phone of a supervisor, which hears a recording when it answers, as if it had dialled the code.

    Raises:
        RequestError: there is no such extension, it is no supervisor's, the code is off, or the switch is away.
    """
    _play(board, request.extension, str(request.recording))


def play_message(board: Board, request: PlayMessage) -> None:
    """Ring the phone of a supervisor, which hears a message of a queue's box, as if it had dialled the code and a star.

    Raises:
        RequestError: there is no such message of a queue's box, and as `play_recording`.
    """
    kept = board.boxes.find(request.message)
    if kept is None or not kept.state:
        hint = N_("see `mxbox voicemail list`; messages of persons are heard at the phones of their boxes")
        raise RequestError.of(N_("there is no message {message} in a queue's box"), hint, message=request.message)
    _play(board, request.extension, f"{MESSAGE}{request.message}")


def _play(board: Board, extension: str, number: str) -> None:
    phone, code = phone_of(board, extension), board.config.codes.play_recording
    if not phone.supervisor:
        hint = N_("set supervisor = true in its [[extension]]")
        raise RequestError.of(N_("extension {extension} is no supervisor's"), hint, extension=phone.number)
    if not code:
        raise RequestError.of(N_("codes.play_recording is empty"), N_('set it, for example to "*36"'))
    _ring(board, phone, f"{code}{number}")


def _ring(board: Board, phone: ExtensionConfig, number: str) -> None:
    """Ring a phone, for which a number is dialled when it answers. Raises RequestError if that leads nowhere."""
    given = Given(Party(phone.number), phone.line, board.clock)
    target = board.routes.find(number, complete=True, phone=True, given=given)
    if isinstance(target, Undecided):
        hint = N_("dial an extension, a hotline, or the outside prefix and a number")
        raise RequestError.of(UNDECIDED[target], hint, called=number)
    _need_switch(board)
    arriving.originate(board, phone, number)


def play_prompt(board: Board, request: PlayPrompt) -> None:
    """Ring a phone, which hears a prompt when it answers. Raises RequestError if it cannot be rung."""
    phone = phone_of(board, request.extension)
    _need_switch(board)
    sounds = (booth.sound(request.prompt, request.version),)
    _visit(board, phone, request.prompt, lambda call, leg: board.begin(call, StartSpeech(leg, sounds)))


def record_prompt(board: Board, request: RecordPrompt) -> None:
    """Ring a phone, at which a prompt is recorded when it answers. Raises RequestError if it cannot be rung."""
    phone = phone_of(board, request.extension)
    _need_switch(board)
    prompt = request.prompt
    _visit(board, phone, prompt, lambda call, leg: booth.begin(board, call, leg, phone, prompt))


def _visit(board: Board, phone: ExtensionConfig, prompt: str, reached: Callable[[Call, Leg], None]) -> None:
    """Ring a phone, which shows the prompt."""
    arriving.ring_first(board, phone, Party("", prompt), board.config.codes.record_prompt, reached)


def _need_switch(board: Board) -> None:
    if not board.attached:
        raise RequestError.of(N_("the switch is not there"), N_("wait until it is back, see `mxbox status`"))


def hang_up(board: Board, request: HangUp) -> None:
    """End a call. Raises RequestError if there is no such call now."""
    call_of(board, request.call).activity.take(In.HANG_UP)


def record_call(board: Board, request: RecordCall) -> None:
    """Record a call or not, in place of the rules, or pause its recording. Raises RequestError if there is none."""
    call = call_of(board, request.call)
    if request.do == "pause":
        recording.pause(board, call)
    elif request.do == "resume":
        recording.resume(board, call)
    else:
        recording.ask(board, call, {"record": True, "stop": False, "rules": None}[request.do])


def supervise(board: Board, request: Supervise) -> None:
    """Ring a supervisor's phone to take part in a talk. Raises RequestError if that is not possible."""
    phone = phone_of(board, request.extension)
    _need_switch(board)
    supervision.supervise(board, request, phone)


def change_talk(board: Board, request: ChangeTalk) -> None:
    """Do in the talk of a phone what its codes do. Raises RequestError, NumberError if that is not possible."""
    in_talk.change(board, request, phone_of(board, request.extension))


def set_phone(board: Board, request: SetPhone) -> None:
    """Change a phone's setting: a number or '' for a forward, '1' or '' for a switch, 'new/heard' for messages.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such extension, calls cannot be forwarded to that number, or the setting does not
            take this value.
    """
    phone = phone_of(board, request.extension)
    value = normal(request.setting, request.value)
    if request.setting in NUMBERS and value and not features.may_forward(board, phone, value):
        message = N_("calls of extension {extension} cannot be forwarded to {number}")
        hint = N_("a number of the box or outside, within the extension's calling class; not itself")
        raise RequestError.of(message, hint, extension=request.extension, number=value)
    features.change(board, phone, request.setting, value)
    if request.setting == MESSAGES:
        board.lamps.add(phone.number)


def call_of(board: Board, number: int) -> Call:
    """Return a call that is up. Raises RequestError if there is none such."""
    call = board.calls.get(number)
    if call is None:
        raise RequestError.of(N_("there is no call {call} now"), N_("see `mxbox calls`"), call=number)
    return call


def change_message(board: Board, request: ChangeMessage) -> None:
    """Mark a message of a box, or change its state as a task.

    Raises:
        RequestError: it is in no box, its box is no queue's, or there is no such agent.
    """
    kept = board.boxes.find(request.message)
    if kept is None:
        hint = N_("see `mxbox voicemail list`")
        raise RequestError.of(N_("there is no message {message} in a box"), hint, message=request.message)
    change = request.change
    if change == "new" or change == "heard" or change == "saved" or change == "deleted":  # noqa: PLR1714 - for the type
        messages.mark(board, kept, change)
        return
    if not kept.state:
        hint = N_("only messages in a queue's box are tasks: `[[voicemail]] queue`")
        raise RequestError.of(N_("message {message} is no task"), hint, message=request.message)
    owner = request.owner or (kept.owner if change == "done" else "")
    if (owner or change == "taken") and owner not in board.agents:
        raise _unknown(N_("there is no agent {what}"), owner, board.agents)
    messages.task(board, kept, change, owner)


def set_plan(board: Board, request: SetPlan) -> None:
    """Switch a time plan by hand, or back. Raises RequestError if there is none such, or the time is no future one."""
    plan, now, until = board.plans.get(plan_of(board, request.plan).name), board.clock(), 0
    if request.state != "by_plan" and request.until and plan is not None:
        until = plans.until_next(plan, now) if request.until == "next" else _moment(request.until, now)
    plans.switch(board, request.plan, request.state, until)


def _moment(text: str, now: datetime) -> int:
    """Return a local time of the site as Unix milliseconds. Raises RequestError if it is none, or past."""
    when = moment(text)
    when = when if when.tzinfo is not None else when.replace(tzinfo=now.tzinfo)
    if when.timestamp() <= now.timestamp():
        hint = N_("name a moment to come, or none for until further notice")
        raise RequestError.of(N_("{at} is over"), hint, at=text)
    return int(when.timestamp() * 1000)


def set_duty(board: Board, request: SetDuty) -> None:
    """Set who is on duty at some times, or remove that.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such list, a number leads nowhere, or the times cannot be read.
    """
    duty, call = duty_of(board, request.duty), tuple(numbering.number(each) for each in request.call)
    for number in call:
        target = board.routes.find(number, complete=True, phone=True)
        if isinstance(target, Undecided | ToFeature | ToPlace):
            hint = N_("dial an extension, a hotline, or the outside prefix and a number")
            raise RequestError.of(N_("{number} leads to nobody"), hint, number=number)
    when = request.when.strip()
    try:
        board.duties.change(duty.name, when, call)
    except ValueError as error:
        hint = N_('allowed: "mon-fri 18:00-08:00, sat", "2026-12-07..2026-12-13", or "2026-12-24 18:00-08:00"')
        raise RequestError.of(N_("{when} are no times"), hint, when=repr(request.when)) from error
    board.records.append(DutySet(duty.name, when, call))


def phone_of(board: Board, extension: str) -> ExtensionConfig:
    """Return an extension. Raises RequestError if there is none such."""
    phone = board.routes.phones.get(extension)
    if phone is None:
        raise _unknown(N_("there is no extension {what}"), extension, board.routes.phones)
    return phone


def plan_of(board: Board, name: str) -> PlanConfig:
    """Return a time plan. Raises RequestError if there is none such."""
    known = {plan.name: plan for plan in board.config.plan}
    if name not in known:
        raise _unknown(N_("there is no time plan {what}"), name, known)
    return known[name]


def duty_of(board: Board, name: str) -> DutyConfig:
    """Return a duty list. Raises RequestError if there is none such."""
    known = board.duties.lists
    if name not in known:
        raise _unknown(N_("there is no duty list {what}"), name, known)
    return known[name]


def _unknown(msgid: str, what: str, known: Mapping[str, object]) -> RequestError:
    hint = N_("configured: {known}") if known else N_("none is configured yet")
    return RequestError.of(msgid, hint, what=what, known=some(sorted(known)))


REQUESTS: Final[dict[type[Any], Handler]] = {
    SetAgent: set_agent,
    SetWrapUpCode: set_wrap_up_code,
    Originate: originate,
    HangUp: hang_up,
    RecordCall: record_call,
    ChangeTalk: change_talk,
    PlayRecording: play_recording,
    PlayMessage: play_message,
    PlayPrompt: play_prompt,
    RecordPrompt: record_prompt,
    Supervise: supervise,
    ReleaseTalk: supervision.release,
    TransferTalk: supervision.transfer,
    TakeOut: supervision.take_out,
    MoveWaiting: supervision.move,
    CancelCallBack: supervision.cancel_callback,
    SetPriority: supervision.prefer,
    SetPhone: set_phone,
    ChangeConference: conducting.change,
    CallIntoConference: conducting.call_in,
    ChangeMessage: change_message,
    SetPlan: set_plan,
    SetDuty: set_duty,
}
"""Requests of people and programs to call control."""
