# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the ledger that are queries: each returns one row of text for each contradiction.

Written so that SQLite answers them in one pass over a million calls. Intervals are half-open: an interval that begins
at the tick at which another ends does not overlap it. A row 'up' is one without an end.
"""

from dataclasses import dataclass

from appliance.i18n import N_
from appliance.store.views import STAY

FOREVER = 1 << 62


@dataclass(frozen=True)
class Rule:
    """A rule of the ledger: `sql` returns the text of `where`; `what` and `hint` are message ids."""

    name: str
    what: str
    hint: str
    sql: str


_CALL_CONTROL = N_("this is a mistake in call control: please report it with the books")
_SWITCH = N_("this is a mistake in the switch or its journal was lost: please report it with the books")

RULES = (
    Rule(
        "seizure_without_leg",
        N_("a channel was held by a leg that is not in the books"),
        _CALL_CONTROL,
        "SELECT 'span ' || s.span || ' timeslot ' || s.timeslot || ', leg ' || s.leg"
        " FROM seizures s LEFT JOIN legs l ON l.call = s.call AND l.leg = s.leg WHERE l.leg IS NULL",
    ),
    Rule(
        "leg_without_call",
        N_("a leg belongs to no call"),
        _CALL_CONTROL,
        "SELECT 'leg ' || l.leg || ' of call ' || l.call FROM legs l LEFT JOIN calls c ON c.call = l.call"
        " WHERE c.call IS NULL",
    ),
    Rule(
        "call_without_leg",
        N_("a call has no leg"),
        _CALL_CONTROL,
        "SELECT 'call ' || c.call FROM calls c WHERE NOT EXISTS (SELECT 1 FROM legs l WHERE l.call = c.call)",
    ),
    Rule(
        "number_twice",
        N_("a leg, a segment or an offer of two calls has one number"),
        _CALL_CONTROL,
        "SELECT 'leg ' || leg FROM legs GROUP BY leg HAVING count(*) > 1 + coalesce(sum(cause = 0), 0)"  # 0: moved on
        " UNION ALL SELECT 'segment ' || segment FROM segments GROUP BY segment HAVING count(*) > 1"
        " UNION ALL SELECT 'offer ' || offer FROM offers GROUP BY offer HAVING count(*) > 1",
    ),
    Rule(
        "seizures_overlap",
        N_("two legs held one channel at the same time"),
        _SWITCH,
        f"""
        SELECT 'span ' || span || ' timeslot ' || timeslot || ', leg ' || leg || ' at tick ' || seized FROM (
            SELECT span, timeslot, leg, seized, max(coalesce(released, {FOREVER})) OVER (
                PARTITION BY span, timeslot ORDER BY seized, coalesce(released, {FOREVER})
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM seizures
        ) WHERE before > seized""",  # noqa: S608 - no input in it
    ),
    Rule(
        "answered_without_channel",
        N_("a leg on a trunk was answered without a channel"),
        _SWITCH,
        "SELECT 'leg ' || l.leg || ' of call ' || l.call FROM legs l WHERE l.line LIKE 'pri:%'"
        " AND l.answered IS NOT NULL AND NOT EXISTS (SELECT 1 FROM seizures s WHERE s.call = l.call AND s.leg = l.leg)",
    ),
    Rule(
        "leg_outlives_call",
        N_("a call was closed while a leg of it was up"),
        _CALL_CONTROL,
        "SELECT 'leg ' || l.leg || ' of call ' || c.call FROM calls c JOIN legs l ON l.call = c.call"
        " WHERE c.closed IS NOT NULL AND (l.closed IS NULL OR l.closed > c.closed)",
    ),
    Rule(
        "leg_before_call",
        N_("a leg began before its call"),
        _CALL_CONTROL,
        "SELECT 'leg ' || l.leg || ' of call ' || c.call FROM calls c JOIN legs l ON l.call = c.call"
        " WHERE l.opened < c.opened",
    ),
    Rule(
        "seizure_outlives_leg",
        N_("a channel was held longer than its leg"),
        _CALL_CONTROL,
        f"""
        SELECT 'span ' || s.span || ' timeslot ' || s.timeslot || ', leg ' || l.leg
        FROM seizures s JOIN legs l ON l.call = s.call AND l.leg = s.leg AND l.opened = {STAY}
        WHERE l.closed IS NOT NULL AND (s.released IS NULL OR s.released > l.closed)""",  # noqa: S608 - no input in it
    ),
    Rule(
        "segment_without_call",
        N_("a segment belongs to no call, or lies outside it"),
        _CALL_CONTROL,
        "SELECT 'segment ' || s.segment || ' of call ' || s.call FROM segments s LEFT JOIN calls c ON c.call = s.call"
        " WHERE c.call IS NULL OR s.opened < c.opened"
        " OR (c.closed IS NOT NULL AND (s.closed IS NULL OR s.closed > c.closed))",
    ),
    Rule(
        "segment_outside_leg",
        N_("a segment lies outside the time of one of its legs"),
        _CALL_CONTROL,
        "SELECT 'segment ' || s.segment || ' of call ' || s.call || ', leg ' || j.value"
        " FROM segments s, json_each(s.legs) j WHERE NOT EXISTS (SELECT 1 FROM legs l WHERE l.call = s.call"
        " AND l.leg = j.value AND s.opened >= l.opened"
        " AND (l.closed IS NULL OR (s.closed IS NOT NULL AND s.closed <= l.closed)))",
    ),
    Rule(
        "code_without_talk",
        N_("an agent set a wrap-up code of a call in which this agent was not"),
        _CALL_CONTROL,
        "SELECT 'call ' || w.call || ', agent ' || w.agent FROM wrap_up_codes w"
        " WHERE NOT EXISTS (SELECT 1 FROM legs l"
        " WHERE l.call = w.call AND l.agent = w.agent AND l.answered IS NOT NULL)",
    ),
    Rule(
        "queue_outside_call",
        N_("a caller waits in a queue outside the time of the call"),
        _CALL_CONTROL,
        "SELECT 'queue ' || q.queue || ', call ' || q.call FROM queue_entries q LEFT JOIN calls c ON c.call = q.call"
        " WHERE c.call IS NULL OR q.entered < c.opened"
        " OR (c.closed IS NOT NULL AND (q.left IS NULL OR q.left > c.closed))",
    ),
    Rule(
        "offer_outside_call",
        N_("an offer belongs to no call, or outlives it"),
        _CALL_CONTROL,
        "SELECT 'offer ' || o.offer || ' of call ' || o.call FROM offers o LEFT JOIN calls c ON c.call = o.call"
        " WHERE c.call IS NULL OR (c.closed IS NOT NULL AND (o.ended IS NULL OR o.ended > c.closed))",
    ),
    Rule(
        "offers_overlap",
        N_("an agent was offered two calls at the same time"),
        _CALL_CONTROL,
        f"""
        SELECT 'agent ' || agent || ', offer ' || offer || ' of call ' || call FROM (
            SELECT agent, offer, call, made, max(coalesce(ended, {FOREVER})) OVER (
                PARTITION BY agent ORDER BY made, offer ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM offers
        ) WHERE before > made""",  # noqa: S608 - no input in it
    ),
    Rule(
        "callback_unaccounted",
        N_("a call-back is neither reached, given up, cancelled, nor waits"),
        _CALL_CONTROL,
        "SELECT 'call-back ' || c.callback || ' of queue ' || c.queue FROM callbacks c WHERE"
        " (c.ended IS NULL) <> (c.result IS NULL)"
        " OR (c.ended IS NULL AND c.expires < (SELECT last_tick FROM meta) - 250"
        " AND NOT EXISTS (SELECT 1 FROM callback_tries t WHERE t.callback = c.callback AND t.ended IS NULL))"
        " OR (c.result = 'reached' AND NOT EXISTS (SELECT 1 FROM callback_tries t JOIN calls k ON k.call = t.call"
        " WHERE t.callback = c.callback AND t.call = c.reached AND t.why = 'reached' AND k.answered IS NOT NULL))",
    ),
    Rule(
        "callback_lost",
        N_("a caller left a queue to be called back, and there is no such call-back"),
        _CALL_CONTROL,
        "SELECT 'queue ' || q.queue || ', call ' || q.call FROM queue_entries q WHERE q.reason = 'call_back'"
        " AND NOT EXISTS (SELECT 1 FROM callbacks c WHERE c.call = q.call AND c.queue = q.queue)",
    ),
    Rule(
        "callback_try_outlives_call",
        N_("the try of a call-back belongs to no call, or outlives it"),
        _CALL_CONTROL,
        "SELECT 'call-back ' || t.callback || ', call ' || t.call FROM callback_tries t"
        " LEFT JOIN calls k ON k.call = t.call LEFT JOIN callbacks c ON c.callback = t.callback"
        " WHERE k.call IS NULL OR (k.closed IS NOT NULL AND t.ended IS NULL AND c.ended IS NOT NULL)",
    ),
    Rule(
        "survey_outside_call",
        N_("a survey belongs to no call, or outlives it"),
        _CALL_CONTROL,
        "SELECT 'survey ' || s.survey || ' of call ' || s.call FROM surveys s LEFT JOIN calls c ON c.call = s.call"
        " WHERE c.call IS NULL OR (c.closed IS NOT NULL AND (s.closed IS NULL OR s.closed > c.closed))",
    ),
    Rule(
        "member_without_leg",
        N_("a member of a conference has no leg in its call at that time"),
        _CALL_CONTROL,
        "SELECT 'leg ' || r.leg || ' of call ' || r.call || ', ' || r.what FROM room_changes r WHERE r.leg <> 0"
        " AND NOT EXISTS (SELECT 1 FROM legs l WHERE l.call = r.call AND l.leg = r.leg AND l.opened <= r.changed"
        " AND (l.closed IS NULL OR l.closed >= r.changed))",
    ),
    Rule(
        "supervisor_unnamed",
        N_("a supervisor was in a call, and the books do not say in which way"),
        _CALL_CONTROL,
        "SELECT 'leg ' || l.leg || ' of call ' || l.call FROM legs l WHERE l.role = 'supervisor'"
        " AND NOT EXISTS (SELECT 1 FROM supervisor_acts a WHERE a.call = l.call AND a.done >= l.opened"
        " AND (l.closed IS NULL OR a.done <= l.closed))",
    ),
    Rule(
        "closed_without_result",
        N_("a call was closed without a result, or answered outside its time"),
        _CALL_CONTROL,
        "SELECT 'call ' || call FROM calls WHERE (closed IS NOT NULL"
        " AND (disposition IS NULL OR cause IS NULL OR closed < opened OR answered > closed))"
        " OR answered < opened OR released > closed",
    ),
    Rule(
        "totals_differ",
        N_("the totals are not what the calls add up to"),
        _CALL_CONTROL,
        "SELECT counted || ' calls counted, ' || closed || ' closed; answered ' || counted_a || ' and ' || answered"
        " FROM (SELECT sum(CASE kind WHEN 'gone' THEN -calls ELSE calls END) AS counted,"
        " sum(CASE kind WHEN 'gone' THEN -answered ELSE answered END) AS counted_a FROM totals"
        " WHERE kind = 'gone' OR kind = 'box' AND day > ''),"
        " (SELECT count(*) AS closed, count(*) FILTER (WHERE disposition = 'answered') AS answered FROM calls"
        " WHERE closed IS NOT NULL AND call NOT IN (SELECT call FROM closings))"
        " WHERE counted <> closed OR counted_a <> answered",
    ),
    Rule(
        "records_refused",
        N_("records contradicted the books and were not written, or were lost"),
        N_("look at the troubles of kind 'books'; please report them"),
        "SELECT text FROM troubles WHERE kind = 'books'",
    ),
)

WAITING = Rule(
    "records_waiting",
    N_("records are not in the books yet"),
    N_("free space on the disk: they are written by themselves then; `mxbox status` says why they wait"),
    "",
)
"""Found by the store's own count, not by a query."""

UNRECORDED = Rule(
    "answered_unrecorded",
    N_("a call was answered and not recorded"),
    N_("look at the troubles of that time: the disk may have been full"),
    "SELECT 'call ' || c.call FROM calls c WHERE c.answered IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call = c.call)"
    " AND NOT EXISTS (SELECT 1 FROM recording_decisions d WHERE d.call = c.call AND NOT d.wanted)",
)

RULE_UNRECORDED = Rule(
    "rule_unrecorded",
    N_("a recording rule wanted a recording of a call that has none"),
    N_("look at the troubles of that time: the disk may have been full"),
    "SELECT 'call ' || d.call || ', rule ' || d.rule FROM recording_decisions d WHERE d.wanted"
    " AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call = d.call)",
)

RECORDING_UP = Rule(
    "recording_outlives_call",
    N_("a recording was never closed"),
    _SWITCH,
    "SELECT 'recording ' || r.recording || ' of call ' || r.call || ', ' || r.path FROM recordings r"
    " LEFT JOIN calls c ON c.call = r.call WHERE c.call IS NULL"
    " OR (r.closed IS NULL AND c.closed < (SELECT last_tick FROM meta) - 250)",  # reported a moment later
)

MESSAGE_UP = Rule(
    "message_outlives_call",
    N_("a message was never closed"),
    _SWITCH,
    "SELECT 'message ' || m.message || ' of box ' || m.box || ', ' || m.path FROM messages m"
    " LEFT JOIN calls c ON c.call = m.call WHERE m.closed IS NULL"
    " AND (c.call IS NULL OR c.closed < (SELECT last_tick FROM meta) - 250)",
)

STILL_UP = Rule(
    "up_while_idle",
    N_("something is still up although the box is idle"),
    _CALL_CONTROL,
    "SELECT 'call ' || call FROM calls WHERE closed IS NULL"
    " UNION ALL SELECT 'leg ' || leg FROM legs WHERE closed IS NULL"
    " UNION ALL SELECT 'span ' || span || ' timeslot ' || timeslot FROM seizures WHERE released IS NULL"
    " UNION ALL SELECT 'segment ' || segment FROM segments WHERE closed IS NULL"
    " UNION ALL SELECT 'queue ' || queue || ', call ' || call FROM queue_entries WHERE left IS NULL"
    " UNION ALL SELECT 'offer ' || offer FROM offers WHERE ended IS NULL"
    " UNION ALL SELECT 'survey ' || survey FROM surveys WHERE closed IS NULL"
    " UNION ALL SELECT 'recording ' || recording FROM recordings WHERE closed IS NULL",
)

BALANCE = (
    (N_("calls"), "calls", "closed"),
    (N_("legs"), "legs", "closed"),
    (N_("channels held"), "seizures", "released"),
    (N_("segments"), "segments", "closed"),
    (N_("queue entries"), "queue_entries", "left"),
    (N_("offers"), "offers", "ended"),
    (N_("call-backs"), "callbacks", "ended"),
    (N_("surveys"), "surveys", "closed"),
    (N_("recordings"), "recordings", "closed"),
)
"""(name, table, column of the end) of each line of the balance."""
