# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Number

RoomKey = Annotated[str, Meta(pattern=r"^(|\*[0-9])$")]
"""A key of a conference: the star and a digit; empty switches it off."""


class ConferenceConfig(Config, frozen=True, kw_only=True):
    """A number at which callers talk together. Without a PIN it is open to all who may dial it.

    Hosts are callers with the PIN of hosts, and the phones of `hosts`; without both, the first phone of the house. With
    `host_pin` alone, guests press the hash key alone. `mxbox conference pin` makes the PINs.
    """

    number: Number
    name: str = ""
    host_pin: bool = False  # hosts key in a PIN
    guest_pin: bool = False  # and guests theirs
    hosts: tuple[Number, ...] = ()  # extensions that are hosts, and are asked for no PIN
    members: Annotated[int, Meta(ge=2, le=500)] = 60  # at most
    guests_speak: bool = True  # false: guests listen until the host lets them speak
    speakers: Annotated[int, Meta(ge=0, le=500)] = 0  # guests who may speak at the same time; others ask; 0: all
    tones: bool = True  # a tone for all when a member comes or goes
    announce: bool = True  # and the member's number, or the name of `extension.spoken_name`
    record: Literal["rules", "always", "never"] = "rules"  # rules: as the recording rules say


class ConferenceKeysConfig(Config, frozen=True, kw_only=True):
    """Keys in a conference. A number N ended by `#` follows some: a member's place, as `who` says.

    The first three are for all, the others for hosts.
    """

    ask: RoomKey = "*1"  # ask to speak, or take it back
    mute: RoomKey = "*6"  # the own voice is not heard by the others, or again
    who: RoomKey = "*9"  # how many are there; a host hears who
    mute_member: RoomKey = "*2"  # N, or all guests: they are not heard, or again
    remove: RoomKey = "*3"  # N
    grant: RoomKey = "*4"  # N, or who asked first: may speak
    revoke: RoomKey = "*5"  # N, or all guests: may no longer speak, and can ask
    lock: RoomKey = "*7"  # no guest comes in any more, or again
    call_in: RoomKey = "*8"  # N: a number to call into the conference
    end: RoomKey = "*0"  # '#' confirms: all are cleared
