# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate: a login of ours before the terminal, what pages may load, and limits of sessions.

A browser sends the cookie of a login with every request to this host, also with those that another site's page makes.
So what changes something or opens a terminal asks for `Origin` as well, which no page can feign (RFC 6454 7).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from aiohttp import web

from appliance.config.web import WebConfig
from appliance.contract.errors import ApplianceError
from appliance.i18n import N_
from appliance.provisioning.limiter import Limiter
from tui.web.door import Door, Proof, RefusedError
from tui.web.forks import Forks
from tui.web.logins import FullError, Login, Logins
from tui.web.pages import LANGUAGES, STATIC, font_size, in_words, login_page, number, preferred, terminal_page
from tui.web.terminal import CRASHED, HIGHEST, SIGNED_OUT, STOPPED, WIDEST, Terminal, bounded
from tui.web.visit import Shows, Visit

COOKIE: Final = "__Host-mxbox"
"""The prefix makes browsers refuse it without Secure, or with a Domain (RFC 6265bis 4.1.3.2)."""
TRIES, TRIES_WINDOW_S = 5, 300.0
"""Wrong proofs of one address before it has to wait."""
MINUTE_S: Final = 60.0
SWEEP_S: Final = 30.0
MAX_FORM: Final = 1 << 13
MAX_MESSAGE: Final = 1 << 17
"""Octets of one message of a browser: a paste."""
PING_S: Final = 15.0
AT_ONCE: Final = 2
"""Proofs that are checked at once: each costs the box the time of a slow hash."""
HEADERS: Final = {
    # style: xterm.js writes its colours into <style>; connect 'self' includes wss: of this host (CSP3 6.7.2.8)
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
"""No Strict-Transport-Security: with it a browser stops at a certificate that the box has signed itself."""

_WRONG_ORIGIN: Final = N_("this was asked by a page of another site")
_MANY_TRIES: Final = N_("too many wrong tries from this address: wait five minutes")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gate:
    """The gate of a box.

    Attributes:
        control: path of the box's control socket, for sessions.
        now: seconds of a clock that does not jump.
    """

    config: WebConfig
    door: Door
    forks: Forks
    logins: Logins
    limiter: Limiter
    control: str
    now: Callable[[], float]
    checking: asyncio.Semaphore

    @classmethod
    def of(cls, config: WebConfig, door: Door, forks: Forks, control: str, now: Callable[[], float]) -> "Gate":
        """Return the gate of a configuration."""
        logins = Logins(config.sessions, config.sessions_each, config.idle_min * MINUTE_S)
        return cls(
            config, door, forks, logins, Limiter(TRIES, TRIES_WINDOW_S), control, now, asyncio.Semaphore(AT_ONCE)
        )

    def app(self) -> web.Application:
        """Return the application that aiohttp serves."""
        app = web.Application(client_max_size=MAX_FORM)
        app.on_response_prepare.append(_head)
        app.add_routes(
            [
                web.get("/", partial(self.page, "terminal")),
                web.get("/board", partial(self.page, "board")),
                web.get("/sign-in", self.ask),
                web.post("/sign-in", self.sign_in),
                web.post("/sign-out", self.sign_out),
                web.get("/ws/{kind:terminal|board}", self.session),
                web.get("/why", self.why),
                web.get("/download/{key}", self.download),
                web.get("/static/{name}", _static),
            ]
        )
        app.cleanup_ctx.append(self._sweeping)
        return app

    async def page(self, kind: Shows, request: web.Request) -> web.Response:
        """Show a session, or the login."""
        login = self._login(request)
        if login is None:
            return _see("/sign-in")
        size = font_size(request.query.get("size", ""))
        return _html(terminal_page(login.language, kind, login.guest.user, request.host, size))

    async def ask(self, request: web.Request) -> web.Response:
        """Show the login."""
        return _html(login_page(_language(request, request.query.get("language", ""))))

    async def sign_in(self, request: web.Request) -> web.Response:
        """Check a user's proof; a right one gets the cookie."""
        _same_origin(request)
        form, source = await request.post(), request.remote or ""
        given = {key: str(form.get(key, "")) for key in ("user", "password", "code", "language", "kind")}
        language = _language(request, given["language"])
        if self.limiter.shut_out(source, self.now()):
            return _html(login_page(language, in_words(language, _MANY_TRIES)), 429)
        try:
            async with self.checking:
                guest = await self.door.sign_in(Proof(given["user"], given["password"], given["code"], source))
        except ApplianceError as error:
            if isinstance(error, RefusedError) and self.limiter.failed(source, self.now()):
                _log.warning("%s gives wrong passwords again and again: it has to wait", source)
            said = in_words(language, error.msgid or error.message, error.values)
            return _html(login_page(language, said), 403 if isinstance(error, RefusedError) else 503)
        login = self.logins.enter(guest, language, self.now())
        _log.info("%s has signed in from %s", guest.user, source)
        response = _see("/board" if given["kind"] == "board" else "/")
        response.set_cookie(COOKIE, login.token, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    async def sign_out(self, request: web.Request) -> web.Response:
        """End a login and its sessions."""
        _same_origin(request)
        if (login := self._login(request)) is not None:
            await self._leave(login, SIGNED_OUT)
        response = _see("/sign-in")
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    async def session(self, request: web.Request) -> web.StreamResponse:
        """Serve a terminal until it ends."""
        _same_origin(request)
        login = self._login(request)
        if login is None:
            raise web.HTTPUnauthorized
        kind: Shows = "board" if request.match_info["kind"] == "board" else "terminal"
        visit = Visit(login.guest, kind, self.control)
        terminal = Terminal(self.forks, visit, self.config.idle_min * MINUTE_S, self.now)
        try:
            self.logins.begin(login, terminal)
        except FullError as error:
            login.why = in_words(login.language, error.msgid, error.values)
            raise web.HTTPServiceUnavailable(text=login.why) from error
        why = CRASHED
        try:
            browser = web.WebSocketResponse(heartbeat=PING_S, max_msg_size=MAX_MESSAGE, compress=True)
            await browser.prepare(request)
            why = await terminal.run(browser, _environment(request, login))
        finally:
            self.logins.over(login, terminal, in_words(login.language, why), self.now())
        if why == SIGNED_OUT and login in self.logins:
            await self._leave(login, why)
        await browser.close()
        return browser

    async def why(self, request: web.Request) -> web.Response:
        """Return why the last session of a login ended."""
        if (login := self._login(request)) is None:
            raise web.HTTPUnauthorized
        return web.json_response({"text": login.why})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send a file that a session of this login delivers; never as a page of this host."""
        login = self._login(request)
        sessions = login.sessions if login is not None else []
        found = ((each.files, file) for each in sessions if (file := each.files.find(request.match_info["key"])))
        files, file = next(found, (None, None))
        if files is None or file is None:
            raise web.HTTPNotFound
        response = web.StreamResponse()
        response.content_type = file.media_type or "application/octet-stream"
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        response.headers["Content-Security-Policy"] = "sandbox"
        await response.prepare(request)
        async for piece in files.fetch(file):
            await response.write(piece)
        await response.write_eof()
        return response

    async def stop(self) -> None:
        """End all sessions."""
        for login in self.logins:
            await self._leave(login, STOPPED)

    def _login(self, request: web.Request) -> Login | None:
        return self.logins.find(request.cookies.get(COOKIE, ""), self.now())

    async def _leave(self, login: Login, why: str) -> None:
        self.logins.leave(login, why)
        await self.door.sign_out(login.guest)

    async def _sweeping(self, _app: web.Application) -> AsyncIterator[None]:
        async def sweep() -> None:
            while True:
                await asyncio.sleep(SWEEP_S)
                for login in self.logins.stale(self.now()):
                    await self._leave(login, SIGNED_OUT)

        task = asyncio.create_task(sweep())
        yield
        task.cancel()


async def _head(_request: web.Request, response: web.StreamResponse) -> None:
    """Add to every response the headers that bound what its page may do."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "mxbox"


async def _static(request: web.Request) -> web.Response:
    known = STATIC.get(request.match_info["name"])
    if known is None:
        raise web.HTTPNotFound
    place, media_type = known
    return web.Response(body=place.read_bytes(), content_type=media_type)


def _same_origin(request: web.Request) -> None:
    """Refuse what another site's page asks. Raises HTTPForbidden."""
    origin = request.headers.get("Origin", "")
    if origin != f"https://{request.host}":
        _log.warning("%s is refused to %s: asked by a page of %r", request.path, request.remote, origin)
        raise web.HTTPForbidden(text=in_words(_language(request), _WRONG_ORIGIN))


def _language(request: web.Request, asked: str = "") -> str:
    return asked if asked in LANGUAGES else preferred(request.headers.get("Accept-Language", ""))


def _environment(request: web.Request, login: Login) -> dict[str, str]:
    """Return the variables of a session's process: its size and its language."""

    def size(name: str, usual: int, most: int) -> str:
        return str(bounded(number(request.query.get(name, ""), usual), most))

    return {
        "COLUMNS": size("width", 80, WIDEST),
        "ROWS": size("height", 24, HIGHEST),
        "LANGUAGE": login.language,
        "LANG": f"{'zh_CN' if login.language == 'zh_CN' else 'en_US'}.UTF-8",
    }


def _see(place: str) -> web.Response:
    """Send the browser elsewhere by GET (RFC 9110 15.4.4)."""
    return web.Response(status=303, headers={"Location": place})


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
