# SPDX-License-Identifier: GPL-2.0-or-later
"""`make test-asterisk`: one box and one Asterisk for all files; each test leaves them quiet."""

from collections.abc import Iterator

import pytest

from tests.asterisk.pbx import Phone
from tests.asterisk.scene import Scene, scene

PHONES = (
    Phone("1002"),
    Phone("1005", "busy"),
    Phone("1006", "ring"),
    Phone("1007", "deflect"),
    Phone("1008", expires_s=5),
    Phone("1031", "on", ("direct_media = yes",)),
    Phone("1032", more=("direct_media = yes",)),
    Phone("1011", more=("allow = !all,ulaw",)),
    Phone("1012", more=("allow = !all,g722",)),
    Phone("1013", more=("allow = !all,opus",)),
    Phone("1014", more=("media_encryption = sdes",)),
    Phone("1015", more=("100rel = required",)),
    Phone("1016", more=("timers = always", "timers_min_se = 90", "timers_sess_expires = 90")),
    Phone("1017", more=("allow = !all,alaw:30",)),
    Phone("1018", more=("allow = !all,alaw:40",)),
    Phone("1021", "quiet", ("dtmf_mode = rfc4733",)),
    Phone("1022", "quiet", ("dtmf_mode = inband",)),
    Phone("1023", "quiet", ("dtmf_mode = info",), "info"),
    Phone("1024", "quiet", ("dtmf_mode = auto",)),
)


@pytest.fixture(scope="session")
def _scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("scene"), PHONES) as up:
        yield up


@pytest.fixture(name="scene")
def _fresh(_scene: Scene) -> Iterator[Scene]:
    yield _scene
    _scene.afresh()
