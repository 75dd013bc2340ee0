# SPDX-License-Identifier: GPL-2.0-or-later
"""The technician's view of a blocked phone, in a whole box, and the way to lift the block; handshakes that failed."""

import json
import socket
import ssl
from collections.abc import Iterator

import pytest

from appliance.cli.main import main
from hw_sim.baresip import free_port
from tests.appliance.edge.rig import DOMAIN, EXTENSIONS, End, password, until
from tests.appliance.edge.running_box import Box, running_box

OFFICE = "127.0.0.51"
PROVISIONING = '\n[provisioning]\nenabled = true\nhost = "127.0.0.1"\nport = {port}\n'


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {"provisioning": free_port()}


@pytest.fixture(scope="module")
def box(ports: dict[str, int]) -> Iterator[Box]:
    with running_box("wrong_passwords = 3\n" + PROVISIONING.format(port=ports["provisioning"])) as up:
        yield up


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return a command's output as one line, wherever the terminal would break it."""
    main([*words])
    return " ".join(capsys.readouterr().out.split())


def silence(box: Box, extension: str) -> None:
    with End(box.edge, extension, OFFICE) as wrong:
        wrong.secret = "old"
        for _ in range(3):
            wrong.send(wrong.request("REGISTER", f"sip:{DOMAIN}"))
            proof = wrong.proof(wrong.final(), "REGISTER", f"sip:{DOMAIN}")
            wrong.send(wrong.request("REGISTER", f"sip:{DOMAIN}", proof, number=2))
        assert [wrong.final().status for _ in range(2)] == [401, 401]


def test_who_is_not_heard_is_named_with_the_way_out(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    control = ("--socket", str(box.edge.folder / "run" / "control.sock"))
    config = ("--config", str(box.edge.folder / "box.toml"))
    silence(box, "1001")
    until(lambda: any("1001" in text for text in box.troubles()))
    assert any(f"mxbox edge unblock {OFFICE} 1001" in text for text in box.troubles())
    assert f"{OFFICE} 1001 wrong passwords" in said(capsys, "edge", "blocked", *control)
    until(lambda: f"1001 at {OFFICE} blocked until" in said(capsys, "status", *control))
    known = {
        each["number"]: each for each in json.loads(said(capsys, "extension", "list", *config, "--json"))["extensions"]
    }
    assert [each["address"] for each in known["1001"]["blocked"]] == [OFFICE]
    assert not known["1002"]["blocked"]
    assert "blocked until" in said(capsys, "extension", "list", *config)
    assert f"1001 at {OFFICE} is heard again" in said(capsys, "edge", "unblock", OFFICE, "1001", *control)
    assert "nobody is blocked" in said(capsys, "edge", "blocked", *control)
    assert main(["edge", "unblock", OFFICE, *control]) == 1
    assert "not blocked" in capsys.readouterr().err
    with End(box.edge, "1001", OFFICE) as phone:
        assert phone.secret == password("1001")
        assert phone.register().status == 200


def test_of_a_whole_address_all_is_heard_again(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    control = ("--socket", str(box.edge.folder / "run" / "control.sock"), "--json")
    for extension in EXTENSIONS:
        silence(box, extension)
        lifted = json.loads(said(capsys, "edge", "unblock", OFFICE, *control))["blocked"]
        assert [each["extension"] for each in lifted] == [extension]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(("place", "words"), [("edge", "SIP"), ("provisioning", "settings")])
def test_a_handshake_that_fails_is_told_with_its_reason_and_remedy_once(
    box: Box, ports: dict[str, int], place: str, words: str
) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    port = {"edge": box.edge.tls_port, **ports}[place]
    for _ in range(3):
        with (
            socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.52", 0)) as raw,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(raw)

    def told() -> list[str]:
        return [text for text in box.troubles() if "127.0.0.52" in text and words in text]

    until(lambda: bool(told()))
    assert "unsupported protocol" in told()[0]
    assert "edge.tls_from" in told()[0]
    assert len(told()) == 1
