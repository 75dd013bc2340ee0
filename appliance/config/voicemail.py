# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes in which callers leave messages."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Digits, Name, Number, Seconds
from appliance.config.mail import Address

When = Literal["busy", "no_answer", "after_hours"]
"""Why a call to an extension comes to its box."""
Greeting = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/-]{0,63}$")]


class VoicemailConfig(Config, frozen=True, kw_only=True):
    """A box for messages: of an extension, whose unanswered calls come to it, of a queue, or with a number of its own.

    A flow may lead to any of them. Messages of a queue's box are tasks: agents of the queue take them and finish them.
    """

    name: Name
    number: Digits = ""  # dialled outside or inside, it leads here
    extension: Digits = ""  # whose calls come here, and whose lamp shows the messages
    takes: tuple[When, ...] = ("busy", "no_answer", "after_hours")  # which of its calls
    plan: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")] = ""
    # a [[plan]]: while it is closed the extension does not ring, its calls come here at once
    queue: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")] = ""
    lamps: tuple[Number, ...] = ()  # further extensions that may listen, and whose lamps show the messages
    greetings: dict[When, Greeting] = {}  # noqa: RUF012 - msgspec copies it; prompts, e.g. { busy = "ann-busy" }
    longest_s: Annotated[float, Meta(ge=1, le=1800)] = 180.0
    shortest_s: Seconds = 2.0  # shorter ones are not kept
    silence_s: Seconds = 8.0  # ends a message; 0: the hash key and the end of the call alone do
    messages: Annotated[int, Meta(ge=1, le=1000)] = 100  # at most; then callers hear that the box is full
    keep_days: Annotated[int, Meta(ge=0)] = 90  # older ones are deleted, unless they were marked to be kept; 0: never
    mail: tuple[Address, ...] = ()  # where each message is sent, too: [mail] names the server
    mail_as: Literal["wav", "mp3"] = "wav"
    mail_then: Literal["keep", "heard", "deleted"] = "keep"  # what the message is once it was sent
    due_s: Seconds = 3600.0  # of a queue's box: time until a message is to be finished
