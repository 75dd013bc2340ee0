# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of flows by requests to a call server: read, checked, compared, put in force, taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.access import operations
from appliance.api import messages as api
from appliance.config.edit import NO_TEXT, version
from appliance.contract.errors import ApiError
from appliance.sounds.kept import kept_dir
from appliance.sounds.setup import make
from tests.appliance.server.test_config_requests import refused
from tests.appliance.server.test_process import CONFIG, FLOW, Rig

NAME = "hotline"


@contextmanager
def running(folder: Path) -> Iterator[Rig]:
    """Run a call server of the configuration."""
    make(kept_dir())
    made = Rig(folder)
    made.config.write_text(CONFIG)
    made.start()
    made.greeted()
    yield made
    made.client.close()
    if made.process is not None and made.process.poll() is None:
        made.end(9)
    made.uplink.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with running(tmp_path) as made:
        yield made


def got(rig: Rig, flow: str = NAME, version: str = "") -> api.ConfigReply:
    return rig.client.ask(api.GetConfig(version, flow), api.ConfigReply)


def file(rig: Rig, flow: str = NAME) -> Path:
    return rig.folder / "flows" / f"{flow}.toml"


def commented(text: str) -> str:
    return "# asked for by the station\n" + text


def test_a_flow_is_read_compared_applied_and_undone(rig: Rig) -> None:
    before = got(rig)
    assert (before.text, before.file) == (file(rig).read_text(), str(file(rig)))
    described = before.text.replace('description = "to the queue"', 'description = "station"')
    [change] = rig.client.ask(api.DiffConfig(described, NAME), api.ConfigChangesReply).changes
    assert change == api.ConfigChange("description", '"to the queue"', '"station"')
    told = rig.client.ask(api.ApplyConfig(described, before.version, NAME, why="named"), api.ConfigChangesReply)
    assert told.changes == (change,)
    assert file(rig).read_text() == described
    history = rig.client.ask(api.ConfigHistory(flow=NAME), api.ConfigHistoryReply)
    assert [(each.version, each.after, each.why) for each in history.entries] == [
        (before.version, told.version, "named")
    ]
    assert got(rig, NAME, before.version).text == before.text
    assert not rig.client.ask(api.ConfigHistory(), api.ConfigHistoryReply).entries, "not the configuration's"
    rig.client.ask(api.UndoConfig(flow=NAME, why="not named"), api.ConfigChangesReply)
    assert file(rig).read_text() == before.text
    rows = operations.found(rig.folder / "state/access.db")[::-1]
    assert [(each.what, each.on, each.why) for each in rows] == [
        ("apply_config", "flow hotline", "named"), ("undo_config", "flow hotline", "not named"),
    ]  # fmt: skip
    assert 'description: "to the queue" -> "station"' in rows[0].after


def test_a_flow_with_mistakes_is_told_whole_and_changes_nothing(rig: Rig) -> None:
    before = got(rig)
    wrong = FLOW.replace('"sales"\notherwise', '"nobody"\notherwise') + "\n[node.lost]\ndo = 'nothing'\n"
    found = rig.client.ask(api.CheckConfig(wrong, NAME), api.ConfigCheckedReply).findings
    assert any("nobody" in each.value + each.text for each in found), found
    assert any(each.key.startswith("node.lost") and each.line for each in found), found
    assert {each.file for each in found} == {str(file(rig))}
    refused(rig, api.ApplyConfig(wrong, before.version, NAME))
    assert "not TOML" in refused(rig, api.ApplyConfig("[[", before.version, NAME))
    assert file(rig).read_text() == before.text
    chinese = rig.client.ask(api.CheckConfig(wrong, NAME, language="zh"), api.ConfigCheckedReply).findings
    assert chinese[0].text != found[0].text


def test_a_change_in_between_is_not_overwritten(rig: Rig) -> None:
    before = got(rig)
    rig.client.ask(api.ApplyConfig(commented(before.text), before.version, NAME), api.ConfigChangesReply)
    assert "in the meantime" in refused(rig, api.ApplyConfig(before.text, before.version, NAME))
    assert "in the meantime" in refused(rig, api.ApplyConfig(before.text, "", NAME))
    assert file(rig).read_text() == commented(before.text)


def test_a_new_flow_is_written_and_then_named_by_a_route(rig: Rig) -> None:
    assert "there is no flow night" in refused(rig, api.GetConfig(flow="night"))
    assert "no flow" in refused(rig, api.ApplyConfig(FLOW, "5f1c2a90b7d3e846", "night"))
    refused(rig, api.ApplyConfig("start = 1", "", "night"))
    assert not file(rig, "night").exists()
    rig.client.ask(api.ApplyConfig(FLOW, "", "night"), api.ConfigChangesReply)
    assert file(rig, "night").read_text() == FLOW
    route = rig.config.read_text() + '\n[[route]]\ncalled = "96901"\nflow = "night"\n'
    version = rig.client.ask(api.GetConfig(), api.ConfigReply).version
    rig.client.ask(api.ApplyConfig(route, version), api.ConfigChangesReply)
    leads = rig.client.ask(api.RouteTest("13800138000", "96901", line="pri:carrier"), api.RouteReply)
    assert "night" in str(leads)


@pytest.mark.parametrize("flow", ["../box", "a/b", ".", "A", "x" * 40])
def test_a_name_that_is_none_of_a_flow_reaches_no_file(rig: Rig, flow: str) -> None:
    refused(rig, api.GetConfig(flow=flow))


def test_a_new_flow_that_cannot_be_written_leaves_no_empty_file(rig: Rig) -> None:
    before = got(rig)
    rig.client.ask(api.ApplyConfig(commented(before.text), before.version, NAME), api.ConfigChangesReply)
    (history,) = (each for each in rig.folder.rglob("flows") if each != rig.folder / "flows")
    history.rename(history.with_name("away"))
    history.write_text("a file is in the way of the folder")
    with pytest.raises(ApiError):
        rig.client.ask(api.ApplyConfig(FLOW, "", "night"), api.ConfigChangesReply)
    assert not file(rig, "night").exists()


@pytest.mark.parametrize("flow", ["", NAME])
def test_a_file_that_is_not_utf_8_is_refused_in_words_with_its_line(rig: Rig, flow: str) -> None:
    path = file(rig) if flow else rig.config
    path.write_bytes(path.read_bytes() + "\n# 车站\n".encode("gbk"))
    line = path.read_bytes().count(b"\n")
    for request in (api.GetConfig("", flow), api.DiffConfig("", flow)) if not flow else (api.GetConfig("", flow),):
        said = refused(rig, request)
        assert str(path) in said
        assert f":{line}: is not written in UTF-8" in said
    assert rig.client.ask(api.Status(), api.StatusReply).connected is not None


def test_a_flow_that_was_begun_by_request_is_taken_away_by_undo_and_comes_back_by_the_next(rig: Rig) -> None:
    rig.client.ask(api.ApplyConfig(FLOW, "", "night", why="nights"), api.ConfigChangesReply)
    assert rig.client.ask(api.GetConfig(), api.ConfigReply).flows == (NAME, "night")
    gone = rig.client.ask(api.UndoConfig(flow="night", why="not at all"), api.ConfigChangesReply)
    assert not file(rig, "night").exists()
    assert all(each.before and not each.after for each in gone.changes)
    assert "there is no flow night" in refused(rig, api.GetConfig(flow="night"))
    assert "there is no flow night" in refused(rig, api.UndoConfig(NO_TEXT, "night"))
    history = rig.client.ask(api.ConfigHistory(flow="night"), api.ConfigHistoryReply)
    assert history.version == NO_TEXT
    assert [(each.version, each.after, each.why) for each in history.entries] == [
        (version(FLOW), NO_TEXT, "not at all"), (NO_TEXT, version(FLOW), "nights"),
    ]  # fmt: skip
    assert rig.client.ask(api.GetConfig(version(FLOW), "night"), api.ConfigReply).text == FLOW
    rig.client.ask(api.UndoConfig(flow="night"), api.ConfigChangesReply)
    assert file(rig, "night").read_text() == FLOW


def test_a_flow_that_the_configuration_names_is_not_taken_away(rig: Rig) -> None:
    rig.client.ask(api.ApplyConfig(FLOW, "", "night"), api.ConfigChangesReply)
    named = rig.config.read_text() + '\n[[route]]\ncalled = "96901"\nflow = "night"\n'
    rig.config.write_text(named)  # by an editor: in force after the next start
    assert "names the flow night" in refused(rig, api.UndoConfig(flow="night"))
    assert file(rig, "night").read_text() == FLOW
