# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration made in Python can be written as a file, and read again: stages of tests, demo and benches do so."""

import tomllib

import msgspec
import tomli_w

from appliance.config.model import BoxConfig
from tests.appliance.engine.box import config
from tests.scenarios import house


def test_a_configuration_is_written_and_read_again() -> None:
    for made in (BoxConfig(), house.call_centre(2), config(), config(queue=[{"name": "sales", "callback": {}}])):
        written = tomli_w.dumps(msgspec.to_builtins(made))
        assert msgspec.convert(tomllib.loads(written), BoxConfig) == made
