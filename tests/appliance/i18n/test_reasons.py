# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of the system and of libraries, in the reader's language, wherever a person meets them."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from appliance.children.child import in_words
from appliance.cli.main import main
from appliance.cli.words import text_of
from appliance.contract import reasons
from appliance.contract.errors import RequestError
from appliance.contract.rows import TroubleRow
from appliance.i18n import N_

COMMON = [
    "ENOENT",
    "EACCES",
    "EPERM",
    "ENOSPC",
    "EROFS",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EISDIR",
    "ENOTDIR",
    "EEXIST",
    "EIO",
    "ENODEV",
    "ENXIO",
    "EBUSY",
    "EMFILE",
    "ENFILE",
    "ENOMEM",
    "EAGAIN",
    "EINVAL",
    "EPIPE",
    "ENAMETOOLONG",
    "ELOOP",
    "EDQUOT",
    "EHOSTUNREACH",
    "ENETUNREACH",
]


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text) and not any(
        each.isascii() and each.isalpha() for each in text
    )


@pytest.mark.parametrize("name", COMMON)
def test_common_refusals_of_the_system_are_said_in_the_readers_language(name: str) -> None:
    number = getattr(errno, name)
    assert is_chinese(reasons.why(OSError(number, os.strerror(number), "/x")))
    assert str(in_words(OSError(number, os.strerror(number), "/一"))).startswith("/一: ")
    assert is_chinese(str(in_words(OSError(number, os.strerror(number), "/一"))))


def test_what_is_not_known_stays_as_it_is() -> None:
    assert reasons.why(OSError("no idea")) == "no idea"
    assert reasons.in_words("a.wav: something") == "a.wav: something"
    assert reasons.in_words("2026/1.wav: No space left on device") == "2026/1.wav: 磁盘空间不足"


def test_a_document_that_is_not_there_and_one_that_is_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, why in ((tmp_path / "1.toml", "没有这个文件或文件夹"), (tmp_path, "是一个文件夹")):
        assert main(["config", "check", str(place)]) == 1
        told = capsys.readouterr()
        assert why in told.out + told.err
        assert not any(each in told.out + told.err for each in ("No such", "Is a directory"))


def test_troubles_of_the_books_and_errors_of_the_box_are_kept_in_english_and_shown_in_chinese() -> None:
    text = N_("recording {recording}: {why}")
    why = "1.wav: No space left on device"
    row = TroubleRow(
        trouble=1,
        started_at=0,
        kind="recording",
        text="",
        count=1,
        msgid=text,
        values={"recording": "3", "why": why},
    )
    assert text_of(row).endswith("磁盘空间不足")
    error = RequestError.of(N_("the books cannot be read: {why}"), why=sqlite3.OperationalError("database is locked"))
    assert error.values == {"why": "database is locked"}
    assert is_chinese(error.message)
    refused = RequestError.of(
        N_("the books cannot be read: {why}"), why=OSError(errno.EIO, os.strerror(errno.EIO), "/x")
    )
    assert refused.values == {"why": "Input/output error"}
