# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box with an edge, an E1 to the simulator's exchange, and desk phones that register."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.children.keeper import Children
from appliance.cli.run import modules
from appliance.config.model import BoxConfig, EdgeConfig, ExtensionConfig, SipConfig
from appliance.demo.stage import Stage
from appliance.phones.book import PhoneBook
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.appliance.edge.rig import DOMAIN, password
from tests.drivers.sip_peers import write_tone

SAYS_S = 200
"""baresip hangs up at the end of its sound."""
REGISTERED_S = 70
"""A phone whose first try met an edge that was not up tries again after a minute."""


class House(Stage):
    """A stage whose box has an edge and phones that register."""

    def __init__(
        self,
        folder: Path,
        numbers: tuple[str, ...],
        *,
        silence_s: float = 30.0,
        flows: dict[str, str] | None = None,
        supervisors: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        first = min(free_port() & ~1, 60000)
        self.edge_port, self._numbers = free_port(), numbers
        config = BoxConfig(
            language="en",
            sip=SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 98, calls=20, silence_s=silence_s),
            edge=EdgeConfig(enabled=True, port=self.edge_port, tls=False, link_port=free_port(), requests_per_s=1000),
            extension=tuple(
                ExtensionConfig(number=number, line=f"phone:{number}", supervisor=number in supervisors)
                for number in numbers
            ),
            **more,
        )
        super().__init__(folder, config, flows or {})

    def _box(self) -> Children:
        return Children(modules(self.config), self.file, lambda *told: self.told.append(told))

    def write(self) -> None:
        """Write the phones' passwords as well."""
        super().write()
        with PhoneBook(self.paths.state / "edge.db") as book:
            for number in self._numbers:
                book.add(number, DOMAIN, 1, password(number))

    def phone(self, folder: Path, number: str, says_hz: float, *, answers: bool = True) -> BaresipPhone:
        """Return one of its phones."""
        at = f"127.0.0.1:{self.edge_port}"
        return registering(folder, number, at, DOMAIN, says_hz, password(number), answers=answers)

    def wait_registered(self, phone: BaresipPhone) -> None:
        """Wait until a phone is registered."""
        log = phone.folder / "baresip.log"
        self.until(lambda: "200 OK (MXBox)" in log.read_text(), REGISTERED_S, "no registration", every_s=0.2)


def registering(
    folder: Path, number: str, at: str, domain: str, says_hz: float, secret: str, *, answers: bool = True
) -> BaresipPhone:
    """Return a phone that plays a tone and registers at an address."""
    says = write_tone(folder / f"{number}.wav", says_hz, SAYS_S)
    registrar = f"sip:{at}"
    options = PhoneOptions(number, says=says, answers=answers, registrar=registrar, domain=domain, password=secret)
    return BaresipPhone(folder / number, options)


def count(phone: BaresipPhone, event: str) -> int:
    """Return how often a phone has reported an event."""
    phone.poll()
    return sum(each["type"] == event for each in phone.events)


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder whose name leaves room for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="mx") as made:
        yield Path(made)
