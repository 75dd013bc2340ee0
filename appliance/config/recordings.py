# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings: which calls are recorded where no rule fits, how long recordings are kept, and where."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from appliance.config.base import Config
from appliance.contract.records import Direction

OUT_DAYS_MIN: Final = 30
"""Recordings of calls to the outside are kept at least so long: notice of China's MIIT to call centres, 2020-06."""

Days = Annotated[int, Meta(ge=0)]


class KeepConfig(Config, frozen=True, kw_only=True):
    """How long recordings are kept by the direction of their call, and how much room they may take.

    A `[[recording_rule]]` may say otherwise for those that it began.
    """

    in_days: Days = 0  # 0: as `recording.keep_days`
    out_days: Days = 0  # at least 30, or for ever
    internal_days: Days = 0
    max_mb: Annotated[int, Meta(ge=0)] = 0
    # of all in paths.recordings; above it the oldest go, of calls to the outside none below 30 days; 0: no bound


class ArchiveConfig(Config, frozen=True, kw_only=True):
    """Another folder to which recordings are moved after some days. They are found and played as before."""

    folder: str = ""  # e.g. "/mnt/nas/recordings"; empty: they stay where they are
    after_days: Annotated[int, Meta(ge=1)] = 7
    mounted: bool = True  # it is on another file system: while that is not mounted, nothing is moved or deleted there


class RecordingConfig(Config, frozen=True, kw_only=True):
    """Which calls are recorded where no `[[recording_rule]]` fits, and how long recordings are kept."""

    rule: Literal["all", "none"] = "all"
    min_free_mb: Annotated[int, Meta(ge=0)] = 200  # below it no new recording begins, and a trouble is noted
    keep_days: Days = 0  # files older than that are deleted, those of archived calls too; 0: never
    pause_until: Literal["resumed", "transfer"] = "resumed"
    # a pause (`codes.record_pause`) ends when it is ended; transfer: also when the caller talks with another party
    keep: KeepConfig = KeepConfig()
    archive: ArchiveConfig = ArchiveConfig()

    def days(self, direction: Direction) -> int:
        """Return how long recordings of calls of a direction are kept; 0: for ever."""
        own = {"in": self.keep.in_days, "out": self.keep.out_days, "internal": self.keep.internal_days}
        return own[direction] or self.keep_days
