# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration is edited as its owner would: nothing else changes, unsafe edits are refused."""

from pathlib import Path

import msgspec
import pytest

import appliance.config
from appliance.config import edit
from appliance.config.edit import EditError, read, save, with_extensions, without_extension
from appliance.config.errors import ConfigError
from appliance.config.load import load_box, parse_config
from appliance.config.model import ExtensionConfig

EXAMPLE = Path(appliance.config.__file__).parent / "examples/mx30.toml"
NEW = ExtensionConfig(number="1009", line="station:1009", name='Tab\t"quote" \\ 张')


def test_an_extension_stands_behind_the_others_and_all_else_stays() -> None:
    text = EXAMPLE.read_text()
    new = with_extensions(text, [NEW])
    config, old = parse_config(new, "new"), parse_config(text, "old")
    assert config == msgspec.structs.replace(old, extension=(*old.extension, NEW))
    place = new.index('[[extension]]\nnumber = "1009"')
    assert new.index('number = "1003"') < place < new.index("[[agent]]")
    assert new.replace(new[place - 1 : new.index("\n[[agent]]")], "") == text
    assert without_extension(new, 3) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        'language = "en"',
        '[[extension]]\nnumber = "1"\nline = "station:1"',
        ('[[ extension ]] # first\r\nnumber = "1"\r\n# aside\r\nline = "station:1"\r\n\r\n'
        '# agents\r\n[[agent]]\r\nnumber = "2"\r\n'),
        '[[extension]]\nnumber = "1"\nline = "station:1"\n\n\n# end',
    ],
)  # fmt: skip
def test_any_layout_is_kept(text: str) -> None:
    old = parse_config(text, "old")
    new = with_extensions(text, [NEW, ExtensionConfig(number="1010", line="station:1010")])
    assert [each.number for each in parse_config(new, "new").extension][-2:] == ["1009", "1010"]
    back = without_extension(without_extension(new, len(old.extension) + 1), len(old.extension))
    assert parse_config(back, "back") == old
    assert back.rstrip("\n") == text.rstrip("\n")


def test_only_its_own_table_is_taken_out() -> None:
    text = EXAMPLE.read_text()
    old = parse_config(text, "old")
    new = without_extension(text, 2)
    assert "1003" not in parse_config(new.replace('extension = "1003"', ""), "new").extension[-1].number
    assert set(text.splitlines()) - set(new.splitlines()) == {
        'number = "1003"', 'line = "sip:1003@127.0.0.1:5073"',
    }  # fmt: skip
    assert len(old.extension) == 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "box.toml"
    file.write_text(
        '# mine\n[[extension]]\nnumber = "1"\nline = "station:1"\n[[agent]]\nnumber = "8"\nextension = "1"\n'
    )
    file.chmod(0o640)
    return file


def add(file: Path, number: str) -> None:
    config, paths = load_box(file)
    new = ExtensionConfig(number=number, line=f"station:{number}")
    wanted = msgspec.structs.replace(config, extension=(*config.extension, new))
    save(file, paths, read(file), with_extensions(read(file), [new]), wanted)


def test_the_old_text_is_kept_and_the_mode_stays(file: Path) -> None:
    before = file.read_text()
    add(file, "2")
    [kept] = (file.parent / "state/history").glob("*Z")
    assert kept.read_text() == before
    assert kept.name.startswith("box.toml.2")
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.number for each in load_box(file)[0].extension] == ["1", "2"]
    assert not list(file.parent.glob("*.part"))


def test_history_does_not_grow_without_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit, "MAX_KEPT", 3)
    for n in range(5):
        add(file, str(100 + n))
    kept = sorted((file.parent / "state/history").glob("*Z"))
    assert len(kept) == 3
    assert '"103"' in kept[-1].read_text()
    assert '"104"' not in kept[-1].read_text()


def test_a_layout_that_the_command_does_not_know_is_left_alone(file: Path) -> None:
    file.write_text("extension = [\n[[extension]]\n]\n".replace("[[extension]]", '{number = "1", line = "station:1"}'))
    before = file.read_text()
    config, paths = load_box(file)
    with pytest.raises(EditError, match="cannot be edited"):
        save(file, paths, before, without_extension(before, 0), msgspec.structs.replace(config, extension=()))
    with pytest.raises(ConfigError):
        add(file, "2")
    assert file.read_text() == before


def test_a_change_of_somebody_else_is_not_undone(file: Path) -> None:
    old = read(file)
    config, paths = load_box(file)
    file.write_text(old + "# theirs\n")
    with pytest.raises(EditError, match="in the meantime"):
        save(file, paths, old, old + "\n", config)
    assert file.read_text().endswith("# theirs\n")


def test_what_would_break_the_configuration_is_refused_with_the_reason(file: Path) -> None:
    config, paths = load_box(file)
    text = read(file)
    with pytest.raises(EditError, match="there is no such extension"):
        save(file, paths, text, without_extension(text, 0), msgspec.structs.replace(config, extension=()))
    assert read(file) == text
