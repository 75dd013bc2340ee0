# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's lines about failed handshakes, which of them become troubles, and how often."""

import io
from pathlib import Path

import pytest

from appliance.api.teller import MAX_TROUBLES, QUIET_S, Teller
from appliance.edge.handshakes import SETTINGS, SIP_SIDE, LogReader, failed
from appliance.edge.process import _pass_on
from appliance.i18n import filled

LINES = """\
 8(26658) ERROR: tls [tls_server.c:1330]: tls_h_read_f(): protocol level error
 8(26658) ERROR: tls [tls_util.h:50]: tls_err_ret(): TLS accept:error:0A0000C1:SSL routines::no shared cipher (s)
 9(26659) ERROR: tls [tls_util.h:50]: tls_err_ret(): TLS accept:error:0A000418:SSL routines::tlsv1 alert unknown ca
 8(26658) ERROR: tls [tls_server.c:1334]: tls_h_read_f(): src addr: 192.0.2.7:44682
 8(26658) ERROR: tls [tls_server.c:1337]: tls_h_read_f(): dst addr: 127.0.0.1:13088
 9(26659) ERROR: edge tls [tls_server.c:1334]: tls_h_read_f(): src addr: [2001:db8::7]:44686
 8(26658) ERROR: tls [tls_server.c:1334]: tls_h_read_f(): src addr: 192.0.2.8:1
"""


def test_reason_and_address_are_joined_for_each_of_kamailios_processes() -> None:
    told: list[tuple[str, str]] = []
    log = LogReader(lambda source, reason: told.append((source, reason.strip())))
    for line in LINES.splitlines(keepends=True):
        log.read(line)
    assert told == [("192.0.2.7", "no shared cipher"), ("2001:db8::7", "tlsv1 alert unknown ca")]


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("unsupported protocol", "edge.tls_from"),
        ("VERSION_TOO_LOW", "edge.tls_from"),
        ("TLSV1_ALERT_UNKNOWN_CA", "edge.certificate"),
        ("no shared cipher", "192.0.2.7"),
    ],
)
def test_a_reason_is_told_with_its_remedy(reason: str, remedy: str) -> None:
    for where in (SIP_SIDE, SETTINGS):
        assert remedy in filled(*failed("192.0.2.7", where, reason))


@pytest.mark.parametrize("reason", ["HTTP_REQUEST", "wrong version number", "UNEXPECTED_EOF_WHILE_READING", ""])
def test_what_speaks_no_tls_at_all_is_not_worth_an_entry(reason: str) -> None:
    assert failed("192.0.2.7", SIP_SIDE, reason) == ("", {})


def test_each_thing_is_told_once_an_hour_and_not_too_many_of_them(tmp_path: Path) -> None:
    now = [0.0]
    teller = Teller(tmp_path / "none.sock", "edge", lambda: now[0])
    assert [teller.tell("a", "text") for _ in range(3)] == [True, False, False]
    assert sum(teller.tell(str(n), "text") for n in range(1000)) == MAX_TROUBLES - 1
    now[0] = QUIET_S
    assert teller.tell("a", "text")


def test_what_kamailio_says_at_every_start_is_not_passed_on(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Technicians read the other lines: a line that is always there hides the one that matters."""
    each_time = [
        b" 0(7) WARNING: tm [tm.c:784]: mod_init(): reparse_on_dns_failover is enabled on a multihomed host -- check\n",
        b" 0(7) WARNING: tls [tls_init.c:807]: tls_h_mod_init_f(): openssl bug #1491 (crash/mem leaks on low memory)\n",
        b" 0(7) NOTICE: tls [tls_domain.c:1144]: ksr_tls_fix_domain(): registered server_name callback handler\n",
        b" 9(16) ERROR: edge presence [publish.c:431]: ki_handle_publish(): No E_Tag match [a.1]\n",
    ]
    telling = [
        b" 0(7) WARNING: core [mem.c:1]: low on memory\n",
        b" 0(7) ERROR: core [tcp_main.c:1]: bind(5, 0x7f) on 127.0.0.1:5060 : Address already in use\n",
    ]
    _pass_on(io.BytesIO(b"".join([*each_time, *telling])), Teller(Path("none.sock"), "edge"))
    assert capfdbinary.readouterr().err == b"".join(telling)
