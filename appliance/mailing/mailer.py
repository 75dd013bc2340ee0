# SPDX-License-Identifier: GPL-2.0-or-later
"""A turn of the process: new messages are found, and the letters that are due are sent."""

import logging
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from appliance.api.client import Client
from appliance.api.messages import ChangeMessage, Done, Messages, MessagesReply
from appliance.config.model import BoxConfig
from appliance.contract.errors import ApiError
from appliance.contract.message_row import MessageRow
from appliance.i18n import N_
from appliance.mailing import letter
from appliance.mailing.errors import PostError
from appliance.mailing.spool import Seen, Spool, Waiting

AT_ONCE: Final = 200
HOUR_MS: Final = 3_600_000

_log = logging.getLogger(__name__)

Tell = Callable[[str, str, dict[str, str]], object]
"""Sender of a trouble: what it is about, a msgid, its values."""


class Mailer:
    """Letters of voice messages.

    Args:
        config: the box's.
        control: its control socket.
        spool: letters that wait.
        post: hands a letter over; raises PostError.
        tell: sends troubles.
    """

    def __init__(
        self, config: BoxConfig, control: Path, spool: Spool, post: Callable[[EmailMessage], None], tell: Tell
    ) -> None:
        self._config, self._control, self._spool, self._post, self._tell = config, control, spool, post, tell
        self._boxes = {each.name: each for each in config.voicemail if each.mail}

    def turn(self, now: int) -> None:
        """Find new messages and send what is due at `now` (Unix milliseconds). Raises ApiError, OSError."""
        with Client(self._control) as box:
            self._look(box, now)
            for waiting in self._spool.due(now):
                self._try(box, waiting, now)

    def _look(self, box: Client, now: int) -> None:
        """Add a letter for each message that is new here; of a first start none: old messages are not sent."""
        seen = self._spool.seen()
        rows = self._newer(box, seen)
        spoken = tuple(row.message for row in rows if row.running)
        newest = max([row.message for row in rows], default=seen.newest if seen else 0)
        if seen is not None:
            for row in rows:
                if not row.running and row.box in self._boxes:
                    self._spool.put(row.message, now)
        now_seen = Seen(max(newest, seen.newest if seen else 0), spoken)
        if now_seen != seen:
            self._spool.keep_seen(now_seen)

    @staticmethod
    def _newer(box: Client, seen: Seen | None) -> list[MessageRow]:
        """Return the messages after the newest one that is known, and those that were being spoken."""
        found: list[MessageRow] = []
        before = 0
        oldest = 0 if seen is None else min([seen.newest + 1, *seen.spoken])
        while True:
            rows = box.ask(Messages(before=before, limit=AT_ONCE), MessagesReply).messages
            found += [row for row in rows if seen is None or row.message > seen.newest or row.message in seen.spoken]
            if seen is None or len(rows) < AT_ONCE or rows[-1].message <= oldest:
                return found
            before = rows[-1].message

    def _try(self, box: Client, waiting: Waiting, now: int) -> None:
        reply = box.ask(Messages(before=waiting.message + 1, limit=1), MessagesReply)
        row = next((row for row in reply.messages if row.message == waiting.message), None)
        to = self._boxes.get(row.box) if row is not None else None
        if row is None or to is None:  # deleted at a phone meanwhile
            self._spool.remove([waiting.message])
            return
        try:
            sender, language = self._config.mail.sender, self._config.language
            self._post(letter.write(row, Path(reply.folder) / row.path, sender, to.mail, to.mail_as, language))
        except PostError as error:
            self._failed(waiting, row.box, error, now)
            return
        self._spool.remove([waiting.message])
        if to.mail_then != "keep":
            self._mark(box, row.message, "heard" if to.mail_then == "heard" else "deleted")

    @staticmethod
    def _mark(box: Client, message: int, change: str) -> None:
        try:
            box.ask(ChangeMessage(message, "heard" if change == "heard" else "deleted"), Done)
        except ApiError as error:  # deleted at a phone meanwhile
            _log.info("message %d: %s", message, error.message)

    def _failed(self, waiting: Waiting, box: str, error: PostError, now: int) -> None:
        values = {"message": str(waiting.message), "box": box, "why": error.message}
        late = now - waiting.since >= self._config.mail.give_up_h * HOUR_MS
        if error.final or late:
            self._spool.remove([waiting.message])
            text = N_("message {message} of box {box} was not sent by mail and is not tried again: {why}")
            self._tell(f"given up {waiting.message}", text, values)
            return
        self._spool.postpone(waiting, now)
        text = N_("message {message} of box {box} could not be sent by mail yet: {why}")
        self._tell(f"mail {error.message}", text, values)
