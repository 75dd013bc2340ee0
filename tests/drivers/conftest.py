# SPDX-License-Identifier: GPL-2.0-or-later
"""D channels that are up, for the tests of PRI; short closings, for those of SIP."""

from collections.abc import Iterator

import pytest

from tests.drivers.lapd_peer import LapdPeer
from tests.drivers.parting import brief_parting
from tests.drivers.pri_rig import peer_of

__all__ = ["brief_parting", "exchange", "peer"]


@pytest.fixture(params=["network", "user"])
def peer(request: pytest.FixtureRequest) -> Iterator[LapdPeer]:
    """The link under test is each side in turn."""
    with peer_of(request.param) as peer:
        yield peer


@pytest.fixture
def exchange() -> Iterator[LapdPeer]:
    """The link under test is the user side."""
    with peer_of("user") as peer:
        yield peer
