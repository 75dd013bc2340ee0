# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys sent by INFO, one after the other: two on their way at once could be overtaken in the edge."""

import re
from pathlib import Path

from appliance.contract.switch import SendKey
from tests.appliance.switch.sip_keypad import info_keys, keypad


def test_a_key_by_info_waits_until_the_one_before_it_is_answered(tmp_path: Path) -> None:
    with keypad(tmp_path, send_keys="info") as pad:
        pad.phone.answers_requests = False
        for key in "5#5":
            pad.switch.execute(SendKey(pad.leg, key, 100))
        pad.quiet(40)
        assert {key for key, _ in info_keys(pad.phone)} == {"5"}, "else it could be overtaken, which makes it too late"
        pad.phone.answers_requests = True
        pad.phone._take(next(text for text in pad.phone.received if text.startswith("INFO ")))
        pad.quiet(30)
        told = {re.search(r"CSeq: (\d+)", text)[1]: text for text in pad.phone.received if text.startswith("INFO ")}  # type: ignore[index]
        assert [re.search(r"Signal=(\S)", text)[1] for text in told.values()] == ["5", "#", "5"]  # type: ignore[index]
        assert sorted(told, key=int) == list(told)
