# SPDX-License-Identifier: GPL-2.0-or-later
"""Open entries of the books, read once when the call server starts."""

import sqlite3
from collections.abc import Iterator
from typing import TypeVar

from appliance.contract.books import (
    LastAgent,
    LastDuty,
    LastPins,
    LastPlan,
    LastSetting,
    OpenBooks,
    OpenEntry,
    OpenKeying,
    OpenLeg,
    OpenOffer,
    OpenRecording,
    OpenSegment,
    OpenSurvey,
)
from appliance.store import callbacks, mark, messages

T = TypeVar("T")

_MARK = "(SELECT call FROM mark)"
_CALLS = f"SELECT call FROM calls WHERE call >= {_MARK} AND closed IS NULL ORDER BY call"  # noqa: S608
_UP = "AND call IN (SELECT call FROM calls WHERE call >= (SELECT call FROM mark) AND closed IS NULL)"
_LEGS = f"SELECT leg, call, line, number, agent FROM legs WHERE closed IS NULL {_UP} ORDER BY opened, leg"  # noqa: S608
_SEGMENTS = f"SELECT segment, call FROM segments WHERE closed IS NULL {_UP} ORDER BY segment"  # noqa: S608
_OFFERS = f"SELECT offer, call, agent, leg FROM offers WHERE ended IS NULL {_UP} ORDER BY offer"  # noqa: S608
_ENTRIES = f"SELECT call, queue FROM queue_entries WHERE left IS NULL {_UP} ORDER BY entered, call"  # noqa: S608
_SURVEYS = f"SELECT survey, call FROM surveys WHERE closed IS NULL {_UP} ORDER BY survey"  # noqa: S608
_KEYING = f"SELECT call, served, field, agent, queue, caller, asked FROM keying WHERE 1 {_UP} ORDER BY call"  # noqa: S608
_KEYS = "SELECT key FROM keys WHERE call = ? AND pressed >= ? AND node = ? AND accepted ORDER BY pressed"
_BY_CALL = "recordings INDEXED BY recordings_call"  # else SQLite reads all recordings, in the order asked for
_RECORDINGS = f"SELECT recording, call, leg FROM {_BY_CALL} WHERE call >= {_MARK} AND closed IS NULL ORDER BY recording"  # noqa: S608
_AGENT = "SELECT agent, status, state, reason, extension, borrowed, locked FROM agent_states"
_AGENTS = f"{_AGENT} WHERE change IN ({mark.LAST_CHANGES})"
_PINS = "SELECT owner, number, wrong, locked_s, counted FROM pin_counts ORDER BY owner, number"
_SETTINGS = "SELECT extension, setting, value FROM settings ORDER BY extension, setting"

_PLANS = "SELECT plan, state, until FROM plans_by_hand"

_DUTIES = "SELECT duty, times, call FROM duty_slots WHERE call <> '' ORDER BY changed, duty, times"


def read_open_books(connection: sqlite3.Connection) -> OpenBooks:
    """Return open entries, each kind in the order in which it was opened, and the next free numbers."""

    def rows(kind: type[T], sql: str) -> tuple[T, ...]:
        return tuple(kind(*row) for row in connection.execute(sql))

    def following(column: str, table: str) -> int:
        sql = f"SELECT coalesce(max({column}), 0) + 1 FROM {table}"  # noqa: S608 - both are ours
        return int(connection.execute(sql).fetchone()[0])

    def following_mark(column: str, table: str, where: str = "") -> int:
        newest = f"SELECT coalesce(max({column}), 0) FROM {table} WHERE call >= {_MARK} {where}"  # noqa: S608 - all ours
        sql = f"SELECT max({column}, ({newest})) + 1 FROM mark"  # noqa: S608
        return int(connection.execute(sql).fetchone()[0])

    return OpenBooks(
        next_call=following("call", "calls"),
        next_leg=following_mark("leg", "legs", "AND leg % 2 = 1") | 1,  # those of the switch, even, may be far ahead
        next_segment=following_mark("segment", "segments"),
        next_offer=following_mark("offer", "offers"),
        next_recording=max(
            following("recording", "recordings"), following("recording", "mark"), following("message", "messages")
        ),
        next_survey=following("seq", "sqlite_sequence WHERE name = 'surveys'"),
        next_callback=following("seq", "sqlite_sequence WHERE name = 'callbacks'"),
        calls=tuple(call for (call,) in connection.execute(_CALLS)),
        legs=rows(OpenLeg, _LEGS),
        segments=rows(OpenSegment, _SEGMENTS),
        offers=rows(OpenOffer, _OFFERS),
        entries=rows(OpenEntry, _ENTRIES),
        recordings=rows(OpenRecording, _RECORDINGS),
        surveys=rows(OpenSurvey, _SURVEYS),
        keying=tuple(_keying(connection)),
        callbacks=callbacks.waiting(connection),
        agents=rows(LastAgent, _AGENTS),
        settings=rows(LastSetting, _SETTINGS),
        pins=rows(LastPins, _PINS),
        messages=messages.in_boxes(connection),
        plans=rows(LastPlan, _PLANS),
        duties=rows(LastDuty, _DUTIES),
    )


def _keying(connection: sqlite3.Connection) -> Iterator[OpenKeying]:
    for call, served, field, agent, queue, caller, asked in connection.execute(_KEYING).fetchall():
        keys = "".join([key for (key,) in connection.execute(_KEYS, (call, asked, f"keyed/{field}"))])
        yield OpenKeying(call, served, field, agent, queue, caller, keys)
