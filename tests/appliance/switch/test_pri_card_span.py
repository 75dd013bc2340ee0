# SPDX-License-Identifier: GPL-2.0-or-later
"""A span's report on lines in each state: libpri at both ends, on box time."""

from collections.abc import Iterator

import pytest

from appliance.contract.switch import SpanReport
from drivers.pri import PriLink
from tests.appliance.switch.pri_rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def look(rig: Rig, seconds: int = 15) -> SpanReport:
    """Return the last report after so many seconds with a report each, as the switch does."""
    for _ in range(seconds):
        rig.tick(50)
        (card,) = rig.card.status()
    assert card.span
    return card.span


def test_in_service(rig: Rig) -> None:
    report = look(rig)
    assert report.verdicts == ("in_service",)
    assert (report.side, report.signalling, report.clock, report.d_channel_up) == ("user", "pri", "far", True)
    assert report.kind == "simulated"
    assert report.recent["hdlc_frames"] > 0


def test_both_ends_are_the_user(rig: Rig) -> None:
    rig.far = PriLink("user", {})
    assert look(rig).verdicts == ("d_channel_refused",)


def test_a_d_channel_that_leads_nowhere(rig: Rig) -> None:
    rig.d_cut = True
    assert look(rig).verdicts == ("d_channel_silent",)


def test_a_cut_line(rig: Rig) -> None:
    look(rig)
    rig.line.set_cut(on=True)
    report = look(rig, 3)
    assert report.verdicts == ("dead",)
    assert report.alarms == ("RED",)


def test_a_far_end_that_hears_nothing(rig: Rig) -> None:
    look(rig)
    rig.line.paths[1].cut = True
    assert look(rig, 3).verdicts[0] == "yellow"
