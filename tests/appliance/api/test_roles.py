# SPDX-License-Identifier: GPL-2.0-or-later
"""Every request times every role: what each may ask, and that nothing else is answered."""

from typing import Any, get_args

import msgspec
import pytest

from appliance.access.tickets import Ticket
from appliance.access.users import Account
from appliance.api import messages as m
from appliance.api.needs import NEEDS, OWN, TOPICS, needs
from appliance.config.roles import RoleConfig, access
from appliance.contract.access import ALL_DOINGS, BUILT_IN, KINDS, ROLES, Need
from appliance.contract.errors import RequestError
from appliance.contract.rights import ALL, Peer
from appliance.server.visitor import Visitor
from tests.appliance.api.running import Rules, lone_server, reception
from tests.appliance.api.test_readme import REQUESTS

SAMPLES: dict[str, Any] = {}
for line, _reply in REQUESTS:
    made = msgspec.json.decode(line, type=m.AnyRequest)
    SAMPLES[str(type(made).__struct_config__.tag)] = made

SIGNS = {"sign_in", "hello", "sign_out"}
OWN_PROOF = {"set_password", "set_second_factor"}
LOOKS = {
    *("status", "spans", "troubles", "ledger", "sip_ladder", "calls", "cdr", "choices", "agents", "agent_totals"),
    *(
        "queues",
        "forecasts",
        "supervisor_log",
        "get_phone",
        "phones",
        "directory",
        "desk",
        "route_test",
        "plans",
        "duties",
        "recordings",
    ),
    *("recording_coverage", "play_recording", "quality_of", "quality_sample", "messages", "keyed", "surveys"),
    *("survey_totals", "conferences", "conference_log", "edge_blocked", "users", "subscribe"),
    *("operations", "verify_operations", "system", "figures", "call", "trace"),
    *("call_backs", "recording_levels", "play_message"),
    *("span_quarters", "jobs"),
    *("get_config", "check_config", "diff_config", "config_history", "prompts", "prompt", "play_prompt"),
}
SETTINGS = {*("get_config", "check_config", "diff_config", "config_history"), *("prompts", "prompt", "play_prompt")}
MAY: dict[str, set[str]] = {
    "technician": set(SAMPLES),
    "auditor": LOOKS,
    "supervisor": (LOOKS - SETTINGS - {"edge_blocked", "users", "operations", "verify_operations"})
    | {"originate", "hang_up", "record_call", "talk_do", "set_agent", "set_wrap_up_code", "supervise", "release_talk"}
    | {"transfer_talk", "take_out", "move_waiting", "set_priority", "set_phone", "set_plan", "set_duty", "review"}
    | {"change_message", "change_conference", "call_into_conference", "cancel_call_back"},
    "agent": {
        "call_backs",
        "calls",
        "cdr",
        "choices",
        "agents",
        "agent_totals",
        "queues",
        "forecasts",
        "get_phone",
        "phones",
        "keyed",
    }
    | {"surveys", "survey_totals", "originate", "hang_up", "record_call", "set_agent", "set_wrap_up_code"}
    | {"directory", "desk", "talk_do", "set_phone", "subscribe", "call", "figures"},
}
"""What each built-in role holds, by the requests' names; besides, all sign in and out, and prove themselves anew."""


def test_every_request_has_its_need_and_every_topic_too() -> None:
    assert {*NEEDS, *OWN, m.Subscribe} == set(get_args(m.AnyRequest))
    assert set(TOPICS) == set(get_args(m.Topic))
    assert {each.kind for each in NEEDS.values()} <= set(KINDS)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_only_looks_for_users_of_the_machine_only_looks_for_roles(name: str) -> None:
    request = SAMPLES[name]
    if name not in SIGNS and request.right == "read" and name != "subscribe":
        assert [each.do for each in needs(request) or ()] == ["view"]


@pytest.mark.parametrize("role", BUILT_IN)
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_role_may_ask_what_it_holds_and_nothing_else(role: str, name: str) -> None:
    held = access(role, ())
    assert held is not None
    needed = needs(SAMPLES[name])
    assert needed is not None
    may = all(held.holds(each) for each in needed)
    assert may == (name in MAY[role] | SIGNS)


@pytest.mark.parametrize("role", BUILT_IN)
@pytest.mark.parametrize("name", sorted(OWN_PROOF))
def test_every_role_may_prove_itself_anew(role: str, name: str) -> None:
    assert needs(msgspec.structs.replace(SAMPLES[name], user="")) == ()
    assert needs(msgspec.structs.replace(SAMPLES[name], user="wang")) == (Need("users", "change"),)


def signed_in(role: str, agent: str = "") -> Visitor:
    """Return a user who has signed in on a connection that root made: root's rights must not count."""
    return Visitor(Peer("root", ALL), Ticket(b"", "lina", "192.0.2.7", 0, 0), Account("lina", role, agent))


@pytest.mark.parametrize("role", BUILT_IN)
def test_the_door_refuses_what_a_role_does_not_hold_even_on_roots_connection(role: str, tmp_path: Any) -> None:
    door = reception(tmp_path, lone_server(), _never, Rules())
    visitor = signed_in(role, "8001" if role == "agent" else "")
    assert visitor.ticket is not None
    door.tickets._good[visitor.ticket.hash] = visitor.ticket
    door.tickets.ended = lambda _ticket: pytest.fail("it is good")
    visitor.ticket.made_at = visitor.ticket.used_at = Rules().clock
    for name, request in SAMPLES.items():
        if name in SIGNS:
            continue
        refused = ""
        try:
            door.permitted(request, visitor)
        except RequestError as error:
            refused = error.message
        held = name in MAY[role]
        assert held or f"lina may not ask this: the role {role} does not hold" in refused, name
        assert not refused or not held or "is not yours" in refused, name


async def _never(request: m.AnyRequest, _by: str) -> m.AnyReply:
    raise AssertionError(request)


def test_own_roles_begin_with_a_built_in_one_and_say_where_they_differ() -> None:
    archivist = RoleConfig(name="archivist", like="auditor", rights={"recordings": ("view", "delete"), "users": ()})
    held = access("archivist", (archivist,))
    assert held is not None
    assert held.holds(Need("recordings", "delete"))
    assert not held.holds(Need("users", "view"))
    assert held.holds(Need("settings", "view"))
    assert access("nobody", (archivist,)) is None
    narrow = RoleConfig(name="agent", like="agent", rights=dict.fromkeys(KINDS, ()))
    own = access("agent", (narrow,))
    assert own is not None
    assert own.own
    assert not any(own.holds(Need(kind, do)) for kind in KINDS for do in ALL_DOINGS)


def test_an_auditor_changes_nothing() -> None:
    assert {do for held in ROLES["auditor"].rights.values() for do in held} == {"view"}
