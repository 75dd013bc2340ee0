# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts for people, in their language: the reader's locale, else English. JSON, logs and records are never translated.

The msgids are the English texts. `_` marks and translates, `ngettext` counts, `N_` only marks (for tables whose texts
are translated where they are shown).
Fill placeholders after translating: `_("no such queue: {name}").format(name=name)`, never an f-string inside `_()`.
`appliance.i18n_catalog` makes and compiles the catalogues under `appliance/locale`.
"""

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "mxbox"
LOCALE_DIR: Final = Path(__file__).with_name("locale")
_CHINESE: Final = "zh_CN"


def languages(environ: Mapping[str, str]) -> list[str]:
    """Return the locales that the reader asks for, best first, as gettext does: LANGUAGE, LC_ALL, LC_MESSAGES, LANG.

    A reader of any Chinese is better served by our Chinese than by English.
    """
    chosen = next((environ[name] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    wanted = [name for name in chosen.split(":") if name]
    if any(name.startswith("zh") for name in wanted):
        wanted.append(_CHINESE)
    return wanted


@cache
def translation(*asked: str) -> gettext.NullTranslations:
    """Return the catalogue for these locales, best first; where there is none, one that returns the English texts."""
    english = next((place for place, name in enumerate(asked) if name.startswith(("en", "C", "POSIX"))), len(asked))
    # The msgids are English: a reader that names English first needs no catalogue.
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=list(asked[:english]) or ["en"], fallback=True)


_reader: ContextVar[str] = ContextVar("reader", default="")


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Translate into a language within `with`, also on threads that are started there: for a reader elsewhere."""
    token = _reader.set({"zh": _CHINESE}.get(language, language))
    try:
        yield
    finally:
        _reader.reset(token)


def _current() -> gettext.NullTranslations:
    reader = _reader.get()
    return translation(reader) if reader else translation(*languages(os.environ))


def reader_language() -> str:
    """Return the language of the reader at this terminal: `zh` or `en`."""
    return "zh" if _CHINESE in languages(os.environ) else "en"


def _(text: str) -> str:
    """Return `text` in the reader's language."""
    return _current().gettext(text) if text else ""


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return a text with its placeholders filled in; unchanged if the values do not fit: it may come from elsewhere."""
    try:
        return text.format_map(values) if values else text
    except (LookupError, ValueError, AttributeError, TypeError):
        return text


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form that fits the count `n`, in the reader's language."""
    return _current().ngettext(one, many, n)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Return `text` itself, in English; marks it for the catalogue, for tables that are translated where shown."""
    return text
