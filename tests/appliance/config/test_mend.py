# SPDX-License-Identifier: GPL-2.0-or-later
"""A document with mistakes of shape is mended to one that fits, whatever its types ask for."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from appliance.config.errors import Mistake
from appliance.config.mend import Mended
from appliance.config.shape import shape_mistakes

Named = Annotated[str, Meta(min_length=3)]


class Item(msgspec.Struct, forbid_unknown_fields=True):
    name: Named
    port: Annotated[int, Meta(ge=90)]


class Card(msgspec.Struct, forbid_unknown_fields=True):
    item: Annotated[tuple[Item, ...], Meta(min_length=2, max_length=3)]
    steps: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1)] = (1,)


class Document(msgspec.Struct, forbid_unknown_fields=True):
    card: tuple[Card, ...] = ()


GOOD = {"name": "abc", "port": 90}


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({}, ["card[0].item"]),
        ({"item": []}, ["card[0].item"]),
        ({"item": [GOOD]}, ["card[0].item"]),
        ({"item": [GOOD] * 4}, ["card[0].item"]),
        ({"item": [GOOD, 7]}, ["card[0].item[1]"]),
        ({"item": [GOOD, {"name": "a"}]}, ["card[0].item[1].name", "card[0].item[1].port"]),
        ({"item": "abc"}, ["card[0].item"]),
        ({"item": [GOOD, GOOD], "steps": []}, ["card[0].steps"]),
        ({"item": [GOOD, GOOD], "steps": ["x"]}, ["card[0].steps[0]"]),
    ],
)
def test_a_list_that_must_not_be_empty_is_filled_and_its_mistake_named(card: dict[str, Any], told: list[str]) -> None:
    document = {"card": [card]}
    shape = tuple(shape_mistakes(document, Document))
    assert [each.key for each in shape] == told
    mended = msgspec.convert(Mended(document, Document).data, Document)
    assert 2 <= len(mended.card[0].item) <= 3


def test_mistakes_of_sense_inside_what_was_filled_in_are_not_told() -> None:
    mended = Mended({"card": [{}, {"item": [GOOD, GOOD]}]}, Document)
    keys = ("card[0].item[0].name", "card[0].item[1].port", "card[0].steps", "card[1].item[0].name")
    told = mended.mistakes((), [Mistake(key, None, "wrong", "") for key in keys])
    assert [each.key for each in told] == ["card[1].item[0].name"]
