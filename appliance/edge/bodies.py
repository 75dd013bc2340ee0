# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents for phones about an extension: whether it is busy (RFC 4235), whether messages wait (RFC 3842).

The lamp of a code is shown as a dialog as well, of the code: it is lit by one that is confirmed.
"""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from appliance.contract.edge import AnyEdgeCommand, CodeLamp, Lamp, Presence

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
    return "message-summary" if isinstance(command, Lamp) else "dialog"


def presentity(command: AnyEdgeCommand) -> str:
    """Return the user part under which the edge keeps a state; routing.cfg finds a code's by the phone that watches."""
    return f"{command.code}-{command.extension}" if isinstance(command, CodeLamp) else command.extension


def body(command: AnyEdgeCommand, domain: str) -> str:
    """Return the document of the state that `command` sets for its extension."""
    match command:
        case Lamp():
            return message_summary(command, uri(command.extension, domain))
        case CodeLamp():
            return dialog_info(command.code, "busy" if command.lit else "idle", domain)
        case Presence():
            return dialog_info(command.extension, command.state, domain)


def dialog_info(user: str, shown: State, domain: str) -> str:
    """Return the full state of a user as one dialog, or none. The edge fills in each watcher's own version."""
    dialog, entity = "", uri(user, domain)
    if state := _DIALOG_STATES.get(shown):
        direction = ' direction="recipient"' if shown == "ringing" else ""
        dialog = f'<dialog id="{quote(user, safe="")}"{direction}><state>{state}</state></dialog>\r\n'
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
