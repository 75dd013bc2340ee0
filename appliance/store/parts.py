# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of recordings: which segment of the call is where in the file, who took part, and where silence was recorded.

They are read from segments and stays, so a transfer splits a recording between the agents, and nothing is kept twice.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from appliance.contract.rows import RecordingPart
from appliance.contract.ticks import TICKS_PER_S

_NOW: Final = "(SELECT last_tick FROM meta)"
_OVERLAP: Final = f"s.opened < coalesce(r.closed, {_NOW} + 1) AND coalesce(s.closed, {_NOW} + 1) > r.opened"
_PARTS: Final = f"""
SELECT r.recording, max(s.opened - r.opened, 0), min(coalesce(s.closed, {_NOW}), coalesce(r.closed, {_NOW})) - r.opened,
    s.kind, s.what, coalesce((SELECT group_concat(agent, ' ') FROM (
        SELECT DISTINCT l.agent FROM json_each(s.legs) j JOIN legs l ON l.call = s.call AND l.leg = j.value
        WHERE +l.agent <> '')), '') AS agents
FROM recordings r JOIN segments s ON s.call = r.call
WHERE r.recording IN ({{}}) AND {_OVERLAP}
UNION ALL
SELECT r.recording, p.paused - r.opened, coalesce(p.resumed, r.closed, {_NOW}) - r.opened, 'pause', p.paused_by, ''
FROM recordings r JOIN recording_pauses p ON p.call = r.call AND p.recording = r.recording
WHERE r.recording IN ({{}})
ORDER BY 1, 2, 3
"""  # noqa: S608 - no input in it

HEARD: Final = f"""
EXISTS (SELECT 1 FROM segments s JOIN json_each(s.legs) j JOIN legs l ON l.call = s.call AND l.leg = j.value
    WHERE s.call = r.call AND s.kind IN ('announce', 'talk', 'hold') AND +l.agent = ? AND {_OVERLAP})
"""  # noqa: S608 - no input in it
"""Condition for recordings `r` in which an agent takes part."""


def parts_of(books: sqlite3.Connection, recordings: Sequence[int]) -> dict[int, list[RecordingPart]]:
    """Return the parts of recordings, in the order of time; those that overlap are both there."""
    listed = ",".join(map(str, recordings))
    found: dict[int, list[RecordingPart]] = {recording: [] for recording in recordings}
    for recording, since, until, kind, what, agents in books.execute(_PARTS.format(listed, listed)):
        part = RecordingPart(
            from_s=since / TICKS_PER_S, to_s=until / TICKS_PER_S, kind=kind, what=what, agents=tuple(agents.split())
        )
        found[recording].append(part)
    return found
