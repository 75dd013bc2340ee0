# SPDX-License-Identifier: GPL-2.0-or-later
"""Connected and redirecting parties: from lines, to the other side, in the books."""

import pytest

from appliance.config.model import BoxConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Party, Presentation, Redirecting, RedirectReason
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.test_reaching import closes

ALLOWED, RESTRICTED = Presentation.ALLOWED, Presentation.RESTRICTED


def site(**phones: dict[str, object]) -> BoxConfig:
    """Return a house in Beijing with a trunk group, and a number for outside; `p8001` and the like change a phone."""
    extensions = [{**each, **phones.get(f"p{each['number']}", {})} for each in CONFIG["extension"]]
    return config(
        extension=extensions,
        site={"country_code": "86", "area_code": "10"},
        outside={"prefix": "0", "line": "trunk:voip"},
    )


def shows(box: Box) -> list[tuple[int, Party]]:
    return [(command.leg, command.party) for command in box.commands if isinstance(command, m.Show)]


def before(box: Box, one: type[m.Command], other: type[m.Command]) -> bool:
    """Return whether one command is before the other."""
    kinds: list[type[m.Command]] = [type(command) for command in box.commands]
    return kinds.index(one) < kinds.index(other)


# --- connected parties ----------------------------------------------------------------------------------------------


def test_a_phone_is_shown_who_rings_and_who_answers_with_the_same_message() -> None:
    box = Box(site())
    a = box.phone_dials("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    assert shows(box) == [(a, Party("8002", "Bob"))]
    assert before(box, m.Show, m.Alert)
    box.tell(m.Answered(b))
    assert shows(box) == [], "it knows"
    closes(box)


def test_what_a_trunk_says_of_who_answers_goes_to_the_phone_before_the_answer() -> None:
    box = Box(site())
    a = box.phone_dials("013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    assert shows(box) == [], "no more is known than what was dialled"
    box.tell(m.ConnectedParty(b, Party("+861088886666", "Li Na")), m.Answered(b))
    assert shows(box) == [(a, Party("088886666", "Li Na"))]
    assert before(box, m.Show, m.Answer)
    closes(box)


@pytest.mark.parametrize("presentation", [RESTRICTED, Presentation.UNAVAILABLE])
def test_a_party_that_withholds_its_number_is_not_shown_in_place_of_what_was_dialled(
    presentation: Presentation,
) -> None:
    box = Box(site())
    box.phone_dials("013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.ConnectedParty(b, Party("13911112222", "Li Na", presentation)), m.Alerting(b), m.Answered(b))
    assert shows(box) == []
    closes(box)


def test_in_a_talk_a_change_at_the_far_end_is_shown_and_one_that_withholds_its_number_too() -> None:
    box = Box(site())
    a = box.phone_dials("013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    box.tell(m.ConnectedParty(b, Party("13911112222", "Wu")))
    assert shows(box) == [(a, Party("013911112222", "Wu"))]
    box.tell(m.ConnectedParty(b, Party("13911112222", "Wu")))
    assert shows(box) == [], "nothing new"
    box.tell(m.ConnectedParty(b, Party("13700000000", "Ma", RESTRICTED)))
    assert shows(box) == [(a, Party(presentation=RESTRICTED))]
    closes(box)


def test_a_new_phone_in_the_talk_is_shown_the_party_that_the_line_named() -> None:
    box = Box(site())
    a = box.phone_dials("013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.ConnectedParty(b, Party("13911112222", "Wu")), m.Answered(b))
    box.tell(m.TransferWanted(a, "8002"))
    assert box.asked(m.Dial).caller == Party("013911112222", "Wu")
    c = box.asked(m.Dial).leg
    box.tell(m.Alerting(c), m.Answered(c))
    assert (b, Party("8002", "Bob")) in shows(box), "a SIP trunk can be told in a talk"


@pytest.mark.parametrize(("caller", "told"), [("", Party("8002", "Bob")), ("88886602", Party("88886602"))])
def test_a_caller_outside_is_told_the_number_that_the_phone_has_there(caller: str, told: Party) -> None:
    box = Box(site(p8002={"caller": caller}))
    a = box.call_in("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    assert shows(box) == [(a, told)]
    box.tell(m.Answered(b))
    assert shows(box) == []


def test_a_phone_that_withholds_its_number_as_it_answers_is_told_so_marked_and_to_no_phone() -> None:
    box = Box(site())
    a = box.call_in("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.ConnectedParty(b, Party(presentation=RESTRICTED)), m.Answered(b))
    assert shows(box) == [(a, Party("8002", presentation=RESTRICTED))]
    inside = Box(site())
    inside.phone_dials("8002")
    b = inside.asked(m.Dial).leg
    inside.tell(m.ConnectedParty(b, Party(presentation=RESTRICTED)), m.Answered(b))
    assert shows(inside) == []


def test_where_a_phone_sends_a_caller_from_outside_is_told_only_by_the_far_end_there() -> None:
    box = Box(site(p8002={"forward_always": "013911112222"}))
    box.call_in("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    assert shows(box) == [], "the number of an agent's own telephone is not given away"
    box = Box(site(p8002={"forward_always": "013911112222"}))
    a = box.call_in("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.ConnectedParty(b, Party("+8613911112222")), m.Answered(b))
    assert shows(box) == [(a, Party("13911112222"))]


def test_of_several_that_ring_only_the_one_that_answers_is_shown() -> None:
    box = Box(config(hunt=[{"number": "8100", "extensions": ["8001", "8002"], "ring_s": 10}]))
    a = box.phone_dials("8100", "8003")
    box.tell(m.Alerting(1), m.Alerting(3))
    assert shows(box) == []
    box.tell(m.Answered(3))
    assert shows(box)[0] == (a, Party("8002", "Bob"))
    assert before(box, m.Show, m.Answer)


@pytest.mark.parametrize("leg", [2, 1, 99])
def test_a_party_is_told_of_any_leg_and_loses_no_call(leg: int) -> None:
    box = Box(site())
    box.call_in("8002")
    box.audit.lies = leg == 99
    box.tell(m.ConnectedParty(leg, Party("13911112222")))
    assert bool(box.all(r.TroubleNoted)) == (leg == 99)
    closes(box)


# --- redirecting parties --------------------------------------------------------------------------------------------


def test_who_sent_a_call_to_the_box_is_shown_where_it_rings_and_kept() -> None:
    box = Box(site())
    by = Redirecting(Party("+8613800138000", "Wu"), RedirectReason.BUSY)
    box.tell(m.Incoming(2, "pri:carrier", "8002", Party("2012345678"), redirecting=by))
    assert box.asked(m.Dial).redirecting == Redirecting(Party("013800138000", "Wu"), RedirectReason.BUSY)
    assert [leg.redirecting for leg in box.all(r.LegOpened)] == ["13800138000", "13800138000"]
    closes(box)


def test_an_agents_phone_is_shown_who_sent_the_caller_on() -> None:
    box = Box()
    by = Redirecting(Party("13800138000"), RedirectReason.UNCONDITIONAL)
    box.to_queue("1", redirecting=by)
    assert box.asked(m.Dial).redirecting == Redirecting(Party("013800138000"), RedirectReason.UNCONDITIONAL)


def test_a_number_withheld_by_who_sent_it_on_is_on_no_phone_but_in_the_books() -> None:
    box = Box(site())
    by = Redirecting(Party("13800138000", "Wu", RESTRICTED), RedirectReason.BUSY)
    box.tell(m.Incoming(2, "pri:carrier", "8002", Party("2012345678"), redirecting=by))
    assert box.asked(m.Dial).redirecting is None
    assert box.all(r.LegOpened)[0].redirecting == "13800138000"


def test_a_withheld_number_goes_on_to_a_line_outside_marked() -> None:
    box = Box(site(p8002={"forward_always": ""}, p8001={"follow_me": ["013911112222"]}))
    group = config(hunt=[{"number": "8100", "extensions": [], "otherwise": "013911112222"}])
    box = Box(group)
    by = Redirecting(Party("13800138000", "Wu", RESTRICTED), RedirectReason.BUSY)
    box.tell(m.Incoming(2, "pri:carrier", "8100", Party("2012345678"), redirecting=by))
    assert box.asked(m.Dial).redirecting == Redirecting(Party("13800138000", "", RESTRICTED), RedirectReason.BUSY)


@pytest.mark.parametrize(
    ("phone", "cause", "reason"),
    [
        ({"forward_always": "013911112222"}, None, RedirectReason.UNCONDITIONAL),
        ({"forward_busy": "013911112222"}, 17, RedirectReason.BUSY),
        ({"forward_no_answer": "013911112222"}, 19, RedirectReason.NO_ANSWER),
        ({"follow_me": ["013911112222"]}, 19, RedirectReason.NO_ANSWER),
    ],
)
def test_a_phone_that_forwards_is_named_with_its_number_outside_and_why(
    phone: dict[str, object], cause: int | None, reason: RedirectReason
) -> None:
    box = Box(site(p8002={"caller": "88886602", **phone}))
    by = Redirecting(Party("13800138000"), RedirectReason.UNKNOWN)
    box.tell(m.Incoming(2, "pri:carrier", "8002", Party("2012345678"), redirecting=by))
    if cause is not None:
        box.tell(m.Cleared(box.asked(m.Dial).leg, cause))
    dial = box.asked(m.Dial)
    assert (dial.called, dial.redirecting) == ("13911112222", Redirecting(Party("88886602"), reason))
    assert box.all(r.LegOpened)[-1].redirecting == "8002", "in the books by its number in the house"
    closes(box)


def test_a_phone_rung_by_a_forward_is_shown_whose_call_it_is() -> None:
    box = Box(site(p8001={"forward_always": "8002"}))
    box.phone_dials("8001", "8003")
    dial = box.asked(m.Dial)
    assert (dial.called, dial.redirecting) == (
        "8002",
        Redirecting(Party("8001", "Ann"), RedirectReason.UNCONDITIONAL),
    )


def test_the_last_of_several_forwards_counts_and_a_groups_members_know_it() -> None:
    hunt = [{"number": "8100", "extensions": ["8003"]}]
    extensions = [dict(each) for each in CONFIG["extension"]]
    extensions[0]["forward_always"], extensions[1]["forward_always"] = "8002", "8100"
    box = Box(config(extension=extensions, hunt=hunt))
    box.phone_dials("8001", "8009")
    dial = box.asked(m.Dial)
    assert (dial.called, dial.redirecting) == (
        "8003",
        Redirecting(Party("8002", "Bob"), RedirectReason.UNCONDITIONAL),
    )


def test_a_phone_that_answers_302_has_deflected_the_call() -> None:
    box = Box(site())
    box.phone_dials("8002", "8003")
    b = box.asked(m.Dial).leg
    box.tell(m.Redirected(b, "8001"), m.Cleared(b, 23))
    assert box.asked(m.Dial).redirecting == Redirecting(Party("8002", "Bob"), RedirectReason.DEFLECTION)


def test_a_transferred_caller_is_no_redirected_one() -> None:
    box = Box(site())
    by = Redirecting(Party("13800138000"), RedirectReason.BUSY)
    box.tell(m.Incoming(2, "pri:carrier", "8002", Party("2012345678"), redirecting=by))
    b = box.asked(m.Dial).leg
    box.tell(m.Answered(b), m.TransferWanted(b, "8003"))
    assert box.asked(m.Dial).redirecting is None


def test_what_a_phone_says_of_who_sent_its_call_on_is_not_believed() -> None:
    box = Box(site())
    by = Redirecting(Party("8009"), RedirectReason.BUSY)
    box.tell(m.Incoming(2, "sip:8001@127.0.0.1:5001", "8002", Party("8001"), redirecting=by))
    assert box.asked(m.Dial).redirecting is None
