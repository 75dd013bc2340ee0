# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server's end of the connection to the edge: a datagram socket on loopback.

Out go PUBLISH requests, so that keys and lamps of phones show the state of call control. In come their responses, and
the edge's notices for the technician, as JSON. Only datagrams from the edge's own loopback port count.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from appliance.config.model import EdgeConfig
from appliance.contract.edge import AnyEdgeCommand, CodeLamp, Lamp, Presence
from appliance.contract.records import TroubleNoted
from appliance.edge.block_troubles import BlockTroubles
from appliance.edge.bodies import event_of, presentity
from appliance.edge.publication import BRANCH, Publication, Response, parse_response
from appliance.edge.tags import Tag, Tags
from appliance.edge.values import LOOPBACK
from appliance.i18n import N_

INTERVAL_S: Final = 0.05
UNDER_WAY_MAX: Final = 64
"""Requests at once, a number that the edge's socket buffer surely holds."""
NAMES: Final = {
    "lost": N_("DNS gives no address of {host}, trunk {trunk}; what was known before is used on"),
    "found": N_("DNS gives addresses of {host}, trunk {trunk}, again"),
}
"""Changes of a trunk's name in DNS."""

_log = logging.getLogger(__name__)


class _Told(msgspec.Struct, frozen=True):
    """A notice of the edge: its start, a block, a registrar's refusal, a change of a trunk's name."""

    kind: str
    why: str = ""
    source: str = ""
    account: str = ""
    seconds: int = 0
    since: int = 0


class EdgeLink(asyncio.DatagramProtocol):
    """Connection between call server and edge.

    Args:
        config: the edge's.
        extensions: numbers whose state is published from the start, as idle and without messages.
        note: takes troubles for the books.
        blocked: notes blocks.
        tags: entity tags of what was published before.
        clock: seconds that never jump.
    """

    def __init__(
        self,
        config: EdgeConfig,
        extensions: Iterable[str],
        note: Callable[[TroubleNoted], None],
        blocked: BlockTroubles,
        tags: Tags,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config, self._note, self._blocked, self._tags, self._clock = config, note, blocked, tags, clock
        self._edge = (LOOPBACK, config.port)
        self._here = f"{LOOPBACK}:{config.link_port}"
        self._transport: asyncio.DatagramTransport | None = None
        self._shown: dict[tuple[str, str], Publication] = {}
        self._by_branch: dict[str, Publication] = {}
        self._number = 0
        self._met = False
        for extension in extensions:
            self.show([Presence(extension, "idle"), Lamp(extension, 0)])

    def show(self, commands: Sequence[AnyEdgeCommand]) -> None:
        """Publish new states. Of several for one extension the last counts.

        A code's lamp that was never lit is not published: without a publication the edge shows no dialog.
        """
        now_s = self._clock()
        for command in commands:
            key = presentity(command), event_of(command)
            if known := self._shown.get(key):
                known.show(command, now_s)
            elif not isinstance(command, CodeLamp) or command.lit or any(self._tags.get(key)):
                self._shown[key] = Publication(command, now_s, *self._tags.get(key))

    async def run(self) -> None:
        """Serve until cancelled."""
        loop = asyncio.get_running_loop()
        place = (LOOPBACK, self._config.link_port)
        self._transport, _self = await loop.create_datagram_endpoint(lambda: self, local_addr=place)
        try:
            while True:
                self._publish()
                await asyncio.sleep(INTERVAL_S)
        finally:
            self._transport.close()
            self._transport = None

    # --- asyncio's side

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Handle a response or a notice of the edge; other datagrams are ignored."""
        if addr[:2] != self._edge:
            return
        if data.startswith(b"SIP/2.0 "):
            if response := parse_response(data):
                self._answered(response)
            return
        try:
            self._told(msgspec.json.decode(data, type=_Told))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            _log.warning("the edge said what is no notice: %r", data[:80])

    def error_received(self, exc: Exception) -> None:
        """Ignore that no socket is open there: the edge is starting; requests are repeated anyway."""

    # --- publishing

    def _publish(self) -> None:
        now_s = self._clock()
        for publication in [each for each in self._shown.values() if each.due_s <= now_s]:
            self._send(publication, now_s)

    def _send(self, publication: Publication, now_s: float) -> None:
        """Send the due request of a publication; one that finds too many under way waits for the next look."""
        datagram = b""
        if publication.branch:
            datagram = publication.repeat(now_s)
            if not datagram:
                self._by_branch = {each.branch: each for each in self._shown.values() if each.branch}
        elif len(self._by_branch) < UNDER_WAY_MAX:
            self._number += 1
            datagram = publication.begin(self._number, secrets.token_hex(8), self._here, self._config.domain, now_s)
            self._by_branch[publication.branch] = publication
            self._keep(publication)
        if datagram and self._transport is not None:
            self._transport.sendto(datagram, self._edge)

    def _keep(self, publication: Publication) -> None:
        """Keep the entity tag and the token of the request under way, for the next call server."""
        token = publication.branch.removeprefix(BRANCH)
        self._tags.put((presentity(publication.command), publication.event), Tag(publication.etag, token))

    def _answered(self, response: Response) -> None:
        if response.status < 200:
            return
        self._met = True
        publication, now_s = self._by_branch.pop(response.branch, None), self._clock()
        if publication is None:
            return
        if not publication.answered(response, now_s):
            _log.warning("the edge refuses what %s shows: %d", presentity(publication.command), response.status)
        self._keep(publication)
        if publication.due_s <= now_s:
            self._send(publication, now_s)

    def _told(self, told: _Told) -> None:
        if told.kind == "started":
            for publication in self._shown.values():
                publication.refresh(self._clock())
            if self._met:
                self._note(TroubleNoted("edge", N_("the edge was started anew")))
        elif told.kind == "registrar":
            text = N_("the registrar refuses {user} with {status}; it is asked again in {seconds} s")
            values = {"user": told.source, "status": str(told.why), "seconds": str(told.seconds)}
            self._note(TroubleNoted("trunk", text, values=values))
        elif told.kind == "name" and (text := NAMES.get(told.why, "")):
            self._note(TroubleNoted("trunk", text, values={"trunk": told.account, "host": told.source}))
        elif told.kind == "blocked":
            self._blocked.note(told.source, told.account, told.why, told.since)
