# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts of supervisors on callers who wait in queues: take them out, move them, change their priority."""

from typing import Final, NamedTuple

from appliance.contract.keyed import keyed_number
from appliance.contract.records import SupervisorActed
from appliance.contract.supervision import Act, Priority
from appliance.contract.switch import Cause
from appliance.engine.parts import called_back, ending, parking
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.callbacks import CallBack
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.goals import Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.starts import StartSpeech
from appliance.engine.parts.supervisors import Supervisor
from appliance.engine.routes.routing import ToFeature, ToFlow, ToGroup, ToOutside, ToPhone
from appliance.ivr import say

NOT_ALLOWED: Final = Ending(Cause.CALL_REJECTED, "box", "rejected")


class Waiting(NamedTuple):
    """A caller who waits in a queue."""

    queue: Queue
    entry: Entry


def waiting(board: Board, call: int) -> Waiting | None:
    """Return the caller of a call, None if it waits in no queue."""
    return next((Waiting(queue, queue.entries[call]) for queue in board.queues.values() if call in queue.entries), None)


def may(by: Supervisor, queue: Queue) -> bool:
    """Return whether a supervisor's role allows to arrange the callers of this queue."""
    return "queue" in by.role.may and by.role.reaches((queue.config.name,))


def send(board: Board, by: Supervisor, caller: Waiting, number: str) -> bool:
    """Take a caller out of the queue and call a number for the caller. Return whether it can be called."""
    call = board.calls[caller.entry.call]
    target = board.routes.find(number, complete=True, phone=True, given=board.given(call))
    if not isinstance(target, ToPhone | ToGroup | ToFlow | ToOutside):
        return False
    _write(board, by, caller.entry, "take_out", number)
    caller.entry.at.take(In.SENT_ON, Reaching(target))
    return True


def move(board: Board, by: Supervisor, caller: Waiting, place: int) -> None:
    """Put a caller at a place of the queue, 1 for the next one."""
    caller.queue.move(caller.entry, place)
    _moved(board, by, caller, "move", str(caller.queue.position(caller.entry)))


def prefer(board: Board, by: Supervisor, caller: Waiting, priority: Priority) -> None:
    """Set the priority of a caller: a VIP comes before all who are none, and after the VIPs who came before."""
    caller.queue.prefer(caller.entry, vip=priority == "vip")
    _moved(board, by, caller, "priority", priority)


def cancel(board: Board, by: Supervisor, callback: CallBack) -> None:
    """Cancel a call-back."""
    callback.end("cancelled", "by_person")
    _write(board, by, callback.entry, "cancel_callback", callback.to)


def dialled(board: Board, call: Call, caller: Leg) -> None:
    """Connect a supervisor's phone, which dialled the code, with the caller who is next of all it may take."""
    phone = caller.phone
    if phone is None or not phone.supervisor:
        ending.fail(board, call, caller, NOT_ALLOWED)
        return
    by = board.roles.at_phone(phone.number)
    queues = [queue for queue in board.queues.values() if may(by, queue)]
    entries = [entry for queue in queues for entry in queue.entries.values() if _on_the_line(board, entry)]
    if not entries:
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, ("supervise-no-caller",))))
        return
    entry = min(entries, key=lambda each: each.order)
    _write(board, by, entry, "take_out", phone.number)
    parking.join(board, call, caller, board.calls[entry.call])


def _on_the_line(board: Board, entry: Entry) -> bool:
    """Return whether a caller waits on the line, and in no flow meanwhile."""
    return not entry.callback and board.calls[entry.call].kept is None


def arranged(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Move the caller of the call whose number a supervisor's phone dialled, and say the place where that caller is."""
    phone, number = caller.phone, keyed_number(code.number)
    if phone is None or not phone.supervisor:
        ending.fail(board, call, caller, NOT_ALLOWED)
        return
    by = board.roles.at_phone(phone.number)
    found = None if number is None else waiting(board, number)
    language = board.config.language
    if found is None or not may(by, found.queue):
        board.begin(call, StartSpeech(caller, say.prompts(language, ("not-possible",))))
        return
    if code.feature == "move_caller":
        move(board, by, found, 1)
    else:
        prefer(board, by, found, "normal" if found.entry.vip else "vip")
    board.begin(call, StartSpeech(caller, say.number(found.queue.position(found.entry), language)))


def _moved(board: Board, by: Supervisor, caller: Waiting, act: Act, what: str) -> None:
    board.unsettled[caller.queue.config.name] = caller.queue
    called_back.note_places(caller.queue)
    _write(board, by, caller.entry, act, what)


def _write(board: Board, by: Supervisor, entry: Entry, act: Act, what: str) -> None:
    board.records.append(SupervisorActed(entry.call, act, by.extension, "", what, by.user))
