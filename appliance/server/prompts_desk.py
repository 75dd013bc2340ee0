# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests about prompts: looked at, played and recorded at phones, replaced, restored. Files on other threads.

What is changed is in force when the request is answered: the switch has read the sounds again by then, and a player
under way keeps its own.
"""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from appliance.api import messages as m
from appliance.contract.asks import FindPrompt, KeepPrompt
from appliance.contract.errors import ApplianceError, RequestError
from appliance.contract.prompt_rows import PromptChange, PromptRow, PromptStep
from appliance.i18n import N_
from appliance.server.asks import Answer, Handler
from appliance.server.users_desk import Changed
from appliance.server.visitor import Visitor
from appliance.sounds.errors import SoundError, SoundFileError
from appliance.sounds.fit import TAIL_S, fit, fit_file, without_last_key
from appliance.sounds.own_prompts import OwnPrompts
from appliance.sounds.playable import PlayableFiles
from appliance.sounds.shape import shape_speech
from appliance.sounds.speech import SYNTHESISER, synthesise
from dsp.levels import Float

MAX_BYTES: Final = 16 << 20
UPLOADS: Final = 4
"""Files that come in parts at once; the one that was begun first makes room."""
_AT_ONCE: Final = 1
_KEPT_ASKED: Final = 64


class _Author(NamedTuple):
    """The user who asked for a recording at a phone, from where and why."""

    user: str
    door: str
    why: str = ""


class PromptsDesk:
    """Answers to requests about prompts, and to asks of phones that record them.

    Args:
        prompts: of the box.
        recordings: the folder of recordings.
        change: has call control carry out a request of a user, returns the reply; raises ApplianceError.
        read_sounds: has the switch read the sounds again.
        log: adds a row to the operation log: user, door, what, on, why, before, after.
        wall: returns the time of day, Unix milliseconds.
    """

    def __init__(
        self,
        prompts: OwnPrompts,
        recordings: Path,
        change: Callable[[m.PlayPrompt | m.RecordPrompt, str], m.AnyReply],
        read_sounds: Callable[[], Awaitable[None]],
        log: Callable[..., Awaitable[None]],
        wall: Callable[[], int],
    ) -> None:
        self._prompts, self._change, self._read_sounds = prompts, change, read_sounds
        self._recorded = PlayableFiles({"recordings": recordings})
        self._log, self._wall = log, wall
        self._one = asyncio.Lock()
        self._parts: dict[tuple[str, str], bytearray] = {}
        self._asked: dict[int, _Author] = {}

    async def answer(self, request: m.PromptRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        """Return the reply, and what was changed. What cannot be done gets an `Error`."""
        try:
            return await self._answer(request, visitor)
        except ApplianceError as error:
            return m.Error.of(error.msgid or error.message, error.hint_id or error.hint, **error.values), None
        except OSError as error:
            hint = N_("look at the disk's free space and the folder's owner")
            text = N_("the sounds of the box cannot be read or written: {why}")
            return m.Error.of(text, hint, why=error.strerror or error), None

    async def _answer(self, request: m.PromptRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        match request:
            case m.Prompts(own):
                rows = await asyncio.to_thread(self._prompts.rows)
                return m.PromptsReply(tuple(row for row in rows if row.source == "own" or not own)), None
            case m.Prompt(prompt, points):
                return await asyncio.to_thread(self._shown, prompt, points), None
            case m.PlayPrompt() | m.RecordPrompt():
                return await self._at_phone(request, visitor), Changed(request.prompt, after=request.extension)
            case m.ReplacePrompt():
                return await self._replace(request, visitor)
            case m.MakePrompt():
                return await self._done(request, visitor, "make", self._make, request.text)
            case m.RestorePrompt():
                return await self._done(request, visitor, "restore", self._restore)

    def _shown(self, prompt: str, points: int) -> m.PromptReply:
        row = self._prompts.row(prompt)
        return m.PromptReply(row, self._prompts.levels(prompt, points), self._prompts.changes(prompt))

    async def _at_phone(self, request: m.PlayPrompt | m.RecordPrompt, visitor: Visitor) -> m.AnyReply:
        if isinstance(request, m.PlayPrompt):
            await asyncio.to_thread(self._prompts.require, request.prompt, request.version)
        elif not request.new:
            await asyncio.to_thread(self._prompts.require, request.prompt)
        reply = self._change(request, visitor.user)
        if isinstance(request, m.RecordPrompt) and isinstance(reply, m.Done):
            while len(self._asked) >= _KEPT_ASKED:
                self._asked.pop(next(iter(self._asked)))
            self._asked[reply.call] = _Author(visitor.user, visitor.door, request.why)
        return reply

    async def _replace(self, request: m.ReplacePrompt, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        """Collect the parts of a file; with the last one, replace the prompt."""
        if not request.new:
            await asyncio.to_thread(self._prompts.require, request.prompt)
        key = visitor.user, request.prompt
        data = self._parts.pop(key, bytearray()) if request.at else bytearray()
        if request.at != len(data):
            hint = N_("send the file again from its first byte")
            text = N_("this part begins at {at}, {n} bytes are here")
            raise RequestError.of(text, hint, at=request.at, n=len(data))
        data += request.data
        if len(data) > MAX_BYTES:
            hint = N_("convert it: sox {name} -r 8000 -c 1 -b 16 -e signed new.wav")
            text = N_("{name} has more than {n} bytes")
            raise RequestError.of(text, hint, name=request.file, n=MAX_BYTES)
        if request.more:
            while len(self._parts) >= UPLOADS:
                self._parts.pop(next(iter(self._parts)))
            self._parts[key] = data
            return m.Done(), None

        def put(change: PromptChange) -> PromptRow:
            x = fit_file(bytes(data), request.file, as_is=request.as_is)
            return self._prompts.put(request.prompt, x, change)

        return await self._done(request, visitor, "replace", lambda _request, change: put(change), request.file)

    async def _done(
        self,
        request: m.ReplacePrompt | m.MakePrompt | m.RestorePrompt,
        visitor: Visitor,
        step: PromptStep,
        work: Callable[[Any, PromptChange], PromptRow],
        text: str = "",
    ) -> tuple[m.AnyReply, Changed | None]:
        """Change a prompt by `work`, one after the other, and put it in force."""
        author = _Author(visitor.user, visitor.door, request.why)
        async with self._one:
            await asyncio.to_thread(work, request, self._about(author, step, text))
            await self._read_sounds()
        reply = await asyncio.to_thread(self._shown, request.prompt, 200)
        return reply, _changed(reply)

    def _make(self, request: m.MakePrompt, change: PromptChange) -> PromptRow:
        if not request.new:
            self._prompts.require(request.prompt)
        if version := self._prompts.made_of(request.prompt, request.text):
            return self._prompts.restore(request.prompt, version, change)
        return self._prompts.put(request.prompt, _spoken(request.text, request.prompt[:2]), change)

    def _restore(self, request: m.RestorePrompt, change: PromptChange) -> PromptRow:
        self._prompts.require(request.prompt)
        return self._prompts.restore(request.prompt, request.version, change)

    def _about(self, author: _Author, step: PromptStep, text: str = "") -> PromptChange:
        return PromptChange(
            at=self._wall(), user=author.user, door=author.door, step=step, why=author.why, text=text
        )  # fmt: skip

    # --- asks of phones

    def handlers(self) -> Mapping[type[Any], Handler]:
        """Return the handlers of asks about prompts."""
        return {FindPrompt: Handler(self._find, _AT_ONCE), KeepPrompt: Handler(self._keep, _AT_ONCE)}

    async def _find(self, what: FindPrompt) -> Answer:
        prompt = await asyncio.to_thread(self._prompts.numbered, what.number)
        return Answer("found", {"prompt": prompt}) if prompt else Answer("missing")

    async def _keep(self, what: KeepPrompt) -> Answer:
        """Put what was recorded in force. One that is not fit is told as a trouble."""
        author = self._asked.get(what.call, _Author(what.extension, "phone"))
        try:
            async with self._one:
                await asyncio.to_thread(self._put_recorded, what, self._about(author, "record", what.extension))
                await self._read_sounds()
        except SoundFileError as error:
            return Answer("refused", trouble=error)
        changed = _changed(await asyncio.to_thread(self._shown, what.prompt, 1))
        await self._log(
            author.user, author.door, "record_prompt", on=what.prompt, why=author.why, before=changed.before,
            after=changed.after,
        )  # fmt: skip
        return Answer("kept")

    def _put_recorded(self, what: KeepPrompt, change: PromptChange) -> None:
        samples = self._recorded(f"recordings/{what.path}")
        if samples is None:
            raise SoundFileError.of(N_("the recording {path} cannot be read"), path=what.path)
        x = without_last_key(samples.astype(np.float32) / np.float32(32768))
        self._prompts.put(what.prompt, fit(x, what.prompt), change)


def _spoken(text: str, language: str) -> Float:
    """Return a text spoken at the level of all prompts. Raises SoundError."""
    try:
        return shape_speech(synthesise(text, language), TAIL_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        hint = N_("as root: apt-get install {package}")
        raise SoundError.of(N_("{program} speaks nothing: {why}"), hint, program=SYNTHESISER, why=error,
                            package=SYNTHESISER) from error  # fmt: skip


def _changed(reply: m.PromptReply) -> Changed:
    last = reply.changes[0]
    return Changed(reply.prompt.prompt, last.before or "-", f"{last.step} {last.version or '-'} {last.text}".rstrip())
