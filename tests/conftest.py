# SPDX-License-Identifier: GPL-2.0-or-later
"""Order of the tests: long ones come first, so that two workers end together."""

from typing import Final

import pytest

LONG: Final = (
    "tests/scenarios/",
    "tests/appliance/edge/test_agents_day.py",
    "tests/appliance/edge/test_supervisor_phones.py",
    "tests/appliance/edge/test_desk_phones.py",
)
"""Tests that wait on lines and phones in real time, by the beginning of their names."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the long tests to the front."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
