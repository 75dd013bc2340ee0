# SPDX-License-Identifier: GPL-2.0-or-later
"""A conference: its members, who may speak, and what each hears.

The activity `room` moves it on; the switch adds up its loudest voices (`contract.switch.Gain`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from appliance.config.conferences import ConferenceConfig, ConferenceKeysConfig
from appliance.contract.records import RoomChange
from appliance.contract.switch import Presentation
from appliance.engine.parts.call import Leg, Mixed
from appliance.ivr import say

UNNAMED: Final = ConferenceConfig(number="", tones=False, announce=False)
"""A conference that began in a talk."""
NUMBERED: Final = frozenset({"mute_member", "remove", "grant", "revoke", "call_in", "end"})
"""Keys behind which a number, ended by '#', may be pressed."""
FOR_ALL: Final = frozenset({"ask", "mute", "who"})
"""Keys that are not for hosts alone."""
_MAX_KEYS: Final = 34


class Member:
    """A party of a conference.

    Attributes:
        place: number in the conference, in the order in which the members came.
        floor: may speak; a guest without it can ask.
        asks: the guest has asked to speak: the order among those who did; 0: has not.
        pressed: keys of a command that is not complete.
    """

    __slots__ = ("asks", "floor", "host", "leg", "muted", "place", "pressed")

    def __init__(self, leg: Leg, place: int, *, host: bool, floor: bool) -> None:
        self.leg, self.place, self.host, self.floor = leg, place, host, floor
        self.muted = False
        self.asks = 0
        self.pressed = ""

    @property
    def speaks(self) -> bool:
        """Whether the others can hear it."""
        return self.floor and not self.muted and not self.leg.held

    def press(self, key: str, codes: ConferenceKeysConfig) -> tuple[str, str] | None:
        """Take a key; return the command that it completes, by its key in the configuration, and the number."""
        self.pressed = "*" if key == "*" else (self.pressed + key)[:_MAX_KEYS] if self.pressed else ""
        code, number = self.pressed[:2], self.pressed[2:]
        if len(code) < 2:
            return None
        name = next((name for name in codes.__struct_fields__ if getattr(codes, name) == code), "")
        if name in NUMBERED and not number.endswith("#"):
            return None
        self.pressed = ""
        return (name, number.rstrip("#")) if name else None


class Order(NamedTuple):
    """An order of a host or a program. `place` 0: of all guests, or the one who asked first. `by`: the host's leg."""

    do: RoomChange
    place: int = 0
    by: int = 0


class Conference:
    """Members of a conference by leg, the first one first.

    Attributes:
        number: of its call; its sum has the negative of it in the switch.
        locked: no guest comes in any more.
        since: tick at which it began.
    """

    __slots__ = ("_asked", "_places", "locked", "members", "number", "plan", "since")

    def __init__(self, number: int, plan: ConferenceConfig, since: int) -> None:
        self.number, self.plan, self.since = number, plan, since
        self.members: dict[int, Member] = {}
        self.locked = False
        self._places = self._asked = 0

    # --- members

    def add(self, leg: Leg, *, host: bool) -> Member:
        """Add a leg; a guest may speak at once if the plan says so and there is room among the speakers."""
        self._places += 1
        host = host or (self._needs_host and leg.phone is not None)
        floor = host or (self.plan.guests_speak and self.has_room_to_speak)
        member = self.members[leg.number] = Member(leg, self._places, host=host, floor=floor)
        return member

    def __iter__(self) -> Iterator[Member]:
        """Iterate over the members, the first one first."""
        return iter(self.members.values())

    @property
    def _needs_host(self) -> bool:
        """Whether the next phone of the house is the host: nothing says who is, and none is there."""
        named = bool(self.plan.host_pin or self.plan.hosts) or not self.plan.number
        return not named and not any(each.host for each in self)

    @property
    def has_room_to_speak(self) -> bool:
        """Whether one more guest may speak."""
        return not self.plan.speakers or sum(each.floor and not each.host for each in self) < self.plan.speakers

    def at(self, place: int) -> Member | None:
        """Return the member at a place."""
        return next((each for each in self if each.place == place), None)

    def guests(self) -> list[Member]:
        """Return the members who are no hosts."""
        return [each for each in self if not each.host]

    def asking(self) -> list[Member]:
        """Return the guests who ask to speak, the first one first."""
        return sorted((each for each in self if each.asks), key=lambda each: each.asks)

    def ask(self, member: Member) -> None:
        """Note that a guest asks to speak, after those who do already."""
        self._asked += 1
        member.asks = self._asked

    def admits(self, *, host: bool) -> str:
        """Return '' if another member may come in, else the prompt that says why not."""
        if len(self.members) >= self.plan.members:
            return "room-full"
        return "room-locked" if self.locked and not host else ""

    # --- orders

    def chosen(self, order: Order) -> list[Member]:
        """Return the members that an order is about; none: it cannot be carried out."""
        if order.do in ("locked", "unlocked", "ended"):
            return []
        if order.place:
            member = self.at(order.place)
            return [member] if member is not None and _fits(order.do, member) else []
        if order.do == "granted":
            return self.asking()[:1]
        if order.do == "removed":
            return []
        return [each for each in self.guests() if _fits(order.do, each)]

    def refuses(self, order: Order) -> bool:
        """Return whether an order cannot be carried out now."""
        if order.do in ("locked", "unlocked"):
            return self.locked == (order.do == "locked")
        if order.do == "granted" and not self.has_room_to_speak:
            return True
        return order.do != "ended" and not self.chosen(order)

    # --- sound

    def mix(self, announcer: Leg | None) -> Mixed:
        """Return the gains: all hear the conference, and it hears those who speak, and what `announcer` is played."""
        room = -self.number
        mixed: Mixed = {(leg, room, False): 1.0 for leg in self.members}
        mixed |= {(room, each.leg.number, False): 1.0 for each in self if each.speaks}
        if announcer is not None:
            mixed[room, announcer.number, True] = 1.0
        return mixed


def _fits(do: RoomChange, member: Member) -> bool:
    """Return whether an order would change something about a member."""
    match do:
        case "muted":
            return not member.muted
        case "unmuted":
            return member.muted
        case "granted":
            return not member.floor
        case "revoked":
            return member.floor and not member.host
        case _:
            return True


def spoken(leg: Leg, language: str) -> tuple[str, ...]:
    """Return the sounds that say who a member is: the recorded name, or the number unless it is withheld."""
    if leg.phone is not None and leg.phone.spoken_name:
        return say.prompts(language, (leg.phone.spoken_name,))
    return () if leg.presentation is not Presentation.ALLOWED else say.digits(leg.who, language)
