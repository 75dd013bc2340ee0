# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions on a prompt: heard and recorded at a phone, replaced by a file or a text, restored."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from appliance.api.messages import (
    Done,
    MakePrompt,
    PlayPrompt,
    PromptReply,
    RecordPrompt,
    ReplacePrompt,
    RestorePrompt,
)
from appliance.cli.prompt import PART
from appliance.contract.errors import ApiError
from appliance.i18n import _
from tui.actions import Action, Field, Values
from tui.host import Host
from tui.link import Asks


def of(prompt: str, host: Host, before: str = "") -> Sequence[Action]:
    """Return what can be done with a prompt; `before`: the version before its last change."""
    phone = Field("phone", _("phone (extension), which is rung"), kept=True)
    why = Field("why", _("reason, which the history keeps"), needed=False)
    version = Field("version", _("version; empty: the built-in sound"), before, needed=False)
    text = Field("text", _("text, in the prompt's language"))
    ringing = _("The phone {phone} rings: 1 records {prompt}, 2 plays it, 3 keeps it.")
    heard = Field("version", _("version; empty: the one in force"), needed=False)
    play = (phone, heard) if before else (phone,)
    actions = [
        Action(
            "p", _("play to a phone"),
            lambda it: (PlayPrompt(prompt, it["phone"], it.get("version", "")),), "", play,
        ),
        Action(
            "r", _("record at a phone"), lambda it: (RecordPrompt(prompt, it["phone"], why=it["why"]),),
            ringing.format(phone="{phone}", prompt=prompt), (phone, why), "configure",
        ),
        _changes("m", _("speak a text"), prompt, (text, why), _made(prompt)),
        _changes("b", _("restore"), prompt, (version, why), _restored(prompt)),
    ]  # fmt: skip
    if host.in_browser:  # its files are not where the terminal runs
        return actions
    file = Field("file", _("WAV file of the machine where this terminal runs"))
    return [*actions[:2], _changes("f", _("replace by a file"), prompt, (file, why), _replaced(prompt)), *actions[2:]]


Do = Callable[[Asks, Values], Awaitable[PromptReply]]


def _changes(key: str, name: str, prompt: str, fields: tuple[Field, ...], change: Do) -> Action:
    async def do(link: Asks, values: Values) -> str:
        row = (await change(link, values)).prompt
        return _("{prompt}: {length:.1f} s, in force").format(prompt=row.prompt, length=row.length_s)

    sentence = _("Callers hear another sound for {prompt} from the next playing on; the one of now is kept.")
    return Action(key, name, sentence=sentence.format(prompt=prompt), fields=fields, right="configure", do=do)


def _made(prompt: str) -> Do:
    return lambda link, it: link.ask(MakePrompt(prompt, it["text"], why=it["why"]), PromptReply)


def _restored(prompt: str) -> Do:
    return lambda link, it: link.ask(RestorePrompt(prompt, it["version"], why=it["why"]), PromptReply)


def _replaced(prompt: str) -> Do:
    async def do(link: Asks, it: Values) -> PromptReply:
        data = await asyncio.to_thread(_read, it["file"])
        last = max(0, len(data) - 1) // PART * PART

        def part(at: int) -> ReplacePrompt:
            name = Path(it["file"]).name[-200:]
            return ReplacePrompt(prompt, data[at : at + PART], at, at < last, file=name, why=it["why"])

        for at in range(0, last, PART):
            await link.ask(part(at), Done)
        return await link.ask(part(last), PromptReply)

    return do


def _read(named: str) -> bytes:
    """Return the bytes of a file. Raises ApiError."""
    try:
        return Path(named).expanduser().read_bytes()
    except (OSError, RuntimeError) as error:  # ~name of no user is a RuntimeError
        raise ApiError(_("the file {path} cannot be read: {why}").format(path=named, why=error)) from error
