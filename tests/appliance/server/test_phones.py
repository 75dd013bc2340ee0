# SPDX-License-Identifier: GPL-2.0-or-later
"""The extensions as the box tells them: registered phones by the edge's own file, agents, calls, settings."""

import sqlite3
from pathlib import Path

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.edge.databases import FILE, prepare
from appliance.edge.registered import DAY_MS, JULIAN_EPOCH
from tests.appliance.api.running import RunningBox


def register(folder: Path, extension: str, until_ms: int) -> None:
    """Write a contact as the edge does."""
    prepare(folder / FILE)
    database = sqlite3.connect(folder / FILE)
    database.execute(
        "INSERT INTO location (ruid, username, contact, expires, q, callid, cseq, last_modified, flags, cflags,"
        " user_agent, reg_id, socket) VALUES (?, ?, ?, ?, 1, 'c', 1, 0, 0, 0, 'Yealink', 0, 'udp:1.2.3.4:5060')",
        (extension, extension, f"sip:{extension}@192.0.2.7:5060", until_ms / DAY_MS + JULIAN_EPOCH),
    )
    database.commit()
    database.close()


def test_extensions_are_told_with_contacts_agents_calls_and_settings(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path) as client:
        now = client.ask(api.Status(), api.StatusReply).at
        register(tmp_path, "8001", now + 300_000)
        register(tmp_path, "8002", now - 1)
        client.ask(api.SetPhone("8002", "do_not_disturb", "1"), api.Done)
        rows = {row.extension: row for row in client.ask(api.Phones(), api.PhonesReply).phones}
        [contact] = rows["8001"].contacts
        assert (contact.address, contact.transport, contact.agent) == ("192.0.2.7:5060", "udp", "Yealink")
        assert abs(contact.until - now - 300_000) < 5
        assert rows["8002"].contacts == (), "its registration is over"
        assert rows["8002"].settings["do_not_disturb"] == "1"
        assert rows["8001"].agent == "101"
        assert {row.call for row in rows.values()} == {0}
        box.calls(20)
        rows = {row.extension: row for row in client.ask(api.Phones(), api.PhonesReply).phones}
        up = client.ask(api.Calls(), api.CallsReply).calls
        rung = {leg.number: call.call for call in up for leg in call.legs if leg.role == "agent"}
        assert rung
        assert {number: rows[number].call for number in rung} == rung


def test_without_an_edge_the_extensions_are_told_all_the_same(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path) as client:
        rows = client.ask(api.Phones(), api.PhonesReply).phones
        assert rows
        assert not [row for row in rows if row.contacts]
