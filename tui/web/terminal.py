# SPDX-License-Identifier: GPL-2.0-or-later
"""One websocket and the process that it shows: keys in, screen out, until one of both ends."""

import asyncio
import contextlib
import posixpath
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from aiohttp import WSMsgType, web

from appliance.i18n import N_
from tui.web.files import File, Files
from tui.web.forks import Forks, Shown
from tui.web.packets import DATA, META, PACKED, STATUS, greeted, meta, next_packet, packet
from tui.web.visit import NO_TICKET, Visit

LEFT: Final = N_("the session was ended by its user")
GONE: Final = N_("the browser went away")
CRASHED: Final = N_("the session ended by a fault, which is in the box's log")
IDLE: Final = N_("the session was ended because nothing was pressed for a long time")
SIGNED_OUT: Final = N_("signed out")
STOPPED: Final = N_("the terminal of the box is being stopped")
STRANGE: Final = N_("the browser sent what is no message of a terminal")

GRACE_S: Final = 3.0
"""Time in which the app ends in order when it is told to."""
WIDEST, HIGHEST = 500, 200
"""Bounds of a screen, in columns and lines."""
PING_MAX: Final = 32


class Terminal:
    """A session in the browser.

    Args:
        idle_s: a session in which nothing is pressed for so long is ended; a board has no keys and is not.
        now: seconds of a clock that does not jump.
    """

    def __init__(self, forks: Forks, visit: Visit, idle_s: float, now: Callable[[], float]) -> None:
        self._forks, self._visit, self._idle_s, self._now = forks, visit, idle_s, now
        self._pressed = now()
        self._shown: Shown | None = None
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.files = Files(self._write)

    def end(self, why: str) -> None:
        """End the session from outside."""
        if not self._ended.done():
            self._ended.set_result(why)

    async def run(self, browser: web.WebSocketResponse, environment: dict[str, str]) -> str:
        """Show the session until it ends; return why, a msgid. Raises OSError if no process can be had."""
        self._shown = await self._forks.begin(self._visit, environment)
        ways: list[Coroutine[Any, Any, str]] = [self._from_app(browser), self._from_browser(browser)]
        if self._visit.kind == "terminal":
            ways.append(self._idle())
        tasks = [asyncio.ensure_future(way) for way in (self._ended, *ways)]
        try:
            done, _going = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task in done).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._stop(self._shown)

    async def _stop(self, shown: Shown) -> None:
        """Ask the app to end in order; kill it if it does not."""
        try:
            await self._write(meta("quit"))
            async with asyncio.timeout(GRACE_S):
                while await shown.reader.read(1 << 16):
                    pass
        except TimeoutError:
            await self._forks.kill(shown)
        except OSError:
            pass  # it has ended
        shown.writer.close()
        with contextlib.suppress(OSError):
            await shown.writer.wait_closed()

    async def _write(self, data: bytes) -> None:
        if self._shown is not None:
            self._shown.writer.write(data)
            await self._shown.writer.drain()

    async def _idle(self) -> str:
        while (left := self._pressed + self._idle_s - self._now()) > 0:  # noqa: ASYNC110 - a deadline that moves
            await asyncio.sleep(left)
        return IDLE

    async def _from_app(self, browser: web.WebSocketResponse) -> str:
        assert self._shown is not None
        reader = self._shown.reader
        if not await greeted(reader):
            return CRASHED
        while got := await next_packet(reader):
            kind, payload = got
            if kind == DATA:
                await browser.send_bytes(payload)
            elif kind == PACKED:
                await self.files.take(payload)
            elif kind == META and msgspec.json.decode(payload) == {"type": "exit"}:
                return await self._farewell(reader)
            elif kind == META:
                await self._told(browser, msgspec.json.decode(payload))
        return CRASHED

    async def _farewell(self, reader: asyncio.StreamReader) -> str:
        """Return how the app has ended: unless all is well its process tells its status (`tui.web.fork_server`)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while got := await next_packet(reader):
                    kind, payload = got
                    match msgspec.json.decode(payload) if kind == META else None:
                        case {"type": str(type_), "status": int(status)} if type_ == STATUS:
                            return SIGNED_OUT if status == NO_TICKET else CRASHED
        return LEFT

    async def _told(self, browser: web.WebSocketResponse, values: object) -> None:
        """Do what the app wants beside its screen."""
        match values:
            case {"type": "open_url", "url": str(url)} if url.startswith(("https://", "http://")):
                await browser.send_json(["open_url", {"url": url, "new_tab": True}])
            case {"type": "deliver_file_start", "key": str(key), "path": str(path), **more}:
                self.files.offer(File(key, posixpath.basename(path), str(more.get("mime_type") or "")))
                await browser.send_json(["deliver_file_start", key])

    async def _from_browser(self, browser: web.WebSocketResponse) -> str:
        async for message in browser:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                said = msgspec.json.decode(message.data)
            except msgspec.DecodeError:
                return STRANGE
            match said:
                case ["stdin", str(keys)] if keys:  # an empty packet is the end of input to Textual's parser
                    await self._press(keys)
                case ["resize", {"width": int(width), "height": int(height)}]:
                    await self._write(meta("resize", width=bounded(width, WIDEST), height=bounded(height, HIGHEST)))
                case ["focus" | "blur" as kind]:
                    await self._write(meta(kind))
                case ["ping", str(text)]:
                    await browser.send_json(["pong", text[:PING_MAX]])
        return GONE

    async def _press(self, keys: str) -> None:
        self._pressed = self._now()
        if self._visit.kind == "terminal":
            await self._write(packet(DATA, keys.encode(errors="replace")))


def bounded(size: int, most: int) -> int:
    """Return a size that a screen can have."""
    return max(1, min(size, most))
