# SPDX-License-Identifier: GPL-2.0-or-later
"""What a busy box has kept: recordings with parts and reviews, voice messages and tasks, conferences."""

from typing import Any

from appliance.api import messages as api
from appliance.contract.access import ROLES as BUILT_IN
from appliance.contract.access import OperationRow, UserRow
from appliance.contract.message_row import MessageRow
from appliance.contract.prompt_rows import PromptChange, PromptRow
from appliance.contract.quality import QualityEvent, QualityMark, Sampled, SampledAgent, ScoreCard, ScoreItem
from appliance.contract.rows import RecordingPart, RecordingRow

AT = 1_795_000_000_000
PARTS = (
    RecordingPart(from_s=0.0, to_s=12.0, kind="queue", what="sales"),
    RecordingPart(from_s=12.0, to_s=60.0, kind="talk", what="1001", agents=("8001",)),
    RecordingPart(from_s=31.0, to_s=38.0, kind="pause", what="1001"),
    RecordingPart(from_s=60.0, to_s=75.0, kind="hold", what="8001", agents=("8001",)),
)
MARK = QualityMark("8001", "reviewed", 92.5, passed=True)


def _recording(number: int, after_s: float, **facts: Any) -> RecordingRow:
    row: dict[str, Any] = {
        "call": number + 1000, "leg": number, "path": f"000001/{number:09d}.wav", "length_s": 75.0, "agent": "8001",
        "caller": "13800138000", "called": "12345", "queue": "sales", "running": False, "error": "", "rule": "sales-in",
        **facts,
    }  # fmt: skip
    return RecordingRow(recording=number, started_at=AT - round(after_s * 1000), **row)


RECORDINGS = (
    _recording(42, 300, running=True, caller="13911112222", length_s=31.0, queue="service", agent="8004"),
    _recording(41, 4000, parts=PARTS, quality=(MARK,), call=1042),
    _recording(40, 86_400, caller="", called="010123456", queue="", agent="", rule="", length_s=612.0),
    _recording(39, 90_000, deleted_at=AT - 3_600_000, deleted_by="lina", deleted_why="asked for by the caller"),
    _recording(38, 170_000, error="no space left on device", length_s=3.2),
)
LEVELS = api.RecordingLevelsReply(
    41,
    75.0,
    (
        tuple(-90 if n < 64 or n % 40 > 22 else -30 + 18 * (n % 7) // 6 for n in range(400)),
        tuple(-90 if n < 64 or 165 <= n < 203 or n % 40 <= 22 else -24 + 12 * (n % 5) // 4 for n in range(400)),
    ),
)
CARDS = (
    ScoreCard(
        "service", 70,
        (
            ScoreItem("greeting", "says the company's name", 5),
            ScoreItem("solution", "", 5),
            ScoreItem("law", "tells of the recording", 1, fatal=True),
        ),
    ),
    ScoreCard("short", 60, (ScoreItem("kind", "", 5),)),
)  # fmt: skip
REVIEW = QualityEvent(
    event=1, at=AT - 60_000, recording=41, agent="8001", step="review", by="anna", card="service", score=92.5,
    passed=True, points={"greeting": 5.0, "solution": 4.5, "law": None}, note="asks back, and sums up at the end",
)  # fmt: skip


def quality(request: api.QualityOf) -> api.QualityReply:
    """Return the reviews of recording 41, none of another."""
    events = (REVIEW,) if request.recording == 41 else ()
    return api.QualityReply(events, request.recording, ("8001",), CARDS)


def levels(request: api.RecordingLevels) -> api.RecordingLevelsReply:
    """Return the same levels for each recording."""
    return api.RecordingLevelsReply(request.recording, LEVELS.length_s, LEVELS.tracks)


def _message(number: int, box: str, after_s: float, **facts: Any) -> MessageRow:
    row: dict[str, Any] = {
        "call": 900 + number, "path": f"messages/{number:09d}.wav", "caller": "13800138000", "name": "",
        "withheld": False, "why": "busy", "length_s": 17.0, "running": False, "error": "", "heard_at": 0,
        "saved": False, "deleted_at": 0, "deleted_by": "", "passed": 0, "state": "", "owner": "", "due_at": 0, **facts,
    }  # fmt: skip
    return MessageRow(message=number, box=box, at=AT - round(after_s * 1000), **row)


MESSAGES = (
    _message(17, "ann", 600, name="李雷", caller="13911112222"),
    _message(16, "sales", 7200, why="after_hours", state="open", due_at=AT - 600_000),
    _message(15, "sales", 9000, why="no_answer", state="taken", owner="8001", due_at=AT + 3_600_000, withheld=True),
    _message(14, "ann", 90_000, heard_at=AT - 80_000_000, saved=True, why="dialled", length_s=95.0),
    _message(13, "sales", 100_000, state="done", owner="8002", heard_at=AT - 90_000_000),
)

USERS = (
    UserRow(user="anna", role="technician", name="Anna Berg", second_factor=True, signed_in_at=AT - 600_000, tickets=2),
    UserRow(user="lina", role="supervisor", name="李娜", agent="8001", locked_until=AT + 600_000),
    UserRow(user="old", role="agent", agent="8009", locked=True, signed_in_at=AT - 90_000_000),
)
ROLES = tuple(api.RoleRow(name, dict(role.rights), own=role.own) for name, role in BUILT_IN.items())
OPERATIONS = (
    OperationRow(operation=18, at=AT - 60_000, user="anna", door="192.0.2.7", what="set_phone", on="1001",
                 why="asked for by phone", before='{"forward_busy":""}', after='{"forward_busy":"1002"}'),
    OperationRow(operation=17, at=AT - 900_000, user="root", door="root@machine", what="change_user", on="old"),
)  # fmt: skip


PROMPTS = (
    PromptRow(number=1, prompt="en/welcome", text="Welcome!", source="recorded", length_s=0.8),
    PromptRow(
        number=212, prompt="zh/welcome", text="您好，欢迎致电北京站。", source="own", length_s=3.4,
        version="5f1c2a90b7d3e846", at=AT - 3_600_000, user="anna",
    ),
    PromptRow(number=213, prompt="zh/goodbye", text="感谢您的来电，再见。", source="made", length_s=2.6),
    PromptRow(number=420, prompt="zh/holiday/spring-festival", text="", source="own", length_s=12.0, version="a" * 16),
)  # fmt: skip
CHANGES = (
    PromptChange(
        at=AT - 3_600_000, user="anna", door="machine", step="record", why="new opening hours", text="1001",
        version="5f1c2a90b7d3e846", before="0c7d3e8465f1c2a9", length_s=3.4,
    ),
    PromptChange(
        at=AT - 90_000_000, user="lina", door="192.0.2.7", step="replace", text="welcome.wav",
        version="0c7d3e8465f1c2a9", length_s=4.0,
    ),
)  # fmt: skip


def prompt(request: api.Prompt) -> api.PromptReply:
    """Return the prompt that is asked for, with speech in two parts."""
    row = next(row for row in PROMPTS if row.prompt == request.prompt)
    levels = tuple(-70 if 180 <= n < 220 or n > 390 else -22 + 9 * (n % 11) // 10 for n in range(400))
    return api.PromptReply(row, levels, CHANGES if row.at else ())


SAMPLE = api.QualitySampleReply(
    drawn=(
        Sampled(41, "8001", 48.0, "reviewed", 92.5),
        Sampled(40, "8001", 600.0),
        Sampled(38, "8004", 31.0),
    ),
    agents=(SampledAgent("8001", 17, 2, 1, 92.5), SampledAgent("8004", 4, 1, 0)),
    plan="weekly",
    known=("weekly", "beginners"),
)
