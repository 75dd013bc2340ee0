# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents at desk phones: they press the box's codes and wait for the words that confirm them.

Not modelled: an agent who thinks, mishears or presses the wrong key; keys of a desk phone beside its digits.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from hw_sim.calls import CallRecord
from hw_sim.errors import SimError
from hw_sim.station import StationBank

CODES: Final[Mapping[str, str]] = {"sign_in": "*60", "sign_out": "*61", "pause": "*62", "resume": "*63", "code": "*65"}
"""The codes of a new box."""
PROMPTS: Final = (
    *("agent-enter-pin", "agent-enter-lock", "agent-signed-in", "agent-signed-out"),
    *("agent-choose-lock", "agent-paused", "agent-resumed", "agent-wrap-up-code"),
)
"""Prompts that agents wait for: the bank's library needs them as references."""
ENDS_S: Final = 15.0
SAID_BACK_S: Final = 40.0
"""Longest time for a value that was keyed in to be said back."""


class Coded(NamedTuple):
    """A code that is dialled, and the script of the call that it makes."""

    called: str
    script: str


class Desk(Protocol):
    """A phone at which codes are pressed."""

    def press(self, coded: Coded) -> CallRecord | None:
        """Begin the call of a code; return its record, which is complete when the call has ended; None: it has one."""
        ...


class Person(NamedTuple):
    """An agent, by number and PIN ('': none, so the phone is the agent's own), and the codes of the box.

    Each method returns a code: its call has passed once the box has said the words that confirm it, and has hung up.
    """

    number: str
    pin: str = ""
    codes: Mapping[str, str] = CODES

    def sign_in(self) -> Coded:
        """Sign in at the phone."""
        pin = (f"hear agent-enter-pin 10; key {self.pin}#",) if self.pin else ()
        return self._coded("sign_in", self.number, *pin, "hear agent-signed-in 20")

    def sign_out(self) -> Coded:
        """Sign out."""
        return self._coded("sign_out", "", "hear agent-signed-out 10")

    def pause(self, key: str = "", lock: str = "") -> Coded:
        """Pause for the reason of a key, and choose a lock code, if one is given."""
        chosen = (f"hear agent-choose-lock 10; key {lock}#",) if lock else ()
        return self._coded("pause", key, *chosen, "hear agent-paused 10")

    def resume(self, lock: str = "") -> Coded:
        """End the pause, or the wrap-up, with the lock code that was chosen."""
        given = (f"hear agent-enter-lock 10; key {lock}#",) if lock else ()
        return self._coded("resume", "", *given, "hear agent-resumed 10")

    def code(self, key: str) -> Coded:
        """Set the wrap-up code of the last call."""
        return self._coded("code", key, "hear agent-wrap-up-code 10")

    def _coded(self, code: str, behind: str, *script: str) -> Coded:
        return Coded(self.codes[code] + behind, confirmed(*script))


def keyed(code: str, value: str, prompt: str) -> Coded:
    """Key in a value for the last caller, by the code of its field; `prompt` asks for it. The box says it back."""
    return Coded(code, confirmed(f"hear {prompt} 10; key {value}#", ends_s=SAID_BACK_S))


def dial(number: str, seconds: float) -> Coded:
    """Call a number, and talk so long after the answer."""
    return Coded(number, f"wait answer 60; wait {seconds:g}; hangup")


def confirmed(*script: str, ends_s: float = ENDS_S) -> str:
    """Return the script of a call that the box answers and ends."""
    return "; ".join(("wait answer 5", *script, f"wait remote {ends_s:g}"))


class StationDesk:
    """A station of a bank as a desk phone."""

    def __init__(self, bank: StationBank, station: str) -> None:
        self._bank, self.station = bank, station

    def press(self, coded: Coded) -> CallRecord | None:
        """Begin the call of a code; None: the station has a call."""
        before = len(self._bank.records)
        if self._bank.dial(self.station, coded.called, coded.script) is None:
            return None
        return self._bank.records[before]


class DeskAgent:
    """An agent at a station. Each method makes a call of the station and returns its record.

    Raises SimError if the station has a call already.

    Args:
        bank: of the station.
        station: its number.
        number: the agent's.
        pin: the agent's PIN; '': none, so the station is the agent's own.
        codes: of the box.
    """

    def __init__(
        self, bank: StationBank, station: str, number: str, pin: str = "", codes: Mapping[str, str] = CODES
    ) -> None:
        self._desk, self._person = StationDesk(bank, station), Person(number, pin, codes)

    def sign_in(self) -> CallRecord:
        """Sign in at the station."""
        return self._press(self._person.sign_in())

    def sign_out(self) -> CallRecord:
        """Sign out."""
        return self._press(self._person.sign_out())

    def pause(self, key: str = "", lock: str = "") -> CallRecord:
        """Pause for the reason of a key, and choose a lock code, if one is given."""
        return self._press(self._person.pause(key, lock))

    def resume(self, lock: str = "") -> CallRecord:
        """End the pause, or the wrap-up, with the lock code that was chosen."""
        return self._press(self._person.resume(lock))

    def code(self, key: str) -> CallRecord:
        """Set the wrap-up code of the last call."""
        return self._press(self._person.code(key))

    def _press(self, coded: Coded) -> CallRecord:
        record = self._desk.press(coded)
        if record is None:
            raise SimError(f"station {self._desk.station} has a call", "wait until it is over")
        return record
