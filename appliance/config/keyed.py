# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields that agents key in at their phones after a talk: pick-up codes, order numbers, result codes."""

from typing import Annotated

from msgspec import Meta

from appliance.config.base import Config, Digits, Name


class KeyedConfig(Config, frozen=True, kw_only=True):
    """A field that an agent keys in after a talk with a caller of a queue; `#` ends it.

    Pressed during the talk, `code` drops the caller and asks for the field; dialled later, it asks for the field of the
    last caller. Fields with the same code are asked for one after the other.
    """

    name: Name  # in the books
    code: Digits = ""
    after_hang_up: bool = True  # asked for when the caller hangs up first
    queues: tuple[Name, ...] = ()  # only for callers of these; none: of any queue
    least: Annotated[int, Meta(ge=1, le=32)] = 1  # keys
    most: Annotated[int, Meta(ge=1, le=32)] = 16
    prompt: str = "enter-number"  # the sound that asks for it
    wait_s: Annotated[float, Meta(gt=0, le=600)] = 20.0  # for each key; then what was keyed is kept as incomplete
