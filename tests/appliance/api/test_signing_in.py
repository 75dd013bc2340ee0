# SPDX-License-Identifier: GPL-2.0-or-later
"""Users sign in at the socket: a connection is theirs from then on, shows what their role holds, and what they do is
in the operation log."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.access import operations, passwords, totp
from appliance.api import messages as api
from appliance.api.client import Client
from appliance.config.roles import RoleConfig
from appliance.contract import records as r
from appliance.contract.errors import ApiError
from tests.appliance.access.test_operations import spoil
from tests.appliance.api.running import RunningBox
from tests.appliance.api.test_subscribing import Guest
from tests.appliance.engine.box import config

PASSWORD = "correct horse battery"
MINUTE = 60_000


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as running:
        yield running


def add(box: RunningBox, user: str, role: str, agent: str = "") -> None:
    with Client(box.path, 20) as root:
        root.ask(api.AddUser(user, role, PASSWORD, user.title(), agent, why="new here"), api.Done)


def enter(box: RunningBox, user: str, **more: str) -> tuple[Client, api.SignedIn]:
    client = Client(box.path, 20)
    return client, client.ask(api.SignIn(user, PASSWORD, **more), api.SignedIn)


def refused(client: Client, request: api.AnyRequest) -> str:
    with pytest.raises(ApiError) as error:
        client.ask(request)
    return error.value.message


def rows(box: RunningBox, **filters: Any) -> list[tuple[str, ...]]:
    found = operations.found(box.folder / "access.db", **filters)
    return [(each.user, each.door, each.what, each.on, each.why, each.before, each.after) for each in found]


def test_a_ticket_is_for_other_connections_too_and_gives_the_roles_rights_only(box: RunningBox) -> None:
    add(box, "wang", "auditor")
    client, told = enter(box, "wang", address="192.0.2.7")
    with client, Client(box.path, 20) as other:
        assert (told.user, told.role, told.own) == ("wang", "auditor", False)
        hello = other.ask(api.UseTicket(told.ticket), api.Hello)
        assert (hello.user, hello.role, hello.rights) == ("wang", "auditor", ())
        for each in (client, other):
            each.ask(api.Agents(), api.AgentsReply)
            assert "does not hold change agents" in refused(each, api.SetAgent("101", "paused"))
    assert rows(box, what="sign_in") == [("wang", "192.0.2.7", "sign_in", "", "", "", "")]
    assert "is no longer good" in refused(Client(box.path, 20), api.UseTicket("x" * 43))


def test_what_a_user_does_is_in_the_log_with_door_reason_before_and_after(box: RunningBox) -> None:
    add(box, "wang", "supervisor")
    client, _told = enter(box, "wang", address="192.0.2.7")
    with client:
        client.ask(api.SetAgent("101", "paused", "meal", why="asked by phone"), api.Done)
        client.ask(api.Agents())
    newest = rows(box)[0]
    assert newest[:6] == ("wang", "192.0.2.7", "set_agent", "101", "asked by phone", "ready")
    assert '"status":"paused"' in newest[6]
    found = box.do(lambda: box.server.store.reader().execute("SELECT asked_by FROM agent_states").fetchall())
    assert ("wang",) in found
    assert operations.verify(box.folder / "access.db").wrong == 0


def test_passwords_are_in_no_log(box: RunningBox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        add(box, "wang", "auditor")
        client, _told = enter(box, "wang")
        with client:
            client.ask(api.SetPassword("another horse battery", old=PASSWORD), api.Done)
            refused(client, api.SignIn("wang", "wrong horse battery"))
    assert "add_user" in str(rows(box))
    for text in (caplog.text, str(rows(box))):
        assert "horse battery" not in text


def test_a_lock_code_is_in_no_log_and_the_agents_own_door_needs_it(tmp_path: Path) -> None:
    with RunningBox(tmp_path, configured=config(agents={"lock_pause": True})) as box:
        add(box, "anna", "agent", "101")
        client, _told = enter(box, "anna")
        with client, Client(box.path, 20) as root:
            client.ask(api.SetAgent("101", "paused", "meal", lock="551299"), api.Done)
            agents = client.ask(api.Agents(), api.AgentsReply).agents
            assert [(row.agent, row.status, row.locked) for row in agents] == [("101", "paused", True)]
            assert "locked" in refused(client, api.SetAgent("101", "ready"))
            assert "not the lock code" in refused(client, api.SetAgent("101", "ready", lock="551298"))
            client.ask(api.SetAgent("101", "ready", lock="551299"), api.Done)
            assert not root.ask(api.Agents(), api.AgentsReply).agents[0].locked
        kept = str(rows(box))
        assert "set_agent" in kept
        assert "5512" not in kept


def test_who_signs_out_is_turned_out_of_all_connections_with_that_ticket(box: RunningBox) -> None:
    add(box, "wang", "auditor")
    client, told = enter(box, "wang")
    with client, Client(box.path, 20) as board:
        board.ask(api.UseTicket(told.ticket))
        updates = board.updates("agents")
        client.ask(api.SignOut(), api.Done)
        with pytest.raises(ApiError):
            next(updates)
        assert "signed out" in refused(client, api.Status())


@pytest.mark.parametrize(
    "change",
    [api.ChangeUser("wang", role="supervisor"), api.ChangeUser("wang", locked=True), api.RemoveUser("wang"),
     api.SetPassword("another horse battery", user="wang")],
    ids=lambda each: str(each)[:28],
)  # fmt: skip
def test_a_user_who_is_changed_is_turned_out_at_once(box: RunningBox, change: api.AnyRequest) -> None:
    add(box, "wang", "auditor")
    client, told = enter(box, "wang")
    with client, Client(box.path, 20) as root:
        root.ask(change, api.Done)
        with pytest.raises(ApiError):
            client.ask(api.Status())
        assert "no longer good" in refused(root, api.UseTicket(told.ticket))


def test_ones_own_password_takes_the_old_one_and_keeps_this_connection(box: RunningBox) -> None:
    add(box, "wang", "auditor")
    client, _told = enter(box, "wang")
    other, _told = enter(box, "wang")
    with client, other:
        assert "is wrong" in refused(client, api.SetPassword("another horse battery", old="wrong horse battery"))
        client.ask(api.SetPassword("another horse battery", old=PASSWORD), api.Done)
        client.ask(api.Status(), api.StatusReply)
        with pytest.raises(ApiError):
            other.ask(api.Status())
        assert "does not hold change users" in refused(client, api.SetPassword("another horse battery", user="root"))


def test_a_second_factor_is_asked_for_from_the_next_time_on(box: RunningBox) -> None:
    add(box, "wang", "technician")
    client, _told = enter(box, "wang")
    with client, Client(box.path, 20) as second:
        made = client.ask(api.SetSecondFactor(on=True, password=PASSWORD), api.SecondFactorReply)
        assert f"secret={made.secret}" in made.address
        assert "second factor" in refused(second, api.SignIn("wang", PASSWORD))
        code = totp.code(made.secret, box.clock // 30_000)
        assert second.ask(api.SignIn("wang", PASSWORD, code), api.SignedIn).role == "technician"
        assert second.ask(api.Users(), api.UsersReply).users[0].second_factor


def test_guesses_lock_the_user_and_are_in_the_log(box: RunningBox) -> None:
    add(box, "wang", "technician")
    with Client(box.path, 20) as client:
        for _try in range(5):
            assert "is wrong" in refused(client, api.SignIn("wang", "wrong horse battery", address="192.0.2.66"))
        assert "too many wrong tries" in refused(client, api.SignIn("wang", PASSWORD))
        assert client.ask(api.Users(), api.UsersReply).users[0].locked_until > box.clock
        box.clock += 15 * MINUTE
        client.ask(api.SignIn("wang", PASSWORD), api.SignedIn)
    told = rows(box, what="sign_in")
    assert len([each for each in told if each[1] == "192.0.2.66" and "wrong" in each[6]]) == 5


def test_a_guest_of_the_machine_may_sign_in_where_that_is_allowed_and_cannot_say_where_others_are(
    tmp_path: Path,
) -> None:
    guest = Guest()
    guest.sign_in = True
    with RunningBox(tmp_path, guest) as box:
        box.admission = guest
        with Client(box.path, 20) as client:
            assert "takes the right read" in refused(client, api.Status())
            for n in range(21):
                refused(client, api.SignIn(f"nobody{n}", "wrong horse battery", address=f"192.0.2.{n}"))
            assert "too many wrong tries" in refused(client, api.SignIn("nobody99", "x", address="192.0.2.99"))


def test_an_unused_ticket_ends(box: RunningBox) -> None:
    add(box, "wang", "auditor")
    client, told = enter(box, "wang")
    client.close()
    with Client(box.path, 20) as later:
        later.ask(api.Status())  # the first connection has been seen to end
        box.clock += 31 * MINUTE
        assert "no longer good" in refused(later, api.UseTicket(told.ticket))


def test_a_restart_of_the_call_server_turns_nobody_out(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:
        add(box, "wang", "auditor")
        client, told = enter(box, "wang")
        client.close()
    with RunningBox(tmp_path) as box, Client(box.path, 20) as again:
        assert again.ask(api.UseTicket(told.ticket), api.Hello).user == "wang"


def test_an_agent_sees_and_does_own_things_only(box: RunningBox) -> None:
    add(box, "ann", "agent", "101")
    box.calls(12)
    client, told = enter(box, "ann")
    with client:
        assert (told.own, told.agent) == (True, "101")
        assert [each.agent for each in client.ask(api.Agents(), api.AgentsReply).agents] == ["101"]
        assert {each.queue for each in client.ask(api.Queues(), api.QueuesReply).queues} == {"sales"}
        for call in client.ask(api.Calls(), api.CallsReply).calls:
            assert any(leg.agent == "101" or leg.number == "8001" for leg in call.legs)
        for row in client.ask(api.Cdr(agent="102"), api.CdrReply).calls:
            assert "101" in (row.agent, *row.talked_with.split())
        client.ask(api.SetAgent("101", "paused"), api.Done)
        for request in (
            api.SetAgent("102", "paused"), api.GetPhone("8002"), api.SetPhone("8002", "do_not_disturb", "1"),
            api.Originate("8002", "8003"), api.HangUp(999_999), api.SurveyTotals(),
        ):  # fmt: skip
            assert "is not yours" in refused(client, request)
        assert "does not hold view status" in refused(client, api.Status())
        assert "does not hold view recordings" in refused(client, api.Subscribe(("agents", "recordings")))


def test_an_agent_is_told_of_own_calls_only(box: RunningBox) -> None:
    add(box, "ann", "agent", "101")
    client, _told = enter(box, "ann")
    with Client(box.path, 20) as all_of_them, client:
        everything = all_of_them.updates("calls", "queues", "agents")
        mine = client.updates("calls", "queues", "agents")
        box.calls(25)
        box.do(lambda: box.server.change(api.SetAgent("101", "paused", "the end")))
        told = [next(mine).what]
        while not (isinstance(told[-1], r.AgentChanged) and told[-1].reason == "the end"):
            told.append(next(mine).what)
        whole = [next(everything).what]
        while not (isinstance(whole[-1], r.AgentChanged) and whole[-1].reason == "the end"):
            whole.append(next(everything).what)
    legs = {each.call for each in whole if isinstance(each, r.LegOpened) and "101" in each.agent}
    assert legs, "the agent had calls"
    assert {each.call for each in told if isinstance(each, r.SegmentOpened)} <= legs
    assert {each.agent for each in told if isinstance(each, r.AgentChanged | r.OfferMade)} == {"101"}
    assert {each.queue for each in told if isinstance(each, r.QueueEntered)} == {"sales"}
    assert {type(each) for each in told if getattr(each, "call", 0) not in legs} <= {
        *(r.QueueEntered, r.QueueLeft, r.AgentChanged, r.OfferMade, r.OfferEnded),
    }
    assert len(told) < len(whole)


def test_a_role_of_the_configuration_is_known_and_an_agents_role_takes_an_agent(box: RunningBox) -> None:
    box.roles = (RoleConfig(name="night", like="auditor", rights={"agents": ("view", "change")}),)
    add(box, "zhao", "night")
    client, told = enter(box, "zhao")
    with client, Client(box.path, 20) as root:
        assert told.access["agents"] == ("view", "change")
        client.ask(api.SetAgent("101", "paused"), api.Done)
        assert "there is no role day" in refused(root, api.AddUser("ann", "day", PASSWORD))
        assert "takes the number of an agent" in refused(root, api.AddUser("ann", "agent", PASSWORD))
        box.roles = ()
        assert "may not ask this" in refused(client, api.Agents())
        listed = root.ask(api.Users(), api.UsersReply)
    assert [each.role for each in listed.roles] == ["technician", "supervisor", "agent", "auditor"]


def test_a_code_that_a_phone_dials_is_in_the_log(box: RunningBox) -> None:
    def dialled() -> None:
        record = r.SettingChanged("8001", "do_not_disturb", "1")
        for watcher in box.server.watchers:
            watcher(box.server.now, [record])

    box.do(dialled)
    with Client(box.path, 20) as root:
        root.ask(api.SetPhone("8002", "do_not_disturb", "1"), api.Done)
    assert [each[:4] for each in rows(box)][::-1] == [
        ("8001", "phone", "set_phone", "8001 do_not_disturb"),
        ("root", "machine", "set_phone", "8002"),
    ]


def test_a_request_is_answered_after_its_row_is_on_the_disk_and_a_full_disk_stops_nothing(box: RunningBox) -> None:
    (box.folder / "access.db").mkdir()
    with Client(box.path, 20) as root:
        root.ask(api.SetPhone("8002", "do_not_disturb", "1"), api.Done)
        [trouble] = root.ask(api.Troubles(kind="operations"), api.TroublesReply).troubles
        (box.folder / "access.db").rmdir()
        root.ask(api.SetPhone("8002", "do_not_disturb", ""), api.Done)
    assert "waits in memory" in trouble.text
    assert [each[5:] for each in rows(box)] == [
        ("1", '{"extension":"8002","setting":"do_not_disturb"}'),
        ("", '{"extension":"8002","setting":"do_not_disturb","value":"1"}'),
    ]


def test_a_log_that_was_changed_is_out_of_balance(box: RunningBox) -> None:
    add(box, "wang", "auditor")
    with Client(box.path, 20) as root:
        assert root.ask(api.Ledger(files=False), api.LedgerReply).balanced
        spoil(box.folder / "access.db", "UPDATE operations SET user = 'zhao'")
        told = root.ask(api.Ledger(files=False), api.LedgerReply)
    assert not told.balanced
    assert [(each.rule, each.where) for each in told.result.findings] == [("operations", "operation 1")]


def test_a_line_of_another_shape_signs_nobody_in(box: RunningBox) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(20)
        raw.connect(str(box.path))
        raw.sendall(b'{"ask":"sign_in","user":["wang"],"password":"x"}\n{"ask":"sign_out"}\n')
        lines = raw.makefile("rb")
        replies = [msgspec.json.decode(lines.readline(), type=api.AnyReply) for _line in range(3)]
    assert [type(each) for each in replies] == [api.Hello, api.Error, api.Error]
