# SPDX-License-Identifier: GPL-2.0-or-later
"""Our requests in a call go in order, its end last: a proxy of several processes may let a later one overtake."""

import re

from tests.drivers.test_pjsip_dialogs import Talk, field_of, status, talking

AWHILE_S = 0.01
"""Some polls, fewer than a BYE waits."""


def transfers(talk: Talk) -> None:
    """Transfer the phone's call, and hang up on the phone in the same moment."""
    talk.phone.answers_requests = False
    assert status(talk.ask("REFER", "Refer-To: <sip:1002@box.example>")) == 202
    talk.endpoint.transferred(talk.call, ok=True)
    talk.endpoint.hangup(talk.call, cause=16)


def got(talk: Talk) -> list[str]:
    """Return the requests that the phone got, each once, in order; of a NOTIFY its status."""
    told: dict[str, str] = {}
    for text in talk.phone.received:
        if text.startswith(("NOTIFY", "BYE", "INFO")):
            fragment = re.search(r"\r\n\r\nSIP/2.0 (\d+)", text)
            told[field_of(text, "CSeq")] = fragment[1] if fragment else text.partition(" ")[0]
    return list(told.values())


def answer_last(talk: Talk) -> None:
    talk.phone.answers_requests = True
    talk.phone._take(next(t for t in reversed(talk.phone.received) if t.startswith(("NOTIFY", "BYE", "INFO"))))
    talk.phone.answers_requests = False


def test_a_phone_is_let_go_when_it_knows_that_its_transfer_is_done() -> None:
    with talking() as talk:
        transfers(talk)
        talk.until(lambda: bool(got(talk)))
        talk.run(AWHILE_S)
        assert got(talk) == ["100"]
        answer_last(talk)
        talk.until(lambda: len(got(talk)) > 1)
        talk.run(AWHILE_S)
        assert got(talk) == ["100", "200"]
        answer_last(talk)
        talk.until(lambda: len(got(talk)) > 2)
        assert got(talk) == ["100", "200", "BYE"]


def test_keys_by_info_are_answered_before_the_end() -> None:
    with talking() as talk:
        talk.phone.answers_requests = False
        for key in "12":
            talk.endpoint.keys.send_info(talk.call, key, 100)
        talk.endpoint.hangup(talk.call, cause=16)
        for sent in (["INFO"], ["INFO", "INFO"], ["INFO", "INFO", "BYE"]):
            talk.until(lambda sent=sent: got(talk) == sent)  # type: ignore[misc]
            talk.run(AWHILE_S)
            assert got(talk) == sent
            answer_last(talk)


def test_a_phone_that_answers_nothing_is_let_go_all_the_same() -> None:
    with talking() as talk:
        transfers(talk)
        talk.until(lambda: bool(got(talk)))
        talk.until(lambda: "BYE" in got(talk))
        assert got(talk) == ["100", "BYE"], "what waited would come too late"


def test_an_endpoint_that_closes_waits_for_no_answer() -> None:
    with talking() as talk:
        transfers(talk)
        talk.until(lambda: bool(got(talk)))
        talk.endpoint.close()
        talk.phone.poll()
        assert got(talk) == ["100", "BYE"]
