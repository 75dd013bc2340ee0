# SPDX-License-Identifier: GPL-2.0-or-later
"""The DAHDI driver's files: their contents, dahdi_cfg's opinion of them, and that no file of a person's is lost."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.cli.main import main
from appliance.config.errors import ConfigError
from appliance.config.load import parse_config
from appliance.dahdi.files import MODULES, OPTIONS, SYSTEM, is_ours, marked, texts
from appliance.dahdi.place import place
from appliance.dahdi.plan import DahdiSetupError, Plan, PlannedSpan, Signalling, plan
from dsp.tone_table import countries

TWO = """
profile = "mx90"
[[span]]
address = "dahdi:1"
echo_canceller = "mg2"
[[span]]
address = "dahdi:2?buffers=8"
clock = "own"
crc4 = false
line_build_out = 2
"""
DYNAMIC = """
profile = "mx90"
[[span]]
address = "dahdi:1"
clock = "own"
[[span]]
address = "dahdi:2"
dynamic = "eth,eth1/02:00:00:00:00:01/0"
[[span]]
address = "dahdi:3"
dynamic = "loc,1:0"
"""
IN_A_MACHINE_WITHOUT_THE_DRIVER = """
set -e
PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs none /dev/shm
mount -t tmpfs none /dev
mkdir /dev/dahdi
: >/dev/dahdi/ctl
exec dahdi_cfg -t -vv -c "$1"
"""
"""With -t dahdi_cfg opens the driver's device but asks nothing of it: a file in a name space of its own is enough."""
UNSHARE = ("unshare", "--mount", "--map-root-user", "--")


def tool() -> str | None:
    if not shutil.which("dahdi_cfg", path="/usr/sbin:/usr/bin"):
        return "dahdi_cfg is not installed (Debian's dahdi)"
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode:
        return "no name spaces for this user here"
    return None


needs_dahdi_cfg = pytest.mark.skipif(tool() is not None, reason=str(tool()))


def checked(text: str, tmp_path: Path) -> tuple[int, str]:
    """Return the status and output of the genuine dahdi_cfg for a system.conf."""
    file = tmp_path / "system.conf"
    file.write_text(text)
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", IN_A_MACHINE_WITHOUT_THE_DRIVER, "sh", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=20,
    )  # fmt: skip
    return done.returncode, done.stdout


def system(text: str) -> list[str]:
    """Return the lines of a configuration's system.conf that are no comments."""
    lines = texts(plan(parse_config(text, "box.toml")))[SYSTEM].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_spans_channels_clock_order_and_tones() -> None:
    assert system(TWO) == [
        "span=1,1,0,ccs,hdb3,crc4",
        "bchan=1-15,17-31",
        "dchan=16",
        "echocanceller=mg2,1-15,17-31",
        "span=2,0,2,ccs,hdb3",
        "bchan=32-46,48-62",
        "dchan=47",
        "loadzone=cn",
        "defaultzone=cn",
    ]


def test_the_first_line_whose_far_end_gives_the_clock_is_the_first_choice() -> None:
    lines = "".join(f'[[span]]\naddress = "dahdi:{n}"\nclock = "{clock}"\n' for n, clock in
                    ((3, "far"), (1, "own"), (2, "far")))  # fmt: skip
    spans = [line for line in system('profile = "mx90"\n' + lines) if line.startswith("span=")]
    assert [line.split(",")[:2] for line in spans] == [["span=1", "0"], ["span=2", "1"], ["span=3", "2"]]


def test_dynamic_spans_are_made_before_channels_are_named() -> None:
    lines = system(DYNAMIC)
    assert lines[:2] == ["dynamic=eth,eth1/02:00:00:00:00:01/0,31,1", "dynamic=loc,1:0,31,0"]
    assert [line for line in lines if line.startswith("span=")] == ["span=1,0,0,ccs,hdb3,crc4"]
    assert "dchan=47" in lines
    modules = texts(plan(parse_config(DYNAMIC, "box.toml")))[MODULES].splitlines()[1:]
    assert modules == ["dahdi", "dahdi_dynamic_eth", "dahdi_dynamic_loc"]


def test_modules_are_those_of_the_echo_cancellers_but_the_cards_own() -> None:
    for name, module in (("mg2", ["dahdi_echocan_mg2"]), ("hwec", []), ("none", []), ("box", [])):
        text = TWO.replace('"mg2"', f'"{name}"')
        made = texts(plan(parse_config(text, "x")))
        assert made[MODULES].splitlines()[1:] == ["dahdi", *module]
        assert "=box," not in made[SYSTEM]


def test_the_same_configuration_gives_the_same_bytes_and_marks_them() -> None:
    first, second = (texts(plan(parse_config(TWO, "x"))) for _ in range(2))
    assert first == second
    assert all(is_ours(text) for text in first.values())
    assert not is_ours(first[SYSTEM].replace("crc4", "") + "#")
    assert not is_ours("span=1,1,0,ccs,hdb3\n")


@needs_dahdi_cfg
@pytest.mark.parametrize("text", [TWO, DYNAMIC])
def test_dahdi_cfg_takes_it(text: str, tmp_path: Path) -> None:
    config = parse_config(text, "box.toml")
    status, said = checked(texts(plan(config))[SYSTEM], tmp_path)
    assert status == 0, said
    channels = len(config.span) * 31
    assert f"{channels} channels to configure" in said
    assert said.count("D-channel") == len(config.span)


@needs_dahdi_cfg
@pytest.mark.parametrize(
    ("signalling", "words"),
    [
        ("r2", "CAS / User"),
        ("clear", "Clear channel"),
        ("stations", "FXO Kewlstart"),
        ("trunks", "FXS Kewlstart"),
        ("pri", "D-channel"),
    ],
)
def test_dahdi_cfg_takes_every_signalling(signalling: Signalling, words: str, tmp_path: Path) -> None:
    planned = Plan((PlannedSpan(1, signalling, 1, echo_canceller="oslec"),), "cn")
    status, said = checked(texts(planned)[SYSTEM], tmp_path)
    assert status == 0, said
    assert words in said


@needs_dahdi_cfg
@pytest.mark.parametrize("country", countries())
def test_dahdi_has_tones_for_every_country(country: str, tmp_path: Path) -> None:
    config = parse_config(f'country = "{country}"\n[[span]]\naddress = "dahdi:1"\n', "x")
    status, said = checked(texts(plan(config))[SYSTEM], tmp_path)
    assert status == 0, said


@needs_dahdi_cfg
def test_dahdi_cfg_would_say_so_if_it_were_wrong(tmp_path: Path) -> None:
    status, said = checked(texts(plan(parse_config(TWO, "x")))[SYSTEM].replace("crc4", "crc5"), tmp_path)
    assert status != 0
    assert "crc5" in said


def test_modprobe_reads_the_options(tmp_path: Path) -> None:
    place(texts(plan(parse_config(TWO, "x"))), tmp_path)
    tool = shutil.which("modprobe", path="/usr/sbin:/sbin:/usr/bin")
    if tool is None:
        pytest.skip("modprobe is not installed")
    argv = [tool, "-C", str((tmp_path / OPTIONS).parent), "--showconfig"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "options dahdi auto_assign_spans=1" in said
    assert "options wcte43x default_linemode=e1" in said


def test_what_a_person_wrote_is_kept_and_what_the_box_wrote_is_not(tmp_path: Path) -> None:
    file = tmp_path / SYSTEM
    file.parent.mkdir(parents=True)
    file.write_text("span=1,1,0,ccs,hdb3\n")
    first, second = (texts(plan(parse_config(text, "x"))) for text in (TWO, DYNAMIC))
    copy = file.with_name("system.conf.saved-1")
    done = {each.path: each for each in place(first, tmp_path)}
    assert done[file].kept == copy
    assert copy.read_text() == "span=1,1,0,ccs,hdb3\n"
    assert done[tmp_path / MODULES].kept is None
    assert not any(each.changed for each in place(first, tmp_path))
    assert {each.kept for each in place(second, tmp_path)} == {None}
    assert file.read_text() == second[SYSTEM]
    assert sorted(path.name for path in file.parent.iterdir()) == ["modules", "system.conf", "system.conf.saved-1"]


def test_what_a_person_changed_in_the_boxes_file_is_kept_under_the_next_name(tmp_path: Path) -> None:
    wanted = texts(plan(parse_config(TWO, "x")))
    file = tmp_path / SYSTEM
    for number, word in enumerate(("a", "b", "a"), 1):
        place(wanted, tmp_path)
        file.write_text(file.read_text() + f"# {word}\n")
        kept = next(each.kept for each in place(wanted, tmp_path) if each.path == file)
        assert kept == file.with_name(f"system.conf.saved-{1 if number == 3 else number}")
        assert kept.read_text().endswith(f"# {word}\n")


def test_a_text_that_is_no_utf8_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / SYSTEM
    file.parent.mkdir(parents=True)
    file.write_bytes(b"# \xb0\xa1\n")
    place({SYSTEM: marked("x\n")}, tmp_path)
    assert file.with_name("system.conf.saved-1").read_bytes() == b"# \xb0\xa1\n"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("no folder")
    with pytest.raises(DahdiSetupError, match=r"etc/dahdi/system.conf cannot be written") as caught:
        place({SYSTEM: "x"}, tmp_path)
    assert "--root" in caught.value.hint


def test_a_box_without_cards_is_told_so() -> None:
    with pytest.raises(DahdiSetupError, match="no span"):
        plan(parse_config("", "x"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[span]]\naddress = "dahdi:1"\n[[span]]\naddress = "dahdi:1?buffers=8"\n', "span[1].address"),
        ('[[span]]\naddress = "tdmoe:/a,/b"\necho_canceller = "mg2"\n', "span[0].echo_canceller"),
        ('[[span]]\naddress = "tdmoe:/a,/b"\ndynamic = "loc,1:0"\n', "span[0].dynamic"),
        ('[[span]]\naddress = "dahdi:1"\ndynamic = "loc,1:0"\n[[span]]\naddress = "dahdi:2"\n', "span[0].address"),
        ('[[span]]\naddress = "dahdi:1"\ndynamic = "usb,1"\n', "span[0].dynamic"),
        ('[[span]]\naddress = "dahdi:1"\ndynamic = "eth,eth1,x"\n', "span[0].dynamic"),
        ('[[span]]\naddress = "dahdi:1"\nline_build_out = 8\n', "span[0].line_build_out"),
        ('[[span]]\naddress = "dahdi:1"\necho_ms = 5\n', "span[0].echo_ms"),
    ],
)
def test_mistakes_are_named(text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config('profile = "mx90"\n' + text, "x")
    assert [mistake.key for mistake in caught.value.mistakes] == [key]


def test_the_command_shows_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    config, root = tmp_path / "box.toml", tmp_path / "root"
    config.write_text(TWO)
    assert main(["dahdi", "show", str(config), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["/etc/dahdi/system.conf", "/etc/dahdi/modules", "/etc/modprobe.d/mxbox-dahdi.conf"]
    assert main(["dahdi", "write", str(config), "--root", str(root)]) == 0
    assert capsys.readouterr().out.count(": written\n") == 3
    assert {f"/{path}": (root / path).read_text() for path in (SYSTEM, MODULES, OPTIONS)} == shown
    (root / SYSTEM).write_text("mine\n")
    assert main(["dahdi", "write", str(config), "--root", str(root)]) == 0
    said = capsys.readouterr().out
    assert "system.conf.saved-1" in said
    assert said.count(": as it was\n") == 2
    config.write_text('profile = "mx30"\n')
    assert main(["dahdi", "show", str(config)]) == 1
    assert "no span in this configuration is DAHDI's" in capsys.readouterr().err
