# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions: what can be done with the chosen rows. None is done by one key: `x`, a letter, a sentence, y."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.screen import ModalScreen

from appliance.api.messages import AnyRequest
from appliance.contract.rights import Right
from tui.link import Asks

Values = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """A value that an action asks for. `label` is in the reader's language, `value` stands in it at first.

    `kept`: the value that was given last stands in it the next time, such as the reader's own phone.
    """

    name: str
    label: str
    value: str = ""
    needed: bool = True
    secret: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Action:
    """An action. Texts are in the reader's language.

    Attributes:
        key: its letter in the menu.
        name: in the menu.
        requests: makes the requests of the values of its fields; all are sent, in order.
        sentence: what will happen, with {placeholders} for the fields; '': it is done at once, being harmless.
        fields: values that it asks for first.
        right: the right that it takes.
        do: in place of requests, for what takes more than requests.
    """

    key: str
    name: str
    requests: Callable[[Values], Sequence[AnyRequest]] = field(default=lambda _values: ())
    sentence: str = ""
    fields: tuple[Field, ...] = ()
    right: Right = "control"
    do: Callable[[Asks, Values], Awaitable[str]] | None = None
    """Carries it out; returns what to tell the reader, '' for `done`. Raises ApiError."""
    form: Callable[[], ModalScreen[object]] | None = None
    """The dialog that asks for the values, in place of one with `fields`."""


def one(request: AnyRequest) -> Callable[[Values], Sequence[AnyRequest]]:
    """Return `requests` of an action that sends one request without fields."""
    return lambda _values: (request,)


def each(requests: Sequence[AnyRequest]) -> Callable[[Values], Sequence[AnyRequest]]:
    """Return `requests` of an action that sends these."""
    return lambda _values: requests
