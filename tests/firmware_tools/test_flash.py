# SPDX-License-Identifier: GPL-2.0-or-later
"""Flashing is a fixpoint: whatever stood on a disk, and wherever the work was cut off, running it again ends it."""

import errno
import random
import subprocess
from pathlib import Path

import pytest

from firmware_tools import keeping
from firmware_tools.errors import ToolError
from firmware_tools.flash import Work
from firmware_tools.image import Image, Plan, plan_of
from firmware_tools.sizes import MIB
from tests.firmware_tools.rig import (
    SIZE,
    STICK,
    Dying,
    Killed,
    Loosing,
    Stick,
    Vanishing,
    Worn,
    Wrapping,
    image_of,
    is_right,
    make_image,
    silent,
    work,
)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return image_of(make_image(tmp_path_factory.mktemp("image")))


@pytest.fixture(scope="module")
def plan(image: Image) -> Plan:
    return plan_of(image, silent)


def test_an_empty_disk_becomes_the_image_and_a_second_run_writes_nothing(image: Image, plan: Plan) -> None:
    stick = Stick()
    assert work(stick, image).flash() > MIB
    assert bytes(stick.bytes[:SIZE]) == image.path.read_bytes()
    assert is_right(bytes(stick.bytes), plan)
    writes = stick.writes
    assert work(stick, image).flash() == 0
    assert stick.writes == writes


def test_only_what_differs_is_written(image: Image, plan: Plan) -> None:
    stick = Stick(content=image.path.read_bytes())
    stick.bytes[2 * MIB + 7] ^= 1
    again = Work(stick, image, plan, silent, keeps=True)
    assert again.flash() == MIB
    assert is_right(bytes(stick.bytes), plan)


def test_a_head_alone_that_differs_is_written_alone(image: Image, plan: Plan) -> None:
    stick = Stick(content=image.path.read_bytes())
    stick.bytes[100] ^= 1
    work(stick, image).flash()
    assert stick.writes == 1
    assert is_right(bytes(stick.bytes), plan)


def test_a_disk_full_of_something_else_keeps_no_second_table_at_its_end(image: Image, plan: Plan) -> None:
    stick = Stick(content=b"\xff" * STICK)
    work(stick, image).flash()
    assert is_right(bytes(stick.bytes), plan)
    assert stick.bytes[-4096:] == bytes(4096)


def test_an_image_as_large_as_the_disk_is_whole_at_its_end(image: Image) -> None:
    stick = Stick(SIZE)
    work(stick, image).flash()
    assert bytes(stick.bytes) == image.path.read_bytes()


@pytest.mark.parametrize("power_lost", [False, True], ids=["killed", "power lost"])
def test_cut_off_at_every_write_it_never_looks_whole_and_ends_when_run_again(
    image: Image, plan: Plan, power_lost: bool
) -> None:
    chance = random.Random(3)
    size = SIZE + MIB
    whole = Stick(size, image.path.read_bytes())
    whole.bytes[3 * MIB] ^= 1  # an older release, with a head that would start
    base, n, done = bytes(whole.bytes), 0, False
    while not done:
        stick = Stick(size, base)
        stick.kill_at = n
        try:
            work(stick, image, plan).flash()
            done = True
        except Killed:
            if power_lost:
                stick.lose_power(chance)
            starts, same = stick.bytes[:512] == plan.head[:512], bytes(stick.bytes) == base
            assert same or not starts or is_right(bytes(stick.bytes), plan), f"cut off at write {n}"
            stick.kill_at = -1
            work(stick, image, plan).flash()
        assert is_right(bytes(stick.bytes), plan)
        n += 1
    assert n > 30


# --- media that fail --------------------------------------------------------------------------------------------------


def told(stick: Stick, image: Image, *, keeps: bool = False) -> ToolError:
    made = work(stick, image)
    made.keeps = keeps
    with pytest.raises(ToolError) as failed:
        made.flash()
    return failed.value


@pytest.mark.parametrize("true", [2, 4, 8, 16])
@pytest.mark.parametrize("kind", [Wrapping, Loosing])
def test_a_counterfeit_is_named_with_what_it_holds(image: Image, kind: type[Wrapping], true: int) -> None:
    failed = told(kind(true * MIB), image)
    assert failed.code == "counterfeit"
    assert f"no more than {true * MIB / 1e6:.0f} MB" in failed.message


@pytest.mark.parametrize("kind", [Wrapping, Loosing])
def test_a_counterfeit_is_found_without_marks_by_what_is_read_back(image: Image, kind: type[Wrapping]) -> None:
    assert told(kind(4 * MIB), image, keeps=True).code in {"counterfeit", "bad_medium"}


def test_a_stick_that_keeps_nothing_is_worn_out(image: Image) -> None:
    assert told(Worn(content=b"\x55" * STICK), image).code == "worn"


@pytest.mark.parametrize("answer", [errno.EIO, errno.ENODEV, errno.ENXIO])
@pytest.mark.parametrize("after", [1, 20, 40])
def test_a_stick_that_is_pulled_out_is_told_so(image: Image, after: int, answer: int) -> None:
    failed = told(Vanishing(after, answer), image)
    assert failed.code == "vanished"
    assert "run the same again" in failed.hint


@pytest.mark.parametrize(
    "stick",
    [
        Dying(changes=3 * MIB + 9),
        Dying(unreadable=3 * MIB + 9),
        Dying(unwritable=3 * MIB + 9),
        Dying(changes=11 * MIB),  # a mark alone
    ],
    ids=["changes", "cannot be read", "cannot be written", "changes where no data is"],
)
def test_a_dying_stick_is_bad_and_its_place_is_named(image: Image, stick: Dying) -> None:
    failed = told(stick, image)
    assert failed.code == "bad_medium"
    assert f"at {(11 if stick.changes == 11 * MIB else 3) * MIB / 1e6:.0f} MB" in failed.message


def test_a_block_that_fails_once_is_written_again(image: Image, plan: Plan) -> None:
    stick = Dying(changes=3 * MIB + 4500, for_writes=2)
    work(stick, image).flash()
    assert is_right(bytes(stick.bytes), plan)


# --- images that are not what they should be --------------------------------------------------------------------------


def test_a_damaged_image_is_told_before_the_disk_is_touched(image: Image, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.img"
    content = bytearray(image.path.read_bytes())
    content[3 * MIB] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(ToolError, match="is damaged between"):
        plan_of(Image(damaged, image.map), silent)
    damaged.write_bytes(image.path.read_bytes()[: 2 * MIB])
    with pytest.raises(ToolError, match="ends too soon"):
        plan_of(Image(damaged, image.map), silent)


def zstd(content: bytes) -> bytes:
    return subprocess.run(["zstd", "-c"], input=content, capture_output=True, check=True).stdout


@pytest.mark.parametrize("frames", [1, 2])
def test_a_packed_image_is_the_same_image(image: Image, plan: Plan, tmp_path: Path, frames: int) -> None:
    content, packed = image.path.read_bytes(), tmp_path / "mxbox.img.zst"
    parts = [content[: 5 * MIB], content[5 * MIB :]] if frames == 2 else [content]
    packed.write_bytes(b"".join(map(zstd, parts)))
    assert plan_of(Image(packed, image.map), silent) == plan
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ToolError) as failed:
        plan_of(Image(packed, image.map), silent)
    assert failed.value.code in {"short_image", "damaged_image"}
    packed.write_bytes(b"something else" * 1000)
    with pytest.raises(ToolError, match="is damaged"):
        plan_of(Image(packed, image.map), silent)


# --- data that stay ---------------------------------------------------------------------------------------------------


@pytest.fixture
def used(image: Image) -> Stick:
    """A disk of a box that has been at work: its last partition grown, with data."""
    stick = Stick(content=image.path.read_bytes())
    path = image.path.with_name("used.img")
    path.write_bytes(stick.bytes)
    subprocess.run(["sfdisk", "-q", "-N5", path], input=", +", text=True, check=True)
    stick.bytes[:] = path.read_bytes()
    path.unlink()
    stick.bytes[8 * MIB : 30 * MIB] = random.Random(9).randbytes(22 * MIB)
    return stick


def test_data_of_a_box_stay_and_all_else_becomes_the_new_image(used: Stick, image: Image, tmp_path: Path) -> None:
    new = image_of(make_image(tmp_path, seed=2))
    before, whole = bytes(used.bytes), plan_of(new, silent)
    n, done = 0, False
    while not done:
        stick = Stick(content=before)
        stick.kill_at = n
        try:
            flash_kept(stick, new, whole)
            done = True
        except Killed:
            stick.kill_at = -1
            flash_kept(stick, new, whole)
        n += 1
        after, wanted = bytes(stick.bytes), new.path.read_bytes()
        assert after[8 * MIB :] == before[8 * MIB :]
        assert after[512:17408] == before[512:17408]
        assert after[:512] == wanted[:512]
        assert after[MIB : 5 * MIB] == wanted[MIB : 5 * MIB]
    assert n > 4


def flash_kept(stick: Stick, new: Image, whole: Plan) -> None:
    plan, blank = keeping.kept(whole, stick.read(0, MIB))
    Work(stick, new, plan, silent, blank=blank, keeps=True).flash()


def test_a_disk_without_these_partitions_cannot_keep_its_data(image: Image, plan: Plan, used: Stick) -> None:
    with pytest.raises(ToolError, match="no partitions of an MXBox"):
        keeping.kept(plan, bytes(MIB))
    table = "label: gpt\nsize=2MiB, name=bios\nsize=3MiB, name=root-a\nsize=2MiB, name=state\n"
    other = image.path.with_name("other.img")
    other.write_bytes(bytes(STICK))
    subprocess.run(["sfdisk", "-q", other], input=table, text=True, check=True, capture_output=True)
    with pytest.raises(ToolError, match="partition bios lies elsewhere"):
        keeping.kept(plan, other.read_bytes()[:MIB])
    torn = bytearray(used.bytes[:MIB])
    torn[600] ^= 1
    with pytest.raises(ToolError, match="no partitions"):
        keeping.kept(plan, bytes(torn))
