# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests about the configuration: read, checked, compared, put in force, taken back. Files are read on other threads.

A text is written only when it has no mistake, when it is based on the text that is there, and when its flows can be
read; the old one goes into the history.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from appliance.api import messages as m
from appliance.config import edit
from appliance.config.edit import Kept
from appliance.config.entries import with_entry, without_entry
from appliance.config.errors import ConfigError, Mistake, shown
from appliance.config.hidden import HIDDEN, hidden_text
from appliance.config.live import changes, merged
from appliance.config.load import look_at
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths, resolve
from appliance.config.public_holidays import with_calendar
from appliance.contract.access import Need
from appliance.contract.errors import ApplianceError, RequestError
from appliance.i18n import N_, spoken
from appliance.ivr.flow import Flow
from appliance.ivr.flows import load_flows, text_mistakes, there_mistakes
from appliance.server.flow_texts import Place, changes_in, flows_there, free, last_in, place_of, text_in
from appliance.server.users_desk import Changed
from appliance.server.visitor import Visitor

_GET_IT: Final = N_("ask for the text anew, make the change in it, and apply that")


class Written:
    """A text that was read: its configuration, with public holidays, and its mistakes."""

    def __init__(self, text: str, paths: ResolvedPaths) -> None:
        self.text, self.version = text, edit.version(text)
        config, mistakes = look_at(text, paths.config)
        self.config, _of_days = with_calendar(config, paths.config.parent)
        self.mistakes = [*mistakes, *there_mistakes(config, resolve(config, paths.config))]


class ConfigDesk:
    """Answers to requests about the configuration.

    Args:
        paths: of the running box.
        started: the configuration with which it started.
        running: returns the configuration in force.
        be: puts a configuration and its flows in force.
    """

    def __init__(
        self,
        paths: ResolvedPaths,
        started: BoxConfig,
        running: Callable[[], BoxConfig],
        be: Callable[[BoxConfig, Mapping[str, Flow]], Awaitable[None]],
    ) -> None:
        self._paths, self._started, self._running, self._be = paths, started, running, be
        self._one = asyncio.Lock()

    async def answer(self, request: m.ConfigRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        """Return the reply, and what was changed. What cannot be done gets an `Error`."""
        try:
            with spoken(request.language if isinstance(request, m.Worded) else "en"):
                return await self._answer(request, visitor)
        except ApplianceError as error:
            return m.Error.of(error.msgid or error.message, error.hint_id or error.hint, **error.values), None

    async def _answer(self, request: m.ConfigRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        if isinstance(request, m.ApplyConfig | m.UndoConfig | m.SetEntry | m.RemoveEntry):
            async with self._one:
                return await self._change(request, visitor)
        return await asyncio.to_thread(self._look, request, not _may_change(visitor)), None

    @property
    def _file(self) -> Path:
        return self._paths.config

    def _look(self, request: m.GetConfig | m.CheckConfig | m.DiffConfig | m.ConfigHistory, hide: bool) -> m.AnyReply:  # noqa: FBT001
        place = place_of(request.flow, self._paths)
        match request:
            case m.GetConfig(wanted):
                text = self._text(place, wanted)
                shown_text = hidden_text(text) if hide and not place.flow else text
                return m.ConfigReply(
                    text=shown_text,
                    version=edit.version(text),
                    file=str(place.file),
                    hidden=shown_text != text,
                    flows=() if place.flow else flows_there(self._paths),
                )
            case m.CheckConfig(text):
                return m.ConfigCheckedReply(self._findings(text, place))
            case m.DiffConfig(text) if place.flow:
                return self._told_of_flow(last_in(place), text)
            case m.DiffConfig(text):
                return self._compare(text, hide=hide)
            case m.ConfigHistory(limit):
                return m.ConfigHistoryReply(edit.version(last_in(place)), self._entries(place, limit))

    def _text(self, place: Place, wanted: str) -> str:
        """Return the text of a version, '' for that of the file. Raises RequestError."""
        text = last_in(place) if wanted else text_in(place)
        if wanted in ("", edit.version(text)):
            return text
        for about, file in edit.kept(place.file, place.history):
            if about.version == wanted:
                return edit.read(file)
        raise RequestError.of(N_("the history has no version {version}"), N_("see config_history"), version=wanted)

    def _findings(self, text: str, place: Place) -> tuple[m.ConfigFinding, ...]:
        try:
            found = self._mistakes(text, place) if place.flow else Written(text, self._paths).mistakes
        except ConfigError as error:
            found = [*error.mistakes]
        return tuple(self._finding(each, place) for each in found)

    def _mistakes(self, text: str, place: Place) -> list[Mistake]:
        return text_mistakes(text, place.flow, self._running(), self._paths)

    def _finding(self, each: Mistake, place: Place) -> m.ConfigFinding:
        value = "" if each.value is None else shown(each.value)
        file = each.file or str(place.file)
        return m.ConfigFinding(file, each.line, each.key, value, each.message, each.hint, each.column)

    def _compare(self, text: str, *, hide: bool) -> m.AnyReply:
        """Return what a text changes of what is in force; '': what the file changed since the start and still waits."""
        if not text:
            here = Written(edit.read(self._file), self._paths)
            waiting = [each for each in changes(self._started, here.config, hide=hide) if each.needs]
            return m.ConfigChangesReply(here.version, tuple(m.ConfigChange(*each) for each in waiting))
        written = self._good(text)
        return self._told(written, Written(edit.read(self._file), self._paths).config, hide=hide)

    def _told(self, written: Written, before: BoxConfig, *, hide: bool) -> m.ConfigChangesReply:
        found = changes(before, written.config, hide=hide)
        return m.ConfigChangesReply(written.version, tuple(m.ConfigChange(*each) for each in found))

    def _told_of_flow(self, old: str, new: str) -> m.ConfigChangesReply:
        return m.ConfigChangesReply(edit.version(new), tuple(m.ConfigChange(*each) for each in changes_in(old, new)))

    def _good(self, text: str) -> Written:
        """Return a text that was read and has no mistake. Raises ConfigError."""
        written = Written(text, self._paths)
        if written.mistakes:
            raise ConfigError(str(self._file), *written.mistakes)
        return written

    def _entries(self, place: Place, most: int) -> tuple[m.ConfigEntry, ...]:
        found = edit.kept(place.file, place.history)[:most]
        return tuple(m.ConfigEntry(a.version, a.at, a.user, a.door, a.why, a.after) for a, _file in found)

    async def _change(
        self, request: m.ApplyConfig | m.UndoConfig | m.SetEntry | m.RemoveEntry, visitor: Visitor
    ) -> tuple[m.AnyReply, Changed | None]:
        if isinstance(request, m.ApplyConfig | m.UndoConfig) and request.flow:
            return await self._change_flow(request, visitor)
        old = await asyncio.to_thread(edit.read, self._file)
        written, flows, told = await asyncio.to_thread(self._prepared, request, old)
        about = Kept(user=visitor.user, door=visitor.door, why=request.why)
        await asyncio.to_thread(edit.put, self._file, place_of("", self._paths).history, old, written.text, about)
        try:
            await self._be(merged(self._running(), written.config), flows)
        except BaseException:
            await asyncio.to_thread(edit.replace_text, self._file, old)
            raise
        return told, _changed(_on(request), old, told)

    async def _change_flow(
        self, request: m.ApplyConfig | m.UndoConfig, visitor: Visitor
    ) -> tuple[m.AnyReply, Changed | None]:
        """Write a flow's text and put it in force. Raises ApplianceError: nothing is changed then."""
        place = place_of(request.flow, self._paths)
        old, text = await asyncio.to_thread(self._flow_wanted, request, place)
        about = Kept(user=visitor.user, door=visitor.door, why=request.why)
        if text:
            await self._put_flow(place, old, text, about)
        else:
            await asyncio.to_thread(edit.remove, place.file, place.history, old, about)
        told = self._told_of_flow(old, text)
        return told, _changed(f"flow {request.flow}", old, told)

    async def _put_flow(self, place: Place, old: str, text: str, about: Kept) -> None:
        new = not place.file.exists()
        try:
            place.file.touch()
            await asyncio.to_thread(edit.put, place.file, place.history, old, text, about)
            running = self._running()
            await self._be(running, await asyncio.to_thread(load_flows, running, self._paths))
        except BaseException:
            if new:  # an empty file would be a flow with mistakes
                place.file.unlink(missing_ok=True)
            else:
                await asyncio.to_thread(edit.replace_text, place.file, old)
            raise

    def _flow_wanted(self, request: m.ApplyConfig | m.UndoConfig, place: Place) -> tuple[str, str]:
        """Return the text of a flow that is there, and the wanted one; '' is no flow. Raises ApplianceError."""
        if isinstance(request, m.UndoConfig):
            old, text = last_in(place), self._before(request, place)
            if not text:
                free(place, self._running().flows, self._paths)
                return text_in(place), text
        elif not request.version and not place.file.exists():
            old, text = "", request.text
        else:
            old = text_in(place)
            text = self._based(request, old)
        if found := self._mistakes(text, place):
            raise ConfigError(str(place.file), *found)
        return old, text

    def _based(self, request: m.ApplyConfig, old: str) -> str:
        if request.version != edit.version(old):
            raise RequestError.of(N_("the flow was changed in the meantime"), _GET_IT)
        return request.text

    def _before(self, request: m.UndoConfig, place: Place) -> str:
        """Return the text before the last change, or that of a version. Raises RequestError."""
        past = edit.kept(place.file, place.history)
        if not past:
            raise RequestError.of(N_("the history has no text"), N_("nothing was changed yet"))
        return self._text(place, request.version or past[0][0].version)

    def _prepared(
        self, request: m.ApplyConfig | m.UndoConfig | m.SetEntry | m.RemoveEntry, old: str
    ) -> tuple[Written, dict[str, Flow], m.ConfigChangesReply]:
        """Return the new text, its flows, and what it changes. Raises ApplianceError: nothing is changed then."""
        written = self._good(self._wanted(request, old))
        flows = load_flows(merged(self._running(), written.config), self._paths)
        return written, flows, self._told(written, Written(old, self._paths).config, hide=True)

    def _wanted(self, request: m.ApplyConfig | m.UndoConfig | m.SetEntry | m.RemoveEntry, old: str) -> str:
        """Return the text that is asked for. Raises RequestError."""
        if isinstance(request, m.UndoConfig):
            return self._before(request, place_of("", self._paths))
        if request.version != edit.version(old) and (request.version or isinstance(request, m.ApplyConfig)):
            raise RequestError.of(N_("the configuration was changed in the meantime"), _GET_IT)
        match request:
            case m.ApplyConfig(text):
                if f'"{HIDDEN}"' in text:
                    raise RequestError.of(N_("the text has *** in place of secrets"), _GET_IT)
                return text
            case m.SetEntry(table, name, values):
                return with_entry(old, table, name, values)
            case m.RemoveEntry(table, name):
                return without_entry(old, table, name)


def _may_change(visitor: Visitor) -> bool:
    """Return whether the user may see secrets."""
    return visitor.ticket is None or (visitor.access is not None and visitor.access.holds(Need("settings", "change")))


def _changed(on: str, old: str, told: m.ConfigChangesReply) -> Changed:
    lines = [f"{each.key}: {each.before or '-'} -> {each.after or '-'}" for each in told.changes]
    return Changed(on, edit.version(old), "\n".join([told.version, *lines]))


def _on(request: m.AnyRequest) -> str:
    return f"{request.table} {request.name}".strip() if isinstance(request, m.SetEntry | m.RemoveEntry) else ""
