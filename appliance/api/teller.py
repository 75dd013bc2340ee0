# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries for the technician from processes that keep no books: the edge and provisioning tell the call server."""

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
"""Between two entries about the same thing."""
MOST: Final = 20
"""Entries within that time: what the whole internet tries at an open port is not worth a book."""
TRIES, PAUSE_S = 10, 2.0
"""The call server may just be started again."""

_log = logging.getLogger(__name__)


class Teller:
    """Tells each thing once an hour, on a thread of its own: its caller never waits.

    Args:
        control: the box's control socket.
        kind: of the entries.
        clock: seconds that never jump.
    """

    def __init__(self, control: Path, kind: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._control, self._kind, self._clock = control, kind, clock
        self._told: OrderedDict[str, float] = OrderedDict()
        self._waiting: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, about: str, text: str, values: Mapping[str, str] | None = None) -> bool:
        """Tell `text` unless something was told `about` the same within the hour; give whether it will be.

        `text` is a msgid, to be filled in with `values`.
        """
        with self._lock:
            now = self._clock()
            while self._told and now - next(iter(self._told.values())) >= QUIET_S:
                self._told.popitem(last=False)
            if about in self._told or len(self._told) >= MOST:
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
