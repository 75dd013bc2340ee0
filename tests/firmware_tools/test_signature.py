# SPDX-License-Identifier: GPL-2.0-or-later
"""Signatures: the vectors of RFC 8032, files that minisign(1) signed, and all that is not what was signed."""

from pathlib import Path

import pytest

from firmware_tools import ed25519, signature
from firmware_tools.errors import ToolError
from tests.firmware_tools.signer import Signer

VECTORS = [  # RFC 8032, 7.1: key, message, signature
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signed"), VECTORS)
def test_the_vectors_of_the_rfc_are_signed_and_nothing_near_them(key: str, message: str, signed: str) -> None:
    k, m, s = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signed)
    assert ed25519.is_signed(m, s, k)
    assert not ed25519.is_signed(m + b"\0", s, k)
    assert not ed25519.is_signed(m, s[:32] + (int.from_bytes(s[32:], "little") + ed25519.Q).to_bytes(32, "little"), k)
    for place in (0, 31, 32, 62):
        assert not ed25519.is_signed(m, s[:place] + bytes([s[place] ^ 1]) + s[place + 1 :], k)
    assert not ed25519.is_signed(m, s, bytes([k[0] ^ 1]) + k[1:])
    assert not ed25519.is_signed(m, s[:-1], k)
    assert not ed25519.is_signed(m, s, b"\xff" * 32)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mxbox.img.bmap"
    path.write_bytes(b"what is signed")
    return path


@pytest.mark.parametrize("more", [[], ["-l"]], ids=["hashed", "legacy"])
def test_a_file_that_minisign_signed_is_good_with_its_comment(signer: Signer, file: Path, more: list[str]) -> None:
    signed = signer.sign(file, *more)
    known = signature.keys([signer.public])
    assert signature.check(file, file.read_bytes(), signed, known) == "mxbox-pc 1.2"


def test_what_is_not_signed_so_is_refused(signer: Signer, file: Path, tmp_path: Path) -> None:
    known, signed = signature.keys([signer.public]), signer.sign(file)
    text = signed.read_text()
    lines = text.splitlines()
    cases = {
        "bad_signature": [
            (b"another content", text),
            (file.read_bytes(), text.replace("mxbox-pc 1.2", "mxbox-pc 9.9")),
        ],
        "bad_file": [
            (file.read_bytes(), each)
            for each in ("", "\n".join(lines[:3]), text.replace(lines[1], "???"), text.replace(lines[1], "AAAA"))
        ],
    }
    for code, attempts in cases.items():
        for content, changed in attempts:
            signed.write_text(changed)
            with pytest.raises(ToolError) as refused:
                signature.check(file, content, signed, known)
            assert refused.value.code == code
    signed.write_text(text)
    with pytest.raises(ToolError) as refused:
        signature.check(file, file.read_bytes(), signed, signature.keys([Signer(tmp_path, "other").public]))
    assert refused.value.code == "unknown_key"
    signed.unlink()
    with pytest.raises(ToolError) as refused:
        signature.check(file, file.read_bytes(), signed, known)
    assert refused.value.code == "not_signed"


@pytest.mark.parametrize("content", ["", "untrusted comment: x\n", "untrusted comment: x\n????\n", "a\nQUJD\n"])
def test_a_file_that_is_no_key_is_told_by_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "some.pub"
    path.write_text(content)
    with pytest.raises(ToolError, match=r"some\.pub cannot be read"):
        signature.keys([path])
