# SPDX-License-Identifier: GPL-2.0-or-later
"""Each press once (RFC 4733 2.5): also with repeated, lost and late reports."""

from drivers.sip import SipKey
from drivers.sip_keys import QUIET_POLLS, KeyPresses


def test_updates_are_one_press_told_at_its_end() -> None:
    keys = KeyPresses()
    assert keys.report(1, "5", 1000, 20, ended=False) == []
    assert keys.report(1, "5", 1000, 60, ended=False) == []
    assert keys.report(1, "5", 1000, 100, ended=True) == [SipKey(1, "5", 100)]
    assert [keys.poll() for _ in range(2 * QUIET_POLLS)] == [[]] * (2 * QUIET_POLLS)


def test_a_lost_end_is_made_good_by_the_next_press_or_by_quiet() -> None:
    keys = KeyPresses()
    keys.report(1, "5", 1000, 60, ended=False)
    assert keys.report(1, "5", 1300, 20, ended=False) == [SipKey(1, "5", 60)]
    for _ in range(QUIET_POLLS - 1):
        assert keys.poll() == []
    assert keys.poll() == [SipKey(1, "5", 20)]


def test_a_press_that_is_still_reported_is_not_over() -> None:
    keys = KeyPresses()
    for duration_ms in range(0, 2000, 40):
        assert keys.report(1, "#", 7, duration_ms, ended=False) == []
        assert keys.poll() == []
        assert keys.poll() == []


def test_calls_do_not_mix_and_a_call_that_is_over_presses_nothing() -> None:
    keys = KeyPresses()
    keys.report(1, "1", 7, 40, ended=False)
    keys.report(2, "1", 7, 40, ended=False)
    keys.forget(1)
    assert [key for _ in range(QUIET_POLLS) for key in keys.poll()] == [SipKey(2, "1", 40)]
