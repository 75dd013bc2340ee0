# SPDX-License-Identifier: GPL-2.0-or-later
"""The reader's locale decides the language; without a catalogue, the texts are English."""

import shutil
from pathlib import Path

import pytest

from appliance import i18n, i18n_catalog
from appliance.i18n import N_, _, languages, ngettext, translation

TEXT = "no such recording"


@pytest.mark.parametrize(
    ("environ", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_TW.UTF-8"}, True),
        ({"LANG": "zh"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, False),
        ({"LANGUAGE": "fr:zh_CN"}, True),
        ({"LANGUAGE": "en_GB:zh_CN"}, False),
        ({"LANG": "fr_FR.UTF-8"}, False),
        ({"LANG": ""}, False),
        ({}, False),
    ],
)
def test_the_environment_chooses(environ: dict[str, str], chinese: bool) -> None:
    shown = translation(*languages(environ)).gettext(TEXT)
    assert (shown != TEXT) is chinese


def test_texts_follow_the_environment_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert _(TEXT) == "没有这样的录音"
    assert ngettext("{n} call up", "{n} calls up", 3) == "{n} 个呼叫进行中"
    assert N_(TEXT) == TEXT
    assert _("") == ""  # gettext itself would give the catalogue's head
    monkeypatch.setenv("LANGUAGE", "en")
    assert _(TEXT) == TEXT
    assert [ngettext("{n} call up", "{n} calls up", n) for n in (1, 2)] == ["{n} call up", "{n} calls up"]


def test_a_catalogue_is_compiled_when_it_is_newer_and_updated_without_loss(tmp_path: Path) -> None:
    po = tmp_path / "zh_CN/LC_MESSAGES/mxbox.po"
    po.parent.mkdir(parents=True)
    shutil.copy(i18n_catalog.catalogues()[0], po)
    assert i18n_catalog.compile_catalogue(po)
    assert not i18n_catalog.compile_catalogue(po)
    before = {message.id: message.string for message in i18n_catalog.read(po) if message.string}
    i18n_catalog.update(po)
    after = {message.id: message.string for message in i18n_catalog.read(po)}
    kept = {msgid: text for msgid, text in before.items() if msgid in after and msgid}
    assert len(kept) > 300
    assert all(after[msgid] == text for msgid, text in kept.items())
    assert i18n.DOMAIN in po.name


def test_argparses_own_words_are_in_the_catalogue() -> None:
    assert i18n_catalog.extract().get("the following arguments are required: %s") is not None
