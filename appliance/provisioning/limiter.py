# SPDX-License-Identifier: GPL-2.0-or-later
"""Sources that guess addresses are shut out for a while. Secrets are too long to be guessed: this bounds the load."""

from collections import OrderedDict
from typing import Final

FAILURES: Final = 20
WINDOW_S: Final = 60.0
MAX_SOURCES: Final = 4096


class Limiter:
    """Counts failures of each source. Time is passed in: seconds of a clock that does not jump.

    Args:
        failures: how many a window allows; from the next one on the source is shut out until the window ends.
        window_s: its length, from the first failure on.
    """

    def __init__(self, failures: int = FAILURES, window_s: float = WINDOW_S) -> None:
        self._failures, self._window_s = failures, window_s
        self._sources: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def shut_out(self, source: str, now: float) -> bool:
        """Return whether requests from there are refused now."""
        began, count = self._sources.get(source, (now, 0))
        return count > self._failures and now - began < self._window_s

    def failed(self, source: str, now: float) -> bool:
        """Count a failure; return whether this is the one that shuts the source out."""
        began, count = self._sources.pop(source, (now, 0))
        if now - began >= self._window_s:
            began, count = now, 0
        self._sources[source] = (began, count + 1)
        if len(self._sources) > MAX_SOURCES:
            self._sources.popitem(last=False)
        return count == self._failures
