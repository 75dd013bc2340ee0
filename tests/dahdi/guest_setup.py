# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver set up by `mxbox dahdi write` alone, as at a start of the machine: no file of it was written by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.cli.main import main
from appliance.dahdi.files import MODULES, OPTIONS, SYSTEM
from drivers.dahdi import DahdiSpan
from drivers.span import TICK_SAMPLES, TIMESLOTS, Alarm, SpanCondition, SpanOptions
from drivers.spans import open_span
from tests.dahdi import driver

# jpah costs next to nothing: thirty real cancellers are too much for an emulated processor.
BOX = """
profile = "mx90"
[[span]]
address = "dahdi:1"
dynamic = "loc,1:0"
echo_canceller = "jpah"
[[span]]
address = "dahdi:2"
dynamic = "loc,1:1"
clock = "own"
side = "network"
"""
BY_HAND = "# by hand\n"
FILES = [Path("/") / each for each in (SYSTEM, MODULES, OPTIONS)]


@pytest.fixture
def written(tmp_path: Path) -> Iterator[None]:
    driver._LOADED.clear()
    driver.unload()
    FILES[0].parent.mkdir(exist_ok=True)
    FILES[0].write_text(BY_HAND)
    config = tmp_path / "box.toml"
    config.write_text(BOX)
    assert main(["dahdi", "write", str(config)]) == 0
    yield
    driver.unload()
    for file in (*FILES, *FILES[0].parent.glob("*.saved-*")):
        file.unlink(missing_ok=True)


def test_the_driver_comes_up_as_the_box_is_configured(written: None) -> None:
    driver.run("/usr/share/dahdi/dahdi-modules", "load")
    driver.run("dahdi_cfg")
    assert Path("/sys/module/dahdi/parameters/auto_assign_spans").read_text().strip() == "1"
    assert "dahdi_echocan_jpah" in Path("/proc/modules").read_text()
    near, far = (open_span(f"dahdi:{n}", SpanOptions(echo_taps=32 * (n == 1))) for n in (1, 2))
    out = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    near.send_frame(b"hello")
    arrived = []
    for _ in range(60):
        for span in (near, far):
            span.wait(0.1)
            span.receive(out)
            span.transmit(out)
        arrived += far.frames()
    for span in (near, far):
        assert isinstance(span, DahdiSpan)
        assert span.alarms == Alarm.NONE
        assert span.condition().kind == "dynamic"
        assert span.condition() == SpanCondition(kind="dynamic", description=span.condition().description)
        span.close()
    assert arrived == [b"hello"]


def test_what_was_there_is_kept(written: None) -> None:
    assert FILES[0].with_name("system.conf.saved-1").read_text() == BY_HAND


@pytest.mark.parametrize("card", ["wct4xxp", "wcte12xp", "wcte13xp", "wcte43x"])
def test_cards_wake_up_as_e1(written: None, card: str) -> None:
    """Their drivers load without a card, and show what they were told."""
    driver.run("modprobe", card)
    mode = Path(f"/sys/module/{card}/parameters/default_linemode").read_text().strip()
    driver.run("modprobe", "-r", card)
    assert mode == "e1"
