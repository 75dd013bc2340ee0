# SPDX-License-Identifier: GPL-2.0-or-later
"""A box's configuration that is read, checked and changed as the box does it, but for files and processes."""

from pathlib import Path
from typing import Any, Final

from appliance.api import messages as api
from appliance.config.document import lined
from appliance.config.edit import NO_TEXT, version
from appliance.config.entries import with_entry, without_entry
from appliance.config.errors import ConfigError, Mistake, shown
from appliance.config.live import changes
from appliance.config.load import read_config
from appliance.contract.access import OperationRow
from appliance.contract.errors import ApiError, RequestError
from appliance.contract.reasons import shown as in_words
from appliance.ivr.check import check_file
from appliance.server.flow_texts import changes_in

AT: Final = 1_795_000_000_000
HOTLINE: Final = Path("appliance/ivr/examples/hotline.toml").read_text(encoding="utf-8")
FILE: Final = "/etc/mxbox/box.toml"
TEXT: Final = """# the box of the north station
profile = "mx90"

[sip]
port = 5070  # the old exchange has 5060

[edge]
enabled = true

[[extension]]
number = "1001"
name = "李娜"

[[extension]]
number = "1002"
name = "Wang Wei"

[[agent]]
number = "8001"
name = "李娜"
extension = "1001"
skills = { english = 7 }

[[agent]]
number = "8002"
extension = "1002"

# tickets and timetables
[[queue]]
name = "sales"
agents = ["8001", "8002"]
ring_s = 20  # seconds

[[queue]]
name = "service"
agents = ["8001"]
strategy = "skill"
needs = { english = 5 }

[[plan]]
name = "work"
hours = "mon-fri 08:30-17:30"

[[route]]
called = "12345"
flow = "hotline"
"""
WAITS: Final = api.ConfigChange("sip.port", "5060", "5070", ("box",))
CHANGED: Final = (
    api.ConfigEntry("a90b3c5d7e8f1022", AT - 60_000, "wang", "192.0.2.7", "the old exchange has 5060", "5f1c9a"),
    api.ConfigEntry("77d1e02b4c6a8f90", AT - 86_400_000, "lina", "machine", "", "a90b3c5d7e8f1022"),
)
OPERATION: Final = OperationRow(
    operation=7, at=AT - 60_000, user="wang", door="192.0.2.7", what="apply_config", on="", why="",
    before="a90b3c5d7e8f1022", after="5f1c9a\nsip.port: 5060 -> 5070",
)  # fmt: skip


class Configured:
    """The configuration of a box under test; `answers` are its replies by request."""

    def __init__(self, text: str = TEXT, *, hidden: bool = False) -> None:
        self.text, self.hidden = text, hidden
        self.flows = {"hotline": HOTLINE}
        self.begun: dict[str, api.ConfigEntry] = {}
        self.past: list[str] = []
        self.whys: list[str] = []

    @property
    def answers(self) -> dict[type[api.Request], Any]:
        """Return its replies."""
        return {
            api.GetConfig: self.get,
            api.CheckConfig: lambda request: api.ConfigCheckedReply(
                flow_findings(request.text, request.flow) if request.flow else findings(request.text)
            ),
            api.DiffConfig: self.diff,
            api.ConfigHistory: lambda request: api.ConfigHistoryReply(
                version(self.text), (self.begun[request.flow],) if request.flow in self.begun else CHANGED
            ),
            api.ApplyConfig: lambda request: (
                self.become_flow(request) if request.flow else self.become(request, request.text)
            ),
            api.SetEntry: self.set_entry,
            api.RemoveEntry: lambda request: self.become(
                request, without_entry(self.text, request.table, request.name)
            ),
            api.UndoConfig: lambda request: (
                self.take_away(request)
                if request.flow
                else self.become(request, self.past[-1] if self.past else self.text)
            ),
        }

    def get(self, request: api.GetConfig) -> api.ConfigReply:
        """Return the text; every version of the history is the one before port 5070."""
        if request.flow:
            if request.flow not in self.flows:
                raise ApiError(f"there is no flow {request.flow}")
            flow = self.flows[request.flow]
            return api.ConfigReply(text=flow, version=version(flow), file=f"/etc/mxbox/flows/{request.flow}.toml")
        text = self.text.replace("port = 5070", "port = 5060") if request.version else self.text
        return api.ConfigReply(text=text, version=version(text), file=FILE, hidden=self.hidden, flows=tuple(self.flows))

    def diff(self, request: api.DiffConfig) -> api.ConfigChangesReply:
        """Return what a text would change; '': what waits."""
        if request.flow:
            return flow_changes(self.flows.get(request.flow, ""), request.text)
        if not request.text:
            return api.ConfigChangesReply(version(self.text), (WAITS,))
        return self.told(self.text, request.text)

    def told(self, old: str, new: str) -> api.ConfigChangesReply:
        """Return what differs between two texts."""
        found = changes(read_config(old, FILE).config, read_config(new, FILE).config, hide=True)
        return api.ConfigChangesReply(version(new), tuple(api.ConfigChange(*each) for each in found))

    def set_entry(self, request: api.SetEntry) -> api.Reply:
        """Change one table. A text changed in the meantime is refused."""
        if request.version not in ("", version(self.text)):
            raise ApiError("the configuration was changed in the meantime", "ask for the text anew")
        try:
            return self.become(request, with_entry(self.text, request.table, request.name, request.values))
        except RequestError as error:
            raise ApiError(in_words(error.msgid, error.values)) from error

    def become_flow(self, request: api.ApplyConfig) -> api.ConfigChangesReply:
        """Put the text of a flow in force."""
        told = flow_changes(self.flows.get(request.flow, ""), request.text)
        if request.flow not in self.flows:
            self.begun[request.flow] = api.ConfigEntry(NO_TEXT, AT, "wang", "machine", request.why, told.version)
        self.flows[request.flow] = request.text
        self.whys.append(request.why)
        return told

    def take_away(self, request: api.UndoConfig) -> api.ConfigChangesReply:
        """Undo the beginning of a flow."""
        self.whys.append(request.why)
        return flow_changes(self.flows.pop(request.flow), "")

    def become(self, request: api.AnyRequest, text: str) -> api.ConfigChangesReply:
        """Put a text in force, if it has no mistake."""
        if found := findings(text):
            raise ApiError(found[0].text, found[0].hint)
        told = self.told(self.text, text)
        self.past.append(self.text)
        self.whys.append(request.why)
        self.text = text
        return told


def flow_changes(old: str, new: str) -> api.ConfigChangesReply:
    """Return what differs between two texts of a flow."""
    return api.ConfigChangesReply(version(new), tuple(api.ConfigChange(*each) for each in changes_in(old, new)))


def flow_findings(text: str, flow: str) -> tuple[api.ConfigFinding, ...]:
    """Return the mistakes of a flow's text."""
    found = check_file(Path(f"{flow}.toml"), lambda _prompt: True, None, text=text)
    return tuple(api.ConfigFinding(FILE, it.line, it.key, "", it.message, it.hint) for it in found)


def operations(request: api.Operations) -> tuple[OperationRow, ...]:
    """Return the row of the change, where the time around it is asked for."""
    return (OPERATION,) if request.until and request.since < OPERATION.at < request.until else ()


def findings(text: str) -> tuple[api.ConfigFinding, ...]:
    """Return the mistakes of a text."""
    try:
        read = read_config(text, FILE)
        found: list[Mistake] = lined((*read.shape, *read.sense), text)
    except ConfigError as error:
        found = [*error.mistakes]
    return tuple(
        api.ConfigFinding(FILE, it.line, it.key, "" if it.value is None else shown(it.value), it.message, it.hint)
        for it in found
    )
