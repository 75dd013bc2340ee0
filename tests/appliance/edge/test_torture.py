# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in the spirit of RFC 4475 to the edge: it answers what it must, challenges callers, and does not end."""

import contextlib
import re
import select
import socket
import time
from dataclasses import replace
from pathlib import Path

from tests.appliance.edge.rig import DOMAIN, End, running
from tests.sip.torture import ODD_BUT_VALID, TORTURE

CHALLENGE, WAIT_S = 407, 1.5
NOT_READ = {
    "a short tortuous INVITE": ("cseq: 0009\n  INVITE", "cseq: 0009 INVITE"),
    "every character a method may have": ("extensionHeader-!.%*+_`'~:", "extensionHeader-.+_~:"),
}
"""Valid, but kamailio 5.6 reads no CSeq that goes on in another line after its number (`parse_cseq`), and no header's
name with one of !%*`' in it (RFC 3261 25.1 allows them, token). No real sender writes such. With this one place mended,
all other odd parts of the message are understood."""
MENDED = tuple(
    replace(each, name=f"{each.name}, mended", text=each.text.replace(*NOT_READ[each.name]))
    for each in ODD_BUT_VALID
    if each.name in NOT_READ
)
MUST_BE_READ, TRIES = (*ODD_BUT_VALID, *MENDED), (*TORTURE, *MENDED)
REFUSED = {"octets after the message": 400, "every character a method may have": 400}
"""Valid, but the first's length is not that of the datagram's rest: more likely an attack on parsers that differ. The
second is not read, and refused with that reason."""


def answers(port: int) -> dict[str, set[int]]:
    """Return the statuses of all answers to each message, each sent from an address of its own."""
    came: dict[str, set[int]] = {each.name: set() for each in TRIES}
    with contextlib.ExitStack() as stack:
        by_socket = {}
        for number, each in enumerate(TRIES, 1):
            end = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            end.bind((f"127.0.3.{number}", 0))
            by_socket[end] = each.name
            here = "{}:{}".format(*end.getsockname())
            end.sendto(each.message(f"sip:95588@{DOMAIN}", here, f"edge{number}"), ("127.0.0.1", port))
        until = time.monotonic() + WAIT_S
        while (left := until - time.monotonic()) > 0:
            for end in select.select(list(by_socket), [], [], left)[0]:
                status = re.match(rb"SIP/2\.0 (\d{3}) ", end.recv(65535))
                assert status
                came[by_socket[end]].add(int(status[1]))
    return came


def test_messages_of_rfc_4475(tmp_path: Path) -> None:
    with running(tmp_path, "requests_per_s = 2000\n") as edge, End(edge, "1001", "127.0.0.2") as phone:
        before = edge.pids()
        came = answers(edge.port)
        for each in TRIES:
            finals = {status for status in came[each.name] if status >= 200}
            right = each.wanted | {CHALLENGE, REFUSED.get(each.name, CHALLENGE)}
            assert finals <= right, (each.clause, each.name, finals)
            read = each.name not in NOT_READ or each.name in REFUSED
            assert bool(finals) == read or each not in MUST_BE_READ, (each.clause, each.name)
        assert phone.register().status == 200
        assert set(before) <= set(edge.pids())
