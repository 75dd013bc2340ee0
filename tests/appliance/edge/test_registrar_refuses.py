# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars that refuse the box: it does not ask them again and again, and registers when it may."""

import contextlib
import socket
import time
from pathlib import Path

import msgspec

from tests.appliance.edge.rig import Edge, End, Message, running

WATCHED_S = 45.0
ANSWERS = {
    "forbidden": ("403 Forbidden", ()),
    "proof": ("401 Unauthorized", ('WWW-Authenticate: Digest realm="theirs", nonce="n"',)),
    "busy": ("503 Service Unavailable", ()),
    "later": ("503 Service Unavailable", ("Retry-After: 600",)),
}
TRIES = {"forbidden": 1, "proof": 2, "busy": 2, "later": 1}
"""In the time of the test; the second one at `proof` answers the challenge, the one at `busy` comes after 30 s."""
TRUNK = """[[trunk]]
name = "{name}"
host = "127.0.0.{host}"
port = {port}
domain = "{name}.example"
user = "u{name}"
password = "secret"
register = true
register_s = 60
"""


def test_a_registrar_that_refuses_is_asked_again_later_and_later(tmp_path: Path) -> None:
    registrars, asked = dict[str, End](), {name: list[tuple[float, Message]]() for name in ANSWERS}
    with contextlib.ExitStack() as stack:
        for host, name in enumerate(ANSWERS, 41):
            registrars[name] = stack.enter_context(End(Edge.__new__(Edge), name, f"127.0.0.{host}"))
        trunks = [
            TRUNK.format(name=name, host=host, port=registrars[name].here.rpartition(":")[2])
            for host, name in enumerate(ANSWERS, 41)
        ]
        edge = stack.enter_context(running(tmp_path, "---" + "\n".join(trunks)))
        link = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        link.bind(("127.0.0.1", edge.link_port))
        link.setblocking(False)
        told = list[dict[str, object]]()
        end_s = time.monotonic() + WATCHED_S
        while time.monotonic() < end_s:
            for name, registrar in registrars.items():
                with contextlib.suppress(TimeoutError):
                    request = registrar.receive(0.02)
                    if request["Call-ID"] + request["CSeq"] not in [
                        each["Call-ID"] + each["CSeq"] for _, each in asked[name]
                    ]:
                        asked[name].append((time.monotonic(), request))
                    registrar.respond(request, ANSWERS[name][0], *ANSWERS[name][1])
            with contextlib.suppress(BlockingIOError):
                told.append(msgspec.json.decode(link.recv(2000)))
    assert {name: len(requests) for name, requests in asked.items()} == TRIES
    assert asked["proof"][1][1]["Authorization"]
    waited_s = asked["busy"][1][0] - asked["busy"][0][0]
    assert 29 < waited_s < WATCHED_S
    refusals = {each["source"]: each for each in told if each["kind"] == "registrar"}
    assert {source: (each["why"], each["seconds"]) for source, each in refusals.items()} == {
        "uforbidden": ("403", 120),
        "uproof": ("401", 120),
        "ubusy": ("503", 60),
        "ulater": ("503", 600),
    }
