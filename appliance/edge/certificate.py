# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own certificates, for SIP over TLS and for phones that fetch their settings: made once, at the first start.

The first one has an RSA key, which every phone supports, and signs itself. The second one has an ECDSA key, for clients
that ask for one, and is signed by the first: a client that trusts the first trusts both. Two processes of the box use
them at once, so they are made under a lock and moved into place whole.
"""

import ipaddress
import ssl
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.children.alone import alone
from appliance.config.model import BoxConfig
from appliance.edge.errors import EdgeError
from appliance.edge.values import EdgePaths
from appliance.i18n import _

DAYS: Final = 3650
OLD_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"
"""The cipher list with which OpenSSL 3 accepts TLS 1.0 and 1.1: they sign with SHA-1."""
_TIMEOUT_S = 30.0
_RSA: Final = ("-newkey", "rsa:2048")
_ECDSA: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
_WORDS: Final = """\
[req]
distinguished_name = name
x509_extensions = extensions
[name]
[extensions]
subjectAltName = {names}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
basicConstraints = critical, {constraints}
keyUsage = critical, digitalSignature, keyEncipherment, {usage}
"""
"""Extensions of RFC 5280 4.2.1, as strict readers (X509_V_FLAG_X509_STRICT) require."""


@dataclass(frozen=True)
class Pair:
    """A certificate with its signer's, and its key: PEM files."""

    certificate: Path
    key: Path

    @property
    def fits(self) -> bool:
        """Whether both files exist and belong together."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except OSError:  # ssl.SSLError is one
            return False
        return True


def certificates(config: BoxConfig, files: EdgePaths) -> tuple[Pair, ...]:
    """Return the certificates of a box: its owner's, or its own two, made if need be. Raises EdgeError."""
    first = Pair(files.certificate, files.key)
    if config.edge.certificate:
        return (first,)
    second, names = Pair(files.certificate_ec, files.key_ec), _names(config)
    with alone(files.certificate.with_suffix(".lock")):
        if not first.fits:
            _make(first, names, _RSA, None)
            second.certificate.unlink(missing_ok=True)  # its signer has changed
        if not second.fits:
            _make(second, names, _ECDSA, first)
    return first, second


def _names(config: BoxConfig) -> list[str]:
    """Return all names by which phones reach the box, its own first: the same for every process."""
    edge = config.edge
    asked = [edge.domain, *filter(_is_address, edge.bind), edge.public, config.provisioning.host]
    return list(dict.fromkeys(filter(None, asked)))


def _make(pair: Pair, names: Sequence[str], algorithm: Iterable[str], signer: Pair | None) -> None:
    """Make a pair for `names`; the old certificate is removed before the files change, so that no half pair stays."""
    with tempfile.TemporaryDirectory(dir=pair.key.parent, prefix=".certificate.") as made:  # its mode is 0700
        new = Pair(Path(made, "certificate"), Path(made, "key"))
        words = Path(made, "words")
        role = ("CA:FALSE", "keyAgreement") if signer else ("CA:TRUE", "keyCertSign")
        words.write_text(_WORDS.format(names=_alternatives(names), constraints=role[0], usage=role[1]))
        command = ["openssl", "req", "-x509", "-config", str(words), *algorithm, "-noenc", "-days", str(DAYS)]
        command += ["-subj", f"/CN={names[0]}", "-keyout", str(new.key), "-out", str(new.certificate)]
        command += ["-CA", str(signer.certificate), "-CAkey", str(signer.key)] if signer else []
        _run(command, pair.certificate)
        if signer:
            new.certificate.write_bytes(new.certificate.read_bytes() + signer.certificate.read_bytes())
        new.key.chmod(0o600)
        pair.certificate.unlink(missing_ok=True)
        new.key.replace(pair.key)
        new.certificate.replace(pair.certificate)


def _run(command: Sequence[str], wanted: Path) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S)
    except FileNotFoundError as error:
        raise EdgeError(_("openssl is not there"), "apt-get install openssl") from error
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", b"") or b""
        text = said.decode(errors="replace").strip().rpartition("\n")[2]
        message = _("no certificate could be made at {path}: {why}").format(path=wanted, why=text)
        raise EdgeError(message, _("name files of your own: edge.certificate and edge.key")) from error


def _alternatives(names: Iterable[str]) -> str:
    return ",".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
