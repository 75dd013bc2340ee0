# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's configuration: one TOML document, these types. `appliance.config.load` reads and checks it.

Seconds are floats, numbers of lines and extensions are strings of digits. Every default works.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.config.agents import AgentsConfig
from appliance.config.base import (
    DUTY,
    Codec,
    Config,
    Digits,
    FlowOrDuty,
    MayOnward,
    Name,
    Number,
    Onward,
    Pattern,
    PlanName,
    Port,
    Prefix,
    Seconds,
    UserName,
)
from appliance.config.codes import CodesConfig
from appliance.config.conferences import ConferenceConfig, ConferenceKeysConfig
from appliance.config.duty import DutyConfig
from appliance.config.keyed import KeyedConfig
from appliance.config.mail import MailConfig
from appliance.config.quality import QualityPlanConfig, ScorecardConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.config.recordings import RecordingConfig
from appliance.config.roles import RoleConfig
from appliance.config.rules import CalendarConfig, PlanConfig, RecordingRuleConfig, RuleConfig
from appliance.config.voicemail import VoicemailConfig
from appliance.config.web import WebConfig
from appliance.contract.address import PHONE, PRI, LineAddress
from appliance.contract.rights import Right

DynamicSpan = Annotated[str, Meta(pattern=r"^(|(eth|ethmf|loc),[^,\s#]{1,39})$")]  # driver,address of dahdi_dynamic
CallingClass = Literal["internal", "local", "long_distance", "international"]
"""How far a phone may call; each contains the ones before it."""

SendKeys = Literal["auto", "info", "tones"]
"""How keys are sent to a phone or trunk. auto: telephone-events if it announces them, INFO if it has sent such itself,
else tones in the sound; info: always as INFO, for equipment that takes nothing else; tones: always in the sound."""


class Paths(Config, frozen=True, kw_only=True):
    """Folders of the box. Relative paths are relative to the configuration file."""

    state: str = "state"  # store.db, the switch's journal
    recordings: str = "recordings"
    sounds: str = ""  # the owner's own prompts: <sounds>/<language>/<name>.wav is used before the built-in one;
    # empty: <state>/sounds
    run: str = "run"  # sockets: switch.sock, control.sock
    flows: str = "flows"  # <flow>.toml
    tables: str = "tables"  # <table>.csv, which flows look up


Signalling = Literal["pri"]
"""Signalling of a span: `switch.assemble` has a card for each, and its lines' addresses have that scheme."""


class SpanConfig(Config, frozen=True, kw_only=True):
    """One E1 port."""

    address: str
    signalling: Signalling = "pri"
    side: Literal["user", "network"] = "user"
    group: Name = "carrier"
    overlap: bool = False
    clock: Literal["far", "own"] = "far"
    keep_calls_s: Seconds = 90.0  # how long calls in talk outlive a lost D channel or line (Q.931 5.8.9, T309); 0: not
    # For dahdi: addresses; `mxbox dahdi write` sets the driver up by these and the ones above.
    crc4: bool = True
    coding: Literal["hdb3", "ami"] = "hdb3"
    line_build_out: Annotated[int, Meta(ge=0, le=7)] = 0  # what dahdi_cfg calls LBO; 0 for every E1 cable in a house
    echo_canceller: Literal["none", "box", "hwec", "mg2", "oslec", "kb1", "jpah"] = "none"
    # box: the switch's own, on any line, up to a tenth of a core a span; hwec: the card's own; others: the driver's
    echo_ms: Literal[4, 8, 16, 32, 64, 128] = 32  # longest echo it removes
    dynamic: DynamicSpan = ""  # a span over the network instead of a card's port, e.g. "eth,eth1/02:00:00:00:00:01/0"


class SipConfig(Config, frozen=True, kw_only=True):
    """The SIP side of the switch. Listens on loopback by default."""

    enabled: bool = True
    bind: str = "127.0.0.1"
    port: Port = 5060
    media: str = ""  # address of RTP, which phones reach; empty: as `bind`
    rtp_first: Port = 20000
    rtp_last: Port = 20999
    calls: Annotated[int, Meta(ge=1, le=512)] = 120
    codecs: tuple[Codec, ...] = ("alaw", "ulaw", "g722", "opus")  # the first one common to both sides is used
    srtp: Literal["off", "accept", "offer"] = "accept"  # accept: to phones that ask; offer: the box asks as well
    behind_nat: bool = True  # sound may come from elsewhere than agreed, and is then sent there
    session_s: Annotated[int, Meta(ge=90, le=7200)] = 90  # after this time calls end whose far end is gone (RFC 4028)
    silence_s: Seconds = 30.0  # and calls without a packet whose far end does not answer when asked; 0: never


class EdgeConfig(Config, frozen=True, kw_only=True):
    """The SIP face outside (kamailio): phones register here, trunks meet the box here, the switch stays on loopback.

    Not enabled, phones are known by their fixed addresses only. Passwords are for the realm `domain`: with another
    domain every phone needs a new one.
    """

    enabled: bool = False
    domain: Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")] = "mxbox"
    bind: tuple[str, ...] = ("127.0.0.1",)  # addresses of this machine; loopback is always among them
    port: Port = 5060  # UDP and TCP
    tls: bool = True
    tls_port: Port = 5061
    certificate: str = ""  # PEM file, the chain after it; empty: the box's own
    key: str = ""  # PEM file, its key
    tls_from: Literal["1.0", "1.1", "1.2"] = "1.2"  # lowest TLS; below only for telephones too old (RFC 8996)
    public: str = ""  # address by which the internet reaches the box, when it is behind a NAT
    link_port: Port = 5069  # loopback: messages between call server and edge
    workers: Annotated[int, Meta(ge=1, le=16)] = 2
    phones_each: Annotated[int, Meta(ge=1, le=10)] = 3  # registered at once; with one more the oldest is removed
    register_min_s: Annotated[int, Meta(ge=10, le=3600)] = 60
    register_max_s: Annotated[int, Meta(ge=60, le=86400)] = 3600
    ping_s: Annotated[int, Meta(ge=0, le=300)] = 25  # between two packets that keep a NAT's way to a phone open
    requests_per_s: Annotated[int, Meta(ge=1, le=100000)] = 50  # of one extension at one address; above: a flood
    strange_requests_per_s: Annotated[int, Meta(ge=1, le=100000)] = 1000  # of one address, those without proof
    wrong_passwords: Annotated[int, Meta(ge=1, le=1000)] = 10  # of one extension at one address within `block_s`
    block_s: Annotated[int, Meta(ge=1, le=86400)] = 600  # how long such an extension or address is blocked


class TrunkConfig(Config, frozen=True, kw_only=True):
    """A SIP trunk: another exchange or a carrier, or one account of several there. Its line is `trunk:<name>`.

    With `register` the box registers there as `user`. Its calls are known by their source address: those of `host`, and
    `addresses`. Of several trunks at one address, the user or number that is called decides.
    """

    name: Name
    host: str  # IP address, or a name (SRV, A, AAAA): all its addresses are tried in order
    port: Annotated[int, Meta(ge=0, le=65535)] = 0  # 0: for a name, the one from DNS; else 5060, for tls 5061
    addresses: tuple[str, ...] = ()  # further ones from which it calls: 203.0.113.7, 203.0.113.0/28
    numbers: tuple[Pattern, ...] = ()  # of this account, as the other side calls them; for several accounts at one host
    transport: Literal["dns", "udp", "tcp", "tls"] = "dns"  # dns: of a name without a port as NAPTR says, else udp
    domain: str = ""  # the other side's name for itself in SIP; empty: `host`
    trusted: bool = False  # withheld numbers of callers are sent to it, marked so (RFC 3325); else to no trunk
    user: str = ""  # for its challenges
    password: str = ""
    register: bool = False
    register_s: Annotated[int, Meta(ge=60, le=86400)] = 300
    send_keys: SendKeys = "auto"

    @property
    def named_port(self) -> int:
        """The port where neither the configuration nor DNS names one (RFC 3261 19.1.2)."""
        return self.port or (5061 if self.transport == "tls" else 5060)

    @property
    def named_transport(self) -> str:
        """The transport where neither the technician nor DNS says one (RFC 3261 19.1.2)."""
        return "udp" if self.transport == "dns" else self.transport

    @property
    def asks_naptr(self) -> bool:
        """Whether DNS says the transport (RFC 3263 4.1)."""
        return self.transport == "dns" and not self.port


class ExtensionConfig(Config, frozen=True, kw_only=True):
    """A number inside the house and the phone that rings for it."""

    number: Number
    line: str = ""  # sip:<user>@<host>:<port> | station:<number> | phone:<number>, one that registers: the default
    name: str = ""
    calling: CallingClass = "international"
    caller: Digits = ""  # number shown outside; empty: as the trunk's rules say
    pickup_group: str = ""  # phones of one group may pick up each other's calls
    ring_s: Seconds = 20.0  # how long it rings before the call is forwarded or goes on to `follow_me`
    follow_me: tuple[Onward, ...] = ()  # numbers or duty:NAME, tried in order when the phone is busy or not answered
    follow_me_ring_s: Seconds = 20.0  # each
    follow_me_plan: PlanName = ""  # only while this [[plan]] is open
    follow_me_closed: bool = False  # true: only while it is closed
    forward_always: Digits = ""  # where calls go; its user may change these five
    forward_busy: Digits = ""
    forward_no_answer: Digits = ""
    do_not_disturb: bool = False
    call_waiting: bool = True  # a second call rings while the first goes on
    send_keys: SendKeys = "auto"
    spoken_name: str = ""  # prompt that says who it is, in conferences; empty: its number is said
    supervisor: bool = False  # may listen to agents, whisper, barge in and more (`codes.listen`), as [[role]] says

    def __post_init__(self) -> None:
        if not self.line:
            msgspec.structs.force_setattr(self, "line", str(LineAddress(PHONE, self.number)))


class RouteConfig(RuleConfig, frozen=True, kw_only=True):
    """The flow that answers a called number; `called` may end in '*'. Longest match wins.

    Of routes with the same `called` the first whose conditions fit is taken. With a '*' it is for callers from outside
    alone: it would take numbers that phones of the house dial wrongly.
    """

    called: Pattern
    flow: FlowOrDuty  # or duty:NAME: those on duty are called
    inside: bool = False  # true: a `called` with a '*' is for phones of the house as well


class HuntConfig(Config, frozen=True, kw_only=True):
    """A number for which several phones ring: all at once, in turn, or in turn from another one at each call."""

    number: Number
    name: str = ""
    extensions: tuple[Number, ...] = ()
    order: Literal["all", "in_turn", "rotating"] = "all"
    ring_s: Seconds = 20.0  # in turn: each; all: together
    otherwise: MayOnward = ""  # a number or duty:NAME to go on to without an answer


class OutsideConfig(Config, frozen=True, kw_only=True):
    """Calls of phones to the outside: dial `prefix`, which is removed, then the number.

    `line` and `caller` are for numbers that no `outgoing` route names.
    """

    prefix: Number = "0"
    line: str = str(LineAddress(PRI, "carrier"))
    caller: str = ""  # number shown outside; empty: the extension's
    dial_back: bool = (
        True  # phones see callers from outside with the prefix, so that they can call back from their lists
    )
    long_distance: tuple[Pattern, ...] = ("0*",)  # digits dialled after the prefix; the longest match decides
    international: tuple[Pattern, ...] = ("00*",)
    emergency: tuple[Pattern, ...] = ("110", "119", "120", "122", "112", "911")  # every phone may call these


class SiteConfig(Config, frozen=True, kw_only=True):
    """The site of the box: how lines code texts, and how numbers are dialled there.

    Callers' numbers are brought into the form in which they are dialled here, whatever type a line gives them.
    """

    coding: Literal[
        "utf-8", "gb18030", "big5", "euc-kr", "shift_jis", "iso8859-1", "iso8859-2", "iso8859-15", "cp1251", "koi8-r"
    ] = "gb18030"  # names on lines that are not UTF-8
    country_code: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,2}$")] = "86"
    area_code: Prefix = ""  # of this place, without the national prefix
    national_prefix: Prefix = "0"
    international_prefix: Prefix = "00"
    nationwide: tuple[Pattern, ...] = ("13*", "14*", "15*", "16*", "17*", "18*", "19*", "400*", "800*")
    # national numbers dialled without the national prefix: mobiles, services
    timezone: str = ""  # by which plans are read, e.g. "Asia/Shanghai"; empty: this machine's


class OutgoingConfig(RuleConfig, frozen=True, kw_only=True):
    """A way to the outside for numbers that begin with `prefix` (without the outside prefix). Longest match wins.

    Of routes with the same prefix the first whose conditions, `hours` and `calling` fit is taken. `callers` are the
    extensions for which the call is made, or whose forward it is; else callers.
    """

    name: Name
    prefix: Digits = ""
    calling: CallingClass = "internal"  # only for phones of this class and above
    hours: str = ""  # e.g. "mon-fri 08:00-18:00, sat 09:00-12:00"; empty: always
    via: tuple[str, ...]  # trunk groups by name, or lines: pri:<group>, trunk:<name>; overflow goes to the next
    strip: Annotated[int, Meta(ge=0, le=32)] = 0  # digits removed from the number
    add: Digits = ""  # digits put before it
    caller: Digits = ""  # number shown


class TrunkGroupConfig(Config, frozen=True, kw_only=True):
    """Lines that lead to the same place."""

    name: Name
    lines: tuple[str, ...]  # pri:<group> | trunk:<name>
    order: Literal["in_order", "rotating"] = "in_order"


class TrunkRuleConfig(Config, frozen=True, kw_only=True):
    """Limits and numbers of one line to the outside, for all routes that lead to it."""

    line: str  # pri:<group> | trunk:<name>
    calls: Annotated[int, Meta(ge=0)] = 0  # at most so many at once, in and out; 0: as many as there are channels
    caller: Digits = ""  # number shown
    callers: tuple[Pattern, ...] = ()  # other numbers that may be shown; none: any
    plan: PlanName = ""  # calls are sent there only while this [[plan]] is open; emergency calls always


class ListsConfig(Config, frozen=True, kw_only=True):
    """Callers from outside who are treated differently."""

    black: tuple[Pattern, ...] = ()  # they hear the busy tone
    white: tuple[Pattern, ...] = ()  # exceptions from the black list
    only_white: bool = False  # all other callers are refused
    vip: tuple[Pattern, ...] = ()  # no list holds them up, and they go before others in queues


class ParkingConfig(Config, frozen=True, kw_only=True):
    """Places where calls are parked: dial a place to take its call back."""

    first: Annotated[str, Meta(pattern=r"^[0-9]{1,8}$")] = "701"
    places: Annotated[int, Meta(ge=0, le=99)] = 9
    back_after_s: Seconds = 90.0  # then the phone that parked it rings
    music: str = "default"

    @property
    def numbers(self) -> tuple[str, ...]:
        """The number of each place."""
        return tuple(str(int(self.first) + n).zfill(len(self.first)) for n in range(self.places))


class ProvisioningConfig(Config, frozen=True, kw_only=True):
    """The HTTPS server of telephones' settings, with the certificate of [edge]."""

    enabled: bool = False
    bind: str = "127.0.0.1"  # address of this machine; 0.0.0.0 for all
    port: Port = 8443
    host: str = ""  # name or address by which telephones reach the box; empty: edge.public, else edge.domain
    transport: Literal["udp", "tcp", "tls"] = "udp"  # transport by which they register


class BooksConfig(Config, frozen=True, kw_only=True):
    """How long calls stay in the books."""

    keep_days: Annotated[int, Meta(ge=0)] = 0  # older calls leave the books; 0: they stay for ever
    archive: bool = True  # into <paths.state>/archive, a file a month; false: they are deleted, with their recordings


class ApiConfig(Config, frozen=True, kw_only=True):
    """Programs at the control socket. Root and the box's own user have all rights, others those that `users` gives.

    Users of the box (`mxbox user add`) sign in with a password, and have the rights of their role.
    """

    users: dict[UserName, tuple[Right, ...]] = msgspec.field(
        default_factory=dict
    )  # of this machine, e.g. wallboard = ["read"]
    sign_in: bool = False  # true: every user of this machine may open the socket, to sign in as a user of the box
    wrong_passwords: Annotated[int, Meta(ge=1, le=1000)] = 5  # of one user, each within `lock_s` of the one before
    wrong_passwords_address: Annotated[int, Meta(ge=1, le=10_000)] = 20  # from one address, likewise
    lock_s: Annotated[float, Meta(ge=1, le=86_400)] = 900.0  # then that user, or that address, cannot sign in
    ticket_idle_s: Annotated[float, Meta(ge=60)] = 1800.0  # users who do nothing for so long are signed out
    ticket_s: Annotated[float, Meta(ge=60)] = 43_200.0  # and in any case after so long


class BoxConfig(Config, frozen=True, kw_only=True):
    """The whole box."""

    profile: Literal["mx30", "mx90"] = "mx30"
    language: Literal["en", "zh"] = "zh"  # prompts; texts of the command follow the user's locale
    country: str = "cn"  # tones
    paths: Paths = Paths()
    span: tuple[SpanConfig, ...] = ()
    sip: SipConfig = SipConfig()
    edge: EdgeConfig = EdgeConfig()
    trunk: tuple[TrunkConfig, ...] = ()
    extension: tuple[ExtensionConfig, ...] = ()
    agent: tuple[AgentConfig, ...] = ()
    agents: AgentsConfig = AgentsConfig()
    queue: tuple[QueueConfig, ...] = ()
    keyed: tuple[KeyedConfig, ...] = ()
    role: tuple[RoleConfig, ...] = ()
    plan: tuple[PlanConfig, ...] = ()
    calendar: CalendarConfig = CalendarConfig()
    route: tuple[RouteConfig, ...] = ()
    hunt: tuple[HuntConfig, ...] = ()
    duty: tuple[DutyConfig, ...] = ()
    conference: tuple[ConferenceConfig, ...] = ()
    conference_keys: ConferenceKeysConfig = ConferenceKeysConfig()
    voicemail: tuple[VoicemailConfig, ...] = ()
    mail: MailConfig = MailConfig()
    outside: OutsideConfig = OutsideConfig()
    site: SiteConfig = SiteConfig()
    outgoing: tuple[OutgoingConfig, ...] = ()
    trunk_group: tuple[TrunkGroupConfig, ...] = ()
    trunk_rule: tuple[TrunkRuleConfig, ...] = ()
    lists: ListsConfig = ListsConfig()
    codes: CodesConfig = CodesConfig()
    parking: ParkingConfig = ParkingConfig()
    recording: RecordingConfig = RecordingConfig()
    recording_rule: tuple[RecordingRuleConfig, ...] = ()
    scorecard: tuple[ScorecardConfig, ...] = ()
    quality_plan: tuple[QualityPlanConfig, ...] = ()
    books: BooksConfig = BooksConfig()
    provisioning: ProvisioningConfig = ProvisioningConfig()
    web: WebConfig = WebConfig()
    api: ApiConfig = ApiConfig()

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of all flows that calls may enter."""
        named = {route.flow for route in self.route} | {queue.survey for queue in self.queue}
        named |= {flow for queue in self.queue for flow in queue.detours.values()}
        return tuple(sorted(each for each in named if each and not each.startswith(DUTY)))
