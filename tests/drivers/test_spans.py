# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening spans by address."""

import subprocess
import sys

import pytest

from drivers.errors import DriverError, SpanAddressError
from drivers.sim import SimLines
from drivers.span import SpanOptions
from drivers.span_places import PLACES
from drivers.spans import BACKENDS, open_span


@pytest.mark.parametrize("address", ["", "nonsense", ":1", "/dev/dahdi/1"])
def test_no_scheme(address: str) -> None:
    with pytest.raises(SpanAddressError, match="is not the address of a span") as caught:
        open_span(address)
    assert "dahdi:1" in caught.value.hint


def test_unknown_scheme_names_the_known() -> None:
    with pytest.raises(SpanAddressError, match="'e1'") as caught:
        open_span("e1:0")
    assert all(f"{scheme}:" in caught.value.hint for scheme in BACKENDS)


@pytest.mark.parametrize("timeslot", [0, 32, -1])
def test_a_d_channel_that_cannot_be(timeslot: int) -> None:
    with pytest.raises(SpanAddressError, match="D channel on timeslot"):
        open_span("sim:x", SpanOptions(d_channel=timeslot), lines=SimLines())


def test_every_error_is_a_drivers_error() -> None:
    with pytest.raises(DriverError):
        open_span("what:ever")


def test_a_backend_is_loaded_when_it_is_opened_and_not_before() -> None:
    code = (
        "import sys, drivers.spans; print([m for m in sys.modules if m.startswith(('drivers.tdmoe', 'drivers.dahdi'))])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_kind_of_span_has_its_addresses_read_without_it() -> None:
    assert PLACES.keys() == BACKENDS.keys()
