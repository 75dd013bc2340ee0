# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans and conditions of routes: when and for which calls a route is taken."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import CallerPattern, Config, Name, Number, Pattern, PlanName


class CalendarConfig(Config, frozen=True, kw_only=True):
    """Public holidays, for plans with `public_holidays`.

    Without any here: those of `file`, or the box's own of `country`. The file has these keys too; days as
    in `[[plan]]`.
    """

    file: str = ""  # e.g. "holidays.toml"; a relative path is relative to the configuration file
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()  # days that are worked in place of a holiday
    announced: str = ""  # the last day for which they are announced, e.g. "2026-12-31"; shown to the technician

    @property
    def known(self) -> bool:
        """Whether it names any day."""
        return bool(self.holidays or self.workdays)


class PlanConfig(Config, frozen=True, kw_only=True):
    """A time plan: when it is open. Routes, queues, trunks, flows and extensions name it.

    For each day `exceptions` win, then `workdays`, `holidays`, and last the public ones.
    Days: "2026-10-01", "2026-10-01..2026-10-07", and of every year "12-25", "12-24..01-02".
    """

    name: Name
    hours: str = ""  # of the week, e.g. "mon-fri 08:30-12:00, mon-fri 13:30-18:00"; empty: all day, every day
    holidays: tuple[str, ...] = ()  # days on which it is closed
    workdays: tuple[str, ...] = ()  # days on which it is open as on `workdays_as`: worked in place of a holiday
    workdays_as: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    exceptions: tuple[str, ...] = ()  # days with times of their own, e.g. "2026-12-24 08:00-12:00, 13:00-15:00"
    public_holidays: bool = False  # true: closed on those of [calendar], open on the days worked in their place
    key: Annotated[str, Meta(pattern=r"^[0-9]{0,4}$")] = ""  # behind `codes.plan`: phones switch it by hand so
    phones: tuple[Number, ...] = ()  # extensions that may do so; empty: all
    by_hand: Literal["next", "ever"] = "next"  # how long that holds: until the plan itself changes, or until undone


class RuleConfig(Config, frozen=True, kw_only=True):
    """The calls that a route takes, besides the number: all conditions must fit. Without any it takes all calls."""

    callers: tuple[CallerPattern, ...] = ()  # numbers, beginnings and '*', "anonymous" (withheld), "vip" (lists.vip)
    lines: tuple[str, ...] = ()  # on which the call came: trunk groups by name, pri:<group>, trunk:<name>, a phone's
    plan: PlanName = ""  # only while this [[plan]] is open
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
