# SPDX-License-Identifier: GPL-2.0-or-later
"""A gate on loopback, and browsers without a screen: what they are sent is drawn by pyte."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import aiohttp
import pyte
from yarl import URL

from appliance.config.load import load_box
from appliance.contract.access import ROLES, BuiltIn
from appliance.edge.values import edge_paths
from tui.web.door import Proof, RefusedError
from tui.web.main import Served
from tui.web.visit import Guest

LITTLE = "tests.tui.web.little:show"
PATIENCE_S = 40.0
WRONG = "wrong user or password"


def free_port() -> int:
    """Return a TCP port of loopback that nothing uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class KnownUsers:
    """A door for users whose password is their name backwards."""

    def __init__(self) -> None:
        self.proofs: list[Proof] = []
        self.left: list[Guest] = []
        self.agent = ""
        """The agent that users are: they see a desk then."""

    async def sign_in(self, proof: Proof) -> Guest:
        self.proofs.append(proof)
        if proof.password != proof.user[::-1]:
            raise RefusedError.of(WRONG)
        role: BuiltIn = "agent" if self.agent else "technician"
        held = dict(ROLES[role].rights)
        return Guest(proof.user, role, f"ticket-{proof.user}", held, agent=self.agent, own=bool(self.agent))

    async def sign_out(self, guest: Guest) -> None:
        self.left.append(guest)


class Place:
    """Where a gate is, and its certificate."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.certificate = certificate
        self.origin = f"https://127.0.0.1:{port}"


class Box(Place):
    """A gate of this process, and its door."""

    def __init__(self, served: Served, door: KnownUsers, port: int, certificate: Path) -> None:
        super().__init__(port, certificate)
        self.served, self.door = served, door

    def browser(self) -> "Browser":
        return Browser(self)


@asynccontextmanager
async def box(folder: Path, settings: Mapping[str, int], run: str = LITTLE) -> AsyncIterator[Box]:
    """Serve a gate with these settings of [web]."""
    port = free_port()
    more = "".join(f"{key} = {value}\n" for key, value in settings.items())
    file = folder / "box.toml"
    text = f'[edge]\ncertificate = "tls.pem"\nkey = "tls.key"\n[web]\nenabled = true\nport = {port}\n{more}'
    file.write_text(text, encoding="utf-8")
    certify(folder)
    config, paths = load_box(file)
    paths.make()
    door = KnownUsers()
    async with Served(config, paths, door, run, nice=0) as served:
        yield Box(served, door, port, edge_paths(config, paths).certificate)


def certify(folder: Path) -> None:
    """Make a certificate for loopback; an elliptic key takes no time."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=box"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key", "-out", "tls.pem"]
    subprocess.run([*command.split(), *more], cwd=folder, check=True, capture_output=True)


class Screen:
    """One session: what its terminal shows."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = websocket
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.told: list[object] = []

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    async def until(self, text: str) -> str:
        """Wait until the screen shows a text; return the screen."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while text not in self.text:
                    await self._next()
        except TimeoutError:
            raise AssertionError(f"not shown: {text}; the screen:\n{self.text}") from None
        return self.text

    async def until_told(self, kind: str) -> list[str]:
        """Wait for a message beside the screen."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for each in self.told:
                    if isinstance(each, list) and each[0] == kind:
                        return [str(part) for part in each]
                await self._next()

    async def swallow(self) -> None:
        """Take what comes in a tenth of a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._next()

    async def _next(self) -> None:
        message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            self._stream.feed(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.told.append(message.json())
        else:
            raise AssertionError(f"the session ended ({message.type}); the screen was:\n{self.text}")

    async def press(self, keys: str) -> None:
        await self.socket.send_json(["stdin", keys])

    async def over(self) -> None:
        """Wait until the gate closes the session."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.socket.closed:
                await self.socket.receive()


class Browser:
    """A browser with its own cookies, which trusts the box's certificate and no other."""

    def __init__(self, box_: Place) -> None:
        context = ssl.create_default_context(cafile=str(box_.certificate))
        jar = aiohttp.CookieJar(unsafe=True)  # of an IP address
        self._box = box_
        self._client = aiohttp.ClientSession(
            box_.origin, cookie_jar=jar, connector=aiohttp.TCPConnector(ssl=context), headers={"Accept-Language": "en"}
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_why: object) -> None:
        await self._client.close()

    @property
    def cookies(self) -> dict[str, str]:
        return {key: each.value for key, each in self._client.cookie_jar.filter_cookies(URL(self._box.origin)).items()}

    async def until_there(self) -> None:
        """Wait until the gate answers."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    await self.get("/sign-in")
                    return
                await asyncio.sleep(0.1)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self._client.get(path, headers=headers, allow_redirects=False) as reply:
            return reply.status, await reply.text(errors="replace")

    async def response(self, path: str) -> aiohttp.ClientResponse:
        reply = await self._client.get(path, allow_redirects=False)
        await reply.read()
        return reply

    async def sign_in(self, user: str = "li", password: str = "", *, origin: str = "", **form: str) -> tuple[int, str]:
        form = {"user": user, "password": password or user[::-1], "language": "en", **form}
        return await self.post("/sign-in", form, origin)

    async def post(self, path: str, form: dict[str, str], origin: str = "") -> tuple[int, str]:
        headers = {"Origin": origin or self._box.origin}
        async with self._client.post(path, data=form, headers=headers, allow_redirects=False) as reply:
            return reply.status, reply.headers.get("Location", "") or await reply.text()

    async def open(self, kind: str = "terminal", origin: str = "") -> Screen:
        """Open a session. Raises WSServerHandshakeError if it is refused."""
        origin = origin or self._box.origin
        return Screen(await self._client.ws_connect(f"/ws/{kind}?width=80&height=24", headers={"Origin": origin}))
