# SPDX-License-Identifier: GPL-2.0-or-later
"""The first call whole, as `make run` makes it, with the box in the guest: on one span and on three."""

import pytest

from appliance.demo.call import Outcome, first_call
from appliance.demo.checks import check
from tests.dahdi.machine import Machine
from tests.dahdi.stage import TooSlowError, at_its_pace, setting


@pytest.mark.parametrize("spans", [1, 3])
def test_the_first_call_on_the_genuine_driver(machine: Machine, told: list[str], spans: int) -> None:
    def play() -> Outcome:
        folder = machine.share / f"call{spans}-{machine.pace:g}"
        try:
            return first_call(folder, "en", setting(machine, spans))
        finally:
            print((folder / "phone" / "baresip.log").read_text(errors="replace")[-2000:])

    try:
        outcome = at_its_pace(machine, play)
    except TooSlowError as error:
        pytest.skip(str(error))
    told.append(f"the first call, spans: {spans}, at {machine.pace:g} of real time")
    checks = check(outcome)
    for each in checks:
        print(f"{'yes' if each.passed else 'NO'}  {each.what}: {each.seen}")
    assert all(each.passed for each in checks)
