# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own certificates: one maker at a time, never a pair that does not fit, one to trust."""

import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance.config.load import load_box
from appliance.edge.certificate import Pair, certificates
from appliance.edge.errors import EdgeError
from appliance.edge.values import EdgePaths, edge_paths

MAKERS = 4
MAKE = """
import sys
from pathlib import Path
from appliance.config.load import load_box
from appliance.edge.certificate import certificates
from appliance.edge.values import edge_paths
from appliance.provisioning.server import tls
from appliance.phones.schema import open_phones
config, paths = load_box(Path(sys.argv[1]))
files = edge_paths(config, paths)
print("ready", flush=True)
sys.stdin.readline()
paths.make()
open_phones(files.phones).close()
tls(certificates(config, files), "1.2")
"""


def box(folder: Path, more: str = "") -> Path:
    file = folder / "box.toml"
    file.write_text(f'[sip]\nport = 5070\n[edge]\nenabled = true\ndomain = "box.example"\n{more}')
    return file


def made(file: Path) -> tuple[EdgePaths, tuple[Pair, ...]]:
    config, paths = load_box(file)
    files = edge_paths(config, paths)
    return files, certificates(config, files)


def test_processes_that_start_together_make_one_pair_that_fits(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(box(tmp_path))]
    makers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(MAKERS)]
    for maker in makers:
        assert maker.stdout is not None
        maker.stdout.readline()
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(b"go\n")
        maker.stdin.flush()
    assert [maker.wait(60) for maker in makers] == [0] * MAKERS
    assert not list((tmp_path / "state").glob(".certificate*"))


def test_a_pair_that_does_not_fit_is_made_anew(tmp_path: Path) -> None:
    files, pairs = made(box(tmp_path))
    before = files.certificate.read_bytes()
    assert made(box(tmp_path))[1] == pairs
    assert files.certificate.read_bytes() == before
    files.key.write_bytes(files.key_ec.read_bytes())  # as two makers at once may have left it
    assert not pairs[0].fits
    assert all(pair.fits for pair in made(box(tmp_path))[1])
    assert files.certificate.read_bytes() != before


def test_only_its_owner_reads_the_keys(tmp_path: Path) -> None:
    files, _pairs = made(box(tmp_path))
    assert [path.stat().st_mode & 0o777 for path in (files.key, files.key_ec)] == [0o600] * 2


@pytest.mark.parametrize("ciphers", ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"])
@pytest.mark.parametrize("name", ["box.example", "192.0.2.1", "phones.example"])
def test_whoever_trusts_the_first_trusts_both_by_every_name(tmp_path: Path, ciphers: str, name: str) -> None:
    more = 'public = "192.0.2.1"\n[provisioning]\nenabled = true\nhost = "phones.example"\n'
    files, pairs = made(box(tmp_path, more))
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(files.certificate))
    for pair in pairs:
        server.load_cert_chain(pair.certificate, pair.key)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(ciphers)
    near, far = socket.socketpair()

    def serve() -> None:
        server.wrap_socket(far, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(near, server_hostname=name) as line:
        assert line.cipher() is not None
    thread.join()


def test_without_openssl_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EdgeError, match="openssl"):
        made(box(tmp_path))
