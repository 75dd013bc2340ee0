# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes a run of all tests short, and each test as it would be by itself: order, kept bytecode, garbage."""

import gc
import os
import sys
from typing import Final

import pytest

LONGEST_FIRST: Final = (
    "tests/scenarios/test_kills.py",
    "tests/scenarios/test_guides.py",
    "tests/scenarios/test_readme.py",
    "tests/tui/test_technicians_day.py",
    "tests/tui/test_keys.py",
    "tests/scenarios/test_callbacks.py",
    "tests/scenarios/test_whole_box.py",
    "tests/tui/test_snapshots.py",
    "tests/appliance/edge/test_agents_day.py",
    "tests/appliance/switch/test_pri_crossings.py",
    "tests/appliance/switch/test_sip_keys.py",
    "tests/appliance/server/test_config_requests.py",
    "tests/test_house.py",
    "tests/appliance/edge/test_agent_in_words.py",
    "tests/appliance/cli/test_run.py",
    "tests/appliance/edge/test_registrar_refuses.py",
    "tests/drivers/test_pjsip.py",
    "tests/dsp/test_echo_g168.py",
    "tests/appliance/edge/test_names.py",
    "tests/appliance/edge/test_trunks.py",
    "tests/appliance/switch/test_sip_far_end.py",
    "tests/scenarios/test_messages_kept.py",
    "tests/appliance/engine/test_million.py",
    "tests/scenarios/test_load.py",
    "tests/firmware_tools/test_serial_setup.py",
    "tests/tui/test_serial.py",
    "tests/scenarios/test_agent_hands_on.py",
    "tests/appliance/server/test_process.py",
    "tests/scenarios/",
    "tests/appliance/edge/",
)
"""Files of tests, and folders, that take half a minute and more: workers that take files in this order end together."""

# Children of the tests import the same hundred modules each time: a second of compiling for every process of every box.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def place(item: pytest.Item) -> int:
    """Return the place of a test's file in the order."""
    places = (place for place, name in enumerate(LONGEST_FIRST) if item.nodeid.startswith(name))
    return next(places, len(LONGEST_FIRST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the long tests to the front, the longest first."""
    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave the thousands of tests out of every collection of garbage to come: they are none."""
    gc.collect()
    gc.freeze()
