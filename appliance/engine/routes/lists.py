# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of callers from outside."""

from appliance.config.model import ListsConfig
from appliance.engine.routes.patterns import Patterns
from appliance.engine.routes.site_numbers import Site


class Lists:
    """Callers from outside who are refused, or go first. A number counts in whatever form it is listed."""

    __slots__ = ("_any_vip", "_black", "_only_white", "_open", "_site", "_vip", "_white")

    def __init__(self, config: ListsConfig, site: Site) -> None:
        self._site = site
        self._black, self._white, self._vip = Patterns(config.black), Patterns(config.white), Patterns(config.vip)
        self._only_white = config.only_white
        self._open = not config.black and not config.only_white
        self._any_vip = bool(config.vip)

    def refused(self, number: str) -> bool:
        """Return whether a caller is refused with the busy tone."""
        if self._open:
            return False
        if listed(self._site, self._vip, number) or listed(self._site, self._white, number):
            return False
        return self._only_white or listed(self._site, self._black, number)

    def vip(self, number: str) -> bool:
        """Return whether a caller goes before others."""
        return self._any_vip and listed(self._site, self._vip, number)


def listed(site: Site, patterns: Patterns, number: str) -> bool:
    """Return whether a list has a number as it is dialled; its form without prefixes must be listed whole."""
    bare = site.significant(number)
    return any(patterns.match(each) for each in site.spellings(number)) or bool(bare and patterns.has(bare))
