# SPDX-License-Identifier: GPL-2.0-or-later
"""Draft: changes of one table of the configuration that are not in force yet, and what the box says of a text."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from appliance.api.messages import (
    CheckConfig,
    ConfigChange,
    ConfigChangesReply,
    ConfigCheckedReply,
    ConfigFinding,
    ConfigReply,
    DiffConfig,
    RemoveEntry,
    SetEntry,
)
from appliance.cli.config_change import counts
from appliance.config.entries import with_entry
from appliance.contract.errors import ApiError
from appliance.i18n import _, ngettext, reader_language
from tui.actions import Action, Field, Values
from tui.forms import Entry, form_of, known_by, name_key
from tui.link import Asks

PAUSE_S: Final = 0.2
"""How long the typing has to pause before a text is checked."""
MAX_TOLD: Final = 12


@dataclass
class Draft:
    """Changes of one entry; `changed` has new values, None for keys that are taken out.

    `base` is the text on which it is based; `new`: the entry is not in it.
    """

    base: ConfigReply
    entry: Entry
    new: bool = False
    changed: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_new(cls, base: ConfigReply, table: str, name: str, like: Mapping[str, Any] | None = None) -> "Draft":
        """Return the draft of an entry that is not there yet, with the values of another one."""
        values = {key: value for key, value in (like or {}).items() if key != known_by(like or {})}
        return cls(base, Entry(table, name, -1, {}), True, {name_key(table): name, **values})  # noqa: FBT003

    def value(self, key: str) -> Any:
        """Return the value of a key, None if it is not written."""
        return self.changed[key] if key in self.changed else self.entry.values.get(key)

    def set(self, key: str, value: Any) -> None:
        """Change a key; what it was before is no change."""
        if not self.new and value == self.entry.values.get(key):
            self.changed.pop(key, None)
        else:
            self.changed[key] = value

    def text(self) -> str:
        """Return the whole text with the changes. Raises RequestError where a person has to write it."""
        return with_entry(self.base.text, self.entry.table, self.entry.name, self.changed) if self.changed else ""

    def rebase(self, base: ConfigReply) -> None:
        """Base it on another text: it was changed in the meantime."""
        found = [each for each in form_of(base.text).table(self.entry.table).entries if each.name == self.entry.name]
        self.base = base
        if found and not self.new:
            self.entry = found[0]

    def request(self, why: str) -> SetEntry:
        """Return the request that puts it in force."""
        it = self.entry
        return SetEntry(it.table, it.name, dict(self.changed), self.base.version, why=why, language=language())


@dataclass(frozen=True)
class Verdict:
    """Opinion of the box on a text: its mistakes, or what it would change. `refusal`: why it says neither."""

    findings: tuple[ConfigFinding, ...] = ()
    changes: tuple[ConfigChange, ...] = ()
    refusal: str = ""

    @property
    def good(self) -> bool:
        """Whether the text changes something and can be put in force."""
        return bool(self.changes) and not self.findings and not self.refusal


def found_text(it: ConfigFinding) -> str:
    """Return a mistake in one line: its key, what is wrong, what is allowed."""
    return f"{it.key}{': ' if it.key else ''}{it.text}" + (f" ({it.hint})" if it.hint else "")


async def verdict(asks: Asks, text: str, flow: str = "") -> Verdict:
    """Return what the box says of a text of the configuration, or of a flow; '': nothing is changed."""
    if not text:
        return Verdict()
    try:
        checked = await asks.ask(CheckConfig(text, flow, language=language()), ConfigCheckedReply)
        if checked.findings:
            return Verdict(checked.findings)
        reply = await asks.ask(DiffConfig(text, flow, language=language()), ConfigChangesReply)
    except ApiError as error:
        return Verdict(refusal=f"{error.message} {error.hint}".strip())
    return Verdict(changes=reply.changes)


class Checker:
    """Calls `check` for what was typed last, one at a time, when the typing pauses."""

    def __init__(self, check: Callable[[str], Awaitable[None]]) -> None:
        self._check = check
        self._wanted: str | None = None
        self._busy = False

    async def typed(self, text: str) -> None:
        """Check a text, unless another is being checked: then it comes after that one."""
        self._wanted = text
        if self._busy:
            return
        self._busy = True
        try:
            while self._wanted is not None:
                text, self._wanted = self._wanted, None
                await asyncio.sleep(PAUSE_S)
                if self._wanted is None:
                    await self._check(text)
        finally:
            self._busy = False


def put_in_force(
    changes: Sequence[ConfigChange], do: Callable[[Asks, Values], Awaitable[str]], key: str = "a"
) -> Action:
    """Return the action that puts a text or an entry in force, for a reason."""
    return Action(key, _("put in force"), fields=(why(told(changes)),), sentence=_sentence(changes), do=do,
                  right="configure")  # fmt: skip


def removal(entry: Entry, version: str) -> Action:
    """Return the action that takes an entry out."""
    named = f"[[{entry.table}]] {entry.name}"

    async def do(link: Asks, values: Values) -> str:
        request = RemoveEntry(entry.table, entry.name, version, why=values["why"], language=language())
        return in_force((await link.ask(request, ConfigChangesReply)).changes)

    sentence = _("Takes {entry} out of the configuration.").format(entry=named)
    return Action("d", _("take {entry} out").format(entry=named), fields=(why(),), sentence=sentence, do=do,
                  right="configure")  # fmt: skip


def why(above: str = "") -> Field:
    """Return the field for the reason of a change, below a text."""
    return Field("why", (above + "\n\n" if above else "") + _("why, for the history"), needed=False)


def told(changes: Sequence[ConfigChange]) -> str:
    """Return the first changes as lines."""
    lines = [f"{each.key}: {each.before or '-'} -> {each.after or '-'}" for each in changes[:MAX_TOLD]]
    lines = [line if len(line) <= 140 else line[:137] + "..." for line in lines]
    if more := len(changes) - len(lines):
        lines.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
    return "\n".join(lines)


def _sentence(changes: Sequence[ConfigChange]) -> str:
    """Return what putting changes in force does, as a format for `filled`."""
    many = len(changes)
    text = ngettext("Puts {n} change in force.", "Puts {n} changes in force.", many).format(n=many)
    waits = [each for each in changes if each.needs]
    if waits:
        text += "\n" + waiting(waits)
    return text.replace("{", "{{").replace("}", "}}")


def waiting(changes: Sequence[ConfigChange]) -> str:
    """Return which changes wait, and for what."""
    names = ", ".join(each.key for each in changes[:4]) + (", ..." if len(changes) > 4 else "")
    needed = tuple(dict.fromkeys(process for each in changes for process in each.needs))
    return _("{keys}: counts after {what}").format(keys=names, what=counts(needed))


def in_force(changes: Sequence[ConfigChange]) -> str:
    """Return what is told after changes were put in force."""
    waits = [each for each in changes if each.needs]
    return _("in force") + ("\n" + waiting(waits) if waits else "")


def language() -> Literal["en", "zh"]:
    """Return the language of the reader."""
    return "zh" if reader_language() == "zh" else "en"
