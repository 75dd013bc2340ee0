# SPDX-License-Identifier: GPL-2.0-or-later
"""Telephones fetch their settings over real HTTPS: once, their own only; the log holds no secret."""

import contextlib
import http.client
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.cli.run import modules
from appliance.config.errors import ConfigError
from appliance.config.load import parse_config
from appliance.config.model import BoxConfig
from appliance.phones.book import PhoneBook, digests
from appliance.provisioning.limiter import FAILURES, Limiter
from hw_sim.baresip import free_port
from tests.appliance.provisioning.box import HOST, Box
from tests.appliance.provisioning.test_makers import PASSWORDS, READERS

MAC = "001565aabbcc"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path, free_port()) as box:
        yield box


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.01)


@pytest.mark.parametrize("maker", sorted(READERS))
def test_a_telephone_fetches_its_settings_once(box: Box, maker: str) -> None:
    path = box.invite("1001", maker, MAC)
    status, body = box.get(path)
    assert status == 200
    values = READERS[maker](body.decode())
    assert "张伟" in values.values()
    assert box.ha1("1001") == digests("1001", "box.example", values[PASSWORDS[maker]])[0]
    until(lambda: box.state("1001") == "used")
    assert box.get(path) == (404, b"")
    assert box.ha1("1001") == digests("1001", "box.example", values[PASSWORDS[maker]])[0]


def test_a_renewed_secret_works_and_makes_a_new_password(box: Box) -> None:
    first = box.invite("1001", "yealink", MAC)
    assert box.get(first)[0] == 200
    ha1 = box.ha1("1001")
    second = box.invite("1001", "yealink", MAC)
    assert box.get(first)[0] == 404
    assert box.get(second)[0] == 200
    assert box.ha1("1001") != ha1


def test_only_the_telephones_own_file_is_there(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    secret = path.split("/")[1]
    before = box.ha1("1001")
    wrong = ["/", f"/{secret}", f"/{secret}/", f"/x/{MAC}.cfg", f"//{MAC}.cfg", "/box.toml", f"/{secret}/%2e"]
    wrong += [f"/{secret}/y000000000000.cfg", f"/{secret}/cfg{MAC}.xml", f"/{secret}/../{secret}/{MAC}.cfg"]
    assert [box.get(each) for each in wrong] == [(404, b"")] * len(wrong)
    assert (box.state("1001"), box.ha1("1001")) == ("open", before)
    for method in ("POST", "PUT", "DELETE"):
        assert box.get(path, method)[0] == 501
    assert box.state("1001") == "open"
    assert box.get(f"/{secret}/{MAC.upper()}.cfg?model=T46U")[0] == 200


def test_a_telephone_that_did_not_take_its_settings_may_ask_again(box: Box) -> None:
    path = box.invite("1001", "snom", MAC)
    raw = socket.create_connection((HOST, box.config.provisioning.port))
    secured = box.trust().wrap_socket(raw, server_hostname=HOST)
    secured.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until(lambda: box.state("1001") == "fetching")
    secured.close()  # with unread bytes and SO_LINGER 0: a reset, as when the power fails
    until(lambda: box.state("1001") == "open")
    until(lambda: bool(box.log))
    assert any("may ask again" in line for line in box.log)
    assert box.get(path)[0] == 200


def test_of_many_at_once_one_gets_it(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    got: list[int] = []
    threads = [threading.Thread(target=lambda: got.append(box.get(path)[0])) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [200, *[404] * 5]


def test_the_log_names_telephones_and_no_secret(box: Box) -> None:
    path = box.invite("1001", "fanvil", MAC)
    _status, body = box.get(path)
    box.get("/guess/of/mine")
    password = READERS["fanvil"](body.decode())["Register Pswd"]
    until(lambda: bool(box.log))
    said = "\n".join(box.log)
    assert f"fanvil {MAC} at {HOST}, extension 1001: has its settings" in said
    assert password not in said
    assert path.split("/")[1] not in said


def test_who_guesses_is_shut_out_and_who_asks_for_other_files_is_not(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    secret = path.split("/")[1]
    for _n in range(FAILURES + 2):
        assert box.get(f"/{secret}/y000000000000.boot")[0] == 404
    assert box.get(path)[0] == 200
    other = box.invite("1002", "yealink", "001565000002")
    shut = 0
    for _n in range(FAILURES + 3):
        try:
            assert box.get(f"/guess/{MAC}.cfg")[0] == 404
        except (OSError, http.client.HTTPException):
            shut += 1
    assert shut > 0
    with pytest.raises((OSError, http.client.HTTPException)):
        box.get(other)
    assert any("not answered for a while" in line for line in box.log)


def test_a_slow_or_wrong_client_keeps_nobody_waiting(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    with contextlib.ExitStack() as stack:
        for _n in range(5):
            slow = stack.enter_context(socket.create_connection((HOST, box.config.provisioning.port)))
            slow.sendall(b"\x16\x03")
        plain = stack.enter_context(socket.create_connection((HOST, box.config.provisioning.port)))
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert box.get(path)[0] == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(box: Box) -> None:
    old = box.trust()
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.minimum_version = ssl.TLSVersion.TLSv1
    with socket.create_connection((HOST, box.config.provisioning.port)) as raw, pytest.raises(ssl.SSLError):
        old.wrap_socket(raw, server_hostname=HOST)


def test_a_broken_configuration_costs_no_secret(box: Box) -> None:
    path = box.invite("1001", "yealink", MAC)
    good = box.file.read_text()
    box.file.write_text("broken")
    assert box.get(path)[0] == 503
    box.file.write_text(good)
    assert box.get(path)[0] == 200


def test_the_process_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port())
    path = box.invite("1001", "yealink", MAC)
    secret = path.split("/")[1]
    with PhoneBook(box.edge_db) as book:
        assert book.claim(secret) is not None  # as if a server had died in mid-fetch
    child = subprocess.Popen([sys.executable, "-m", "appliance.provisioning", str(box.file)], stderr=subprocess.PIPE)
    try:
        until(lambda: child.poll() is not None or box.state("1001") == "open")
        assert box.get(path)[0] == 200
        assert child.stderr is not None
        fetched = child.stderr.readline()  # said when the telephone has gone
        assert b"has its settings" in fetched
    finally:
        child.send_signal(signal.SIGTERM)
        _out, said = child.communicate(timeout=10)
    assert child.returncode == 0, said
    assert secret.encode() not in fetched + said


def test_the_process_says_why_it_cannot_serve(tmp_path: Path) -> None:
    port = free_port()
    box = Box(tmp_path, port)

    def said() -> bytes:
        command = [sys.executable, "-m", "appliance.provisioning", str(box.file)]
        done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LANGUAGE": "en"})
        assert done.returncode == 2
        return done.stderr

    with socket.create_server((HOST, port)):
        assert b"nothing can listen at 127.0.0.1:" in said()
    good = box.file.read_text()
    box.file.write_text(good.replace("[provisioning]\nenabled = true", "[provisioning]"))
    assert b"provisioning is switched off" in said()
    (tmp_path / "own.pem").write_text("none")
    box.file.write_text(good.replace("[edge]\n", '[edge]\ncertificate = "own.pem"\nkey = "own.pem"\n'))
    assert b"own.pem cannot be used" in said()


def test_the_limiter_forgives_some_forgets_after_a_while_and_stays_small() -> None:
    limiter = Limiter(failures=2, window_s=10)
    assert [limiter.failed("a", now) for now in (0, 1, 2)] == [False, False, True]
    assert limiter.shut_out("a", 9.9)
    assert not limiter.shut_out("b", 9.9)
    assert not limiter.shut_out("a", 10)
    assert not limiter.failed("a", 10)
    for n in range(10_000):
        limiter.failed(str(n), 11)
    assert len(limiter._sources) <= 4096


def test_the_box_runs_the_server_only_where_it_is_configured(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port())
    assert modules(box.config)[-1] == "appliance.provisioning"
    assert "appliance.provisioning" not in modules(BoxConfig())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host = "127.0.0.1"', 'bind = "eth0"', "provisioning.bind"),
        ('host = "127.0.0.1"', 'host = "a/b"', "is no name of a machine"),
        ("[edge]\nenabled = true", "[edge]", "needs the edge"),
        ('domain = "box.example"\n', "", ""),
        ('host = "127.0.0.1"', 'transport = "tls"', ""),
    ],
)
def test_a_mistake_in_the_configuration_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = Box(tmp_path, 8443).file.read_text().replace(old, new)
    if said:
        with pytest.raises(ConfigError, match=said):
            parse_config(text, "box.toml")
    else:
        parse_config(text, "box.toml")


def test_telephones_must_be_told_an_address_they_can_find(tmp_path: Path) -> None:
    text = Box(tmp_path, 8443).file.read_text().replace('host = "127.0.0.1"\n', "").replace("box.example", "mxbox")
    with pytest.raises(ConfigError, match=r"provisioning\.host"):
        parse_config(text, "box.toml")
    tls_off = Box(tmp_path, 8443).file.read_text().replace("[edge]", "[edge]\ntls = false")
    with pytest.raises(ConfigError, match=r"provisioning\.transport"):
        parse_config(tls_off.replace("[provisioning]", '[provisioning]\ntransport = "tls"'), "box.toml")
