# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration that is put in force while the box runs: it is then as a box that began with it, and calls go on."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from appliance.api.messages import SetPhone
from appliance.config.live import NEEDS
from appliance.config.load import parse_config
from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.contract.records import CallClosed
from tests.appliance.engine.box import CONFIG, Box, config, flow

CHANGES: dict[str, Mapping[str, Any]] = {
    "language": {"language": "zh"},
    "extension": {"extension": [
        {**each, "forward_busy": "8002", "name": "Lin"} for each in CONFIG["extension"]
    ] + [{"number": "8077"}]},
    "agent": {"agent": [{"number": "101", "name": "Lin", "extension": "8001"}], "queue": [{"name": "sales"}]},
    "agents": {"agents": {"lock_s": 60, "pause_reasons": [{"key": "7", "name": "prayer"}]}},
    "queue": {"queue": [{"name": "sales", "agents": ["103"], "max_length": 9}]},
    "keyed": {"keyed": [{"name": "order", "code": "*77"}]},
    "role": {"role": [{"name": "lead", "may": ["listen"], "extensions": ["8001"], "users": ["lina"]}]},
    "plan": {"plan": [{"name": "work", "hours": "mon-fri 09:00-17:00"}]},
    "calendar": {"calendar": {"holidays": ["2026-12-25"]}},
    "route": {"route": [{"called": "96911", "flow": "hotline", "inside": False}, {"called": "9*", "flow": "hotline"}]},
    "hunt": {"hunt": [{"number": "8100", "extensions": ["8001", "8002"]}]},
    "duty": {"duty": [{"name": "night", "number": "8800", "slot": [{"when": "sat", "call": ["8001"]}]}]},
    "conference": {"conference": [{"number": "8500", "name": "room"}]},
    "conference_keys": {"conference_keys": {"mute": "*9"}},
    "voicemail": {"voicemail": [{"name": "ann", "extension": "8001", "lamps": ["8002"], "number": "8701"}]},
    "outside": {"outside": {"prefix": "9", "caller": "57501000", "emergency": ["110"]}},
    "site": {"site": {"area_code": "10", "country_code": "49", "nationwide": ["0800*"]}},
    "outgoing": {"outgoing": [{"name": "far", "prefix": "00", "via": ["pri:carrier"], "calling": "international"}]},
    "trunk_group": {"trunk_group": [{"name": "out", "lines": ["pri:carrier", "trunk:b"], "order": "rotating"}]},
    "trunk_rule": {"trunk_rule": [{"line": "pri:carrier", "calls": 1, "caller": "57501000"}]},
    "lists": {"lists": {"black": ["1390*"], "vip": ["138*"]}},
    "codes": {"codes": {"park": "*88"}},
    "parking": {"parking": {"first": "880", "places": 3}},
    "recording": {"recording": {"rule": "none"}},
    "recording_rule": {"recording_rule": [{"name": "sales", "queues": ["sales"], "announce": True}]},
    "scorecard": {}, "quality_plan": {}, "books": {}, "api": {}, "provisioning": {}, "mail": {}, "web": {},
}  # fmt: skip
"""A change of every table that counts at once in the engine; {}: it is read elsewhere."""

CARRIED = {
    "_plans",
    "down",
    "_turn",
    "in_use",
    "made",
    "hands",
    "since",
    "_last",
    "forecast",
    "state",
    "status",
    "call",
}
"""What calls and people made, which a change does not touch."""


def form(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Return what an object is made of, in plain values that can be compared."""
    if isinstance(value, str | int | float | bool | bytes | None):
        return value
    if id(value) in seen or callable(value):
        return type(value).__name__
    return _form(value, seen | {id(value)})


def _form(value: Any, seen: frozenset[int]) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: form(each, seen) for name, each in msgspec.structs.asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(form(key)): form(each, seen) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(form(each, seen)) for each in value)
    if isinstance(value, list | tuple):
        return [form(each, seen) for each in value]
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    names += list(getattr(value, "__dict__", {}))
    found = {name: getattr(value, name) for name in names if name not in CARRIED and hasattr(value, name)}
    return {type(value).__name__: {name: form(each, seen) for name, each in found.items()}}


def made_of(box: Box) -> dict[str, Any]:
    board = box.engine._board
    parts = ("config", "routes", "outbound", "site", "lists", "recording_rules", "roles", "boxes", "duties", "plans")
    return {name: form(getattr(board, name)) for name in (*parts, "queues", "agents", "settings", "phone_users")}


def test_every_key_that_counts_at_once_has_a_change_here() -> None:
    assert {key for key in BoxConfig.__struct_fields__ if NEEDS[key] != ("box",)} == CHANGES.keys()


@pytest.mark.parametrize("key", [key for key, change in CHANGES.items() if change])
def test_a_box_that_was_changed_is_as_one_that_began_so(key: str) -> None:
    begun = config()
    changed = config(**CHANGES[key])
    assert changed != begun, "it is a change"
    old, new = Box(begun), Box(changed)
    old.did(old.engine.reload(changed, old.now))
    assert made_of(old) == made_of(new)
    old.did(old.engine.reload(begun, old.now))
    back, fresh = made_of(old), made_of(Box(begun))
    for each in (back, fresh):
        for kept in ("plans", "boxes", "settings", "phone_users"):  # of what is gone, for calls that are with it
            del each[kept]
    assert back == fresh


def talking() -> tuple[Box, int, int]:
    """Return a box with a caller who talks with 8001, and both legs."""
    box = Box(config(route=[{"called": "96900", "flow": "desk"}]), {"desk": DESK})
    caller = box.call_in()
    rung = box.asked(m.Dial).leg
    box.tell(m.Answered(rung))
    return box, caller, rung


DESK = flow({"start": "desk", "node": {
    "desk": {"do": "dial", "extension": "8001", "otherwise": "bye"}, "bye": {"do": "hangup"},
}})  # fmt: skip


def test_a_call_in_talk_goes_on_whatever_is_changed() -> None:
    box, caller, rung = talking()
    for change in (*[each for each in CHANGES.values() if each], {"extension": [], "agent": [], "queue": []}):
        box.did(box.engine.reload(config(**change), box.now))
        assert not [each for each in box.commands if not isinstance(each, m.Mix)], change
    assert [call.state for call in box.engine.calls()] == ["talking"]
    box.tell(m.Disconnected(caller, 16), m.Cleared(caller, 16), m.Cleared(rung, 16))
    assert box.wrote(CallClosed).disposition == "answered"


def test_a_limit_that_is_new_counts_the_calls_that_are_up() -> None:
    box, _caller, _rung = talking()
    box.did(box.engine.reload(config(**CHANGES["trunk_rule"]), box.now))
    assert box.engine._board.outbound.in_use["pri:carrier"] == 1
    second = box.call_in("8002")
    assert box.asked(m.Clear).leg == second


def test_a_caller_of_a_black_list_that_is_new_is_refused_and_one_who_talks_is_not() -> None:
    box, _caller, _rung = talking()
    box.did(box.engine.reload(config(lists={"black": ["138*"]}), box.now))
    assert not box.commands
    second = box.call_in()
    assert box.asked(m.Clear).leg == second


def test_a_setting_that_a_user_changed_stays_and_others_follow_the_configuration() -> None:
    box = Box(config())
    engine = box.engine
    phones = config().extension
    forwards = tuple(msgspec.structs.replace(each, forward_busy="8003", call_waiting=False) for each in phones)
    box.did(engine.request(SetPhone("8001", "forward_busy", "8002"), box.now))
    box.did(engine.reload(msgspec.structs.replace(config(), extension=forwards), box.now))
    assert engine.phone_settings("8001")["forward_busy"] == "8002"
    assert engine.phone_settings("8001")["call_waiting"] == ""
    assert engine.phone_settings("8002")["forward_busy"] == "8003"


def test_a_number_that_is_new_is_reached_at_once() -> None:
    box = Box(config())
    added = parse_config('[[extension]]\nnumber = "8077"\nline = "station:8077"\n', "more")
    changed = msgspec.structs.replace(config(), extension=(*config().extension, *added.extension))
    box.did(box.engine.reload(changed, box.now))
    box.phone_dials("8077")
    assert box.asked(m.Dial).line == "station:8077"


def test_a_phone_that_has_a_new_name_calls_by_that_though_the_switch_knows_the_old_one() -> None:
    box = Box(config())
    phones = tuple(msgspec.structs.replace(each, name="李娜") for each in config().extension)
    box.did(box.engine.reload(msgspec.structs.replace(config(), extension=phones), box.now))
    box.tell(m.Incoming(2, "sip:8009@127.0.0.1:5009", "8001", m.Party("8009", "Desk")))
    assert box.asked(m.Dial).caller.name == "李娜"


def test_flows_of_the_box_are_named() -> None:
    box = Box(config())
    box.engine.reload_flows({"hotline": flow(), "night": flow()})
    assert sorted(box.engine.flows) == ["hotline", "night"]
