# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers outside in the one form in which they are dialled here: on records, lists, phones, and back again."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import NumberType as T
from appliance.contract.switch import Party, Presentation
from appliance.engine.routes.site_numbers import Site, from_outside
from tests.appliance.engine.box import Box, config


def site(**changes: Any) -> Site:
    return Site(config(site=changes))


SHANGHAI = {"area_code": "21"}


@pytest.mark.parametrize(
    ("signalled", "kind", "dialled"),
    [
        ("2155550100", T.NATIONAL, "02155550100"),
        ("02155550100", T.NATIONAL, "02155550100"),  # lines that put the prefix before it all the same
        ("13800138000", T.NATIONAL, "13800138000"),
        ("55550100", T.SUBSCRIBER, "55550100"),
        ("02155550100", T.UNKNOWN, "02155550100"),
        ("13800138000", T.UNKNOWN, "13800138000"),
        ("013800138000", T.UNKNOWN, "13800138000"),
        ("+8613800001111", T.INTERNATIONAL, "13800001111"),
        ("+862155550100", T.UNKNOWN, "02155550100"),
        ("+0086138000011112", T.INTERNATIONAL, "138000011112"),
        ("008613800001111", T.UNKNOWN, "13800001111"),
        ("+8602155550100", T.UNKNOWN, "02155550100"),  # 0 for the trunk is no part of it, but is sent
        ("+442079460000", T.UNKNOWN, "00442079460000"),
        ("442079460000", T.INTERNATIONAL, "00442079460000"),
        ("+8610086", T.UNKNOWN, "10086"),
        ("+864008001234", T.UNKNOWN, "4008001234"),
        ("95588", T.UNKNOWN, "95588"),
        ("+86", T.UNKNOWN, "0086"),
        ("li.na", T.UNKNOWN, "li.na"),
        ("+", T.UNKNOWN, "+"),
        ("", T.NATIONAL, ""),
    ],
)
def test_a_number_is_brought_into_the_form_in_which_it_is_dialled(signalled: str, kind: T, dialled: str) -> None:
    assert site().dialled(signalled, kind) == dialled


@pytest.mark.parametrize("signalled", ["+862155550100", "02155550100", "002155550100"])
def test_the_own_area_is_local(signalled: str) -> None:
    expected = "002155550100" if signalled.startswith("002") else "55550100"  # 00 is abroad
    assert site(**SHANGHAI).dialled(signalled) == expected


def test_another_country_has_its_own_prefixes() -> None:
    america = site(country_code="1", national_prefix="1", international_prefix="011", nationwide=[])
    assert america.dialled("+12125550100") == "12125550100"
    assert america.dialled("+8613800001111") == "0118613800001111"
    germany = site(country_code="49", area_code="30", nationwide=["15*", "16*", "17*"])
    assert germany.dialled("+4930123456789") == "123456789"
    assert germany.dialled("+4989123456") == "089123456"


@given(st.from_regex(r"[1-9][0-9]{6,12}", fullmatch=True), st.sampled_from([T.UNKNOWN, T.INTERNATIONAL, T.NATIONAL]))
def test_what_is_in_that_form_stays_in_it(signalled: str, kind: T) -> None:
    assume(not signalled.startswith("860"))
    dialled = site().dialled(signalled, kind)
    assert site().dialled(dialled) == dialled
    assert site().spellings(dialled)[0] == dialled
    if whole := site().global_number(dialled):
        assert site().dialled(whole) == dialled


@pytest.mark.parametrize("kind", [("+862155550100", T.UNKNOWN), ("2155550100", T.NATIONAL), ("02155550100", T.UNKNOWN)])
@pytest.mark.parametrize("listed", ["+862155550100", "02155550100", "008621*", "021*", "+8621*", "2155550100"])
def test_a_list_means_a_number_in_whatever_form(listed: str, kind: tuple[str, T]) -> None:
    box = Box(config(lists={"black": [listed]}))
    a = box.call_in(caller=Party(*kind[:1], type=kind[1]))
    assert box.asked(m.Clear) == m.Clear(a, m.Cause.USER_BUSY)


@pytest.mark.parametrize("listed", ["21*", "2155550101", "+8610*", "55550100"])
def test_a_list_means_no_other_number(listed: str) -> None:
    box = Box(config(lists={"black": [listed]}))
    box.call_in(caller=Party("+862155550100"))
    assert box.asked(m.Answer)


def test_a_local_number_is_listed_with_its_area_too() -> None:
    box = Box(config(lists={"black": ["021*"]}, site=SHANGHAI))
    a = box.call_in(caller=Party("55550100", type=T.SUBSCRIBER))
    assert box.asked(m.Clear) == m.Clear(a, m.Cause.USER_BUSY)


@pytest.mark.parametrize(
    ("said", "record", "shown", "redialled"),
    [
        (Party("2155550100", type=T.NATIONAL), "02155550100", "002155550100", "02155550100"),
        (Party("13800138000", type=T.NATIONAL), "13800138000", "013800138000", "13800138000"),
        (Party("55550100", type=T.SUBSCRIBER), "55550100", "055550100", "55550100"),
        (Party("02155550100"), "02155550100", "002155550100", "02155550100"),
        (Party("+8613800001111"), "13800001111", "013800001111", "13800001111"),
        (Party("+442079460000"), "00442079460000", "000442079460000", "00442079460000"),
    ],
)
@pytest.mark.parametrize("line", ["pri:carrier", "trunk:voip"])
def test_a_missed_call_can_be_called_back_from_the_phones_list(
    said: Party, record: str, shown: str, redialled: str, line: str
) -> None:
    box = Box()
    box.tell(m.Incoming(2, line, "8001", said))
    assert box.wrote(r.CallOpened).caller.number == record
    assert box.asked(m.Dial).caller.number == shown
    box.tell(m.Cleared(2, 16), m.Cleared(1, 16))
    box._next_leg = 4
    box.phone_dials(shown, "8001")
    assert box.asked(m.Dial).called == redialled


def test_phones_see_numbers_as_they_are_where_the_site_wants_it() -> None:
    box = Box(config(outside={"dial_back": False}))
    box.call_in("8001", Party("2155550100", type=T.NATIONAL))
    assert box.asked(m.Dial).caller.number == "02155550100"


def test_an_agent_and_a_phone_to_which_a_call_is_given_see_it_the_same_way() -> None:
    box = Box()
    box.to_queue("1")
    assert box.asked(m.Dial).caller.number == "013800138000"
    assert from_outside(Party("1")) != Party("1")


def test_a_caller_from_abroad_goes_on_to_another_line_with_plus() -> None:
    box = Box(config(hunt=[{"number": "8100", "extensions": [], "otherwise": "05551234"}]))
    box.call_in("8100", Party("+442079460000"))
    assert box.asked(m.Dial).caller == Party("+442079460000")


def test_a_phone_that_withholds_its_number_stays_hidden_through_a_transfer() -> None:
    box = Box()
    box.tell(m.Incoming(2, "sip", "8002", Party("8001", "Ann", Presentation.RESTRICTED)))
    assert box.asked(m.Dial).caller == Party(presentation=Presentation.RESTRICTED)
    box.tell(m.Alerting(1), m.Answered(1))
    box.tell(m.TransferWanted(1, "8003"))
    assert box.asked(m.Dial).caller == Party(presentation=Presentation.RESTRICTED)
    box.tell(m.Answered(3))
    shown = [command.party for command in box.commands if isinstance(command, m.Show) and command.leg == 3]
    assert all(party.presentation is Presentation.RESTRICTED for party in shown)


@pytest.mark.parametrize(
    ("dialled", "called"),
    [("02000#", "2000"), ("0138 0013 8000#", "13800138000"), ("0*21*5551234#", "*21*5551234#"), ("0#", None)],
)
def test_a_hash_behind_digits_ends_dialling(dialled: str, called: str | None) -> None:
    box = Box()
    box.phone_dials(dialled)
    found = [command.called for command in box.commands if isinstance(command, m.Dial)]
    assert found == ([called] if called else [])


def test_a_hash_ends_a_number_inside_too() -> None:
    box = Box()
    box.phone_dials("8001#")
    assert box.asked(m.Dial).called == "8001"
