# SPDX-License-Identifier: GPL-2.0-or-later
"""The books' tables, as steps from one version to the next. Append only: a step that was released is never changed.

Columns named for a moment (`opened`, `left`, ...) are box time in ticks, NULL until it has come; `started_at` is a
wall-clock label. Ends are exclusive: what closes at a tick and what opens at it do not overlap. What is up is found
through the calls that are up, so few indexes are kept. The views are no part of this: `appliance.store.views`.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("mxbox")


@MIGRATIONS(name="0001_calls")
def _calls(db: Database) -> None:
    """Calls, legs, the channels they held, who heard whom, keys; and how far the switch's events are in the books."""
    _run(
        db,
        """CREATE TABLE meta (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            last_seq INTEGER NOT NULL,
            last_tick INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO meta VALUES (1, 0, 0)",
        """CREATE TABLE calls (
            call INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            direction TEXT NOT NULL,
            caller TEXT NOT NULL,
            caller_name TEXT NOT NULL,
            presentation INTEGER NOT NULL,
            called TEXT NOT NULL,
            flow TEXT NOT NULL,
            opened INTEGER NOT NULL,
            answered INTEGER,
            closed INTEGER,
            disposition TEXT,
            cause INTEGER,
            ended_by TEXT
        ) STRICT""",
        "CREATE INDEX calls_started_at ON calls (started_at)",
        "CREATE INDEX calls_up ON calls (call) WHERE closed IS NULL",
        """CREATE TABLE legs (
            leg INTEGER PRIMARY KEY,
            call INTEGER NOT NULL,
            line TEXT NOT NULL,
            role TEXT NOT NULL,
            number TEXT NOT NULL,
            agent TEXT NOT NULL,
            opened INTEGER NOT NULL,
            answered INTEGER,
            closed INTEGER,
            cause INTEGER
        ) STRICT""",
        "CREATE INDEX legs_call ON legs (call)",
        """CREATE TABLE seizures (
            seizure INTEGER PRIMARY KEY,
            leg INTEGER NOT NULL,
            span INTEGER NOT NULL,
            timeslot INTEGER NOT NULL,
            seized INTEGER NOT NULL,
            released INTEGER
        ) STRICT""",
        "CREATE INDEX seizures_leg ON seizures (leg)",
        """CREATE TABLE segments (
            segment INTEGER PRIMARY KEY,
            call INTEGER NOT NULL,
            kind TEXT NOT NULL,
            what TEXT NOT NULL,
            opened INTEGER NOT NULL,
            closed INTEGER
        ) STRICT""",
        "CREATE INDEX segments_call ON segments (call)",
        """CREATE TABLE segment_legs (
            segment INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            PRIMARY KEY (segment, leg)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE keys (
            key_press INTEGER PRIMARY KEY,
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            key TEXT NOT NULL,
            node TEXT NOT NULL,
            accepted INTEGER NOT NULL,
            pressed INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX keys_call ON keys (call)",
    )


@MIGRATIONS(name="0002_queues")
def _queues(db: Database) -> None:
    """Who waited in which queue, whom it was offered to, and what the agents did."""
    _run(
        db,
        """CREATE TABLE queue_entries (
            entry INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            position INTEGER NOT NULL,
            entered INTEGER NOT NULL,
            left INTEGER,
            reason TEXT
        ) STRICT""",
        "CREATE INDEX queue_entries_call ON queue_entries (call)",
        """CREATE TABLE offers (
            offer INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT NOT NULL,
            leg INTEGER NOT NULL,
            made INTEGER NOT NULL,
            ended INTEGER,
            result TEXT
        ) STRICT""",
        "CREATE INDEX offers_call ON offers (call)",
        """CREATE TABLE agent_states (
            change INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            agent TEXT NOT NULL,
            status TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER
        ) STRICT""",
        "CREATE INDEX agent_states_now ON agent_states (agent) WHERE until IS NULL",
    )


@MIGRATIONS(name="0003_recordings")
def _recordings(db: Database) -> None:
    """The index of the recordings, and what a technician should read."""
    _run(
        db,
        """CREATE TABLE recordings (
            recording INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            path TEXT NOT NULL,
            opened INTEGER NOT NULL,
            closed INTEGER,
            samples INTEGER,
            error TEXT
        ) STRICT""",
        "CREATE INDEX recordings_call ON recordings (call)",
        "CREATE INDEX recordings_up ON recordings (recording) WHERE closed IS NULL",
        """CREATE TABLE troubles (
            trouble INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            count INTEGER NOT NULL,
            happened INTEGER NOT NULL
        ) STRICT""",
    )


def _run(db: Database, *statements: str) -> None:
    """Run statements inside the migration's transaction (`executescript` would end it)."""
    for statement in statements:
        db.execute(statement)
