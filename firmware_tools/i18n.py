# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts for people, in their language, as `appliance.i18n` has them: this wheel stands without the box's packages.

The texts are in the box's catalogue; the wheel carries those of its own (`image/tools/wheel.py`).
"""

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "mxbox"
_HERE: Final = Path(__file__).parent
LOCALE_DIR: Final = next(
    (place for place in (_HERE / "locale", _HERE.parent / "appliance/locale") if place.is_dir()), _HERE / "locale"
)
"""The wheel's catalogues; in a clone the box's."""


@cache
def _translation(asked: str) -> gettext.NullTranslations:
    wanted = [name for name in asked.split(":") if name]
    if any(name.startswith("zh") for name in wanted):
        wanted.append("zh_CN")
    english = next((n for n, name in enumerate(wanted) if name.startswith(("en", "C", "POSIX"))), len(wanted))
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=wanted[:english] or ["en"], fallback=True)


def _current() -> gettext.NullTranslations:
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return _translation(next((os.environ[name] for name in names if os.environ.get(name)), ""))


def _(text: str) -> str:
    """Return `text` in the reader's language."""
    return _current().gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form that fits the count `n`, in the reader's language."""
    return _current().ngettext(one, many, n)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Return `text` itself; marks it for the catalogue, for tables that are translated where shown."""
    return text
