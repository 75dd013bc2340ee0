# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal in the browser."""

from typing import Annotated

from msgspec import Meta

from appliance.config.base import Config, Port


class WebConfig(Config, frozen=True, kw_only=True):
    """The terminal in the browser: HTTPS with the certificate of [edge], and a login. Listens on loopback by default.

    Each session is a process of its own, of about 20 MB.
    """

    enabled: bool = False
    bind: str = "127.0.0.1"  # address of this machine; 0.0.0.0 for all
    port: Port = 8444
    sessions: Annotated[int, Meta(ge=1, le=100)] = 10  # at once
    sessions_each: Annotated[int, Meta(ge=1, le=100)] = 3  # of one user at once
    idle_min: Annotated[int, Meta(ge=1, le=1440)] = 30  # a session without a key pressed for so long is ended
