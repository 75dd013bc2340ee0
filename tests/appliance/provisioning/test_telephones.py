# SPDX-License-Identifier: GPL-2.0-or-later
"""Real telephones' habits: RSA only, old TLS, a look before the fetch, connections that hang."""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.provisioning.server import CONNECTIONS
from hw_sim.baresip import free_port
from tests.appliance.provisioning.box import HOST, Box

MAC = "001565aabbcc"
OLD = '[edge]\ntls_from = "1.0"\n'


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path, free_port()) as box:
        yield box


def fetched(box: Box, telephone: ssl.SSLContext) -> int:
    """Return the status of a fetch by a telephone with this TLS."""
    path = box.invite("1001", "yealink", MAC)
    line = http.client.HTTPSConnection(HOST, box.config.provisioning.port, timeout=10, context=telephone)
    with contextlib.closing(line):
        line.request("GET", path)
        return line.getresponse().status


@pytest.mark.parametrize(
    "ciphers",
    ["AES128-SHA", "AES256-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"],
)
def test_a_telephone_fetches_with_whatever_key_it_can_do(box: Box, ciphers: str) -> None:
    telephone = box.trust()
    telephone.maximum_version = ssl.TLSVersion.TLSv1_2
    telephone.set_ciphers(ciphers)
    assert fetched(box, telephone) == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_a_telephone_too_old_for_tls_1_2_fetches_where_the_owner_lets_it(tmp_path: Path) -> None:
    port = free_port()
    file = Box(tmp_path, port).file
    text = file.read_text(encoding="utf-8")
    with Box(tmp_path, port, text.replace("[edge]\n", OLD)) as box:
        telephone = box.trust()
        telephone.minimum_version, telephone.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        telephone.set_ciphers("DEFAULT:@SECLEVEL=0")
        assert fetched(box, telephone) == 200


def test_silent_connections_however_many_lock_nobody_out(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    with contextlib.ExitStack() as stack:
        for _n in range(2 * CONNECTIONS):
            stack.enter_context(socket.create_connection((HOST, box.config.provisioning.port)))
        assert box.get(path)[0] == 200


def test_connections_that_have_shaken_hands_and_ask_nothing_lock_nobody_out(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    trust = box.trust()
    with contextlib.ExitStack() as stack:
        for _n in range(CONNECTIONS + 3):
            raw = stack.enter_context(socket.create_connection((HOST, box.config.provisioning.port)))
            stack.enter_context(trust.wrap_socket(raw, server_hostname=HOST)).sendall(b"GET / HT")
        assert box.get(path)[0] == 200


def test_a_telephone_may_look_before_it_fetches(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    secret = path.split("/")[1]
    assert box.get(f"/{secret}/y000000000000.cfg")[0] == 404  # its maker's common file comes first
    assert box.get(path, "HEAD") == (200, b"")
    assert box.get(f"/{secret}/{MAC}.txt", "HEAD")[0] == 404
    assert box.state("1001") == "open"
    assert box.get(f"//{secret}//{MAC.upper()}.cfg")[0] == 200
    assert box.get(path, "HEAD") == (404, b"")
