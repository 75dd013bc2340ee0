# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox-tools bundle inspect` on bundles that rauc(1) made, whole and otherwise."""

import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from firmware_tools.cli import main

MANIFEST = """[update]
compatible={product}
version=1.2

[bundle]
format={form}

[image.boot]
filename=boot.img

[image.rootfs]
filename=root.img
"""


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Releases(NamedTuple):
    """A root certificate, and a release key that it has signed."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def bundle(self, target: Path, product: str = "mxbox-pc", form: str = "verity") -> Path:
        content = target.with_suffix(".content")
        content.mkdir()
        (content / "boot.img").write_bytes(random.Random(1).randbytes(300_000))
        (content / "root.img").write_bytes(random.Random(2).randbytes(900_000))
        (content / "manifest.raucm").write_text(MANIFEST.format(product=product, form=form))
        keys = [f"--cert={self.folder / 'release.pem'}", f"--key={self.folder / 'release.key'}"]
        subprocess.run(["rauc", *keys, "bundle", content, target], check=True, capture_output=True)
        return target


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("releases")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    root, key, asked = folder / "root.pem", folder / "root.key", folder / "release.csr"
    openssl("req", "-x509", *new, "-keyout", str(key), "-out", str(root), "-subj", "/CN=MXBox root", "-days", "7300")
    openssl("req", *new, "-keyout", str(folder / "release.key"), "-out", str(asked), "-subj", "/CN=MXBox release")
    release = str(folder / "release.pem")
    openssl("x509", "-req", "-in", str(asked), "-CA", str(root), "-CAkey", str(key), "-CAcreateserial", "-out", release)
    return Releases(folder)


@pytest.fixture(scope="module")
def bundle(releases: Releases) -> Path:
    return releases.bundle(releases.folder / "mxbox-1.2.raucb")


def inspected(path: Path, keyring: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    capsys.readouterr()
    status = main(["bundle", "inspect", str(path), "--keyring", str(keyring), "--json"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_bundle_is_told_as_rauc_tells_it(
    releases: Releases, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = inspected(bundle, releases.root, capsys)
    assert status == 0
    asked = ["rauc", "info", f"--keyring={releases.root}", "--output-format=json", str(bundle)]
    theirs = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    ours = {str(each["name"]): (each["size"], each["sha256"]) for each in told if each["event"] == "image"}
    assert ours == {
        name: (image["size"], image["checksum"]) for entry in theirs["images"] for name, image in entry.items()
    }
    [head] = [each for each in told if each["event"] == "bundle"]
    assert (head["version"], head["product"]) == (theirs["version"], theirs["compatible"])


def changed_at(place: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed_at(50_000), "damaged_bundle"),  # rauc info does not see it
        (changed_at(0), "damaged_bundle"),
        (changed_at(-400), "bad_signature"),
        (lambda content: content[:-1], "damaged_bundle"),
        (lambda content: content[: len(content) // 2], "damaged_bundle"),
        (lambda content: content[4096:], "damaged_bundle"),
        (lambda _content: b"", "damaged_bundle"),
        (lambda _content: os.urandom(5000), "damaged_bundle"),
    ],
)
def test_a_bundle_that_is_not_as_it_was_signed_is_refused(
    releases: Releases,
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[bytes], bytes],
    code: str,
) -> None:
    other = tmp_path / "other.raucb"
    other.write_bytes(change(bundle.read_bytes()))
    status, told = inspected(other, releases.root, capsys)
    assert (status, told[-1].get("code")) == (1, code)


def test_a_bundle_of_another_key_product_or_format_is_refused(
    releases: Releases, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = releases.folder / "stranger.pem"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", os.devnull, "-out", str(stranger), "-subj", "/CN=X"
    )
    cases = [
        (bundle, stranger, "bad_signature"),
        (bundle, tmp_path / "none.pem", "no_keyring"),
        (tmp_path / "none.raucb", releases.root, "system"),
        (releases.bundle(tmp_path / "other.raucb", product="toaster"), releases.root, "wrong_product"),
        (releases.bundle(tmp_path / "plain.raucb", form="plain"), releases.root, "bad_signature"),
    ]
    for path, keyring, code in cases:
        status, told = inspected(path, keyring, capsys)
        assert (status, told[-1]["code"]) == (1, code)
