# SPDX-License-Identifier: GPL-2.0-or-later
"""The integrators' page is true: it has every request, and its examples decode."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from appliance.api import client, messages
from appliance.api.messages import MAX_LINE, AnyReply, AnyRequest, Topic
from appliance.contract.records import AnyRecord
from appliance.server.subscribers import _TOPICS, MAX_KEPT

TEXT = Path(client.__file__).with_name("README.md").read_text(encoding="utf-8")
REQUESTS = re.findall(r"^\| `(\{.*?\})` \|.*\| `(\w+)`", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("request_line", "reply"), REQUESTS)
def test_each_request_decodes_and_its_reply_exists(request_line: str, reply: str) -> None:
    msgspec.json.decode(request_line, type=AnyRequest)
    assert reply in {kind.__struct_config__.tag for kind in get_args(AnyReply)}


def test_every_request_is_on_the_page_with_all_its_fields() -> None:
    shown = [msgspec.json.decode(line) for line, _reply in REQUESTS]
    fields = {line["ask"]: set(line) - {"ask"} for line in shown}
    kinds = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyRequest)}
    assert {tag: fields[tag] | {"why"} for tag in fields} == {tag: set(kinds[tag].__struct_fields__) for tag in kinds}
    assert "Every request may have `why`" in TEXT


def test_the_update_on_the_page_decodes() -> None:
    (line,) = re.findall(r"^\{\"reply\".*\}$", TEXT, re.MULTILINE)
    assert isinstance(msgspec.json.decode(line, type=AnyReply), messages.Update)


def test_topics_and_bounds_on_the_page_are_the_codes() -> None:
    for topic in get_args(Topic):
        assert f"`{topic}`" in TEXT
    assert f"at most {MAX_LINE} bytes" in TEXT
    assert set(get_args(AnyRecord)) <= set(_TOPICS)


def test_the_page_tells_the_right_of_each_request_and_the_greeting() -> None:
    sentences = re.findall(r"((?:`\w+`,? (?:and )?)+)takes? (?:the right )?`(\w+)`", TEXT)
    said = {tag: right for tags, right in sentences for tag in re.findall(r"`(\w+)`", tags)}
    rights = {str(kind.__struct_config__.tag): kind.right for kind in get_args(AnyRequest)}
    assert said == {tag: right for tag, right in rights.items() if right != "read"}
    (greeting,) = re.findall(r"`(\{\"reply\":\"hello\".*?\})`", TEXT)
    assert isinstance(msgspec.json.decode(greeting, type=AnyReply), messages.Hello)
    assert f"last {MAX_KEPT}" in TEXT
