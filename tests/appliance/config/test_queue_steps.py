# SPDX-License-Identifier: GPL-2.0-or-later
"""Mistakes in steps, reserve and announcements of queues."""

from typing import Any

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

HEAD = (
    '[[agent]]\nnumber = "101"\nskills = { english = 5 }\n[[agent]]\nnumber = "102"\n'
    '[[queue]]\nname = "sales"\nagents = ["101"]\n'
)
STEP = "\n[[queue.step]]\nafter_s = 20\n"


def _mistakes(text: str) -> list[tuple[str, Any]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"{HEAD}{text}\n", "box.toml")
    return [(each.key, each.value) for each in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        (STEP, "queue[0].step[0]", None),
        (STEP + "reserve = true", "queue[0].step[0].reserve", True),
        (STEP + "needs = { english = 6 }", "queue[0].step[0].needs.english", 6),
        (STEP + "reserve = 1\nneeds = { english = 0 }", "queue[0].step[0].reserve", 1),
        (2 * (STEP + "needs = { english = 0 }"), "queue[0].step[1].after_s", 20.0),
        ('reserve = ["101"]', "queue[0].reserve[0]", "101"),
        ('reserve = ["102", "102"]', "queue[0].reserve[1]", "102"),
        ('reserve = ["110"]', "queue[0].reserve[0]", "110"),
        ('announce_position_every_s = 0\nannounce_texts = ["welcome"]', "queue[0].announce_texts", "welcome"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, key: str, value: Any) -> None:
    assert _mistakes(text) == [(key, value)]


def test_steps_that_make_sense_are_read() -> None:
    text = 'reserve = ["102"]\nneeds = { english = 5 }' + STEP + "needs = { english = 3 }\nreserve = true"
    (queue,) = parse_config(HEAD + text, "box.toml").queue
    assert [(step.after_s, step.needs, step.reserve) for step in queue.step] == [(20.0, {"english": 3}, True)]
