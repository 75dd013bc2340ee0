# SPDX-License-Identifier: GPL-2.0-or-later
"""Every maker's file has the format that its maker documents: it is read by a reader that knows only that format."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.provisioning.makers import MAKERS
from appliance.provisioning.settings import Settings, one_line, plain_mac

SETTINGS = Settings(
    mac="001565aabbcc",
    extension="1001",
    name="张伟",
    password="Pa55word23",
    domain="box.example",
    server="192.0.2.5",
    port=5060,
    transport="udp",
    version=1763798400,
)
NASTY = "<b>&\"' = :]]> \r\naccount.1.password = x\n</phone-settings>\x00\u2028%NULL%"

YEALINK_KEYS = {
    "enable", "label", "display_name", "user_name", "auth_name", "password", "subscribe_mwi", "srtp_encryption",
    "sip_server.1.address", "sip_server.1.port", "sip_server.1.transport_type",
    "outbound_proxy_enable", "outbound_proxy.1.address", "outbound_proxy.1.port",
}  # fmt: skip
"""Of `account.X`, as the administrator's guide V86.5 spells them."""


def read_yealink(text: str) -> dict[str, str]:
    """Parse by guide V86.5: the header is the first line; then `key = value` lines, comments with #; outer spaces are
    cut."""
    first, *lines = text.split("\n")
    assert first == "#!version:1.0.0.1"
    values: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            key, value = line.split("=", 1)
            assert re.fullmatch(r"account\.1\.[a-z0-9_.]+", key.strip()), line
            assert key.strip() not in values
            values[key.strip().removeprefix("account.1.")] = value.strip()
    assert set(values) <= YEALINK_KEYS
    return values


def read_grandstream(text: str) -> dict[str, str]:
    """Parse by the SIP Device Provisioning Guide: gs_provision/config version 1, elements named P and a number."""
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ET.fromstring(text.encode())
    assert (root.tag, root.attrib) == ("gs_provision", {"version": "1"})
    mac, config = root
    assert (mac.tag, config.tag, config.attrib) == ("mac", "config", {"version": "1"})
    assert re.fullmatch(r"[0-9a-f]{12}", mac.text or "")
    assert all(re.fullmatch(r"P[0-9]+", each.tag) and not each.attrib and not len(each) for each in config)
    assert len({each.tag for each in config}) == len(config)
    return {each.tag: each.text or "" for each in config} | {"mac": mac.text or ""}


def read_fanvil(text: str) -> dict[str, str]:
    """Parse by the Auto Provision Standard: 64 bytes of header, CR LF, modules that end with the next, `key:value`."""
    assert "\n" not in text.replace("\r\n", "")
    header, blank, *lines, end, nothing = text.split("\r\n")
    assert len((header + "\r\n").encode()) == 64
    assert re.fullmatch(r"<<VOIP CONFIG FILE>>Version:2\.[0-9]{10} *", header)
    assert (blank, end, nothing) == ("", "<<END OF FILE>>", "")
    values: dict[str, str] = {}
    module = ""
    for line in filter(None, lines):
        if line.startswith("<"):
            assert re.fullmatch(r"<[A-Z]+ CONFIG MODULE>", line), line
            module = line
            continue
        assert module == "<SIP CONFIG MODULE>"
        assert line[19] == ":", line
        key, value = line[:19].rstrip(), line[20:]
        assert key.startswith("SIP1 ")
        assert key not in values
        values[key.removeprefix("SIP1 ")] = value
    return values


def read_snom(text: str) -> dict[str, str]:
    """Parse by Desk Phone Configuration Files: UTF-8, settings/phone-settings, each with idx and perm."""
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = ET.fromstring(text.encode())
    assert root.tag == "settings"
    [phone] = root
    assert phone.tag == "phone-settings"
    assert all(each.attrib == {"idx": "1", "perm": "RW"} and not len(each) for each in phone)
    assert len({each.tag for each in phone}) == len(phone)
    return {each.tag: each.text or "" for each in phone}


READERS = {"yealink": read_yealink, "grandstream": read_grandstream, "fanvil": read_fanvil, "snom": read_snom}
NAMES = {"yealink": "display_name", "grandstream": "P3", "fanvil": "Display Name", "snom": "user_realname"}
PASSWORDS = {"yealink": "password", "grandstream": "P34", "fanvil": "Register Pswd", "snom": "user_pass"}


def read(maker: str, settings: Settings) -> dict[str, str]:
    return READERS[maker](MAKERS[maker].write(settings))


def test_there_is_a_reader_for_every_maker() -> None:
    assert set(MAKERS) == set(READERS)


def test_yealink() -> None:
    values = read("yealink", SETTINGS)
    assert (values["user_name"], values["auth_name"], values["password"]) == ("1001", "1001", "Pa55word23")
    assert (values["enable"], values["label"], values["display_name"]) == ("1", "张伟", "张伟")
    assert (values["sip_server.1.address"], values["sip_server.1.port"]) == ("box.example", "5060")
    assert (values["outbound_proxy_enable"], values["outbound_proxy.1.address"]) == ("1", "192.0.2.5")
    assert [read("yealink", replace(SETTINGS, transport=t))["sip_server.1.transport_type"] for t in ("udp", "tcp", "tls")] == ["0", "1", "2"]  # fmt: skip  # noqa: E501
    assert read("yealink", replace(SETTINGS, transport="tls"))["srtp_encryption"] == "1"
    assert read("yealink", replace(SETTINGS, server="box.example"))["outbound_proxy_enable"] == "0"
    assert MAKERS["yealink"].file_name("001565aabbcc") == "001565aabbcc.cfg"


def test_yealinks_words_for_nothing_are_no_names() -> None:
    assert read("yealink", replace(SETTINGS, name="%NULL%"))["display_name"] == "NULL"


def test_grandstream() -> None:
    values = read("grandstream", SETTINGS)
    assert values["mac"] == "001565aabbcc"  # another telephone refuses the file
    assert (values["P35"], values["P36"], values["P34"], values["P3"]) == ("1001", "1001", "Pa55word23", "张伟")
    assert (values["P271"], values["P31"], values["P47"], values["P48"]) == ("1", "1", "box.example", "192.0.2.5")
    assert (values["P2301"], values["P2302"], values["P2303"]) == ("0", "1", "0")  # keys by RFC 4733 only
    one = replace(SETTINGS, server="box.example", port=5070, transport="tcp")
    assert (read("grandstream", one)["P47"], read("grandstream", one)["P48"]) == ("box.example:5070", "")
    assert read("grandstream", one)["P130"] == "1"
    tls = read("grandstream", replace(SETTINGS, transport="tls", port=5061))
    assert (tls["P130"], tls["P183"], tls["P48"]) == ("2", "1", "192.0.2.5")
    assert MAKERS["grandstream"].file_name("000b82123456") == "cfg000b82123456.xml"


def test_fanvil() -> None:
    values = read("fanvil", SETTINGS)
    assert (values["Phone Number"], values["Register User"], values["Register Pswd"]) == ("1001", "1001", "Pa55word23")
    assert (values["Register Addr"], values["Register Port"], values["Enable Reg"]) == ("box.example", "5060", "1")
    assert (values["Proxy Addr"], values["Proxy Port"], values["Transport"]) == ("192.0.2.5", "5060", "0")
    assert read("fanvil", replace(SETTINGS, transport="tls"))["Transport"] == "3"
    assert MAKERS["fanvil"].file_name("0c383eaabbcc") == "0c383eaabbcc.cfg"


def test_fanvil_takes_a_file_only_if_its_version_is_higher() -> None:
    def version(at: int) -> str:
        return MAKERS["fanvil"].write(replace(SETTINGS, version=at)).split("\r\n")[0]

    assert version(1763798400) < version(1763798401) < version(2_000_000_000)


def test_snom() -> None:
    values = read("snom", SETTINGS)
    assert (values["user_name"], values["user_pname"], values["user_pass"]) == ("1001", "1001", "Pa55word23")
    assert (values["user_realname"], values["user_host"], values["user_active"]) == ("张伟", "box.example", "on")
    assert values["user_outbound"] == "sip:192.0.2.5:5060;transport=udp"
    tls = read("snom", replace(SETTINGS, transport="tls", port=5061))
    assert (tls["user_outbound"], tls["user_srtp"]) == ("sip:192.0.2.5:5061;transport=tls", "on")
    assert MAKERS["snom"].file_name("000413aabbcc") == "000413aabbcc.xml"


@pytest.mark.parametrize("maker", READERS)
def test_a_nasty_name_stays_one_value(maker: str) -> None:
    values = read(maker, replace(SETTINGS, name=NASTY))
    assert values[NAMES[maker]] == one_line(NASTY)
    assert values[PASSWORDS[maker]] == "Pa55word23"
    assert set(values) == set(read(maker, SETTINGS))


@pytest.mark.parametrize("maker", READERS)
def test_without_a_name_the_number_is_shown(maker: str) -> None:
    assert read(maker, replace(SETTINGS, name=""))[NAMES[maker]] == "1001"


@given(st.text(max_size=80), st.sampled_from(sorted(READERS)))
def test_any_name_stays_one_value(name: str, maker: str) -> None:
    values = read(maker, replace(SETTINGS, name=name))
    assert values[PASSWORDS[maker]] == "Pa55word23"
    if name not in {"%NULL%", "%EMPTY%"} and one_line(name):
        assert values[NAMES[maker]] == one_line(name)


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("00:15:65:AA:BB:CC", "001565aabbcc"), ("0015-65aa.bbcc", "001565aabbcc"), ("001565aabbcc ", "001565aabbcc"),
        ("00:15:65:AA:BB", ""), ("00:15:65:AA:BB:CG", ""), ("000000000000", ""), ("01005e000001", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_mac_address_is_read_as_people_write_it(text: str, mac: str) -> None:
    assert plain_mac(text) == mac
