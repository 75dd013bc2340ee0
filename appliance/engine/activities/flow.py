# SPDX-License-Identifier: GPL-2.0-or-later
"""A call in a flow: does what the flow asks for, and returns the results to it."""

from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any, ClassVar, Final

from appliance.contract.asks import AskAnswered, AskFailed
from appliance.contract.records import KeyPressed, LeaveReason, QueueEntered, QueueLeft, SurveyCommented
from appliance.contract.switch import Cause, StopRecord
from appliance.engine.parts import asking, ending, lines, recording, surveys
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said, Stretch, by_whom
from appliance.engine.parts.goals import Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import on_the_way, replace
from appliance.engine.parts.starts import StartFlow, StartMessage, StartRing, StartWait
from appliance.engine.routes.routing import ToDuty, ToOutside, ToPhone
from appliance.engine.script.doings import (
    Doing,
    Enter,
    Finish,
    GoBack,
    Inquire,
    Join,
    Leave,
    Listen,
    Rating,
    Reach,
    TakeComment,
    Utter,
)
from appliance.engine.script.run import PLAYED, Answer, Run, RunInput
from appliance.i18n import N_
from appliance.numbering import plain

COMMENT: Final = "comment"
"""Rule of the recordings of comments."""
LATE_S: Final = 2.0
"""How much later than its longest time the end of a comment's recording may be reported."""


class FlowState(IntEnum):
    """States of the activity."""

    RUNNING = 0
    WAITING = 1  # for an answer


RUNNING, WAITING = FlowState


def _is_open(board: Board, call: Call, plan: str) -> bool:
    """Return whether a time plan is open; one that is not there is a trouble, and closed."""
    if board.plans.get(plan) is not None:
        return board.plans.fits(plan, board.clock())
    board.trouble("flow", N_("{flow}: there is no time plan {plan}"), flow=call.flow, plan=repr(plan))
    return False


class Flow(Activity):
    """A call in a flow, at a node of it."""

    VIEWS: ClassVar = {RUNNING: "flow", WAITING: "flow"}
    __slots__ = ("_ask", "_back", "_caller", "_comment", "_place", "_run", "_unreached")

    def __init__(self, board: Board, call: Call, start: StartFlow) -> None:
        super().__init__(board, call, RUNNING, start.caller)
        self._caller, self._back = start.caller, start.back
        variables = {"called": call.called, "caller": call.caller.number}
        language = start.language or board.config.language
        is_open = partial(_is_open, board, call)  # no method: with it the flow would refer to itself
        self._run = Run(
            start.name, board.flows[start.name], variables, language, is_open, board.clock, board.chance, board.flows
        )
        self._place = ""
        self._ask = 0
        """Number of the ask that it waits for; 0: none."""
        self._comment = 0
        """Number of the recording of a comment that is being made; 0: none."""
        self._unreached = 0
        """The cause with which it last dialled in vain; 0: none."""

    def enter(self) -> None:
        """Enter the first node: the flow answers when it first speaks, asks or sends the caller into a queue.

        Before that it may dial: a failure is signalled to the caller by its cause, and nothing is charged.
        """
        if self._caller.answered:
            self._answer()
        else:
            lines.proceed(self.board, self._caller)
        self._perform(self._run.begin(self.board.now))

    def leave(self, ending: Ending | None) -> None:  # noqa: ARG002 - as `Activity` has it
        """Withdraw the ask: the call ends, or goes on elsewhere."""
        if self.timer is not None:
            self.cancel()
        if self._ask:
            self._withdraw()
        if self._comment:
            self._stop_comment()

    @property
    def node(self) -> str:
        """Node of the flow in which the caller is."""
        return self._run.node_name

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def stretch(self) -> Stretch | None:
        """Return the node that speaks, asks or waits for an answer."""
        return Stretch("flow", (self._caller.number,), self._place) if self._place else None

    def whole(self) -> bool:
        """Return whether it plays or waits."""
        waits = self._ask in self.board.asking and self.timer is not None
        return waits if self.state is WAITING else self.timer is not None or bool(self._caller.playing)

    def _answer(self) -> None:
        if not self._caller.answered:
            lines.answer(self.board, self._caller)
        self.call.disposition = "answered"
        lines.charge(self.board, self.call, self._caller)

    # --- what happens

    def _played(self, said: Said) -> None:
        if said.what.missing:
            note_missing(self.board, self._run.place, said.what.missing)
        self._perform(self._run.take(PLAYED, "", self.board.now)[0])

    def _key(self, said: Said) -> None:
        place, key = self._run.place, said.what.key
        doing, accepted = self._run.take(RunInput.KEY, key, self.board.now)
        self.board.records.append(KeyPressed(self.call.number, said.leg.number, key, place, accepted))
        if doing is not None:
            self._perform(doing)

    def _timed_out(self, _: Any) -> None:
        """Report to the flow that no key was pressed."""
        self._perform(self._run.take(RunInput.TIME_OUT, "", self.board.now)[0])

    def _returned(self, came: tuple[Leg, str | int]) -> None:
        """Go on at the node's way out: from a queue with a reason, from ringing with a cause."""
        self._caller, result = came
        self._caller.at = self.call.activity = self
        lines.hush(self.board, self._caller)
        if isinstance(result, int):
            self._unreached, result = result, ending.disposition(result)
        self._place = ""
        self._perform(self._run.take(RunInput.BACK, result, self.board.now)[0])

    # --- ratings and comments

    def rating(self, doing: Rating) -> Doing | None:
        """Keep a rating."""
        surveys.rated(self.board, self.call, doing.question, doing.rating)
        return self._run.take(RunInput.DONE, "", self.board.now)[0]

    def take_comment(self, doing: TakeComment) -> None:
        """Record the caller until the switch reports the end; a timer bounds it, should the leg be another by then."""
        board, call, caller = self.board, self.call, self._caller
        self._place = self._run.place
        lines.hush(board, caller)
        survey = surveys.of(board, call)
        bounds = recording.Bounds("said", doing.most_s, "#", doing.silence_s)
        self._comment = recording.order(board, call, caller, COMMENT, bounds)
        board.records.append(SurveyCommented(survey.number, call.number, self._comment))
        self.timer = self.after(doing.most_s + LATE_S, In.WAIT_OVER)

    def _recorded(self, said: Said) -> None:
        if self._comment and said.what.recording == self._comment:
            self._comment = 0
            self._perform(self._run.take(RunInput.DONE, "", self.board.now)[0])

    def _comment_over(self, _: Any) -> None:
        self._stop_comment()
        self._perform(self._run.take(RunInput.DONE, "", self.board.now)[0])

    def _stop_comment(self) -> None:
        number, self._comment = self._comment, 0
        if number and number in self.board.recordings:
            self.board.commands.append(StopRecord(number))

    # --- answers

    def _answered(self, event: AskAnswered) -> None:
        self._go_on(Answer(event.result, event.values))

    def _failed(self, event: AskFailed) -> None:
        self._go_on(Answer(event.reason))

    def _late(self, _: Any) -> None:
        """Go on without the answer: it did not come in time."""
        self._withdraw(late=True)
        self._go_on(Answer("timeout"))

    def _go_on(self, answer: Answer) -> None:
        self._ask = 0
        self._perform(self._run.take(RunInput.ANSWERED, answer, self.board.now)[0])

    def _withdraw(self, *, late: bool = False) -> None:
        asking.withdraw(self.board, self._ask, late=late)
        self._ask = 0

    def _silent(self, said: Said) -> None:
        """Report missing music to the technician: the wait goes on in silence."""
        if said.what.missing:
            note_missing(self.board, self._run.place, said.what.missing)

    def _replaced(self, far: Leg) -> None:
        self._caller = replace(self, self._caller, far)

    # --- what the flow asks for

    def _perform(self, doing: Doing | None) -> None:
        """Do what the flow asks for. A failure is returned to it at once, so this may take several rounds."""
        if self.timer is not None:
            self.cancel()
        while doing is not None:
            if not self._caller.answered and _to_be_heard(doing):
                self._answer()
            doing = DO[type(doing)](self, doing)

    def utter(self, doing: Utter) -> None:
        """Play sounds."""
        self._place = self._run.place
        lines.play(self.board, self._caller, doing.sounds)

    def listen(self, doing: Listen) -> None:
        """Wait for a key in silence."""
        self._place = self._run.place
        lines.hush(self.board, self._caller)
        self.timer = self.after(doing.seconds)

    def join(self, doing: Join) -> Doing | None:
        """Send the caller into a queue, if it admits one."""
        self._go_elsewhere()
        refused = self._refusal(doing.queue)
        if refused is not None:
            self.call.disposition = "no_answer"
            return self._run.take(RunInput.BACK, refused, self.board.now)[0]
        queue, language = self.board.queues[doing.queue], self._run.caller.language
        wish = (doing.keys, doing.priority, doing.needs, doing.agent, doing.agent_s)
        self.board.begin(self.call, StartWait(self._caller, queue, self, self.node, language, *wish))
        return None

    def _refusal(self, name: str) -> LeaveReason | None:
        """Return why a queue refuses the caller, and write it into the books; None: it does not."""
        board, call = self.board, self.call
        queue = board.queues.get(name)
        if queue is None:
            board.trouble("flow", N_("{flow}: there is no queue {queue} to wait in"), flow=call.flow, queue=repr(name))
            return "no_agents"
        closed = queue.config.plan and not board.plans.fits(queue.config.plan, board.clock())
        reason: LeaveReason | None = "closed" if closed else queue.refusal(board.now)
        if reason is not None:
            position = len(queue.entries) + 1
            board.records += [QueueEntered(call.number, name, position, None), QueueLeft(call.number, name, reason)]
        return reason

    def reach(self, doing: Reach) -> Doing | None:
        """Ring an extension, a number outside, or those on duty for the caller."""
        self._go_elsewhere()
        if doing.duty:
            return self._reach_duty(doing)
        number, phone = plain(doing.outside), self.board.routes.phones.get(plain(doing.extension) or "")
        if number is None and (doing.outside or phone is None):
            text = (
                N_("{place}: {number} is no number to dial")
                if doing.outside
                else N_("{place}: there is no extension {number}")
            )
            self.board.trouble("flow", text, place=self._run.place, number=repr(doing.outside or doing.extension))
            return self._run.take(RunInput.BACK, "failed", self.board.now)[0]
        target = ToPhone(phone) if number is None and phone is not None else ToOutside(number or "")
        self.board.begin(self.call, StartRing(self._caller, Reaching(target, doing.ring_s), self, self.node))
        return None

    def leave_message(self, doing: Leave) -> Doing | None:
        """Begin a message of the caller in a box."""
        self._go_elsewhere()
        box = self.board.boxes.by_name.get(doing.box) or self.board.boxes.at(plain(doing.box) or "")
        if box is None:
            text = N_("{place}: there is no box {box} for messages")
            self.board.trouble("flow", text, place=self._run.place, box=repr(doing.box))
            return self._run.take(RunInput.BACK, "failed", self.board.now)[0]
        language = self._run.caller.language
        self.board.begin(self.call, StartMessage(self._caller, box.name, doing.why, None, self, language))
        return None

    def _reach_duty(self, doing: Reach) -> Doing | None:
        if doing.duty not in self.board.duties.lists:
            text = N_("{place}: there is no duty list {duty}")
            self.board.trouble("flow", text, place=self._run.place, duty=repr(doing.duty))
            return self._run.take(RunInput.BACK, "failed", self.board.now)[0]
        self.board.begin(self.call, StartRing(self._caller, Reaching(ToDuty(doing.duty)), self, self.node))
        return None

    def inquire(self, doing: Inquire) -> None:
        """Ask a question, and wait for the answer."""
        self.take(In.ASK, doing)

    def _inquire(self, doing: Inquire) -> None:
        self._place = self._run.place
        if doing.sounds:
            lines.play(self.board, self._caller, doing.sounds, loop=True)
        else:
            lines.hush(self.board, self._caller)
        self._ask = asking.ask(self.board, self.call, self, self._run.place, doing.within_s, doing.what)
        self.timer = self.after(doing.within_s)

    def into(self, doing: Enter) -> Doing:
        """Enter another flow."""
        return self._run.enter(doing, self.board.now)

    def go_back(self, _: GoBack) -> Doing | None:
        """Go back to the flow before, or to the queue from which the caller came, if the place was kept there."""
        if (doing := self._run.back(self.board.now)) is not None:
            return doing
        if self._back is None or self.call.kept is not self._back:
            return Finish(Cause.NORMAL_CLEARING)
        self.board.resume(self.call, self._back, self._caller, "")
        return None

    def _go_elsewhere(self) -> None:
        """Leave the queue in which the place was kept: the flow leads elsewhere."""
        if self.call.kept is not None:
            self.call.kept.quit()

    def finish(self, doing: Finish) -> None:
        """End the call; if unanswered, with the cause for which no called party was reached."""
        board, call, cause = self.board, self.call, self._unreached
        if doing.trouble:
            board.trouble("flow", doing.trouble)
        if not self._caller.answered and cause and doing.cause == Cause.NORMAL_CLEARING:
            ending.release(board, call, Ending(cause, by_whom("callee", cause)))
        else:
            ending.release(board, call, Ending(doing.cause, "box"))

    TABLE: ClassVar[Table] = {
        RUNNING: {
            **on_the_way(RUNNING),
            In.KEY: (RUNNING, _key),
            In.PLAYED: (RUNNING, _played),
            In.TIMER: (RUNNING, _timed_out),
            In.WAIT_OVER: (RUNNING, _comment_over),
            In.RECORDED: (RUNNING, _recorded),
            In.RETURNED: (RUNNING, _returned),
            In.REPLACED: (RUNNING, _replaced),
            In.ASK: (WAITING, _inquire),
        },
        WAITING: {
            **on_the_way(WAITING),
            In.KEY: (WAITING, _key),
            In.PLAYED: (WAITING, _silent),
            In.TIMER: (RUNNING, _late),
            In.ASK_ANSWERED: (RUNNING, _answered),
            In.ASK_FAILED: (RUNNING, _failed),
            In.REPLACED: (WAITING, _replaced),
        },
    }


def _to_be_heard(doing: Doing) -> bool:
    """Return whether the caller hears a doing: the flow answers first."""
    return bool(doing.sounds) if isinstance(doing, Inquire) else not isinstance(doing, Reach | Enter | GoBack | Finish)


DO: Final[dict[type[Any], Callable[[Flow, Any], Doing | None]]] = {
    Utter: Flow.utter,
    Listen: Flow.listen,
    Join: Flow.join,
    Reach: Flow.reach,
    Leave: Flow.leave_message,
    Inquire: Flow.inquire,
    Rating: Flow.rating,
    TakeComment: Flow.take_comment,
    Enter: Flow.into,
    GoBack: Flow.go_back,
    Finish: Flow.finish,
}
"""Method of the activity for each thing that a flow asks for."""
