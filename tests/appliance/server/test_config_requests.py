# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration by requests to a call server: checked, compared, put in force while a call is up, taken back."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access import operations
from appliance.api import messages as api
from appliance.contract import switch as m
from appliance.contract.errors import ApiError
from appliance.sounds.kept import kept_dir
from appliance.sounds.setup import make
from tests.appliance.server.test_process import CONFIG, FLOW, Rig, incoming

MORE = '\n[[agent]]\nnumber = "8002"\nextension = "1001"\n'


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    make(kept_dir())
    made = Rig(tmp_path)
    made.config.write_text("# the box of the north station\n" + CONFIG)
    made.config.chmod(0o640)
    made.start()
    made.greeted()
    yield made
    made.client.close()
    if made.process is not None and made.process.poll() is None:
        made.end(9)
    made.uplink.close()


def got(rig: Rig, version: str = "") -> api.ConfigReply:
    return rig.client.ask(api.GetConfig(version), api.ConfigReply)


def refused(rig: Rig, request: api.AnyRequest) -> str:
    with pytest.raises(ApiError) as error:
        rig.client.ask(request)
    return error.value.message


def agents(rig: Rig) -> list[str]:
    return [each.agent for each in rig.client.ask(api.Agents(), api.AgentsReply).agents]


def test_a_text_is_compared_applied_while_a_call_is_up_and_undone(rig: Rig) -> None:
    rig.tell(1, m.Attached("test", 64), incoming())
    rig.until(rig.asked(m.Answer))
    before = got(rig)
    assert before.text.startswith("# the box of the north station")
    assert before.file == str(rig.config)
    asked = rig.client.ask(api.DiffConfig(before.text + MORE), api.ConfigChangesReply)
    assert [(each.key, each.needs) for each in asked.changes] == [("agent[8002]", ())]
    assert agents(rig) == ["8001"]
    told = rig.client.ask(
        api.ApplyConfig(before.text + MORE, before.version, why="Wang begins"), api.ConfigChangesReply
    )
    assert told == asked
    assert agents(rig) == ["8001", "8002"]
    assert rig.config.read_text() == before.text + MORE
    assert stat.S_IMODE(rig.config.stat().st_mode) == 0o640
    assert len(rig.client.ask(api.Calls(), api.CallsReply).calls) == 1

    history = rig.client.ask(api.ConfigHistory(), api.ConfigHistoryReply)
    assert history.version == told.version
    [entry] = history.entries
    assert (entry.version, entry.after, entry.why) == (before.version, told.version, "Wang begins")
    assert got(rig, entry.version).text == before.text

    undone = rig.client.ask(api.UndoConfig(why="Wang does not"), api.ConfigChangesReply)
    assert undone.version == before.version
    assert agents(rig) == ["8001"]
    assert rig.config.read_text() == before.text
    rig.client.ask(api.UndoConfig(told.version), api.ConfigChangesReply)
    assert agents(rig) == ["8001", "8002"]
    rows = operations.found(rig.folder / "state/access.db")[::-1]
    assert [(each.what, each.why) for each in rows] == [
        ("apply_config", "Wang begins"), ("undo_config", "Wang does not"), ("undo_config", ""),
    ]  # fmt: skip
    assert rows[0].before == before.version
    assert "agent[8002]: - -> " in rows[0].after


def test_a_text_with_mistakes_is_told_whole_and_changes_nothing(rig: Rig) -> None:
    before = got(rig)
    wrong = before.text + '\n[[agent]]\nnumber = "8003"\nextension = "1009"\n[[rout]]\n'
    checked = rig.client.ask(api.CheckConfig(wrong), api.ConfigCheckedReply)
    assert [(each.key, bool(each.line), bool(each.hint)) for each in checked.findings] == [
        ("agent[1].extension", True, True), ("rout", True, True),
    ]  # fmt: skip
    assert "rout" in refused(rig, api.ApplyConfig(wrong, before.version))
    assert "not TOML" in refused(rig, api.ApplyConfig("[[", before.version))
    assert rig.config.read_text() == before.text
    assert not (rig.folder / "state/history").exists()
    assert not rig.client.ask(api.CheckConfig(before.text), api.ConfigCheckedReply).findings
    chinese = rig.client.ask(api.CheckConfig(wrong, language="zh"), api.ConfigCheckedReply).findings
    assert "没有" in chinese[0].text
    assert not re.search("[一-鿿]", str(checked.findings))
    assert "没有" in refused(rig, api.ApplyConfig(wrong, before.version, language="zh"))


def test_a_flow_that_is_broken_or_missing_changes_nothing(rig: Rig) -> None:
    before = got(rig)
    night = before.text + '\n[[route]]\ncalled = "96901"\nflow = "night"\n'
    assert "there is no file" in refused(rig, api.ApplyConfig(night, before.version))
    (rig.folder / "flows/night.toml").write_text(FLOW.replace('"sales"\notherwise', '"nobody"\notherwise'))
    assert "night.toml" in refused(rig, api.ApplyConfig(night, before.version))
    assert rig.config.read_text() == before.text
    (rig.folder / "flows/night.toml").write_text(FLOW)
    rig.client.ask(api.ApplyConfig(night, before.version), api.ConfigChangesReply)
    leads = rig.client.ask(api.RouteTest("13800138000", "96901", line="pri:carrier"), api.RouteReply)
    assert "night" in str(leads)


def test_two_who_change_it_at_once_do_not_overwrite_each_other(rig: Rig) -> None:
    before = got(rig)
    rig.client.ask(api.ApplyConfig(before.text + MORE, before.version), api.ConfigChangesReply)
    assert "in the meantime" in refused(rig, api.ApplyConfig(before.text + "\n", before.version))
    assert "in the meantime" in refused(rig, api.SetEntry("agent", "8002", {"name": "Wang"}, before.version))
    assert "in the meantime" in refused(rig, api.ApplyConfig(before.text, ""))
    rig.config.write_text(rig.config.read_text() + "# by hand\n")
    rig.client.ask(api.SetEntry("agent", "8002", {"name": "Wang"}), api.ConfigChangesReply)
    assert rig.config.read_text().endswith("# by hand\n")


def test_one_table_is_set_and_taken_out_with_the_rest_as_it_was(rig: Rig) -> None:
    before = got(rig)
    told = rig.client.ask(
        api.SetEntry("agent", "8001", {"name": "李娜", "start": None}, before.version), api.ConfigChangesReply
    )
    assert {each.key for each in told.changes} == {"agent[8001].name", "agent[8001].start"}
    assert rig.config.read_text() == before.text.replace('start = "ready"\n', 'name = "李娜"\n')
    [row] = rig.client.ask(api.Agents(), api.AgentsReply).agents
    assert row.name == "李娜"
    assert "agent[0].extension" in refused(rig, api.SetEntry("agent", "8001", {"extension": "1009"}))
    assert "there is no such agent" in refused(rig, api.RemoveEntry("agent", "8001")), "its queue names it"
    rig.client.ask(api.SetEntry("queue", "sales", {"agents": []}), api.ConfigChangesReply)
    rig.client.ask(api.RemoveEntry("agent", "8001", why="has left"), api.ConfigChangesReply)
    assert agents(rig) == []
    assert "there is no [[agent]] 8001" in refused(rig, api.RemoveEntry("agent", "8001"))


def test_what_waits_for_a_restart_is_told_before_and_after_and_is_not_in_force(rig: Rig) -> None:
    before = got(rig)
    new = before.text.replace("enabled = false", "enabled = false\nrtp_first = 30000\nrtp_last = 30999")
    asked = rig.client.ask(api.DiffConfig(new), api.ConfigChangesReply)
    assert {(each.key, each.needs) for each in asked.changes} == {
        ("sip.rtp_first", ("box",)), ("sip.rtp_last", ("box",)),
    }  # fmt: skip
    assert rig.client.ask(api.DiffConfig(), api.ConfigChangesReply).changes == ()
    rig.client.ask(api.ApplyConfig(new + MORE, before.version), api.ConfigChangesReply)
    waiting = rig.client.ask(api.DiffConfig(), api.ConfigChangesReply)
    assert waiting.changes == asked.changes
    assert agents(rig) == ["8001", "8002"]
    rig.client.close()
    rig.end(15)
    rig.start()
    rig.greeted()
    assert rig.client.ask(api.DiffConfig(), api.ConfigChangesReply).changes == ()


def test_users_of_roles_read_it_without_secrets_and_change_it_only_as_they_may(rig: Rig) -> None:
    trunk = (
        '[edge]\nenabled = true\n[[trunk]]\nname = "voip"\nhost = "192.0.2.1"\nuser = "box"\npassword = "geheim-1"\n'
    )
    rig.client.close()
    rig.end(15)
    rig.config.write_text(rig.config.read_text().replace("enabled = false", "port = 5070") + trunk)
    rig.start()
    rig.greeted()
    password = "correct horse battery"
    for user, role in (("wang", "auditor"), ("lina", "technician")):
        rig.client.ask(api.AddUser(user, role, password), api.Done)
    rig.client.ask(api.SignIn("wang", password), api.SignedIn)
    seen = got(rig)
    assert seen.hidden
    assert "geheim" not in seen.text
    assert 'password = "***"' in seen.text
    told = rig.client.ask(
        api.DiffConfig(rig.config.read_text().replace("geheim-1", "geheim-2")), api.ConfigChangesReply
    )
    assert [(each.key, each.after) for each in told.changes] == [("trunk[voip].password", '"***"')]
    assert "does not hold change settings" in refused(rig, api.ApplyConfig(seen.text, seen.version))
    rig.client.ask(api.SignIn("lina", password), api.SignedIn)
    assert "geheim-1" in got(rig).text
    assert "in place of secrets" in refused(rig, api.ApplyConfig(seen.text, seen.version))
    rig.client.ask(api.SetEntry("trunk", "voip", {"password": "geheim-3"}), api.ConfigChangesReply)
    rig.client.ask(api.ApplyConfig(got(rig).text + "# more\n", got(rig).version), api.ConfigChangesReply)
    assert "geheim-3" in rig.config.read_text()
    assert "geheim" not in str(operations.found(rig.folder / "state/access.db"))
    _status, log = rig.end(15)
    assert "SetEntry" in log
    assert "ApplyConfig" in log
    assert "geheim" not in log
    assert re.search(r"trunk\[voip\].password: .\*\*\*", operations.found(rig.folder / "state/access.db")[1].after)
