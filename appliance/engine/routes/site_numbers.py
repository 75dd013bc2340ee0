# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialling of numbers outside at the box's site: the same number is signalled and written in many forms.

The one form in which the box keeps a number outside is that in which it is dialled here, without the outside prefix:
international with the international prefix, national with the national one, local as it is.
"""

from typing import Final

from appliance.config.model import BoxConfig
from appliance.contract.switch import NumberType, Party
from appliance.engine.routes.patterns import Patterns
from appliance.numbering import plain

SERVICE_DIGITS: Final = 6
"""A national number of no more digits is a service's (10086, 95588): it is dialled without a prefix."""


class OutsideParty(Party, frozen=True):
    """A party whose number is one outside."""


_INTERNATIONAL: Final = NumberType.INTERNATIONAL
_NATIONAL: Final = NumberType.NATIONAL
_SUBSCRIBER: Final = NumberType.SUBSCRIBER


class Site:
    """The numbering of the place, as configured."""

    __slots__ = ("_area", "_country", "_dial_back", "_international", "_national", "_nationwide", "_prefix")

    def __init__(self, config: BoxConfig) -> None:
        site = config.site
        self._country, self._area = site.country_code, site.area_code
        self._international, self._national = site.international_prefix, site.national_prefix
        self._nationwide = Patterns(site.nationwide)
        self._prefix, self._dial_back = config.outside.prefix, config.outside.dial_back

    def dialled(self, number: str, kind: NumberType = NumberType.UNKNOWN) -> str:
        """Return a number outside as it is dialled here; a text that is no number is returned unchanged.

        `kind` is its type (Q.931 4.5.10): '+' or INTERNATIONAL has the country code, NATIONAL the area code.
        """
        digits = number.removeprefix("+")
        if not digits or plain(digits) != digits:
            return number
        if number[0] == "+" or kind is _INTERNATIONAL:
            return self._abroad(digits.removeprefix(self._international))
        if kind is _SUBSCRIBER:
            return digits
        if self._international and digits.startswith(self._international):
            return self._abroad(digits[len(self._international) :])
        if kind is _NATIONAL or (self._national and digits.startswith(self._national)):
            return self._at_home(digits)
        return digits

    def _abroad(self, digits: str) -> str:
        at_home = digits.removeprefix(self._country)
        if digits != at_home != "":
            return self._at_home(at_home)
        return (self._international or "+") + digits

    def _at_home(self, digits: str) -> str:
        number = digits.removeprefix(self._national)
        if len(number) <= SERVICE_DIGITS or self._nationwide.match(number):
            return number
        local = number.removeprefix(self._area)
        if local != number and len(local) > SERVICE_DIGITS:
            return local
        return self._national + number

    def global_number(self, dialled: str) -> str:
        """Return a number that is dialled so as '+' and E.164 number; '' if it has none."""
        if self._international and dialled.startswith(self._international):
            return "+" + dialled[len(self._international) :]
        if dialled.startswith("+"):
            return dialled
        if len(dialled) <= SERVICE_DIGITS:
            return ""
        if self._national and dialled.startswith(self._national):
            return f"+{self._country}{dialled[len(self._national) :]}"
        if self._nationwide.match(dialled):
            return f"+{self._country}{dialled}"
        return f"+{self._country}{self._area}{dialled}" if self._area else ""

    def spellings(self, dialled: str) -> tuple[str, ...]:
        """Return the forms in which people write a number that is dialled so, in lists for instance."""
        whole = self.global_number(dialled)
        if not whole:
            return (dialled,)
        at_home = whole[1:].removeprefix(self._country)
        national = (self._national + at_home,) if at_home != whole[1:] else ()
        return tuple(dict.fromkeys((dialled, whole, self._international + whole[1:], *national)))

    def significant(self, dialled: str) -> str:
        """Return a national number without any prefix, '' if it is none: some lines and some people write it so."""
        whole = self.global_number(dialled)
        at_home = whole.removeprefix(f"+{self._country}")
        return at_home if at_home != whole else ""

    def caller(self, said: Party) -> Party:
        """Return a caller from outside with the number as it is dialled here."""
        return Party(self.dialled(said.number, said.type), said.name, said.presentation)

    def on_phone(self, party: Party) -> Party:
        """Return a party as a phone shows it: with a number that the phone can dial."""
        if not isinstance(party, OutsideParty):
            return party
        can_be_dialled = self._dial_back and party.number and plain(party.number) == party.number
        return Party(self._prefix + party.number if can_be_dialled else party.number, party.name, party.presentation)

    def on_line(self, party: Party) -> Party:
        """Return a party as a line outside is told it: a number abroad as '+', which every line can signal."""
        abroad = self._international and party.number.startswith(self._international)
        if isinstance(party, OutsideParty) and abroad:
            return Party("+" + party.number[len(self._international) :], party.name, party.presentation)
        return Party(party.number, party.name, party.presentation)


def from_outside(party: Party) -> OutsideParty:
    """Return a party marked as one whose number is outside."""
    return OutsideParty(party.number, party.name, party.presentation)
