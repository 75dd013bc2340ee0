# SPDX-License-Identifier: GPL-2.0-or-later
"""PJSIP's settings for a switch: one thread, no sound card, G.711, RTP in its range on its address."""

import pjsua2 as pj

from drivers.sip import SipOptions

ALL_CALLS = 1 << 16
"""More than any build carries: PJSIP takes it down to its own limit."""


def endpoint_settings(options: SipOptions) -> pj.EpConfig:
    """The library as a whole."""
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
    media.audioFramePtime = media.ptime = 20
    media.noVad = True
    media.ecTailLen = 0
    log = settings.logConfig
    log.consoleLevel = 0
    log.level = options.log_level if options.log_file else 0
    log.msgLogging = bool(options.log_file)
    log.filename = options.log_file
    return settings


def account_settings(options: SipOptions, address: str) -> pj.AccountConfig:
    """The one account: this box at `address` (host:port), registering nowhere."""
    account = pj.AccountConfig()
    account.idUri = f"sip:mxbox@{address}"
    account.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_DISABLED
    rtp = account.mediaConfig.transportConfig
    rtp.boundAddress = options.bind
    rtp.port = options.rtp_first
    rtp.portRange = options.rtp_last - options.rtp_first
    return account


def header(name: str, value: str) -> pj.SipHeader:
    """A header to be added to a message."""
    added = pj.SipHeader()
    added.hName, added.hValue = name, value
    return added
