# SPDX-License-Identifier: GPL-2.0-or-later
"""The books' tables, as steps from one version to the next. Append only: a released step is never changed.

Columns named for a moment (`opened`, `left`, ...) are box time in ticks, NULL until it has come; `started_at` is a
wall-clock label. Ends are exclusive: a row closed at a tick and one opened at it do not overlap. The rows of a call lie
side by side in each table, so an event touches few pages, and no index is needed to find the rows of a call; open rows
are found from the mark on (`appliance.store.mark`). Indexes serve searches by people, and leave out values that are
never searched. Views are elsewhere: `appliance.store.views`.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("mxbox")


@MIGRATIONS(name="0001_calls")
def _calls(db: Database) -> None:
    """Add calls, legs, the channels they held, segments, keys, and how far the switch's events are in the books."""
    _run(
        db,
        """CREATE TABLE meta (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            last_seq INTEGER NOT NULL,
            last_tick INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO meta VALUES (1, 0, 0)",
        """CREATE TABLE mark (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            segment INTEGER NOT NULL,
            offer INTEGER NOT NULL,
            change INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO mark VALUES (1, 1, 0, 0, 0, 0)",
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
        """CREATE TABLE legs (
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            line TEXT NOT NULL,
            role TEXT NOT NULL,
            number TEXT NOT NULL,
            agent TEXT NOT NULL,
            opened INTEGER NOT NULL,
            answered INTEGER,
            closed INTEGER,
            cause INTEGER,
            PRIMARY KEY (call, leg)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE seizures (
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            seized INTEGER NOT NULL,
            span INTEGER NOT NULL,
            timeslot INTEGER NOT NULL,
            released INTEGER,
            PRIMARY KEY (call, leg, seized, span, timeslot)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE segments (
            call INTEGER NOT NULL,
            segment INTEGER NOT NULL,
            kind TEXT NOT NULL,
            what TEXT NOT NULL,
            legs TEXT NOT NULL,
            opened INTEGER NOT NULL,
            closed INTEGER,
            PRIMARY KEY (call, segment)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE keys (
            call INTEGER NOT NULL,
            pressed INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            key TEXT NOT NULL,
            node TEXT NOT NULL,
            accepted INTEGER NOT NULL,
            PRIMARY KEY (call, pressed, leg, key, node)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0002_queues")
def _queues(db: Database) -> None:
    """Add queue entries, offers and states of agents."""
    _run(
        db,
        """CREATE TABLE queue_entries (
            call INTEGER NOT NULL,
            entered INTEGER NOT NULL,
            queue TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            position INTEGER NOT NULL,
            left INTEGER,
            reason TEXT,
            PRIMARY KEY (call, entered, queue)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE offers (
            call INTEGER NOT NULL,
            offer INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT NOT NULL,
            leg INTEGER NOT NULL,
            made INTEGER NOT NULL,
            ended INTEGER,
            result TEXT,
            PRIMARY KEY (call, offer)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE agent_states (
            change INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            agent TEXT NOT NULL,
            status TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            since INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE agents_at_mark (
            agent TEXT PRIMARY KEY,
            change INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0003_recordings")
def _recordings(db: Database) -> None:
    """Add the index of the recordings, and troubles."""
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
        """CREATE TABLE troubles (
            trouble INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            count INTEGER NOT NULL,
            happened INTEGER NOT NULL
        ) STRICT""",
    )


@MIGRATIONS(name="0004_phone_features")
def _phone_features(db: Database) -> None:
    """Add settings that users changed at their phones, such as forwards."""
    _run(
        db,
        """CREATE TABLE settings (
            extension TEXT NOT NULL,
            setting TEXT NOT NULL,
            value TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (extension, setting)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0005_stays")
def _stays(db: Database) -> None:
    """Make a row of legs a stay: a leg that comes back to a call from a consultation has a row for each of its stays.

    Add for each call the moment at which its clearing began, with which charging ends; for each trouble its text as the
    catalogue knows it, and the values that fill it.
    """
    _run(
        db,
        *[f"DROP VIEW IF EXISTS {view}" for view in ("cdr", "queue_log", "agent_log", "channel_use", "segment_legs")],
        """CREATE TABLE stays (
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            opened INTEGER NOT NULL,
            line TEXT NOT NULL,
            role TEXT NOT NULL,
            number TEXT NOT NULL,
            agent TEXT NOT NULL,
            answered INTEGER,
            closed INTEGER,
            cause INTEGER,
            PRIMARY KEY (call, leg, opened)
        ) STRICT, WITHOUT ROWID""",
        "INSERT INTO stays SELECT call, leg, opened, line, role, number, agent, answered, closed, cause FROM legs",
        "DROP TABLE legs",
        "ALTER TABLE stays RENAME TO legs",
        "ALTER TABLE calls ADD COLUMN released INTEGER",
        "ALTER TABLE troubles ADD COLUMN msgid TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE troubles ADD COLUMN filled TEXT NOT NULL DEFAULT '{}'",
    )


@MIGRATIONS(name="0006_redirecting")
def _redirecting(db: Database) -> None:
    """Add the number that redirected a call to each of its legs."""
    _run(db, "ALTER TABLE legs ADD COLUMN redirecting TEXT NOT NULL DEFAULT ''")


@MIGRATIONS(name="0007_lasting")
def _lasting(db: Database) -> None:
    """Add columns and indexes for searches, and totals: books of many years answer as fast as new ones.

    `days` names the first and last call of each day (UTC, days since 1970): a time becomes a range of calls. `asked_by`
    is the user who asked by the control API, `deleted` the moment (Unix milliseconds) at which a recording's file was
    deleted. The totals of kind 'gone' are the part of those of kind 'box' that calls added which left the books.
    """
    _run(
        db,
        "ALTER TABLE calls ADD COLUMN queue TEXT",
        "ALTER TABLE calls ADD COLUMN agent TEXT",
        "ALTER TABLE calls ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE calls ADD COLUMN released_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE agent_states ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE settings ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE recordings ADD COLUMN deleted INTEGER",
        "ALTER TABLE mark ADD COLUMN recording INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE meta ADD COLUMN starts INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE meta ADD COLUMN totals_day TEXT NOT NULL DEFAULT ''",
        "UPDATE calls SET queue = (SELECT q.queue FROM queue_entries q WHERE q.call = calls.call"
        " ORDER BY q.entered DESC LIMIT 1), agent = (SELECT l.agent FROM legs l WHERE l.call = calls.call"
        " AND l.agent <> '' AND l.answered IS NOT NULL ORDER BY l.opened DESC, l.leg DESC LIMIT 1)",
        "CREATE INDEX calls_caller ON calls (caller)",
        "CREATE INDEX calls_called ON calls (called)",
        "CREATE INDEX calls_queue ON calls (queue) WHERE queue IS NOT NULL",
        "CREATE INDEX calls_result ON calls (disposition) WHERE disposition <> 'answered'",
        "CREATE INDEX legs_agent ON legs (agent, call) WHERE agent <> ''",
        "CREATE INDEX troubles_kind ON troubles (kind)",
        "CREATE INDEX troubles_started_at ON troubles (started_at)",
        """CREATE TABLE days (
            day INTEGER PRIMARY KEY,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO days SELECT started_at / 86400000, min(call), max(call) FROM calls GROUP BY 1",
        """CREATE TABLE totals (
            kind TEXT NOT NULL,
            day TEXT NOT NULL,
            name TEXT NOT NULL,
            calls INTEGER NOT NULL,
            answered INTEGER NOT NULL,
            abandoned INTEGER NOT NULL,
            talk INTEGER NOT NULL,
            PRIMARY KEY (kind, day, name)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0008_closings")
def _closings(db: Database) -> None:
    """Add the list of closed calls that are not in the totals yet: many are added at once."""
    _run(db, "CREATE TABLE closings (closing INTEGER PRIMARY KEY, call INTEGER NOT NULL) STRICT")


@MIGRATIONS(name="0009_recording_rules")
def _recording_rules(db: Database) -> None:
    """Add the rule by which a recording began, and all decisions of the rules: also those not to record."""
    _run(
        db,
        "ALTER TABLE recordings ADD COLUMN rule TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE recording_decisions (
            call INTEGER NOT NULL,
            decided INTEGER NOT NULL,
            rule TEXT NOT NULL,
            wanted INTEGER NOT NULL,
            announced INTEGER NOT NULL,
            PRIMARY KEY (call, decided, rule)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0010_seats")
def _seats(db: Database) -> None:
    """Add the phone at which an agent is, and whether the agent signed in there instead of at the configured one."""
    _run(
        db,
        "ALTER TABLE agent_states ADD COLUMN extension TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE agent_states ADD COLUMN borrowed INTEGER NOT NULL DEFAULT 0",
    )


@MIGRATIONS(name="0011_recordings_of_rules")
def _recordings_of_rules(db: Database) -> None:
    """Add the index by which the recordings of a rule are found."""
    _run(db, "CREATE INDEX recordings_rule ON recordings (rule) WHERE rule <> ''")


@MIGRATIONS(name="0012_choices")
def _choices(db: Database) -> None:
    """Add what queues knew when they chose agents. Numbers are never used again, also of rows that left the books."""
    _run(
        db,
        """CREATE TABLE choices (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            made INTEGER NOT NULL,
            choice TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX choices_call ON choices (call)",
    )


@MIGRATIONS(name="0013_deleted_by")
def _deleted_by(db: Database) -> None:
    """Add the person who had a recording deleted, and why; '' where its age did it."""
    _run(
        db,
        "ALTER TABLE recordings ADD COLUMN deleted_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE recordings ADD COLUMN deleted_why TEXT NOT NULL DEFAULT ''",
    )


@MIGRATIONS(name="0014_recording_pauses")
def _recording_pauses(db: Database) -> None:
    """Add stretches of silence in recordings, and decisions of persons in place of the recording rules.

    `..._by` is the extension, or the user of the machine, who asked for it. A pause without an end ends with its
    recording.
    """
    _run(
        db,
        "ALTER TABLE recording_decisions ADD COLUMN asked INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE recording_decisions ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE recording_pauses (
            call INTEGER NOT NULL,
            recording INTEGER NOT NULL,
            paused INTEGER NOT NULL,
            resumed INTEGER,
            paused_by TEXT NOT NULL DEFAULT '',
            resumed_by TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (call, recording, paused)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0015_recordings_moved")
def _recordings_moved(db: Database) -> None:
    """Add the folder to which a recording's file was moved; '': it is in the recordings folder."""
    _run(db, "ALTER TABLE recordings ADD COLUMN folder TEXT NOT NULL DEFAULT ''")


@MIGRATIONS(name="0016_agents_day")
def _agents_day(db: Database) -> None:
    """Add wrap-up codes of calls, counts of wrong PINs, and whether a pause ends with a code."""
    _run(
        db,
        "ALTER TABLE agent_states ADD COLUMN locked INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE wrap_up_codes (
            call INTEGER NOT NULL,
            agent TEXT NOT NULL,
            key TEXT NOT NULL,
            name TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            coded INTEGER NOT NULL,
            asked_by TEXT NOT NULL,
            PRIMARY KEY (call, agent)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE pin_counts (
            owner TEXT NOT NULL,
            number TEXT NOT NULL,
            wrong INTEGER NOT NULL,
            locked_s REAL NOT NULL,
            started_at INTEGER NOT NULL,
            counted INTEGER NOT NULL,
            PRIMARY KEY (owner, number)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0017_keyed")
def _keyed(db: Database) -> None:
    """Add what agents key in for callers. Numbers are never used again, also of rows that left the books."""
    _run(
        db,
        """CREATE TABLE keyed (
            keyed INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            field TEXT NOT NULL,
            value TEXT NOT NULL,
            whole INTEGER NOT NULL,
            agent TEXT NOT NULL,
            queue TEXT NOT NULL,
            caller TEXT NOT NULL,
            made INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX keyed_call ON keyed (call)",
        "CREATE INDEX keyed_started_at ON keyed (started_at)",
        "CREATE INDEX keyed_caller ON keyed (caller)",
        "CREATE INDEX keyed_value ON keyed (value)",
    )


@MIGRATIONS(name="0018_surveys")
def _surveys(db: Database) -> None:
    """Add surveys of callers, and their ratings. Numbers are never used again, also of rows that left the books."""
    _run(
        db,
        """CREATE TABLE surveys (
            survey INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            agent TEXT NOT NULL,
            how TEXT NOT NULL,
            opened INTEGER NOT NULL,
            closed INTEGER,
            result TEXT,
            comment INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        "CREATE INDEX surveys_call ON surveys (call)",
        "CREATE INDEX surveys_started_at ON surveys (started_at)",
        """CREATE TABLE ratings (
            call INTEGER NOT NULL,
            survey INTEGER NOT NULL,
            question TEXT NOT NULL,
            rating INTEGER NOT NULL,
            rated INTEGER NOT NULL,
            PRIMARY KEY (survey, question)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX ratings_call ON ratings (call)",
    )


@MIGRATIONS(name="0019_predicted")
def _predicted(db: Database) -> None:
    """Add how many ticks each caller was predicted to wait; NULL: nothing told, or from before."""
    _run(db, "ALTER TABLE queue_entries ADD COLUMN predicted INTEGER")


@MIGRATIONS(name="0020_room_changes")
def _room_changes(db: Database) -> None:
    """Add what happened in conferences: members that come, go, are muted, ask to speak."""
    _run(
        db,
        """CREATE TABLE room_changes (
            call INTEGER NOT NULL,
            change INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            conference TEXT NOT NULL,
            what TEXT NOT NULL,
            leg INTEGER NOT NULL,
            done_by INTEGER NOT NULL,
            host INTEGER NOT NULL,
            asked_by TEXT NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (call, change)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0021_quality")
def _quality(db: Database) -> None:
    """Add quality marks: all steps of reviews, whose numbers are never used again, and the present state."""
    _run(
        db,
        """CREATE TABLE quality_events (
            event INTEGER PRIMARY KEY AUTOINCREMENT,
            call INTEGER NOT NULL,
            at INTEGER NOT NULL,
            recording INTEGER NOT NULL,
            agent TEXT NOT NULL,
            step TEXT NOT NULL,
            by TEXT NOT NULL,
            card TEXT NOT NULL,
            score REAL NOT NULL,
            passed INTEGER NOT NULL,
            points TEXT NOT NULL,
            fatal TEXT NOT NULL,
            note TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX quality_events_recording ON quality_events (recording)",
        "CREATE INDEX quality_events_call ON quality_events (call)",
        """CREATE TABLE quality (
            call INTEGER NOT NULL,
            recording INTEGER NOT NULL,
            agent TEXT NOT NULL,
            state TEXT NOT NULL,
            score REAL NOT NULL,
            passed INTEGER NOT NULL,
            PRIMARY KEY (call, recording, agent)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX quality_recording ON quality (recording)",
        "CREATE INDEX quality_state ON quality (state, score)",
    )


@MIGRATIONS(name="0022_messages")
def _messages(db: Database) -> None:
    """Add messages and greetings in boxes; `at`, `heard`, `deleted`, `gone`, `due_at` are Unix milliseconds."""
    _run(
        db,
        """CREATE TABLE messages (
            message INTEGER PRIMARY KEY,
            box TEXT NOT NULL,
            call INTEGER NOT NULL,
            leg INTEGER NOT NULL,
            path TEXT NOT NULL,
            number TEXT NOT NULL,
            name TEXT NOT NULL,
            presentation INTEGER NOT NULL,
            why TEXT NOT NULL,
            greeting TEXT NOT NULL,
            passed INTEGER NOT NULL,
            at INTEGER NOT NULL,
            opened INTEGER NOT NULL,
            closed INTEGER,
            samples INTEGER,
            error TEXT,
            kept INTEGER,
            heard INTEGER,
            saved INTEGER NOT NULL DEFAULT 0,
            deleted INTEGER,
            deleted_by TEXT NOT NULL DEFAULT '',
            gone INTEGER,
            state TEXT NOT NULL DEFAULT '',
            owner TEXT NOT NULL DEFAULT '',
            due_at INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        "CREATE INDEX messages_in_boxes ON messages (deleted, box, message)",
        "CREATE INDEX messages_path ON messages (path)",
        "CREATE INDEX messages_files ON messages (message) WHERE gone IS NULL",
    )


@MIGRATIONS(name="0023_plan_switches")
def _plan_switches(db: Database) -> None:
    """Add the changes of time plans by hand, what did each, and those that hold."""
    _run(
        db,
        """CREATE TABLE plan_switches (
            change INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            plan TEXT NOT NULL,
            state TEXT NOT NULL,
            until INTEGER NOT NULL,
            extension TEXT NOT NULL,
            asked_by TEXT NOT NULL,
            switched INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX plan_switches_plan ON plan_switches (plan, change)",
        """CREATE TABLE plans_by_hand (
            plan TEXT PRIMARY KEY,
            state TEXT NOT NULL,
            until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0024_supervisor_acts")
def _supervisor_acts(db: Database) -> None:
    """Add what supervisors did in calls. Until now they only took part: those listened, or more."""
    _run(
        db,
        """CREATE TABLE supervisor_acts (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            done INTEGER NOT NULL,
            act TEXT NOT NULL,
            extension TEXT NOT NULL,
            agent TEXT NOT NULL,
            what TEXT NOT NULL,
            asked_by TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX supervisor_acts_call ON supervisor_acts (call)",
        "CREATE INDEX supervisor_acts_started_at ON supervisor_acts (started_at)",
        "INSERT INTO supervisor_acts (started_at, call, done, act, extension, agent, what, asked_by)"
        " SELECT c.started_at + (l.opened - c.opened) * 20, l.call, l.opened, 'listen', l.number, '', '', ''"
        " FROM legs l JOIN calls c ON c.call = l.call WHERE l.role = 'supervisor' ORDER BY l.call, l.opened",
    )


@MIGRATIONS(name="0025_duty_slots")
def _duty_slots(db: Database) -> None:
    """Add the slots of duty lists that were set while the box ran; one without numbers was removed."""
    _run(
        db,
        """CREATE TABLE duty_slots (
            duty TEXT NOT NULL,
            times TEXT NOT NULL,
            call TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            asked_by TEXT NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (duty, times)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0026_choices_by_time")
def _choices_by_time(db: Database) -> None:
    """Number choices by box time, which never goes back: without a sequence to write for each of them."""
    _run(
        db,
        """CREATE TABLE choices_by_time (
            number INTEGER PRIMARY KEY,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            made INTEGER NOT NULL,
            choice TEXT NOT NULL
        ) STRICT""",
        "INSERT INTO choices_by_time SELECT number, call, queue, made, choice FROM choices",
        "DROP TABLE choices",
        "ALTER TABLE choices_by_time RENAME TO choices",
        "CREATE INDEX choices_call ON choices (call)",
    )


@MIGRATIONS(name="0027_rtp")
def _rtp(db: Database) -> None:
    """Add the quality of a SIP leg's sound by its packets (`contract.rtp.Rtp`, JSON), known at its end."""
    _run(db, "ALTER TABLE legs ADD COLUMN rtp TEXT")


@MIGRATIONS(name="0028_keying")
def _keying(db: Database) -> None:
    """Add the calls in which agents are asked for a field, with the call that it is about."""
    _run(
        db,
        """CREATE TABLE keying (
            call INTEGER PRIMARY KEY,
            served INTEGER NOT NULL,
            field TEXT NOT NULL,
            agent TEXT NOT NULL,
            queue TEXT NOT NULL,
            caller TEXT NOT NULL,
            asked INTEGER NOT NULL
        ) STRICT""",
    )


@MIGRATIONS(name="0029_lines")
def _lines(db: Database) -> None:
    """Add the channels that a technician has blocked, and counters of spans by quarter hour (`began` Unix ms)."""
    _run(
        db,
        """CREATE TABLE blocked_channels (
            span INTEGER NOT NULL,
            timeslot INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            asked_by TEXT NOT NULL,
            PRIMARY KEY (span, timeslot)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE span_quarters (
            began INTEGER NOT NULL,
            span INTEGER NOT NULL,
            seconds INTEGER NOT NULL,
            counters TEXT NOT NULL,
            errored_s INTEGER NOT NULL,
            alarm_s INTEGER NOT NULL,
            far_alarm_s INTEGER NOT NULL,
            out_s INTEGER NOT NULL,
            PRIMARY KEY (began, span)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS(name="0030_callbacks")
def _callbacks(db: Database) -> None:
    """Add call-backs of queues, and the calls in which they were tried."""
    _run(
        db,
        """CREATE TABLE callbacks (
            callback INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            call INTEGER NOT NULL,
            queue TEXT NOT NULL,
            number TEXT NOT NULL,
            place INTEGER NOT NULL,
            entered INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            language TEXT NOT NULL,
            needs TEXT NOT NULL,
            asked INTEGER NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0,
            due INTEGER NOT NULL DEFAULT 0,
            result TEXT,
            why TEXT NOT NULL DEFAULT '',
            reached INTEGER NOT NULL DEFAULT 0,
            ended INTEGER,
            ended_at INTEGER
        ) STRICT""",
        "CREATE INDEX callbacks_call ON callbacks (call)",
        "CREATE INDEX callbacks_started_at ON callbacks (started_at)",
        "CREATE INDEX callbacks_waiting ON callbacks (callback) WHERE ended IS NULL",
        """CREATE TABLE callback_tries (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            callback INTEGER NOT NULL,
            call INTEGER NOT NULL,
            began INTEGER NOT NULL,
            why TEXT NOT NULL DEFAULT '',
            ended INTEGER
        ) STRICT""",
        "CREATE INDEX callback_tries_call ON callback_tries (call)",
        "CREATE INDEX callback_tries_callback ON callback_tries (callback)",
    )


def _run(db: Database, *statements: str) -> None:
    """Run statements inside the migration's transaction (`executescript` would end it)."""
    for statement in statements:
        db.execute(statement)
