# SPDX-License-Identifier: GPL-2.0-or-later
"""Headless Chromium by the DevTools protocol: what a person does at a browser, and what the browser was sent."""

import asyncio
import base64
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pyte

from tests.tui.web.rig import PATIENCE_S

PROGRAM: Final = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))), "")
WHY_NOT: Final = "no Chromium here: make setup-browser"


class Page:
    """One tab. `requests` are the addresses that it has asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self._changed = asyncio.Event()
        self._reader = asyncio.ensure_future(self._read())

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._answers[number]
        finally:
            del self._answers[number]

    async def _read(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told and (answer := self._answers.get(told["id"])) and not answer.done():
                answer.set_result(told.get("result", told))
            self._note(told.get("method", ""), told.get("params", {}))
            self._changed.set()

    def _note(self, method: str, values: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(values["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(values["url"])
            case "Network.webSocketFrameReceived" if values["response"]["opcode"] == 2:
                self._stream.feed(base64.b64decode(values["response"]["payloadData"]))
            case "Network.webSocketFrameSent" if values["response"]["payloadData"].startswith('["resize"'):
                size = json.loads(values["response"]["payloadData"])[1]
                self.screen.resize(size["height"], size["width"])
            case "Log.entryAdded":
                self.complaints.append(values["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(values["exceptionDetails"]["text"])

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def until(self, text: str) -> None:
        """Wait until the terminal shows a text."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while text not in self.text:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not shown: {text}; {self.complaints}; the screen:\n{self.text}") from None

    async def run(self, script: str) -> Any:
        reply = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return reply.get("result", {}).get("value")  # none while another page is being loaded

    async def until_true(self, script: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self.run(script):  # noqa: ASYNC110 - the page tells nothing by itself
                    await asyncio.sleep(0.05)
        except TimeoutError:
            page_text = await self.run("document.body.outerHTML.slice(0, 4000)")
            raise AssertionError(f"never true: {script}; {self.complaints}; the page:\n{page_text}") from None

    async def go(self, address: str) -> None:
        await self.call("Page.navigate", url=address)
        await self.until_true("document.readyState === 'complete'")

    async def click(self, selector: str) -> None:
        """Click in the middle of an element, as a mouse does."""
        place = await self.run(
            f"(() => {{ const r = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        await self.click_at(*place)

    async def click_at(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def type(self, text: str) -> None:
        """Enter a text as an input method commits it."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int, text: str = "", *, control: bool = False) -> None:
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            await self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, modifiers=2 * control, **more
            )

    async def picture(self) -> bytes:
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def page(folder: Path, certificate: Path, width: int = 900, height: int = 560) -> AsyncIterator[Page]:
    """Start Chromium, which trusts this certificate and no other; close it at the end."""
    arguments = [
        *(PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--lang=en"),
        *(f"--user-data-dir={folder}", f"--window-size={width},{height}", "--no-first-run", "--mute-audio"),
        *(f"--ignore-certificate-errors-spki-list={fingerprint(certificate)}", "about:blank"),
    ]
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/json/list") as reply:
                (target, *_others) = [each for each in await reply.json() if each["type"] == "page"]
            async with client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Page(socket)
                for domain in ("Page", "Network", "Runtime", "Log"):
                    await tab.call(f"{domain}.enable")
                await tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
                await tab.call(
                    "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
                )
                yield tab
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the program is a script, and the browser is many processes
        await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(PATIENCE_S):
        while not (lines := _lines(file)):  # noqa: ASYNC110 - Chromium writes it some day
            await asyncio.sleep(0.05)
    return int(lines[0])


def _lines(file: Path) -> list[str]:
    text = file.read_text(encoding="ascii") if file.exists() else ""
    return text.split("\n") if "\n" in text else []


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of the public key, as Chromium wants it."""
    public = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], capture_output=True, check=True
    ).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=public, capture_output=True, check=True
    ).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()
