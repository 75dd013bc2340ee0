# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans and conditions of routes: when and for which calls a route is taken."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import CallerPattern, Config, Name, Number, Pattern


class PlanConfig(Config, frozen=True, kw_only=True):
    """A time plan: when it is open. Routes name it. For each day `exceptions` win, then `workdays`.

    Days: "2026-10-01", "2026-10-01..2026-10-07", and of every year "12-25", "12-24..01-02".
    """

    name: Name
    hours: str = ""  # of the week, e.g. "mon-fri 08:30-12:00, mon-fri 13:30-18:00"; empty: all day, every day
    holidays: tuple[str, ...] = ()  # days on which it is closed
    workdays: tuple[str, ...] = ()  # days on which it is open as on `workdays_as`: worked in place of a holiday
    workdays_as: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    exceptions: tuple[str, ...] = ()  # days with times of their own, e.g. "2026-12-24 08:00-12:00, 13:00-15:00"


class RuleConfig(Config, frozen=True, kw_only=True):
    """The calls that a route takes, besides the number: all conditions must fit. Without any it takes all calls."""

    callers: tuple[CallerPattern, ...] = ()  # numbers, beginnings and '*', "anonymous" (withheld), "vip" (lists.vip)
    lines: tuple[str, ...] = ()  # on which the call came: trunk groups by name, pri:<group>, trunk:<name>, a phone's
    plan: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")] = ""  # only while this [[plan]] is open
    closed: bool = False  # true: only while it is closed

    @property
    def conditional(self) -> bool:
        """Whether it takes some calls only."""
        return bool(self.callers or self.lines or self.plan)


class RecordingRuleConfig(Config, frozen=True, kw_only=True):
    """Calls that are recorded, or are not. The first rule whose conditions all fit decides, then `recording.rule`.

    A condition without entries fits every call. Rules are read when a call is answered, and anew when its parties
    change: a recording goes on, begins or ends. Queue and agent are known while the caller talks with the agent.
    """

    name: Name
    record: bool = True
    one_in: Annotated[int, Meta(ge=1, le=10_000)] = 1  # of the calls that fit; which ones, their numbers say
    announce: bool = False  # both parties are told before they talk
    keep_days: Annotated[int, Meta(ge=0)] = 0  # how long recordings that it begins are kept; 0: as [recording] says
    queues: tuple[Name, ...] = ()
    agents: tuple[Number, ...] = ()
    lines: tuple[str, ...] = ()  # of any party: trunk groups by name, pri:<group>, trunk:<name>
    numbers: tuple[Pattern, ...] = ()  # caller or called: numbers, beginnings and '*'
    direction: Literal["any", "in", "out", "internal"] = "any"

    @property
    def conditional(self) -> bool:
        """Whether it is for some calls only."""
        return bool(self.queues or self.agents or self.lines or self.numbers or self.direction != "any")
