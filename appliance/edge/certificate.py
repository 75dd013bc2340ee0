# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own certificate: made once, signed by itself, for SIP over TLS and for phones that fetch their settings."""

import ipaddress
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from appliance.edge.errors import EdgeError
from appliance.i18n import _

DAYS: Final = 3650
_TIMEOUT_S = 30.0


def ensure_certificate(certificate: Path, key: Path, names: Iterable[str]) -> None:
    """Make `certificate` and `key` for `names` (domains and IP addresses) unless both are there. Raises EdgeError."""
    if certificate.is_file() and key.is_file():
        return
    known = list(dict.fromkeys(names))
    key.parent.mkdir(parents=True, exist_ok=True)
    key.touch(mode=0o600)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
    command += ["-days", str(DAYS), "-subj", f"/CN={known[0]}", "-addext", f"subjectAltName={_alternatives(known)}"]
    try:
        subprocess.run(
            [*command, "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
        )
    except FileNotFoundError as error:
        raise EdgeError(_("openssl is not there"), "apt-get install openssl") from error
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", b"") or b""
        text = said.decode(errors="replace").strip().rpartition("\n")[2]
        message = _("no certificate could be made at {path}: {why}").format(path=certificate, why=text)
        raise EdgeError(message, _("name files of your own: edge.certificate and edge.key")) from error


def _alternatives(names: Iterable[str]) -> str:
    return ",".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
