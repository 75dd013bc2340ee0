# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts of supervisors in talks and queues of others."""

from typing import Final, Literal, get_args

Mode = Literal["listen", "whisper", "barge", "intercept"]
"""listen: hear both parties; whisper: the agent alone hears the supervisor; barge: both do; intercept: the agent
leaves, and the supervisor goes on with the other party."""
May = Literal["listen", "whisper", "barge", "intercept", "release", "transfer", "record", "queue"]
"""Acts that a role may allow: besides the modes, to end a talk, to send its party elsewhere, to record it or not, and
to arrange callers who wait."""
Act = Literal[
    "listen",
    "whisper",
    "barge",
    "intercept",
    "release",
    "transfer",
    "record",
    "record_stop",
    "take_out",
    "move",
    "priority",
    "cancel_callback",
]
"""Acts as the books name them."""
Priority = Literal["vip", "normal"]
"""Class of a caller who waits: VIPs go before all others."""
ALL_ACTS: Final[tuple[May, ...]] = get_args(May)
