# SPDX-License-Identifier: GPL-2.0-or-later
"""PJSIP's settings for a switch: one thread, no sound card, RTP in its range on its address."""

import pjsua2 as pj

from drivers.sip import SipOptions, SipWay

ALL_CALLS = 1 << 16
"""More than any build carries: PJSIP reduces it to its own limit."""


def endpoint_settings(options: SipOptions) -> pj.EpConfig:
    """Return the settings of the library as a whole."""
    settings = pj.EpConfig()
    agent = settings.uaConfig
    agent.threadCnt = 0
    agent.mainThreadOnly = True
    agent.userAgent = options.user_agent
    # As many as there are, also for few rows: calls that were hung up linger until their last timer.
    agent.maxCalls = ALL_CALLS
    media = settings.medConfig
    media.threadCnt = 0
    media.hasIoqueue = False  # RTP is polled together with SIP
    media.clockRate = media.sndClockRate = 8000
    media.audioFramePtime = 20
    media.ptime = 0  # the length that the far end asks for: `mx_length_of_packets`
    media.noVad = True
    media.ecTailLen = 0
    log = settings.logConfig
    log.consoleLevel = 0
    log.level = options.log_level if options.log_file else 0
    log.msgLogging = bool(options.log_file)
    log.filename = options.log_file
    return settings


SRTP = {"off": pj.PJMEDIA_SRTP_DISABLED, "accept": pj.PJMEDIA_SRTP_OPTIONAL, "offer": pj.PJMEDIA_SRTP_OPTIONAL}
OPUS_HZ = 8000
"""Opus at the fabric's own rate: its coder does the resampling (RFC 7587 7: maxplaybackrate states it to the far
end)."""


ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound
THE_TRANSPORT = 0
"""Number of the first transport, which is the only one."""


def account_settings(options: SipOptions, address: str, way: SipWay | None = None) -> pj.AccountConfig:
    """Return an account of this box at `address` (host:port), registering nowhere: for calls in, or for a way out."""
    account = pj.AccountConfig()
    account.idUri = f"sip:mxbox@{address}"
    account.priority = 0 if way else 1
    if (
        options.bind not in ANY_ADDRESS
    ):  # else PJSIP asks the system for each message from which of its addresses it is sent
        account.sipConfig.transportId = THE_TRANSPORT
    if way and way.through_proxy:
        account.sipConfig.proxies.append(f"sip:{options.proxy};lr;hide")
    account.callConfig.timerUse = pj.PJSUA_SIP_TIMER_ALWAYS
    account.callConfig.timerMinSESec = 90
    account.callConfig.timerSessExpiresSec = options.session_s
    media = account.mediaConfig
    wanted = SRTP["off"] if way and options.srtp == "accept" else SRTP[options.srtp]
    media.srtpUse = pj.PJMEDIA_SRTP_MANDATORY if way and way.secure else wanted
    media.srtpSecureSignaling = 0  # phones reach us through a proxy on this machine, by TLS or not
    rtp = media.transportConfig
    rtp.boundAddress = options.media or options.bind
    rtp.port = options.rtp_first
    rtp.portRange = options.rtp_last - options.rtp_first
    return account


def choose_codecs(endpoint: pj.Endpoint, codecs: tuple[str, ...]) -> None:
    """Offer these codecs and no other, the most wanted first. Names are those of SDP, in capitals."""
    wanted = {name: 255 - place for place, name in enumerate(codecs)}
    for codec in endpoint.codecEnum2():
        name = codec.codecId.split("/")[0].upper()
        endpoint.codecSetPriority(codec.codecId, wanted.get(name, 0))
        if name == "OPUS":
            opus = endpoint.getCodecOpusConfig()
            opus.sample_rate, opus.channel_cnt = OPUS_HZ, 1
            endpoint.setCodecOpusConfig(opus)


def header(name: str, value: str) -> pj.SipHeader:
    """Return a header for adding to a message."""
    added = pj.SipHeader()
    added.hName, added.hValue = name, value
    return added
