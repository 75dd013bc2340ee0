# SPDX-License-Identifier: GPL-2.0-or-later
"""Published schemas are the same with a msgspec that trims docstrings and with one that does not."""

from typing import Any

import msgspec
import pytest

from appliance.config.model import BoxConfig
from appliance.ivr.flow import Flow
from appliance.schemas import json_schema


def indented(schema: Any) -> Any:
    """Return a schema as made by a version that does not trim docstrings."""
    if isinstance(schema, dict):
        return {key: indented_text(key, value) for key, value in schema.items()}
    return [indented(each) for each in schema] if isinstance(schema, list | tuple) else schema


def indented_text(key: str, value: Any) -> Any:
    text = key == "description" and isinstance(value, str)
    return value.replace("\n", "\n    ") + "\n    " if text else indented(value)


@pytest.mark.parametrize("kind", [BoxConfig, Flow])
def test_a_schema_does_not_depend_on_how_docstrings_are_indented(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = json_schema(kind)
    raw = msgspec.json.schema(kind)
    monkeypatch.setattr(msgspec.json, "schema", lambda _: indented(raw))
    assert json_schema(kind) == usual


def test_words_that_are_no_descriptions_are_left_alone() -> None:
    class Spoken(msgspec.Struct):
        """Says something.

        And more.
        """

        text: str = "  as it is\n  "

    schema = json_schema(Spoken, title="T")
    assert schema["title"] == "T"
    assert "  as it is\n  " in str(schema["$defs"]["Spoken"]["properties"]["text"]["default"])
