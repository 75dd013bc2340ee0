# SPDX-License-Identifier: GPL-2.0-or-later
"""The directory: numbers of the house by name or pinyin, with who is there and whether it is free; for agents too."""

from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.desk import DeskChoice
from appliance.contract.errors import ApiError, RequestError
from appliance.server.own import Own
from tests.appliance.api.running import RunningBox
from tests.appliance.engine.box import Box, config
from tests.appliance.server.test_phones import register


def test_it_tells_who_is_where_and_what_is_free(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path) as client:
        register(tmp_path, "8001", client.ask(api.Status(), api.StatusReply).at + 300_000)
        client.ask(api.SetPhone("8002", "do_not_disturb", "1"), api.Done)
        rows = {row.number: row for row in client.ask(api.Directory(), api.DirectoryReply).entries}
        phones = {row.extension: row for row in client.ask(api.Phones(), api.PhonesReply).phones}
        for number, phone in phones.items():
            assert rows[number].reachable == (not phone.registers or bool(phone.contacts))
        assert rows["8001"].reachable
        assert (rows["8001"].agent, rows["8001"].agent_name, rows["8001"].agent_state) == ("101", "agent 1", "idle")
        assert rows["8002"].do_not_disturb
        assert {row.state for row in rows.values()} == {"idle"}
        assert rows["96900"].kind == "hotline"
        found = client.ask(api.Directory("agent 101"), api.DirectoryReply).entries
        assert {row.agent_name for row in found} == {"agent 1"}
        with pytest.raises(ApiError):
            client.ask(api.Directory("x" * 65), api.DirectoryReply)
        box.calls(20)
        rows = {row.number: row for row in client.ask(api.Directory(), api.DirectoryReply).entries}
        up = client.ask(api.Calls(), api.CallsReply).calls
        at_phones = {leg.number for call in up for leg in call.legs if leg.role == "agent"}
        assert at_phones
        assert {number for number, row in rows.items() if row.state != "idle"} >= at_phones


def test_a_desk_is_told_the_choices_of_agents_and_the_time(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path) as client:
        told = client.ask(api.Desk(), api.DeskReply)
        assert told.at == client.ask(api.Status(), api.StatusReply).at
    rules = {"wrap_up_codes": [{"key": "12", "name": "sale"}]}
    desk = Box(config(agents=rules, outside={"prefix": "9"})).engine.desk()
    assert desk.wrap_up_codes == (DeskChoice("12", "sale"),)
    assert (desk.prefix, desk.codes["transfer"]) == ("9", "##")
    assert [each.key for each in desk.pause_reasons] == ["1", "2", "3", "4", "5"]


def test_groups_and_hotlines_are_in_it_but_no_patterns() -> None:
    box = Box(
        config(
            hunt=[{"number": "8100", "name": "销售", "extensions": ["8001"]}],
            route=[{"called": "96900", "flow": "hotline"}, {"called": "969*", "flow": "hotline"}],
        )
    )
    rows = {row.number: (row.kind, row.name) for row in box.engine.directory()}
    assert rows["8100"] == ("group", "销售")
    assert rows["96900"] == ("hotline", "hotline")
    assert "969*" not in rows


def test_an_agent_sees_all_of_it_and_works_in_the_talk_of_the_own_phone_alone() -> None:
    own = Own("101", Box().engine)
    assert own.narrow(api.Directory("ln")) == api.Directory("ln")
    assert own.narrow(api.ChangeTalk("8001", "park")) == api.ChangeTalk("8001", "park")
    with pytest.raises(RequestError, match="8002 is not yours"):
        own.narrow(api.ChangeTalk("8002", "park"))
