# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail server to which voice messages are handed over."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Port

Address = Annotated[str, Meta(pattern=r"^[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}$")]


class MailConfig(Config, frozen=True, kw_only=True):
    """A mail server that takes letters for others (RFC 6409). Without `server` no voice message is sent by mail."""

    server: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"  # none: for a server on this machine
    user: str = ""
    password_file: str = ""  # its first line is the password; relative to this file, readable for the box's user only
    sender: Annotated[str, Meta(pattern=r"^([^@\s<>,;]{1,64}@[^@\s<>,;]{1,190})?$")] = ""  # address of the box
    give_up_h: Annotated[float, Meta(gt=0, le=240)] = 48.0  # how long a letter is tried
