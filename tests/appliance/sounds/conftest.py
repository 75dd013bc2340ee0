# SPDX-License-Identifier: GPL-2.0-or-later
"""The kept pool, made if set-up has not made it yet."""

from pathlib import Path

import pytest

from appliance.sounds.kept import kept_dir
from appliance.sounds.setup import make


@pytest.fixture(scope="session")
def kept() -> Path:
    folder = kept_dir()
    make(folder)
    return folder
