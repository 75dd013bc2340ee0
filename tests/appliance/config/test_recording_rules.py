# SPDX-License-Identifier: GPL-2.0-or-later
"""Recording rules are checked: names that are not there, rules that never decide, keys without effect."""

from typing import Any

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

HEAD = '[[queue]]\nname = "sales"\n[[agent]]\nnumber = "101"\n[[trunk_group]]\nname = "away"\nlines = []\n'


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ('name = "a"\nqueues = ["sale"]', "recording_rule[0].queues[0]", "sale", "there is no such queue"),
        ('name = "a"\nagents = ["101", "110"]', "recording_rule[0].agents[1]", "110", "there is no such agent"),
        ('name = "a"\nlines = ["away", "home"]', "recording_rule[0].lines[1]", "home", "is no way outside"),
        ('name = "a"\n[[recording_rule]]\nname = "b"', "recording_rule[1]", "b", "never decides"),
        (
            'name = "a"\nnumbers = ["1*"]\n[[recording_rule]]\nname = "a"',
            "recording_rule[1].name",
            "a",
            "is there twice",
        ),
        ('name = "a"\nrecord = false\none_in = 5', "recording_rule[0].one_in", 5, "the rule records none"),
        ('name = "a"\none_in = 0', "recording_rule[0].one_in", 0, ""),
        ('name = "a"\nrecord = false\nkeep_days = 5', "recording_rule[0].keep_days", 5, "the rule records none"),
        ('name = "a"\nkeep_days = 29', "recording_rule[0].keep_days", 29, "before they are 30 days old"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(text: str, key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"{HEAD}[[recording_rule]]\n{text}\n", "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found] == [value]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ("[recording]\nkeep_days = 29", "recording.keep_days", 29, "before they are 30 days old"),
        (
            "[recording]\nkeep_days = 90\n[recording.keep]\nout_days = 7",
            "recording.keep.out_days",
            7,
            "before they are 30 days old",
        ),
        (
            '[books]\nkeep_days = 7\n[recording.archive]\nfolder = "/mnt"\nafter_days = 7',
            "recording.archive.after_days",
            7,
            "have left the books",
        ),
        ("[recording.archive]\nafter_days = 0", "recording.archive.after_days", 0, ""),
    ],
)
def test_keeping_that_makes_no_sense_is_named(text: str, key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found] == [value]
    assert message in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "[recording]\nkeep_days = 7\n[recording.keep]\nout_days = 30",
        "[recording.keep]\nin_days = 1\ninternal_days = 1",
        '[[recording_rule]]\nname = "a"\nkeep_days = 2\ndirection = "in"',
        '[books]\nkeep_days = 8\n[recording.archive]\nfolder = "/mnt"\nafter_days = 7',
    ],
)
def test_recordings_of_other_calls_may_go_sooner(text: str) -> None:
    parse_config(text, "box.toml")
