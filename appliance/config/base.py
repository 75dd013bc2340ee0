# SPDX-License-Identifier: GPL-2.0-or-later
"""Base and value types of the configuration's tables."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0)]
Number = Annotated[str, Meta(pattern=r"^[0-9*#+]{1,32}$")]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
PlanName = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]  # of a [[plan]], or none
Port = Annotated[int, Meta(ge=1, le=65535)]
UserName = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")]
Codec = Literal["alaw", "ulaw", "g722", "opus"]
Digits = Annotated[str, Meta(pattern=r"^[0-9*#+]{0,32}$")]  # a number, or none
Onward = Annotated[str, Meta(pattern=r"^([0-9*#+]{1,32}|duty:[a-z0-9][a-z0-9_-]{0,31})$")]  # a number, or duty:NAME
MayOnward = Annotated[str, Meta(pattern=r"^([0-9*#+]{0,32}|duty:[a-z0-9][a-z0-9_-]{0,31})$")]  # likewise, or none
FlowOrDuty = Annotated[str, Meta(pattern=r"^(duty:)?[a-z0-9][a-z0-9_-]{0,31}$")]
DUTY: Final = "duty:"
"""Beginning of a target that is a duty list; its name follows."""
Pattern = Annotated[str, Meta(pattern=r"^[0-9#+]*\*?$")]  # a number, or its beginning and '*'
CallerPattern = Annotated[str, Meta(pattern=r"^([0-9#+]*\*?|anonymous|vip)$")]
Prefix = Annotated[str, Meta(pattern=r"^[0-9]{0,5}$")]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the configuration's tables: unknown keys are mistakes."""
