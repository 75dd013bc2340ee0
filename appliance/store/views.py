# SPDX-License-Identifier: GPL-2.0-or-later
"""Views over the facts, for people and reports, computed when they are read, so that nothing is kept twice.

They are code, not data: made anew at every start if their text has changed. Seconds are box time; a row that is still
up counts up to the last event in the books. `started_at` is Unix milliseconds, `started_utc` the same for people: UTC,
not the box's local time.
"""

from sqlite_utils import Database

from appliance.store.shelves import FILE

_NOW = "(SELECT last_tick FROM meta)"
STAY = "(SELECT max(m.opened) FROM legs m WHERE m.call = s.call AND m.leg = s.leg AND m.opened <= s.seized)"
"""Begin of the stay in which a leg has the seizure `s`."""

LAST_AGENT = (
    "(SELECT agent FROM (SELECT l.agent, max(l.answered) FROM legs l"
    " WHERE l.call = {} AND +l.agent <> '' AND l.answered IS NOT NULL))"
)
"""The last agent who answered in a call: the agent of the row with the greatest `answered`, found without sorting."""

LAST_QUEUE = "(SELECT q.queue FROM queue_entries q WHERE q.call = {} ORDER BY q.entered DESC, q.queue DESC LIMIT 1)"
"""The last queue in which the caller of a call was."""

QUEUE = f"coalesce(CASE WHEN c.closed IS NOT NULL THEN c.queue ELSE {LAST_QUEUE.format('c.call')} END, '')"
"""The last queue; it is written into a call's row when the call closes."""
AGENT = f"coalesce(CASE WHEN c.closed IS NOT NULL THEN c.agent ELSE {LAST_AGENT.format('c.call')} END, '') AS agent"
"""The last agent who answered; it is written into a call's row when the call closes."""

CDR = f"""
SELECT c.call, c.started_at,
    datetime(c.started_at / 1000, 'unixepoch') AS started_utc,
    c.direction, c.caller, c.called, c.flow,
    {QUEUE} AS queue, {AGENT},
    coalesce((SELECT sum(coalesce(q.left, {_NOW}) - q.entered) FROM queue_entries q WHERE q.call = c.call), 0)
        / 50.0 AS wait_s,
    coalesce((SELECT sum(coalesce(s.closed, {_NOW}) - s.opened) FROM segments s
        WHERE s.call = c.call AND s.kind = 'talk'), 0) / 50.0 AS talk_s,
    (coalesce(c.closed, {_NOW}) - c.opened) / 50.0 AS duration_s,
    coalesce(max(coalesce(c.released, c.closed, {_NOW}) - c.answered, 0), 0) / 50.0 AS billed_s,
    coalesce((SELECT group_concat(who, ' ') FROM (
        SELECT CASE l.agent WHEN '' THEN l.number ELSE l.agent END AS who FROM legs l
        WHERE l.call = c.call AND l.role NOT IN ('caller', 'supervisor') AND l.answered IS NOT NULL
        GROUP BY who ORDER BY min(l.opened), min(l.leg))), '') AS talked_with,
    EXISTS (SELECT 1 FROM segments s WHERE s.call = c.call AND s.kind = 'talk') AS served,
    coalesce((SELECT s.kind FROM segments s WHERE s.call = c.call ORDER BY s.segment DESC LIMIT 1), '') AS ended_in,
    coalesce(c.disposition, '') AS disposition,
    coalesce(c.cause, 0) AS cause,
    coalesce(c.ended_by, '') AS ended_by, c.asked_by, c.released_by,
    coalesce((SELECT {FILE} FROM recordings r WHERE r.call = c.call AND (r.closed IS NULL OR r.samples > 0)
        ORDER BY r.recording LIMIT 1), '') AS recording,
    coalesce((SELECT group_concat(redirecting, ' ') FROM (
        SELECT l.redirecting FROM legs l WHERE l.call = c.call AND l.redirecting <> ''
        GROUP BY l.redirecting ORDER BY min(l.opened), min(l.leg))), '') AS forwarded_by,
    coalesce((SELECT w.name FROM wrap_up_codes w WHERE w.call = c.call ORDER BY w.coded DESC LIMIT 1), '')
        AS wrap_up_code
FROM calls c
"""  # noqa: S608 - no input in it
"""One row a call.

`agent` is the last agent who answered, `talked_with` all parties that answered, in order, by agent's number or their
own; `served`: the caller talked with a person; `ended_in`: the kind of the last segment, where the call was when it
ended ('flow': the caller hung up in an announcement); `asked_by` and `released_by`: users who began and ended it by the
control API; `wrap_up_code`: the last that an agent set."""

QUEUE_LOG = f"""
SELECT q.started_at, datetime(q.started_at / 1000, 'unixepoch') AS started_utc,
    q.queue, q.call, c.caller, q.position,
    (coalesce(q.left, {_NOW}) - q.entered) / 50.0 AS wait_s,
    coalesce(q.reason, '') AS reason, q.predicted / 50.0 AS predicted_s,
    (SELECT count(*) FROM offers o WHERE o.call = q.call AND o.queue = q.queue
        AND o.made >= q.entered AND o.made <= coalesce(q.left, {_NOW})) AS offers,
    coalesce((SELECT o.agent FROM offers o WHERE o.call = q.call AND o.queue = q.queue AND o.result = 'answered'
        AND o.made >= q.entered AND o.made <= coalesce(q.left, {_NOW}) LIMIT 1), '') AS agent
FROM queue_entries q JOIN calls c ON c.call = q.call
"""  # noqa: S608 - no input in it
"""One row each time a caller waited in a queue; `predicted_s` is the wait by the forecast, NULL if nothing told it."""

SUPERVISOR_LOG = """
SELECT a.number, a.started_at, datetime(a.started_at / 1000, 'unixepoch') AS started_utc,
    a.call, a.act, a.extension, a.agent, c.caller, a.what, a.asked_by
FROM supervisor_acts a JOIN calls c ON c.call = a.call
"""
"""One row an act of a supervisor."""

AGENT_LOG = f"""
SELECT a.change, a.started_at, datetime(a.started_at / 1000, 'unixepoch') AS started_utc,
    a.agent, a.status, a.state, a.reason, a.asked_by, a.extension,
    (lead(a.since, 1, {_NOW}) OVER (PARTITION BY a.agent ORDER BY a.change) - a.since) / 50.0 AS length_s
FROM agent_states a
"""  # noqa: S608 - no input in it
"""One row a stretch of time in which an agent's status and state were the same."""

CHANNEL_USE = f"""
SELECT s.span, s.timeslot, count(*) AS seizures, count(l.answered) AS answered,
    count(*) - count(s.released) AS held,
    sum(coalesce(s.released, {_NOW}) - s.seized) / 50.0 AS held_s
FROM seizures s LEFT JOIN legs l ON l.call = s.call AND l.leg = s.leg AND l.opened = {STAY} GROUP BY s.span, s.timeslot
"""  # noqa: S608 - no input in it
"""One row a channel: how often and how long it was held."""

CONFERENCE_LOG = """
SELECT r.change, r.started_at, datetime(r.started_at / 1000, 'unixepoch') AS started_utc,
    r.call, r.conference, r.what, r.leg, r.host, r.changed,
    coalesce((SELECT CASE l.agent WHEN '' THEN l.number ELSE l.agent END FROM legs l
        WHERE l.call = r.call AND l.leg = r.leg ORDER BY l.opened DESC LIMIT 1), '') AS member,
    coalesce((SELECT CASE l.agent WHEN '' THEN l.number ELSE l.agent END FROM legs l
        WHERE l.call = r.call AND l.leg = r.done_by ORDER BY l.opened DESC LIMIT 1), r.asked_by) AS done_by
FROM room_changes r
"""
"""One row a change in a conference: `member` is the party that it is about, `done_by` the one that did it. The
times of the members are in the table `legs`: answered stays in the conference's call."""

SEGMENT_LEGS = """
SELECT s.segment, j.value AS leg FROM segments s, json_each(s.legs) j
"""
"""One row for each leg of each segment."""

_VIEWS = {
    "cdr": CDR,
    "queue_log": QUEUE_LOG,
    "agent_log": AGENT_LOG,
    "supervisor_log": SUPERVISOR_LOG,
    "channel_use": CHANNEL_USE,
    "conference_log": CONFERENCE_LOG,
    "segment_legs": SEGMENT_LEGS,
}


def make_views(db: Database) -> None:
    """Create the views that are missing or whose text has changed."""
    for name, sql in _VIEWS.items():
        db.create_view(name, sql, replace=True)
