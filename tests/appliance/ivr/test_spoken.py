# SPDX-License-Identifier: GPL-2.0-or-later
"""Values spoken in both languages, compared with ordinary speech."""

import tomllib
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from appliance.ivr import say, spoken
from appliance.ivr.rhythm import groups
from appliance.ivr.spoken import STYLES, Style, speak, words_of

PROMPTS = tomllib.loads(Path(say.__file__).with_name("prompts.toml").read_text("utf-8"))


def _heard(style: Style, text: str, language: str, unit: str = "") -> str | None:
    sounds = speak(style, text, language, unit)
    if sounds is None:
        return None
    names = [sound.removeprefix(f"prompt:{language}/") for sound in sounds]
    words = ["," if name == spoken.PAUSE else PROMPTS[name][language] for name in names]
    return ("" if language == "zh" else " ").join(words)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("0", "零", "zero"),
        ("-7", "负七", "minus seven"),
        ("007", "七", "seven"),
        ("12.50", "十二点五", "twelve point five"),
        ("0.05", "零点零五", "zero point zero five"),
        ("2200", "二千二百", "two thousand two hundred"),
        ("10000", "一万", "ten thousand"),
        ("10050", "一万零五十", "ten thousand fifty"),
        ("100000", "十万", "one hundred thousand"),
        ("110011", "十一万零一十一", "one hundred ten thousand eleven"),
        ("1,280,000", "一百二十八万", "one million two hundred eighty thousand"),
        ("1000001", "一百万零一", "one million one"),
        ("100010000", "一亿零一万", "one hundred million ten thousand"),
        ("300005000", "三亿零五千", "three hundred million five thousand"),
        ("100001234", "一亿零一千二百三十四", "one hundred million one thousand two hundred thirty four"),
        ("12x", None, None),
        ("", "", ""),
        ("1000000000000", None, None),
        ("１２", None, None),
    ],
)
def test_numbers(text: str, zh: str | None, en: str | None) -> None:
    assert (_heard("number", text, "zh"), _heard("number", text, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("text", "unit", "zh", "en"),
    [
        ("1", "ticket", "一张", "one ticket"),
        ("2", "ticket", "两张", "two tickets"),
        ("12", "person", "十二位", "twelve people"),
        ("22", "ticket", "二十二张", "twenty two tickets"),
        ("200", "ticket", "二百张", "two hundred tickets"),
        ("2000", "ticket", "两千张", "two thousand tickets"),
        ("20000", "ticket", "两万张", "twenty thousand tickets"),
        ("22000", "ticket", "两万二千张", "twenty two thousand tickets"),
        ("2.5", "hour", "二点五小时", "two point five hours"),
        ("0", "piece", "零件", "zero pieces"),
        ("5", "percent", "百分之五", "five percent"),
        ("-5.5", "percent", "负百分之五点五", "minus five point five percent"),
        ("two", "ticket", None, None),
    ],
)
def test_quantities(text: str, unit: str, zh: str | None, en: str | None) -> None:
    assert (_heard("quantity", text, "zh", unit), _heard("quantity", text, "en", unit)) == (zh, en)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("0", "零元", "zero yuan"),
        ("2", "两元", "two yuan"),
        ("0.2", "两角", "twenty fen"),
        ("0.02", "两分", "two fen"),
        ("0.50", "五角", "fifty fen"),
        ("10.05", "十元零五分", "ten yuan 零 five fen"),
        ("102.5", "一百零二元五角", "one hundred two yuan 零 fifty fen"),
        ("1234.56", "一千二百三十四元五角六分", "one thousand two hundred thirty four yuan 零 fifty six fen"),
        ("20000", "两万元", "twenty thousand yuan"),
        ("-3.10", "负三元一角", "minus three yuan 零 ten fen"),
        ("1.005", None, None),
        ("¥5", None, None),
    ],
)
def test_money(text: str, zh: str | None, en: str | None) -> None:
    assert _heard("money", text, "zh") == zh
    assert _heard("money", text, "en") == (en and en.replace("零", PROMPTS["money-and"]["en"]))


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2026-12-01", "二零二六年十二月一日", "December first twenty twenty six"),
        ("20261201", "二零二六年十二月一日", "December first twenty twenty six"),
        ("2000/2/29", "二零零零年二月二十九日", "February twenty ninth two thousand"),
        ("2005-01-31", "二零零五年一月三十一日", "January thirty first two thousand five"),
        ("1905-10-20", "一九零五年十月二十日", "October twentieth nineteen oh five"),
        ("1900-10-10", "一九零零年十月十日", "October tenth nineteen hundred"),
        ("2026-02-29", None, None),
        ("2026-12", None, None),
        ("14:05", None, None),
    ],
)
def test_dates(text: str, zh: str | None, en: str | None) -> None:
    assert (_heard("date", text, "zh"), _heard("date", text, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("14:05", "下午两点零五分", "two oh five P M"),
        ("2:00", "凌晨两点整", "two A M"),
        ("00:00", "凌晨零点整", "midnight"),
        ("0:30", "凌晨零点三十分", "twelve thirty A M"),
        ("12:00", "中午十二点整", "noon"),
        ("12:02", "中午十二点零二分", "twelve oh two P M"),
        ("09:45:30", "上午九点四十五分", "nine forty five A M"),
        ("23:59", "晚上十一点五十九分", "eleven fifty nine P M"),
        ("2026-12-01 08:10", "上午八点十分", "eight ten A M"),
        ("24:00", None, None),
        ("8:5", None, None),
    ],
)
def test_times(text: str, zh: str | None, en: str | None) -> None:
    assert (_heard("time", text, "zh"), _heard("time", text, "en")) == (zh, en)


def test_moments_and_weekdays() -> None:
    assert _heard("datetime", "2026-12-01 14:00", "zh") == "二零二六年十二月一日下午两点整"
    assert _heard("datetime", "2026-12-01T14:00", "en") == "December first twenty twenty six two P M"
    assert _heard("datetime", "2026-12-01", "zh") is None
    assert (_heard("weekday", "2026-12-01", "zh"), _heard("weekday", "2026-12-06", "en")) == ("星期二", "Sunday")
    assert _heard("weekday", "12:00", "zh") is None


def test_spelling() -> None:
    assert _heard("spell", "g1234", "en") == "G one two three four"
    assert _heard("spell", "AB-1.c@x", "zh") == "AB杠幺点C艾特X"
    assert _heard("spell", "a b", "en") == "A , B"
    assert _heard("spell", "王", "zh") is None, "characters cannot be spelt"


@pytest.mark.parametrize(
    ("number", "spoken_as"),
    [
        ("13800138000", "138 0013 8000"),
        ("010-88886666", "010 8888 6666"),
        ("0755 8888666", "0755 888 8666"),
        ("02188886666", "021 8888 6666"),
        ("88886666", "8888 6666"),
        ("8886666", "888 6666"),
        ("4008101234", "400 810 1234"),
        ("96900", "96900"),
        ("8001", "8001"),
        ("+86 13800138000", "86 138 0013 8000"),
        ("+14155550123", "141 555 501 23"),
        ("0014155550123", "001 415 555 0123"),
        ("123456", "123 456"),
        ("*21#", "*21#"),
        ("", ""),
    ],
)
def test_rhythm_of_telephone_numbers(number: str, spoken_as: str) -> None:
    assert " ".join(groups(number)) == spoken_as


def test_telephone_numbers_are_said_with_pauses() -> None:
    assert _heard("phone", "13800138000", "zh") == "幺三八,零零幺三,八零零零"
    assert _heard("phone", "unknown", "zh") is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("style", STYLES)
def test_every_word_has_a_prompt_and_is_listed(style: Style, language: str) -> None:
    days = [(date(1899, 1, 1) + timedelta(n)).isoformat() for n in range(0, 60_000, 137)]
    times = [time(n // 60, n % 60).isoformat("minutes") for n in range(0, 1440, 7)]
    numbers = [*map(str, range(0, 3000, 3)), *(str(n * 7919**2) for n in range(1, 500)), "-1"]
    texts = {
        "money": [*(f"{n / 100:.2f}" for n in range(0, 3000, 3)), *numbers],
        "date": days,
        "time": times,
        "datetime": [f"{day} {clock}" for day, clock in zip(days, times * 3, strict=False)],
        "weekday": days,
        "spell": ["abcdefghijklmnopqrstuvwxyz0123456789*#-./@_+ "],
    }.get(style, numbers)
    unit = "ticket" if style == "quantity" else ""
    used = {sound for text in texts for sound in speak.__wrapped__(style, text, language, unit) or ()}
    listed = {*words_of(style, language, unit)}
    assert used - {spoken.PAUSE} <= {f"prompt:{language}/{name}" for name in listed}
    assert listed <= PROMPTS.keys()


def test_what_is_longer_than_bounded_is_cut_or_refused() -> None:
    assert len(speak("spell", "a" * 500, "en") or ()) == spoken.MOST_CHARACTERS
    assert speak("number", "9" * 400, "en") is None
