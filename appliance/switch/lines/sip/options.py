# SPDX-License-Identifier: GPL-2.0-or-later
"""The SIP endpoint's options out of the configuration."""

from pathlib import Path
from typing import Final

from appliance.config.model import EdgeConfig, SipConfig
from drivers.sip import SipOptions

SDP_NAMES: Final = {"alaw": "PCMA", "ulaw": "PCMU", "g722": "G722", "opus": "OPUS"}


def endpoint_options(
    config: SipConfig, proxy: str, edge: EdgeConfig | None, farewells: Path | None, coding: str
) -> SipOptions:
    """Return the endpoint's options."""
    return SipOptions(
        bind=config.bind,
        port=config.port,
        rtp_first=config.rtp_first,
        rtp_last=config.rtp_last,
        calls=config.calls,
        media=config.media,
        codecs=tuple(SDP_NAMES[codec] for codec in config.codecs),
        srtp=config.srtp,
        behind_nat=config.behind_nat,
        session_s=config.session_s,
        proxy=proxy,
        domain=edge.domain if edge else "",
        farewells=farewells,
        coding=coding,
    )
