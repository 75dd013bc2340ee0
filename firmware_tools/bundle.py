# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `bundle inspect`: a RAUC bundle read on a laptop, before it is carried to a box.

A bundle of the verity format is a file system, the tree of its hashes (dm-verity), a CMS signature that has the
manifest in it, and the signature's length. openssl(1) verifies the signature; the tree is computed anew, which
`rauc info` leaves to the box that installs it.
"""

import hashlib
import os
import struct
import subprocess
import tempfile
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from firmware_tools.errors import ToolError
from firmware_tools.flashing import Job
from firmware_tools.i18n import _
from firmware_tools.image import Tell
from firmware_tools.output import Row
from firmware_tools.sizes import gigabytes

PRODUCT: Final = "mxbox-pc"
LENGTH: Final = struct.Struct(">Q")
BLOCK: Final = 4096
LONGEST: Final = 1 << 20
"""Bytes that a signature may have."""
HASH: Final = 32
READ: Final = 256 * BLOCK


class Bundle(NamedTuple):
    """A bundle whose signature is good: its manifest, and where the file system ends."""

    path: Path
    manifest: ConfigParser
    payload: int

    def value(self, section: str, key: str) -> str:
        """Return a value of the manifest, '' if it has none."""
        return self.manifest.get(section, key, fallback="")


def inspect(job: Job) -> int:
    """Print what a bundle holds. Raise a ToolError if it is damaged, not signed, or of another product."""
    bundle = read(job.args.bundle, job.args.keyring)
    product = bundle.value("update", "compatible")
    if product != PRODUCT:
        text = _("{file} is for {product}, not for {ours}")
        raise ToolError("wrong_product", text.format(file=bundle.path, product=product, ours=PRODUCT))
    check_tree(bundle, job.out.progress)
    job.out.close()
    version = bundle.value("update", "version")
    told = _("{file}: version {version}, signed and whole").format(file=bundle.path, version=version)
    job.out.event("bundle", told, {"version": version, "product": product, "size": bundle.path.stat().st_size})
    job.out.table(
        "image", [_("image"), _("file"), _("size"), "SHA-256"], [_row(bundle, each) for each in _images(bundle)]
    )
    return 0


def _images(bundle: Bundle) -> list[str]:
    return [section for section in bundle.manifest.sections() if section.startswith("image.")]


def _row(bundle: Bundle, section: str) -> Row:
    name, file = section.partition(".")[2], bundle.value(section, "filename")
    size, digest = int(bundle.value(section, "size") or 0), bundle.value(section, "sha256")
    return Row([name, file, gigabytes(size), digest], {"name": name, "file": file, "size": size, "sha256": digest})


def read(path: Path, keyring: Path) -> Bundle:
    """Return a bundle whose signature leads to a certificate of the keyring."""
    with path.open("rb") as file:
        signature, payload = _signature(file, path)
    manifest = ConfigParser(interpolation=None)
    try:
        manifest.read_string(_verified(signature, keyring, path).decode())
    except (ConfigError, UnicodeDecodeError) as error:
        raise _bad(path, str(error)) from error
    if manifest.get("bundle", "format", fallback="plain") != "verity":
        raise _bad(path, _("only bundles of the verity format are taken"))
    return Bundle(path, manifest, payload)


def _signature(file: BinaryIO, path: Path) -> tuple[bytes, int]:
    """Return the signature, and how many bytes stand before it."""
    end = file.seek(0, os.SEEK_END) - LENGTH.size
    if end > 0:
        file.seek(end)
        [length] = LENGTH.unpack(file.read(LENGTH.size))
        if 0 < length <= min(LONGEST, end):
            file.seek(end - length)
            return file.read(length), end - length
    raise _bad(path, _("no signature at its end: is all of it there?"))


def _verified(signature: bytes, keyring: Path, path: Path) -> bytes:
    """Return what was signed."""
    if not keyring.exists():
        raise ToolError("no_keyring", _("there is no file {file}").format(file=keyring))
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / "signature"
        signed.write_bytes(signature)
        command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", str(signed), "-CAfile", str(keyring)]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=60)
        except OSError as error:
            raise ToolError("no_openssl", _("openssl is needed to verify signatures")) from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        text = _("{file} is not signed by a key of {keyring}").format(file=path, keyring=keyring)
        raise ToolError("bad_signature", text, told[-1] if told else "")
    return done.stdout


def check_tree(bundle: Bundle, tell: Tell) -> None:
    """Compute the tree of hashes anew. Raise a ToolError if its root is not the one that was signed."""
    try:
        salt = bytes.fromhex(bundle.value("bundle", "verity-salt"))
        data = bundle.payload - int(bundle.value("bundle", "verity-size"))
    except ValueError as error:
        raise _bad(bundle.path, str(error)) from error
    if data <= 0 or data % BLOCK:
        raise _bad(bundle.path, _("is all of it there?"))
    with bundle.path.open("rb") as file:
        level = _leaves(file, data, salt, tell)
    while len(level) > HASH:
        level = b"".join(_hash(salt, level[at : at + BLOCK].ljust(BLOCK, b"\0")) for at in range(0, len(level), BLOCK))
    if level.hex() != bundle.value("bundle", "verity-hash"):
        raise _bad(bundle.path, _("its content is not what was signed"))


def _leaves(file: BinaryIO, size: int, salt: bytes, tell: Tell) -> bytes:
    hashes, done = bytearray(), 0
    while done < size:
        data = file.read(min(READ, size - done))
        for at in range(0, len(data), BLOCK):
            hashes += _hash(salt, data[at : at + BLOCK])
        done += len(data)
        tell("bundle", done, size)
    return bytes(hashes)


def _hash(salt: bytes, block: bytes) -> bytes:
    return hashlib.sha256(salt + block).digest()


def _bad(path: Path, why: str) -> ToolError:
    text = _("{file} is not a whole bundle: {why}").format(file=path, why=why)
    return ToolError("damaged_bundle", text, _("fetch it again"))
