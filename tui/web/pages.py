# SPDX-License-Identifier: GPL-2.0-or-later
"""The two pages of the gate, in the reader's language, and the files that they need."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Final

from appliance.i18n import N_, filled, translation
from tui.web.visit import Shows

CHINESE, ENGLISH = "zh_CN", "en"
LANGUAGES: Final = (CHINESE, ENGLISH)
FONT_SIZE, SMALLEST, LARGEST = 16, 8, 60
_DIGITS: Final = 4
_TAGS: Final = {CHINESE: "zh-CN", ENGLISH: "en"}
_HERE: Final = files("tui.web").joinpath("static")
_TEXTUAL: Final = files("textual_serve").joinpath("static")

STATIC: Final[Mapping[str, tuple[Traversable, str]]] = {
    "page.css": (_HERE / "page.css", "text/css"),
    "page.js": (_HERE / "page.js", "text/javascript"),
    "xterm.css": (_TEXTUAL / "css" / "xterm.css", "text/css"),
    "textual.js": (_TEXTUAL / "js" / "textual.js", "text/javascript"),
    "RobotoMono.ttf": (_TEXTUAL / "fonts" / "RobotoMono-VariableFont_wght.ttf", "font/ttf"),
    "RobotoMono-Italic.ttf": (_TEXTUAL / "fonts" / "RobotoMono-Italic-VariableFont_wght.ttf", "font/ttf"),
}
"""Files that are served, each with its media type: these names and no others."""

_LOGIN: Final = {
    "user": N_("User"),
    "password": N_("Password"),
    "code": N_("Code of the second factor, if you have one"),
    "sign_in": N_("Sign in"),
    "board": N_("Board for a wall"),
}
_TERMINAL: Final = {
    "sign_out": N_("Sign out"),
    "begin_again": N_("Open it again"),
    "away": N_("the box does not answer; it is asked again"),
}


def in_words(language: str, text: str, values: Mapping[str, object] | None = None) -> str:
    """Return a msgid in a reader's language, filled in."""
    return filled(translation(language).gettext(text) if text else "", values or {})


def preferred(accept: str) -> str:
    """Return the first of our languages that a browser names in `Accept-Language` (RFC 9110 12.5.4)."""
    wanted = [each.strip().lower()[:2] for each in accept.split(",")]
    return next((CHINESE if each == "zh" else ENGLISH for each in wanted if each in ("zh", "en")), ENGLISH)


def login_page(language: str, said: str = "") -> str:
    """Return the page on which a user signs in. `said` is why the last try failed."""
    return _page("login.html", language, _LOGIN, said=said)


def terminal_page(language: str, kind: Shows, user: str, host: str, size: int) -> str:
    """Return the page that shows a session."""
    again = "/board" if kind == "board" else "/"
    values = {"kind": kind, "user": user, "host": host, "size": str(size), "again": f"{again}?size={size}"}
    return _page("terminal.html", language, _TERMINAL, **values)


def font_size(text: str) -> int:
    """Return the size of letters that a reader asks for, in pixels."""
    return max(SMALLEST, min(number(text, FONT_SIZE), LARGEST))


def number(text: str, usual: int) -> int:
    """Return the number that stands in a request, `usual` if there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else usual


def _page(name: str, language: str, words: Mapping[str, str], **values: str) -> str:
    texts = {key: in_words(language, text) for key, text in words.items()} | values
    safe = {key: escape(value) for key, value in texts.items()}
    return Template(_HERE.joinpath(name).read_text(encoding="utf-8")).substitute(
        safe, language=_TAGS[language], locale=language
    )
