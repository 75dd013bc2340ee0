# SPDX-License-Identifier: GPL-2.0-or-later
"""Troubles of processes that keep no books, edge and provisioning, sent to the call server."""

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from appliance.api.client import Client
from appliance.api.messages import NOTE_MAX, Done, Note
from appliance.contract.errors import ApiError

QUIET_S: Final = 3600.0
"""Pause between two troubles about the same thing."""
MAX_TROUBLES: Final = 20
"""Troubles within that time: the internet's attempts at an open port must not fill the books."""
TRIES, PAUSE_S = 10, 2.0
"""Tries to reach the call server, which may be starting again, and the pause between two."""

_log = logging.getLogger(__name__)


class Teller:
    """A sender of troubles, each once an hour, on a thread of its own: its caller never waits.

    Args:
        control: the box's control socket.
        kind: of the troubles.
        clock: seconds that never jump.
    """

    def __init__(self, control: Path, kind: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._control, self._kind, self._clock = control, kind, clock
        self._told: OrderedDict[str, float] = OrderedDict()
        self._waiting: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, about: str, text: str, values: Mapping[str, str] | None = None) -> bool:
        """Send a trouble unless one `about` the same was sent within the hour; return whether it will be sent.

        `text` is a msgid, to be filled in with `values`.
        """
        with self._lock:
            now = self._clock()
            while self._told and now - next(iter(self._told.values())) >= QUIET_S:
                self._told.popitem(last=False)
            if about in self._told or len(self._told) >= MAX_TROUBLES:
                return False
            self._told[about] = now
            self._waiting.put(Note(self._kind, text[:NOTE_MAX], dict(values or {})))
            if self._thread is None:
                self._thread = threading.Thread(target=self._send, daemon=True)
                self._thread.start()
        return True

    def _send(self) -> None:
        while True:
            note = self._waiting.get()
            for _try in range(TRIES):
                try:
                    with Client(self._control) as box:
                        box.ask(note, Done)
                    break
                except ApiError as error:
                    why = error.message
                    time.sleep(PAUSE_S)
            else:
                _log.warning("not written into the books: %s (%s)", note.text, why)
