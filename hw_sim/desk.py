# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents at stations: they press the box's codes and wait for the words that confirm them.

Not modelled: an agent who thinks, mishears or presses the wrong key; keys of a desk phone beside its digits.
"""

from collections.abc import Mapping
from typing import Final

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


class DeskAgent:
    """An agent at a station.

    Each method makes a call of the station and returns its record: it has passed once the box has said the words that
    confirm the code, and has hung up. Raises SimError if the station has a call already.

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
        self._bank, self.station, self._number, self._pin, self._codes = bank, station, number, pin, codes

    def sign_in(self) -> CallRecord:
        """Sign in at the station."""
        pin = (f"hear agent-enter-pin 10; key {self._pin}#",) if self._pin else ()
        return self._press("sign_in", self._number, *pin, "hear agent-signed-in 20")

    def sign_out(self) -> CallRecord:
        """Sign out."""
        return self._press("sign_out", "", "hear agent-signed-out 10")

    def pause(self, key: str = "", lock: str = "") -> CallRecord:
        """Pause for the reason of a key, and choose a lock code, if one is given."""
        chosen = (f"hear agent-choose-lock 10; key {lock}#",) if lock else ()
        return self._press("pause", key, *chosen, "hear agent-paused 10")

    def resume(self, lock: str = "") -> CallRecord:
        """End the pause, or the wrap-up, with the lock code that was chosen."""
        given = (f"hear agent-enter-lock 10; key {lock}#",) if lock else ()
        return self._press("resume", "", *given, "hear agent-resumed 10")

    def code(self, key: str) -> CallRecord:
        """Set the wrap-up code of the last call."""
        return self._press("code", key, "hear agent-wrap-up-code 10")

    def _press(self, code: str, behind: str, *script: str) -> CallRecord:
        steps = "; ".join(("wait answer 5", *script, "wait remote 10"))
        before = len(self._bank.records)
        if self._bank.dial(self.station, self._codes[code] + behind, steps) is None:
            raise SimError(f"station {self.station} has a call", "wait until it is over")
        return self._bank.records[before]
