# SPDX-License-Identifier: GPL-2.0-or-later
"""How long an endpoint waits at its close for phones to answer its last BYE.

The phones of the tests are polled on the same thread, so they are silent then. Half a second at the end of some
400 tests would be time waited for nothing. BYE is sent before, and a phone in a process of its own answers at once.
"""

import pytest

from drivers import pjsip_endpoint

POLLS = 3


@pytest.fixture(autouse=True)
def brief_parting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close endpoints after a few polls."""
    monkeypatch.setattr(pjsip_endpoint, "LAST_POLLS", POLLS)
