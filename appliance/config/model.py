# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's configuration: one TOML document, these types. `appliance.config.load` reads and checks it.

Seconds are floats, numbers of lines and extensions are strings of digits. Every default is one that works.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0)]
Number = Annotated[str, Meta(pattern=r"^[0-9*#+]{1,32}$")]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: unknown keys are mistakes."""


class Paths(Config, frozen=True, kw_only=True):
    """Where things lie. Relative paths are relative to the configuration file."""

    state: str = "state"  # store.db, the switch's journal
    recordings: str = "recordings"
    sounds: str = ""  # extra prompts of the owner: <sounds>/<language>/<name>.wav wins over the built-in one
    run: str = "run"  # sockets: switch.sock, control.sock
    flows: str = "flows"  # <flow>.toml


class SpanConfig(Config, frozen=True, kw_only=True):
    """One E1 port."""

    address: str
    signalling: Literal["pri"] = "pri"
    side: Literal["user", "network"] = "user"
    group: Name = "carrier"
    overlap: bool = False
    clock: Literal["far", "own"] = "far"
    keep_calls_s: Seconds = (
        0.0  # how long calls in talk outlive a lost D channel (Q.921/Q.931 T309); 0: cleared with the alarm
    )


class SipConfig(Config, frozen=True, kw_only=True):
    """The SIP side. Listens on loopback unless told otherwise."""

    enabled: bool = True
    bind: str = "127.0.0.1"
    port: Port = 5060
    rtp_first: Port = 20000
    rtp_last: Port = 20999
    calls: Annotated[int, Meta(ge=1, le=512)] = 120


class ExtensionConfig(Config, frozen=True, kw_only=True):
    """A number inside the house and the phone that rings for it."""

    number: Number
    line: str  # sip:<user>@<host>:<port> | station:<number>
    name: str = ""


class AgentConfig(Config, frozen=True, kw_only=True):
    """A person who takes calls from queues; `number` (工号) is announced to the caller."""

    number: Number
    name: str = ""
    extension: Number = ""
    start: Literal["signed_out", "ready", "paused"] = "signed_out"


class QueueConfig(Config, frozen=True, kw_only=True):
    """Callers who wait, and who serves them."""

    name: Name
    agents: tuple[Number, ...] = ()
    strategy: Literal["longest_idle"] = "longest_idle"
    ring_s: Seconds = 15.0
    wrap_up_s: Seconds = 10.0
    pause_after_no_answer: bool = True
    music: str = "default"
    announce_position_every_s: Seconds = 30.0
    announce_agent: bool = True
    max_wait_s: Seconds = 600.0
    max_length: Annotated[int, Meta(ge=1)] = 100


class RouteConfig(Config, frozen=True, kw_only=True):
    """Which flow answers a called number; `called` may end in '*'. Longest match wins."""

    called: Annotated[str, Meta(pattern=r"^[0-9#+]*\*?$")]
    flow: Name


class OutsideConfig(Config, frozen=True, kw_only=True):
    """Calls of phones to the outside: dial `prefix`, which is taken off, then the number."""

    prefix: Number = "0"
    line: str = "pri:carrier"
    caller: str = ""  # number shown outside; empty: the extension's


class RecordingConfig(Config, frozen=True, kw_only=True):
    """What is recorded."""

    rule: Literal["all", "none"] = "all"
    min_free_mb: Annotated[int, Meta(ge=0)] = 200  # below it no new recording begins, with a trouble entry


class BoxConfig(Config, frozen=True, kw_only=True):
    """The whole box."""

    profile: Literal["mx30", "mx90"] = "mx30"
    language: Literal["en", "zh"] = "zh"  # prompts; texts of the command follow the user's locale
    country: str = "cn"  # tones
    paths: Paths = Paths()
    span: tuple[SpanConfig, ...] = ()
    sip: SipConfig = SipConfig()
    extension: tuple[ExtensionConfig, ...] = ()
    agent: tuple[AgentConfig, ...] = ()
    queue: tuple[QueueConfig, ...] = ()
    route: tuple[RouteConfig, ...] = ()
    outside: OutsideConfig = OutsideConfig()
    recording: RecordingConfig = RecordingConfig()
