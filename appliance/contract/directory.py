# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of the house as people look for them: names, how these are spelt in pinyin, and who is free."""

from typing import Literal

from appliance.contract.records import AgentState
from appliance.contract.rows import Row

EntryKind = Literal["extension", "group", "hotline"]
PhoneState = Literal["idle", "ringing", "busy"]


class DirectoryRow(Row, frozen=True, kw_only=True):
    """A number that phones of the house may dial.

    `kind`: a phone, a group of phones, or a number that a flow (`name`) answers. The rest is of phones: `state`;
    `reachable`: false if it has to register and does not; `do_not_disturb`; the agent who is signed in there with name
    and state, or ''.
    """

    number: str
    name: str
    kind: EntryKind
    state: PhoneState = "idle"
    reachable: bool = True
    do_not_disturb: bool = False
    agent: str = ""
    agent_name: str = ""
    agent_state: AgentState | Literal[""] = ""
