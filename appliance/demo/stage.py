# SPDX-License-Identifier: GPL-2.0-or-later
"""A stage for the whole box on one machine: an exchange of the simulator, the box's processes, desk phones.

`mxbox demo` plays the first call on it; the scenario tests and benchmarks play everything else. The exchange runs in
this process, on its own clock; the box is started as a person would start it, its processes joined by TDMoE to the
exchange; phones are baresip.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec
import tomli_w

from appliance.api.client import Client
from appliance.api.messages import Agents, AgentsReply, Status, StatusReply
from appliance.children.keeper import Children
from appliance.config.model import BoxConfig, SpanConfig
from appliance.config.paths import resolve
from appliance.contract.errors import ApiError, ApplianceError
from appliance.i18n import _
from drivers.clock import TickClock
from drivers.span import TICK_S, Span
from drivers.spans import open_span
from hw_sim.exchange import Exchange
from hw_sim.sounds import Library

SWITCH, CALL_SERVER = "appliance.switch", "appliance.server"
READY_S = 30.0
ASK_INTERVAL_S = 0.25
SETTLE_S = 1.2
"""Longer than the pause before the first restart of a channel, and between two."""


class StageError(ApplianceError):
    """The stage is not as it should be: a part did not come up, or an event did not happen in time."""


def span_pair(folder: Path, number: int, frames: int = 20) -> tuple[str, str]:
    """Return the two addresses of span `number`: the box's, the exchange's."""
    near, far = folder / f"b{number}", folder / f"x{number}"
    return f"tdmoe:{near},{far}?frames={frames}", f"tdmoe:{far},{near}?frames={frames}"


class Stage:
    """The box and its surroundings in one folder; a context manager.

    Args:
        folder: everything is written here; a short path (Unix sockets).
        config: the box's configuration; its spans are added.
        flows: text of each flow by name.
        spans: how many E1.
        frames: TDMoE frames in a datagram.
        library: sounds that the exchange's subscribers speak and know.
        ppm: how much faster the exchange's clock runs than this machine's.
    """

    ready_s = READY_S
    """Time for the box to come up."""

    def __init__(
        self,
        folder: Path,
        config: BoxConfig,
        flows: dict[str, str],
        *,
        spans: int = 1,
        frames: int = 20,
        library: Library | None = None,
        ppm: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.folder = folder
        self.told: list[tuple[str, int]] = []
        lines = [self._line(n, frames) for n in range(1, spans + 1)]
        self.config = msgspec.structs.replace(config, span=tuple(near for near, _far in lines))
        self.file = folder / "box.toml"
        self.paths = resolve(self.config, self.file)
        self._far = [far for _near, far in lines]
        self._flows = flows
        self._library = library or Library(config.country)
        self._clock = TickClock(ppm=ppm)
        self._seed = seed
        self._stack = contextlib.ExitStack()
        self.children = self._box()
        self._spans: list[Span] = []
        self.exchange: Exchange
        self.client = Client(self.paths.control_socket)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.write()
            self._open_exchange()
            stack.callback(self._close_exchange)
            stack.callback(self.children.stop)
            stack.callback(self.client.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start the box and wait until its lines are up and it answers. Raises StageError."""
        self.until(lambda: self.exchange.ready, self.ready_s, _("the D channel does not come up"))
        self.until(self._answers, self.ready_s, _("the box does not answer"), every_s=ASK_INTERVAL_S)
        self.settle()

    def settle(self) -> None:
        """Wait until the box no longer restarts channels (Q.931 5.5): a call that meets a RESTART is refused.

        Raises StageError.
        """
        self.run_s(SETTLE_S)
        self.until(
            self._restarts_nothing, READY_S, _("the box does not stop to restart channels"), every_s=ASK_INTERVAL_S
        )

    def until(self, what: Callable[[], object], within_s: float, why: str, *, every_s: float = TICK_S) -> None:
        """Run the exchange until `what()`, which is asked every `every_s`, is true. Raises StageError."""
        end = time.monotonic() + within_s
        asked = [0.0]

        def over() -> bool:
            self.children.keep()
            now = time.monotonic()
            if now - asked[0] >= every_s:
                asked[0] = now
                if what():
                    return True
            if now > end:
                raise StageError(why, _("the logs are in {folder}").format(folder=self.folder))
            return False

        self.exchange.run_realtime(self._clock, over)

    def restart_exchange(self) -> None:
        """End the exchange without signalling and start it anew, without its state."""
        self._close_exchange()
        self._open_exchange()

    def run_s(self, seconds: float) -> None:
        """Run the exchange for so many seconds."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, seconds + READY_S, "")

    def quiet(self) -> bool:
        """Return whether no call is up, on either side."""
        return self.exchange.active == 0 and self.status().calls_up == 0

    def status(self) -> StatusReply:
        """Ask for the box's state."""
        return self.client.ask(Status(), StatusReply)

    def agents(self) -> dict[str, str]:
        """Ask for the state of each agent."""
        return {row.agent: row.state for row in self.client.ask(Agents(), AgentsReply).agents}

    def _line(self, number: int, frames: int) -> tuple[SpanConfig, str]:
        """Return the configuration of span `number`, the box's end, and the address of the exchange's end."""
        near, far = span_pair(self.folder, number, frames)
        return SpanConfig(address=near), far

    def _box(self) -> Children:
        """Return the keeper of the box's processes."""
        return Children((SWITCH, CALL_SERVER), self.file, lambda *told: self.told.append(told))

    def _restarts_nothing(self) -> bool:
        last = max((event.at_s for event in self.exchange.log.events if event.text.startswith("Restart")), default=0.0)
        return self.exchange.now * TICK_S - last > SETTLE_S

    def _open_exchange(self) -> None:
        with contextlib.ExitStack() as opened:  # what was opened is closed when a later one cannot be
            spans = [opened.enter_context(contextlib.closing(open_span(address))) for address in self._far]
            self.exchange = Exchange(spans, library=self._library, seed=self._seed)
            opened.pop_all()
        self._spans = spans

    def _close_exchange(self) -> None:
        self.exchange.close()
        for span in self._spans:
            span.close()

    def _answers(self) -> bool:
        try:
            return self.status().connected
        except ApiError:
            return False

    def write(self) -> None:
        """Write the configuration and the flows, and make the folders."""
        for path in (self.folder, self.paths.flows, self.paths.state, self.paths.run, self.paths.recordings):
            path.mkdir(parents=True, exist_ok=True)
        self.file.write_text(tomli_w.dumps(msgspec.to_builtins(self.config)), encoding="utf-8")
        for name, text in self._flows.items():
            self.paths.flow(name).write_text(text, encoding="utf-8")
