# SPDX-License-Identifier: GPL-2.0-or-later
"""Voice messages go to a mail server once each, with their sound; what it puts off waits on disk."""

import asyncio
import shutil
import threading
import wave
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.api.messages import AnyReply, AnyRequest, ChangeMessage, Done, Messages, MessagesReply
from appliance.children.child import REFUSED
from appliance.cli.run import modules
from appliance.config.model import BoxConfig
from appliance.contract.message_row import MessageRow
from appliance.mailing.mailer import Mailer
from appliance.mailing.main import main
from appliance.mailing.post import send
from appliance.mailing.spool import Spool
from appliance.server.control import ControlServer
from appliance.server.rights import Admission
from appliance.server.subscribers import Subscribers
from appliance.switch.sound.wav import header
from tests.appliance.api.running import Rules, lone_server, reception
from tests.appliance.mailing.smtp import MailServer

SAMPLES = 16_000
NOW = 1_795_000_000_000
MINUTE, HOUR = 60_000, 3_600_000


def row(n: int, box: str = "ann", **more: Any) -> MessageRow:
    made = MessageRow(
        message=n, box=box, call=1, path=f"voicemail/{n}.wav", caller="13800138000", name="王", withheld=False,
        why="busy", at=NOW, length_s=2.0, running=False, error="", heard_at=0, saved=False, deleted_at=0, deleted_by="",
        passed=0, state="", owner="", due_at=0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


class House:
    """A control socket that knows messages, a mail server, and a mailer between them."""

    def __init__(self, folder: Path, post: MailServer) -> None:
        self.folder, self.post = folder, post
        self.rows: list[MessageRow] = []
        self.changed: list[ChangeMessage] = []
        self.told: list[tuple[str, dict[str, str]]] = []
        self.box: dict[str, Any] = {"name": "ann", "mail": ["ann@example.com"]}
        self.mail: dict[str, Any] = {"server": "127.0.0.1", "port": post.port, "security": "none"}

    async def answer(self, request: AnyRequest, _by: str) -> AnyReply:
        if isinstance(request, ChangeMessage):
            self.changed.append(request)
            return Done()
        assert isinstance(request, Messages)
        newest = sorted(self.rows, key=lambda each: -each.message)
        fit = [each for each in newest if not request.before or each.message < request.before]
        return MessagesReply(str(self.folder / "recordings"), tuple(fit[: request.limit]))

    def left(self, n: int, box: str = "ann", **more: Any) -> None:
        """Leave a message, with its file."""
        self.rows = [each for each in self.rows if each.message != n]
        self.rows.append(row(n, box, **more))
        file = self.folder / "recordings" / f"voicemail/{n}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(header(SAMPLES, 1) + bytes([0xD5]) * SAMPLES)

    def turn(self, now: int = NOW) -> None:
        """Let a mailer that was just started take a turn: nothing is kept but on disk."""
        document = {"voicemail": [self.box], "mail": {"sender": "box@example.com", **self.mail}, "language": "zh"}
        config = msgspec.convert(document, BoxConfig)
        post = partial(send, config.mail, self.folder)
        tell = lambda about, _text, values: self.told.append((about, values))  # noqa: E731
        Mailer(config, self.folder / "control.sock", Spool(self.folder / "mail"), post, tell).turn(now)

    @property
    def waiting(self) -> list[int]:
        return [each.message for each in Spool(self.folder / "mail").waiting()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    loop = asyncio.new_event_loop()
    with MailServer() as post:
        made = House(tmp_path, post)
        here = reception(tmp_path, lone_server(), made.answer, Rules())
        control = ControlServer(tmp_path / "control.sock", here, Subscribers(lambda tick: tick), Admission({}))
        loop.run_until_complete(control.start())
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        made.turn()  # the first start
        yield made
        asyncio.run_coroutine_threadsafe(control.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def test_a_message_goes_out_once_with_its_envelope_and_sound(house: House) -> None:
    house.left(7)
    house.turn()
    house.turn()
    (letter,) = house.post.letters
    assert house.post.to == [["ann@example.com"]]
    assert letter["From"] == "box@example.com"
    assert "13800138000 王" in letter["Subject"]
    assert "语音留言" in letter["Subject"], "in the box's language"
    assert "主叫：13800138000 王" in letter.get_body().get_content()  # type: ignore[union-attr]
    assert letter["Message-ID"] == f"<mxbox-7-{NOW}@example.com>"
    (attached,) = letter.iter_attachments()
    assert attached.get_content_type() == "audio/wav"
    with wave.open(BytesIO(attached.get_content())) as sound:
        assert (sound.getnframes(), sound.getframerate(), sound.getsampwidth()) == (SAMPLES, 8000, 2)
    assert house.waiting == []
    assert not house.told


def test_messages_of_before_the_first_start_and_of_other_boxes_are_not_sent(tmp_path: Path, house: House) -> None:
    house.left(7, "bob")
    house.turn()
    assert not house.post.letters
    shutil.rmtree(tmp_path / "mail")
    house.left(8)
    house.turn()
    assert not house.post.letters, "the folder is new: what is there is old"
    house.left(9)
    house.turn()
    assert len(house.post.letters) == 1


def test_a_message_that_is_being_spoken_is_sent_when_it_is_over_also_if_later_ones_went_before(house: House) -> None:
    house.left(7, running=True)
    house.left(8)
    house.turn()
    assert [letter["Message-ID"].partition("-")[2][0] for letter in house.post.letters] == ["8"]
    house.left(7)
    house.turn()
    house.turn()
    assert len(house.post.letters) == 2


def test_a_letter_that_is_put_off_waits_on_disk_and_is_tried_again_later(house: House) -> None:
    house.left(7)
    house.post.reply = "451 come back later"
    house.turn()
    assert house.waiting == [7]
    assert house.told[0][1]["why"] == "451 come back later"
    house.post.reply = "250 fine"
    house.turn(NOW + MINUTE - 1)
    assert not house.post.letters
    house.turn(NOW + MINUTE)
    assert len(house.post.letters) == 1
    assert house.waiting == []


def test_a_letter_that_is_refused_is_given_up_at_once_and_another_after_two_days(house: House) -> None:
    house.left(7)
    house.post.reply = "550 no such user"
    house.turn()
    assert house.waiting == []
    assert house.told[-1][0] == "given up 7"
    house.post.reply = "451 later"
    house.left(8)
    for hours in range(0, 60, 2):
        house.turn(NOW + hours * HOUR)
    assert house.waiting == []
    assert house.told[-1][0] == "given up 8"
    assert not house.post.letters


def test_a_wrong_password_waits_for_a_better_one_and_is_not_in_the_trouble(house: House) -> None:
    house.mail |= {"user": "box", "password_file": "mail.secret"}
    house.left(7)
    house.turn()
    assert "mail.secret" in house.told[-1][1]["why"] or "No such file" in house.told[-1][1]["why"]
    (house.folder / "mail.secret").write_text("geheim\n")
    house.post.login = "535 wrong password"
    house.turn(NOW + MINUTE)
    assert house.waiting == [7]
    assert "geheim" not in str(house.told)
    house.post.login = "235 welcome"
    house.turn(NOW + HOUR)
    assert len(house.post.letters) == 1


@pytest.mark.parametrize("then", ["keep", "heard", "deleted"])
def test_what_becomes_of_the_message_is_configured(house: House, then: str) -> None:
    house.box["mail_then"] = then
    house.left(7)
    house.turn()
    assert house.changed == ([] if then == "keep" else [ChangeMessage(7, then)])  # type: ignore[arg-type]


def test_a_message_that_was_deleted_meanwhile_is_not_sent(house: House) -> None:
    house.left(7)
    house.post.reply = "451 later"
    house.turn()
    house.rows.clear()
    house.post.reply = "250 fine"
    house.turn(NOW + HOUR)
    assert (house.waiting, house.post.letters) == ([], [])


def test_a_mail_server_that_is_not_there_costs_no_letter(house: House) -> None:
    house.mail["port"] = 9
    house.left(7)
    house.turn()
    assert house.waiting == [7]


@pytest.mark.skipif(shutil.which("lame") is None, reason="lame is not installed")
def test_mp3_is_attached_where_it_is_wanted(house: House) -> None:
    house.box["mail_as"] = "mp3"
    house.left(7)
    house.turn()
    (attached,) = house.post.letters[0].iter_attachments()
    assert attached.get_content_type() == "audio/mpeg"
    assert len(attached.get_content()) > 1000


def test_the_process_runs_where_mail_is_wanted_and_says_what_it_lacks(tmp_path: Path) -> None:
    wanted = {"voicemail": [{"name": "ann", "mail": ["a@b.cn"]}], "mail": {"server": "m", "sender": "a@b.cn"}}
    assert "appliance.mailing" in modules(msgspec.convert(wanted, BoxConfig))
    assert "appliance.mailing" not in modules(msgspec.convert({"mail": {"server": "m"}}, BoxConfig))
    (tmp_path / "box.toml").write_text('language = "en"\n')
    assert main([str(tmp_path / "box.toml")]) == REFUSED
