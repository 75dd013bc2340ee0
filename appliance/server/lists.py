# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of the books: changes in conferences, keyed data, ratings of callers, voice messages, acts of supervisors."""

import sqlite3
from pathlib import Path

import msgspec

from appliance.api import messages as m
from appliance.numbering import pattern
from appliance.store.callbacks import callbacks
from appliance.store.callbacks import totals as callback_totals
from appliance.store.conferences import conference_log
from appliance.store.keyed import keyed
from appliance.store.messages import find
from appliance.store.supervision import acts
from appliance.store.surveys import surveys, totals

Listed = m.ConferenceLog | m.Keyed | m.Surveys | m.SurveyTotals | m.Messages | m.SupervisorLog


def listed(books: sqlite3.Connection, asked: Listed, recordings: Path) -> m.AnyReply:
    """Return the reply from the books; `recordings` is the folder of recordings.

    Raises NumberError for a caller's number that is none.
    """
    match asked:
        case m.ConferenceLog(call):
            return m.ConferenceLogReply(conference_log(books, call))
        case m.Keyed():
            found = keyed(
                books, asked.limit, asked.since, asked.until, caller=pattern(asked.caller), agent=asked.agent,
                queue=asked.queue, field=asked.field, value=asked.value, call=asked.call, before=asked.before,
            )  # fmt: skip
            return m.KeyedReply(tuple(found))
        case m.Surveys():
            rows = surveys(
                books, asked.limit, asked.since, asked.until, agent=asked.agent, queue=asked.queue, call=asked.call,
                before=asked.before,
            )  # fmt: skip
            return m.SurveysReply(tuple(rows))
        case m.SurveyTotals(since, until):
            return m.SurveyTotalsReply(tuple(totals(books, since, until)))
        case m.Messages(box, state, before, limit, deleted):
            messages = find(books, box, state, before, limit, deleted=deleted)
            return m.MessagesReply(str(recordings), messages)
        case m.SupervisorLog():
            filters = msgspec.structs.asdict(asked)
            del filters["why"]
            return m.SupervisorLogReply(acts(books, **filters))


def call_backs(books: sqlite3.Connection, asked: m.CallBacks) -> m.CallBacksReply:
    """Return call-backs of queues, and their totals. Raises NumberError for a number that is none."""
    found = callbacks(
        books, asked.limit, asked.since, asked.until, queue=asked.queue, number=pattern(asked.number), call=asked.call,
        waits=asked.waits, before=asked.before,
    )  # fmt: skip
    return m.CallBacksReply(found, callback_totals(books, asked.since, asked.until))
