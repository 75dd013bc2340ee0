# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules for agents at desk phones."""

from typing import Annotated, Final

from msgspec import Meta

from appliance.config.base import Config, Seconds


class PauseReasonConfig(Config, frozen=True, kw_only=True):
    """A reason for a pause: the key behind the code, its name in the books, and the prompt that says it."""

    key: Annotated[str, Meta(pattern=r"^[0-9]$")]
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    prompt: str = ""  # empty: the key is said


class WrapUpCodeConfig(Config, frozen=True, kw_only=True):
    """A wrap-up code of a call: the key behind the phone code, its name in the books, and the prompt that says it."""

    key: Annotated[str, Meta(pattern=r"^[0-9]{1,4}$")]
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    prompt: str = ""  # empty: the key is said


REASONS: Final = (
    PauseReasonConfig(key="1", name="break", prompt="pause-break"),
    PauseReasonConfig(key="2", name="meal", prompt="pause-meal"),
    PauseReasonConfig(key="3", name="meeting", prompt="pause-meeting"),
    PauseReasonConfig(key="4", name="training", prompt="pause-training"),
    PauseReasonConfig(key="5", name="paperwork", prompt="pause-paperwork"),
)


class AgentsConfig(Config, frozen=True, kw_only=True):
    """Rules for all agents who sign in at desk phones. Their PINs are made by `mxbox agent pin`."""

    wrong_pins: Annotated[int, Meta(ge=1, le=100)] = 5  # in a row, of one agent; then no PIN is taken for `lock_s`
    wrong_pins_phone: Annotated[int, Meta(ge=1, le=1000)] = 10  # at one phone, of any agents, each within `lock_s` of
    # the one before; then none is taken there for `lock_s`
    pin_digits: Annotated[int, Meta(ge=4, le=16)] = 6  # an agent's own choice has at least so many
    lock_s: Seconds = 900.0
    pause_reasons: tuple[PauseReasonConfig, ...] = REASONS  # none: a pause needs no reason
    wrap_up_codes: tuple[WrapUpCodeConfig, ...] = ()  # what a call was about, keyed in after it
    wrap_up_more_s: Seconds = 60.0  # how long wrap-up goes on when the agent asks for more
    lock_pause: bool = False  # agents choose a lock code at each pause, and are asked for it when they resume
