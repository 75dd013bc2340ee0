# SPDX-License-Identifier: GPL-2.0-or-later
"""Parties on a primary rate access: connected ones, both ways, and redirecting ones (Q.951.5, Q.951.6, Q.952)."""

from collections.abc import Iterator

import pytest

from appliance.contract.switch import (
    Answer,
    Answered,
    ConnectedParty,
    Dial,
    Incoming,
    NumberType,
    Party,
    Presentation,
    Redirecting,
    RedirectReason,
    Show,
)
from drivers import pri_events as q931
from tests.appliance.switch.pri_rig import Rig, rig

RESTRICTED = Presentation.RESTRICTED


@pytest.fixture(params=["user", "network"])
def box(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield from rig(request.param)


def answered(box: Rig, *shown: Party) -> list[q931.PartyNumber]:
    """Show these parties to a call from the far end, then answer it; return the parties that the far end got."""
    leg, call = box.come_in()
    for party in shown:
        box.card.execute(Show(leg, party), box.now)
    box.card.execute(Answer(leg), box.now)
    box.until(lambda: any(event.call == call for event in box.far_of(q931.Connect)))
    box.card.execute(Show(leg, Party("9")), box.now)  # too late, and no harm
    box.tick(5)
    return [event.party for event in box.far_of(q931.Connected) if event.call == call]


def test_the_answer_names_who_was_shown_last(box: Rig) -> None:
    name = "" if box.card._config.side == "user" else "Bob"
    assert answered(box, Party("8001", "Ann"), Party("8002", "Bob")) == [q931.PartyNumber("8002", name)]


@pytest.mark.parametrize(
    ("party", "named"),
    [
        (Party("+442079460000"), q931.PartyNumber("+442079460000", type=1)),
        (Party("8002", "", RESTRICTED), q931.PartyNumber("8002", presentation=q931.Presentation.RESTRICTED)),
        (Party("", "", RESTRICTED), q931.PartyNumber("", presentation=q931.Presentation.RESTRICTED)),
    ],
)
def test_its_number_goes_as_it_may_be_shown(box: Rig, party: Party, named: q931.PartyNumber) -> None:
    assert answered(box, party) == [named]


@pytest.mark.parametrize("shown", [(), (Party("li.na@house"),), (Party(),), (Party("1" * 32),)])
def test_what_is_no_number_is_not_named_and_the_call_is_answered(box: Rig, shown: tuple[Party, ...]) -> None:
    assert answered(box, *shown) == []


def test_who_answers_at_the_far_end_is_told_before_the_answer(box: Rig) -> None:
    leg, call = box.dial()
    box.far.connect(call, connected=q931.PartyNumber("+8610888866", type=1))
    box.until(lambda: box.of(Answered))
    told = [event for event in box.told if isinstance(event, ConnectedParty | Answered)]
    assert told == [
        ConnectedParty(leg, Party("+8610888866", type=NumberType.INTERNATIONAL)),
        Answered(leg),
    ]


@pytest.mark.parametrize("reason", list(RedirectReason))
def test_who_sent_a_call_on_comes_in_and_goes_out(box: Rig, reason: RedirectReason) -> None:
    party = q931.PartyNumber("01088886666", presentation=q931.Presentation.RESTRICTED, reason=reason)
    box.come_in(redirecting=party)
    heard = Redirecting(Party("01088886666", "", RESTRICTED), reason)
    assert box.of(Incoming)[-1].redirecting == heard
    box.dial(redirecting=heard)
    assert box.far_of(q931.Setup)[-1].redirecting == party


def test_a_reason_that_no_standard_has_is_none(box: Rig) -> None:
    box.come_in(redirecting=q931.PartyNumber("01088886666", reason=7))
    assert box.of(Incoming)[-1].redirecting == Redirecting(Party("01088886666"), RedirectReason.UNKNOWN)


def test_who_sent_a_call_on_is_left_out_where_it_is_no_number(box: Rig) -> None:
    leg = 99
    box.card.execute(Dial(leg, "pri:carrier", "123", redirecting=Redirecting(Party("li.na"))), box.now)
    box.until(lambda: box.far_of(q931.Setup))
    assert box.far_of(q931.Setup)[-1].redirecting is None
