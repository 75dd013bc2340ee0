# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents for phones about an extension: whether it is busy (RFC 4235), whether messages wait (RFC 3842)."""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from appliance.contract.edge import AnyEdgeCommand, Lamp, Presence

State = Literal["idle", "ringing", "busy"]
Event = Literal["dialog", "message-summary"]

CONTENT_TYPES: Final[Mapping[Event, str]] = {
    "dialog": "application/dialog-info+xml",
    "message-summary": "application/simple-message-summary",
}
_DIALOG_STATES: Final[Mapping[State, str]] = {"ringing": "early", "busy": "confirmed"}
"""RFC 4235 3.7.1. An idle extension has no dialog."""


def uri(extension: str, domain: str) -> str:
    """Return the address of record; `#` must be escaped (RFC 3261 25.1)."""
    return f"sip:{quote(extension, safe='*+')}@{domain}"


def event_of(command: AnyEdgeCommand) -> Event:
    """Return the event package that carries a command to phones."""
    return "dialog" if isinstance(command, Presence) else "message-summary"


def body(command: AnyEdgeCommand, domain: str) -> str:
    """Return the document of the state that `command` sets for its extension."""
    entity = uri(command.extension, domain)
    return message_summary(command, entity) if isinstance(command, Lamp) else dialog_info(command, entity)


def dialog_info(command: Presence, entity: str) -> str:
    """Return the full state of an extension as one dialog, or none. The edge fills in each watcher's own version."""
    dialog = ""
    if state := _DIALOG_STATES.get(command.state):
        direction = ' direction="recipient"' if command.state == "ringing" else ""
        dialog = f'<dialog id="{quote(command.extension, safe="")}"{direction}><state>{state}</state></dialog>\r\n'
    return (
        '<?xml version="1.0"?>\r\n'
        f'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" entity="{entity}">\r\n'
        f"{dialog}</dialog-info>\r\n"
    )


def message_summary(command: Lamp, entity: str) -> str:
    """Return the summary of an extension's voice messages, new and old (RFC 3842 5.2)."""
    waiting = "yes" if command.waiting else "no"
    return (
        f"Messages-Waiting: {waiting}\r\nMessage-Account: {entity}\r\n"
        f"Voice-Message: {command.waiting}/{command.old} (0/0)\r\n"
    )
