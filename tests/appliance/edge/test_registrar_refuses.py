# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars that refuse the box: it does not ask them again and again, and registers when it may."""

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from tests.appliance.edge.rig import Edge, End, Message, running

WATCHED_S = 45.0
AMISS = ("Contact: <tel:+861012345678>", "Contact: <sip:127.0.0.99:5060>", "Contact: <sip:[2001:db8::9]>")
"""No places of the trunk."""
ANSWERS = {
    "forbidden": ("403 Forbidden", ()),
    "proof": ("401 Unauthorized", ('WWW-Authenticate: Digest realm="theirs", nonce="n"',)),
    "busy": ("503 Service Unavailable", ()),
    "later": ("503 Service Unavailable", ("Retry-After: 600",)),
    "moved": ("302 Moved Temporarily", (*AMISS, "Contact: <sip:{here}>", "Contact: <sip:{there}>;expires=60")),
    "astray": ("302 Moved Temporarily", ("Contact: <sip:{there}>",)),
    "ring": ("301 Moved Permanently", ("Contact: <sip:{there}>",)),
    "gone": ("302 Moved Temporarily", ("Contact: <sip:{there}>",)),
    "empty": ("302 Moved Temporarily", ()),
}
THERE = {
    "moved": ("401 Unauthorized", ('WWW-Authenticate: Digest realm="theirs", nonce="n"',)),
    "astray": ("200 OK", ("Contact: <sip:astray@{here}>;expires=60",)),
    "ring": ("302 Moved Temporarily", ("Contact: <sip:{there}>",)),
    "gone": ("", ()),
}
"""Answers of the places to which a 3xx leads; that of "astray" is no address of its trunk."""
TRIES = {"forbidden": 1, "proof": 2, "busy": 2, "later": 1, "moved": 1, "astray": 2, "ring": 2, "empty": 2}
"""In the time of the test; the second one at `proof` answers the challenge, those at the others come after 30 s."""
TRIES_THERE = {"moved": 2, "astray": 0, "ring": 2}
TRUNK = """[[trunk]]
name = "{name}"
host = "127.0.0.{host}"
addresses = [{further}]
port = {port}
domain = "{name}.example"
user = "u{name}"
password = "secret"
register = true
register_s = 60
"""
FIRST_HOST, FIRST_THERE = 41, 61


@dataclass
class Watched:
    """Requests at the registrars and at the places to which these send, with their times; what the edge told."""

    asked: dict[str, list[tuple[float, Message]]]
    there: dict[str, list[tuple[float, Message]]]
    told: list[dict[str, Any]]


def further(name: str) -> str:
    """Return the addresses of a trunk beside its registrar's."""
    return "" if name == "astray" or name not in THERE else f'"127.0.0.{place(name)}"'


def place(name: str) -> int:
    return FIRST_THERE + [*THERE].index(name)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    seen = Watched({name: [] for name in ANSWERS}, {name: [] for name in THERE}, [])
    with contextlib.ExitStack() as stack:
        here, there = dict[str, End](), dict[str, End]()
        for host, name in enumerate(ANSWERS, FIRST_HOST):
            here[name] = stack.enter_context(End(Edge.__new__(Edge), name, f"127.0.0.{host}"))
        for name in THERE:
            there[name] = stack.enter_context(End(Edge.__new__(Edge), name, f"127.0.0.{place(name)}"))
        trunks = [
            TRUNK.format(name=name, host=host, port=here[name].here.rpartition(":")[2], further=further(name))
            for host, name in enumerate(ANSWERS, FIRST_HOST)
        ]
        edge = stack.enter_context(running(tmp_path_factory.mktemp("registrars"), "---" + "\n".join(trunks)))
        link = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        link.bind(("127.0.0.1", edge.link_port))
        link.setblocking(False)
        end_s = time.monotonic() + WATCHED_S
        while time.monotonic() < end_s:
            for name, answer in ANSWERS.items():
                answered(here[name], there.get(name), seen.asked[name], answer)
            for name, answer in THERE.items():
                answered(there[name], here[name], seen.there[name], answer)
            with contextlib.suppress(BlockingIOError):
                seen.told.append(msgspec.json.decode(link.recv(2000)))
    return seen


def answered(
    registrar: End, other: End | None, asked: list[tuple[float, Message]], answer: tuple[str, tuple[str, ...]]
) -> None:
    """Answer the next request, if there is one; keep it, but no repetition."""
    with contextlib.suppress(TimeoutError):
        request = registrar.receive(0.01)
        if request["Call-ID"] + request["CSeq"] not in [each["Call-ID"] + each["CSeq"] for _, each in asked]:
            asked.append((time.monotonic(), request))
        names = {"here": registrar.here, "there": other.here if other else ""}
        status, headers = answer
        if status.startswith("401") and registrar.here.startswith("127.0.0.6") and request["Authorization"]:
            status, headers = "200 OK", (f"Contact: {request['Contact']};expires=60",)
        if status:
            registrar.respond(request, status, *(each.format_map(names) for each in headers))


def refusals(watched: Watched) -> dict[str, tuple[str, int]]:
    """Return status and time to the next try of each user that was refused."""
    told = {each["source"]: each for each in watched.told if each["kind"] == "registrar"}
    return {source: (each["why"], each["seconds"]) for source, each in told.items()}


def test_a_registrar_that_refuses_is_asked_again_later_and_later(watched: Watched) -> None:
    assert {name: len(watched.asked[name]) for name in TRIES} == TRIES
    assert watched.asked["proof"][1][1]["Authorization"]
    waited_s = watched.asked["busy"][1][0] - watched.asked["busy"][0][0]
    assert 29 < waited_s < WATCHED_S
    told = refusals(watched)
    assert {name: told[f"u{name}"] for name in ("forbidden", "proof", "busy", "later")} == {
        "forbidden": ("403", 120),
        "proof": ("401", 120),
        "busy": ("503", 60),
        "later": ("503", 600),
    }


def test_a_registrar_that_sends_elsewhere_is_followed_once_to_a_place_of_the_trunk(watched: Watched) -> None:
    assert {name: len(watched.there[name]) for name in TRIES_THERE} == TRIES_THERE
    (first_s, first), (_, proven) = watched.there["moved"]
    assert not first["Authorization"]
    assert proven["Authorization"]
    assert first_s - watched.asked["moved"][0][0] < 5
    assert "umoved" not in refusals(watched)


def test_a_registrar_that_sends_elsewhere_in_vain_refuses(watched: Watched) -> None:
    told = refusals(watched)
    assert {name: told[f"u{name}"] for name in ("astray", "ring", "empty")} == {
        "astray": ("302", 60),
        "ring": ("302", 60),
        "empty": ("302", 60),
    }


def test_a_place_that_does_not_answer_is_left_for_the_registrar(watched: Watched) -> None:
    """Twice is asked there, and then at home again, which sends there once more."""
    turns = sorted(
        [(at, "home") for at, _ in watched.asked["gone"]] + [(at, "there") for at, _ in watched.there["gone"]]
    )
    assert [where for _, where in turns][:5] == ["home", "there", "there", "home", "there"]
