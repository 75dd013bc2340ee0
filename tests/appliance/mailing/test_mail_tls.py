# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters go over TLS to a real TLS server that proves its name; to any other they do not go, and no password does."""

import ssl
from pathlib import Path

import pytest

from appliance.edge.certificate import Pair, _make
from tests.appliance.mailing.smtp import MailServer
from tests.appliance.mailing.test_mailing import HOUR, NOW, House, house

__all__ = ["house"]

_RSA = ("-newkey", "rsa:2048")


def certificate(folder: Path, name: str, shown: str = "127.0.0.1") -> Pair:
    """Return a certificate of its own for a name, with its key."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    _make(pair, [shown], _RSA, None)
    return pair


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("certificates")
    return {
        "right": certificate(folder, "right"),
        "strange": certificate(folder, "strange"),
        "other name": certificate(folder, "other", "mail.example.com"),
    }


@pytest.fixture(params=["tls", "starttls"])
def secured(
    request: pytest.FixtureRequest, house: House, pairs: dict[str, Pair], monkeypatch: pytest.MonkeyPatch
) -> House:
    """Return a house that trusts two of the certificates, as this machine's store would say."""
    store = house.folder / "store.pem"
    store.write_bytes(b"".join(pairs[name].certificate.read_bytes() for name in ("right", "other name")))
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    monkeypatch.setenv("SSL_CERT_DIR", str(house.folder / "none"))
    (house.folder / "mail.secret").write_text("geheim\n")
    house.mail |= {"security": request.param, "user": "box", "password_file": "mail.secret"}
    house.post.starttls = request.param == "starttls"
    return house


def shows(post: MailServer, pair: Pair) -> None:
    """Let the server prove itself by a certificate."""
    post.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    post.context.load_cert_chain(pair.certificate, pair.key)


def test_a_letter_and_the_password_go_encrypted(secured: House, pairs: dict[str, Pair]) -> None:
    shows(secured.post, pairs["right"])
    secured.left(7)
    secured.turn()
    assert len(secured.post.letters) == 1
    assert secured.waiting == []
    begin = next(n for n, line in enumerate(secured.post.said) if line.startswith("(TLSv1"))
    said = [line.partition(" ")[0].upper() for line in secured.post.said]
    assert "AUTH" in said[begin:]
    assert "AUTH" not in said[:begin], "the password is sent to no server that has not proven its name"
    assert said[:begin] == (["EHLO", "STARTTLS"] if secured.post.starttls else [])


@pytest.mark.parametrize("shown", ["strange", "other name"])
def test_a_server_that_cannot_prove_its_name_gets_nothing_and_the_letter_waits(
    secured: House, pairs: dict[str, Pair], shown: str
) -> None:
    shows(secured.post, pairs[shown])
    secured.left(7)
    secured.turn()
    assert not secured.post.letters
    assert secured.waiting == [7]
    assert "certificate verify failed" in secured.told[-1][1]["why"]
    assert not [line for line in secured.post.said if line.startswith(("AUTH", "RCPT"))]
    shows(secured.post, pairs["right"])
    secured.turn(NOW + HOUR)
    assert len(secured.post.letters) == 1


def test_a_server_without_tls_gets_nothing(secured: House) -> None:
    """Also where something in between takes STARTTLS out of what the server offers."""
    secured.post.starttls = False
    secured.left(7)
    secured.turn()
    assert secured.waiting == [7]
    assert not [line for line in secured.post.said if line.startswith(("AUTH", "RCPT"))]
    assert secured.told[-1][1]["why"]
    assert "geheim" not in str(secured.told)
