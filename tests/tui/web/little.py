# SPDX-License-Identifier: GPL-2.0-or-later
"""A small app, shown by the sessions of these tests: a clock that moves, a field, a file, a fault."""

import io
import os
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Input, Label

from tui.web.focus import KeepsFocus
from tui.web.visit import Visit


class Little(KeepsFocus, App[None]):
    BINDINGS: ClassVar = [("ctrl+q", "quit"), ("f2", "save"), ("f3", "fail"), ("f4", "hang")]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit, self.beats = visit, 0

    def compose(self) -> ComposeResult:
        guest = self.visit.guest
        yield Label(f"visit {self.visit.kind} {guest.user} {guest.role} {guest.ticket} {os.environ['LANGUAGE']}")
        yield Label("beat 0", id="beat")
        yield Input(id="name")
        yield Label("", id="said")

    def on_mount(self) -> None:
        self.set_interval(0.2, self.beat)

    def beat(self) -> None:
        self.beats += 1
        self.query_one("#beat", Label).update(f"beat {self.beats}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.query_one("#said", Label).update(f"said {event.value}!")

    def action_save(self) -> None:
        self.deliver_binary(io.BytesIO(b"RIFF" + bytes(200_000)), save_directory="/nowhere", save_filename="通话.wav")

    def action_fail(self) -> None:
        raise RuntimeError("a fault of the app")

    def action_hang(self) -> None:
        while True:
            pass


def show(visit: Visit) -> int:
    app = Little(visit)
    app.run()
    return app.return_code or 0
