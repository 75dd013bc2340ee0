# SPDX-License-Identifier: GPL-2.0-or-later
"""Only our own PJSIP build is taken; addresses on which the endpoint listens; opening, closing, refusals to open."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.errors import SipBuildError, SipError
from drivers.pjsip import check_build, open_endpoint
from drivers.sip import SipOptions

ROOT = Path(__file__).parent.parent.parent
WHEEL = "pjsua2-python==2.15.1"
CHECK = [sys.executable, "-m", "drivers.pjsip"]


def everybody(_host: str, _port: int) -> bool:
    return True


def checked_with(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the check in a process that finds `folder` before the kept build."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(CHECK, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_our_build_says_what_it_is() -> None:
    build = check_build()
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", build.version)
    assert build.calls >= 512
    assert re.fullmatch(r"[0-9a-f]{64}", build.sha256)
    assert (build.folder / "pjsua2.py").exists()


def test_the_ready_made_wheel_is_refused(tmp_path: Path) -> None:
    kept = ROOT / "build" / "wheels"  # it is fetched once
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--retries", "1"]
    wanted = ["download", "--no-deps", "--only-binary", ":all:", "-d", str(kept), WHEEL]
    subprocess.run([*pip, *wanted], capture_output=True, check=False)
    wheels = list(kept.glob("*.whl"))
    if not wheels:
        pytest.skip("PyPI cannot be reached, or has no wheel for this Python")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(tmp_path), *map(str, wheels)], check=True)
    refusal = checked_with(tmp_path)
    assert refusal.returncode != 0
    assert "is not this box's own PJSIP build" in refusal.stderr
    assert "4 calls" in refusal.stderr
    assert "make setup" in refusal.stderr
    assert "Traceback" not in refusal.stderr


def test_another_library_in_our_builds_clothes_is_refused(tmp_path: Path) -> None:
    for name in check_build().folder.iterdir():
        if name.is_file():
            shutil.copy(name, tmp_path)
    refusal = checked_with(tmp_path)
    assert refusal.returncode != 0
    assert f"was not compiled for the PJSIP in {tmp_path}" in refusal.stderr


def test_a_missing_module_is_named_with_the_remedy(tmp_path: Path) -> None:
    code = "import sys; sys.path = [p for p in sys.path if 'pjsip' not in p]; from drivers.pjsip import check_build\n"
    code += "from drivers.errors import SipBuildError\ntry: check_build()\nexcept SipBuildError as e: print(e, e.hint)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pjsua2 is not installed make setup" in result.stdout


def test_the_limit_itself_is_measured_when_the_endpoint_opens() -> None:
    too_many = check_build().calls + 1
    with pytest.raises(SipBuildError, match=f"carries {too_many - 1} calls at once, {too_many} are asked for"):
        open_endpoint(SipOptions(port=0, calls=too_many), everybody)
    open_endpoint(SipOptions(port=0), everybody).close()


def test_it_listens_on_loopback_only_and_stops_when_closed() -> None:
    before = own_sockets()
    with open_endpoint(SipOptions(port=0), everybody) as endpoint:
        assert endpoint.address.startswith("127.0.0.1:")
        opened = own_sockets() - before
        assert endpoint.address in opened
        assert all(address.startswith("127.") for address in opened)
        endpoint.poll()
    endpoint.close()
    assert own_sockets() == before


def test_it_can_be_opened_again_but_not_twice() -> None:
    for _ in range(3):
        with open_endpoint(SipOptions(port=0), everybody), pytest.raises(SipError, match="has a SIP endpoint already"):
            open_endpoint(SipOptions(port=0), everybody)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SipError, match=f"cannot listen on UDP 127.0.0.1:{port}") as caught:
            open_endpoint(SipOptions(port=port), everybody)
        assert caught.value.hint
    open_endpoint(SipOptions(port=port), everybody).close()


def own_sockets() -> set[str]:
    """Local addresses (host:port) of all UDP and TCP sockets of this process."""
    inodes = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(link.readlink().name)
        except OSError:  # the directory's own descriptor
            continue
    found = set()
    for table in ("udp", "udp6", "tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in inodes:
                host, port = fields[1].split(":")
                address = ".".join(str(byte) for byte in reversed(bytes.fromhex(host))) if len(host) == 8 else host
                found.add(f"{address}:{int(port, 16)}")
    return found
