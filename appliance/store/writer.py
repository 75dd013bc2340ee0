# SPDX-License-Identifier: GPL-2.0-or-later
"""Records into rows: one small function a record, each a few prepared statements on the plain connection.

Every call runs through here ten times and more; sqlite3 keeps the statements prepared by their text. A value that is a
subclass of `int` (a bool, a cause) is made an `int`: sqlite3 looks for an adapter of any other type, which costs as
much as a short statement.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import msgspec

from appliance.contract import records as r
from appliance.store import callbacks, choices, keyed, mark, messages, totals
from appliance.store.views import LAST_AGENT, LAST_QUEUE

Cursor = sqlite3.Cursor
_encoder: Final = msgspec.json.Encoder()
_Write = Callable[[Cursor, Any, int, int], None]

DAY_MS: Final = 86_400_000
_DAY: Final = (
    "INSERT INTO days (day, first, last) VALUES (?1, ?2, ?2 + 1023) ON CONFLICT DO UPDATE"
    " SET first = min(first, excluded.first), last = excluded.last WHERE last < ?2 OR first > ?2"
)
"""`last` is a bound some calls ahead, so that few calls write it."""
_CLOSE: Final = f"""
UPDATE calls SET closed = ?2, disposition = ?3, cause = ?4, ended_by = ?5,
    queue = coalesce({LAST_QUEUE.format("?1")}, queue), agent = {LAST_AGENT.format("?1")}
WHERE call = ?1 AND closed IS NULL
"""  # noqa: S608 - no input in it


def _call_opened(c: Cursor, f: r.CallOpened, tick: int, at: int) -> None:
    who = f.caller
    try:
        c.execute(
            "INSERT INTO calls (call, started_at, direction, caller, caller_name, presentation, called, flow, opened,"
            " asked_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (f.call, at, f.direction, who.number, who.name, int(who.presentation), f.called, f.flow, tick, f.asked_by),
        )
    except sqlite3.IntegrityError:
        # Overlap receiving: the whole number of a call that is in the books already and goes on.
        c.execute("UPDATE calls SET called = ?, flow = ? WHERE call = ? AND closed IS NULL", (f.called, f.flow, f.call))
        if not c.rowcount:
            raise
        return
    c.execute(_DAY, (at // DAY_MS, f.call))
    if f.call % mark.INTERVAL_CALLS == 0:
        mark.move(c)


def _call_answered(c: Cursor, f: r.CallAnswered, tick: int, _at: int) -> None:
    c.execute("UPDATE calls SET answered = ? WHERE call = ?", (tick, f.call))


def _call_released(c: Cursor, f: r.CallReleased, tick: int, _at: int) -> None:
    c.execute("UPDATE calls SET released = ?, released_by = ? WHERE call = ?", (tick, f.asked_by, f.call))


def _call_not_answered(c: Cursor, f: r.CallNotAnswered, _tick: int, _at: int) -> None:
    c.execute("UPDATE calls SET answered = NULL WHERE call = ?", (f.call,))


def _call_closed(c: Cursor, f: r.CallClosed, tick: int, _at: int) -> None:
    c.execute(_CLOSE, (f.call, tick, f.disposition, int(f.cause), f.by))
    if c.rowcount:
        totals.closed(c, f.call)


def _leg_opened(c: Cursor, f: r.LegOpened, tick: int, _at: int) -> None:
    # The leg may have been in this call before, and have moved to another (cause 0); any other stay contradicts this
    # one.
    if c.execute("SELECT 1 FROM legs WHERE call = ? AND leg = ? AND cause IS NOT 0", (f.call, f.leg)).fetchone():
        raise sqlite3.IntegrityError(f"leg {f.leg} is in call {f.call} already")
    c.execute(
        "INSERT INTO legs (leg, call, line, role, number, agent, redirecting, opened) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET closed = NULL, cause = NULL, role = excluded.role",
        (f.leg, f.call, f.line, f.role, f.number, f.agent, f.redirecting, tick),
    )


def _leg_answered(c: Cursor, f: r.LegAnswered, tick: int, _at: int) -> None:
    c.execute("UPDATE legs SET answered = ? WHERE call = ? AND leg = ? AND closed IS NULL", (tick, f.call, f.leg))


def _leg_closed(c: Cursor, f: r.LegClosed, tick: int, _at: int) -> None:
    c.execute(
        "UPDATE legs SET closed = ?, cause = ?, answered = CASE WHEN ? THEN answered END, rtp = ?"
        " WHERE call = ? AND leg = ? AND closed IS NULL",
        (tick, int(f.cause), int(f.connected), f.rtp and _encoder.encode(f.rtp).decode(), f.call, f.leg),
    )
    _release(c, f.call, f.leg, tick)


def _channel_seized(c: Cursor, f: r.ChannelSeized, tick: int, _at: int) -> None:
    _release(c, f.call, f.leg, tick)
    c.execute(
        "INSERT INTO seizures (call, leg, span, timeslot, seized) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET released = NULL",
        (f.call, f.leg, f.span, f.timeslot, tick),
    )


def _release(c: Cursor, call: int, leg: int, tick: int) -> None:
    c.execute("UPDATE seizures SET released = ? WHERE call = ? AND leg = ? AND released IS NULL", (tick, call, leg))


def _segment_opened(c: Cursor, f: r.SegmentOpened, tick: int, _at: int) -> None:
    c.execute(
        "INSERT INTO segments (segment, call, kind, what, legs, opened) VALUES (?, ?, ?, ?, ?, ?)",
        (f.segment, f.call, f.kind, f.what, f"[{','.join(map(str, f.legs))}]", tick),
    )


def _segment_closed(c: Cursor, f: r.SegmentClosed, tick: int, _at: int) -> None:
    c.execute("UPDATE segments SET closed = ? WHERE call = ? AND segment = ?", (tick, f.call, f.segment))


def _key_pressed(c: Cursor, f: r.KeyPressed, tick: int, _at: int) -> None:
    c.execute(
        "INSERT OR IGNORE INTO keys (call, leg, key, node, accepted, pressed) VALUES (?, ?, ?, ?, ?, ?)",
        (f.call, f.leg, f.key, f.node, int(f.accepted), tick),
    )


def _queue_entered(c: Cursor, f: r.QueueEntered, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO queue_entries (started_at, call, queue, position, entered, predicted) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET left = NULL, reason = NULL",
        (at, f.call, f.queue, f.position, tick, f.predicted),
    )


def _queue_left(c: Cursor, f: r.QueueLeft, tick: int, _at: int) -> None:
    c.execute(
        "UPDATE queue_entries SET left = ?, reason = ? WHERE call = ? AND queue = ? AND left IS NULL",
        (tick, f.reason, f.call, f.queue),
    )


def _queue_chose(c: Cursor, f: r.QueueChose, tick: int, _at: int) -> None:
    c.execute(
        "INSERT INTO choices (number, call, queue, made, choice)"
        " VALUES ((SELECT max(coalesce(max(number), 0), ?3 * 64) + 1 FROM choices), ?1, ?2, ?3, ?4)",
        (f.call, f.queue, tick, choices.written(f.choice)),
    )


def _offer_made(c: Cursor, f: r.OfferMade, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO offers (offer, started_at, call, queue, agent, leg, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.offer, at, f.call, f.queue, f.agent, f.leg, tick),
    )


def _offer_ended(c: Cursor, f: r.OfferEnded, tick: int, _at: int) -> None:
    c.execute("UPDATE offers SET ended = ?, result = ? WHERE call = ? AND offer = ?", (tick, f.result, f.call, f.offer))


def _data_keyed(c: Cursor, f: r.DataKeyed, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO keyed (started_at, call, field, value, whole, agent, queue, caller, made)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (at, f.call, f.field, f.value, int(f.whole), f.agent, f.queue, f.caller, tick),
    )


def _survey_opened(c: Cursor, f: r.SurveyOpened, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO surveys (survey, started_at, call, queue, agent, how, opened) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.survey, at, f.call, f.queue, f.agent, f.by, tick),
    )


def _survey_rated(c: Cursor, f: r.SurveyRated, tick: int, _at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO ratings (call, survey, question, rating, rated) VALUES (?, ?, ?, ?, ?)",
        (f.call, f.survey, f.question, f.rating, tick),
    )


def _survey_commented(c: Cursor, f: r.SurveyCommented, _tick: int, _at: int) -> None:
    c.execute("UPDATE surveys SET comment = ? WHERE survey = ?", (f.recording, f.survey))


def _survey_closed(c: Cursor, f: r.SurveyClosed, tick: int, _at: int) -> None:
    c.execute("UPDATE surveys SET closed = ?, result = ? WHERE survey = ?", (tick, f.result, f.survey))


def _room_changed(c: Cursor, f: r.RoomChanged, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO room_changes (call, change, started_at, conference, what, leg, done_by, host, asked_by, changed)"
        " SELECT ?1, coalesce(max(change), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM room_changes WHERE call = ?1",
        (f.call, at, f.conference, f.what, f.leg, f.by, int(f.host), f.asked_by, tick),
    )


def _recording_opened(c: Cursor, f: r.RecordingOpened, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO recordings (recording, started_at, call, leg, path, opened, rule) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.recording, at, f.call, f.leg, f.path, tick, f.rule),
    )


def _recording_decided(c: Cursor, f: r.RecordingDecided, tick: int, _at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO recording_decisions (call, decided, rule, wanted, announced, asked, asked_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.call, tick, f.rule, int(f.wanted), int(f.announced), int(f.asked), f.phone or f.asked_by),
    )


def _recording_paused(c: Cursor, f: r.RecordingPaused, tick: int, _at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO recording_pauses (call, recording, paused, paused_by) VALUES (?, ?, ?, ?)",
        (f.call, f.recording, tick, f.phone or f.asked_by),
    )


def _recording_resumed(c: Cursor, f: r.RecordingResumed, tick: int, _at: int) -> None:
    c.execute(
        "UPDATE recording_pauses SET resumed = ?, resumed_by = ? WHERE call = ? AND recording = ? AND resumed IS NULL",
        (tick, f.phone or f.asked_by, f.call, f.recording),
    )


def _recording_closed(c: Cursor, f: r.RecordingClosed, tick: int, _at: int) -> None:
    c.execute(
        "UPDATE recordings SET closed = ?, samples = ?, error = ? WHERE recording = ?",
        (tick, f.samples, f.error, f.recording),
    )


def _agent_changed(c: Cursor, f: r.AgentChanged, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO agent_states"
        " (started_at, agent, status, state, reason, since, asked_by, extension, borrowed, locked)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (at, f.agent, f.status, f.state, f.reason, tick, f.asked_by, f.extension, int(f.borrowed), int(f.locked)),
    )


def _wrap_up_coded(c: Cursor, f: r.WrapUpCoded, tick: int, at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO wrap_up_codes (call, agent, key, name, started_at, coded, asked_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.call, f.agent, f.key, f.name, at, tick, f.asked_by),
    )


def _pins_counted(c: Cursor, f: r.PinsCounted, tick: int, at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO pin_counts (owner, number, wrong, locked_s, started_at, counted)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (f.owner, f.number, f.wrong, f.locked_s, at, tick),
    )


def _supervisor_acted(c: Cursor, f: r.SupervisorActed, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO supervisor_acts (started_at, call, done, act, extension, agent, what, asked_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (at, f.call, tick, f.act, f.extension, f.agent, f.what, f.asked_by),
    )


def _setting_changed(c: Cursor, f: r.SettingChanged, tick: int, at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO settings (extension, setting, value, started_at, changed, asked_by)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (f.extension, f.setting, f.value, at, tick, f.asked_by),
    )


def _plan_switched(c: Cursor, f: r.PlanSwitched, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO plan_switches (started_at, plan, state, until, extension, asked_by, switched)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (at, f.plan, f.state, f.until, f.extension, f.asked_by, tick),
    )
    if f.state == "by_plan":
        c.execute("DELETE FROM plans_by_hand WHERE plan = ?", (f.plan,))
    else:
        sql = "INSERT OR REPLACE INTO plans_by_hand (plan, state, until) VALUES (?, ?, ?)"
        c.execute(sql, (f.plan, f.state, f.until))


def _duty_set(c: Cursor, f: r.DutySet, tick: int, at: int) -> None:
    c.execute(
        "INSERT OR REPLACE INTO duty_slots (started_at, duty, times, call, asked_by, changed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (at, f.duty, f.when, " ".join(f.call), f.asked_by, tick),
    )


def _encode(values: dict[str, str]) -> str:
    return _encoder.encode(values).decode()


def _trouble_noted(c: Cursor, f: r.TroubleNoted, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO troubles (started_at, kind, text, count, happened, msgid, filled) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (at, f.kind, f.english, f.count, tick, f.text, _encode(f.values)),
    )


WRITERS: Final[dict[type, _Write]] = {
    r.CallOpened: _call_opened,
    r.CallAnswered: _call_answered,
    r.CallReleased: _call_released,
    r.CallNotAnswered: _call_not_answered,
    r.CallClosed: _call_closed,
    r.LegOpened: _leg_opened,
    r.LegAnswered: _leg_answered,
    r.LegClosed: _leg_closed,
    r.ChannelSeized: _channel_seized,
    r.SegmentOpened: _segment_opened,
    r.SegmentClosed: _segment_closed,
    r.KeyPressed: _key_pressed,
    r.QueueEntered: _queue_entered,
    r.QueueLeft: _queue_left,
    r.QueueChose: _queue_chose,
    r.OfferMade: _offer_made,
    r.OfferEnded: _offer_ended,
    **callbacks.WRITERS,
    r.DataKeyed: _data_keyed,
    **keyed.WRITERS,
    r.SurveyOpened: _survey_opened,
    r.SurveyRated: _survey_rated,
    r.SurveyCommented: _survey_commented,
    r.SurveyClosed: _survey_closed,
    r.RoomChanged: _room_changed,
    r.RecordingOpened: _recording_opened,
    r.RecordingDecided: _recording_decided,
    r.RecordingPaused: _recording_paused,
    r.RecordingResumed: _recording_resumed,
    r.RecordingClosed: _recording_closed,
    **messages.WRITERS,
    r.AgentChanged: _agent_changed,
    r.WrapUpCoded: _wrap_up_coded,
    r.PinsCounted: _pins_counted,
    r.SupervisorActed: _supervisor_acted,
    r.SettingChanged: _setting_changed,
    r.PlanSwitched: _plan_switched,
    r.DutySet: _duty_set,
    r.TroubleNoted: _trouble_noted,
}
"""Writer of each kind of record: writes it, of box time `tick`, labelled with the wall clock's `at`, into the open
transaction.

Raises sqlite3.IntegrityError for a number that is already in the books."""
