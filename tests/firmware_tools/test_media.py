# SPDX-License-Identifier: GPL-2.0-or-later
"""Flashing beside bmaptool(1), on files and on block devices of the kernel's."""

import os
import subprocess
from pathlib import Path

import pytest

from firmware_tools import blockmap
from firmware_tools.errors import ToolError
from firmware_tools.image import Image, plan_of
from firmware_tools.medium import opened
from firmware_tools.sizes import MIB
from tests.firmware_tools.rig import STICK, disk_at, image_of, is_right, loop_device, make_image, silent, work


def can_loop() -> bool:
    """Return whether this machine lets us make block devices of files."""
    if os.geteuid():
        return False
    free = subprocess.run(["losetup", "-f"], capture_output=True, text=True, check=False)
    return free.returncode == 0 and Path(free.stdout.strip()).exists()


loops = pytest.mark.skipif("not can_loop()", reason="block devices of files want root and a kernel that has them")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return image_of(make_image(tmp_path))


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.touch()
    os.truncate(path, STICK)
    return path


def test_a_map_is_that_of_bmaptool(image: Image, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.bmap"
    subprocess.run(["bmaptool", "create", "-o", theirs, image.path], check=True, capture_output=True)
    assert blockmap.parse(theirs.read_bytes(), "theirs") == image.map
    assert blockmap.parse(blockmap.written(image.map), "ours") == image.map


def bmaptool_copies(image: Image, target: Path) -> None:
    map_file = image.path.with_suffix(".img.bmap")
    map_file.write_bytes(blockmap.written(image.map))
    copied = subprocess.run(
        ["bmaptool", "copy", "--bmap", map_file, image.path, target], capture_output=True, text=True, check=False
    )
    assert copied.returncode == 0, copied.stderr


def test_a_file_becomes_the_same_as_by_bmaptool_with_our_map(image: Image, stick: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    bmaptool_copies(image, theirs)  # makes a file as long as the image
    with opened(disk_at(str(stick), STICK), writing=True) as medium:
        work(medium, image).flash()
    assert stick.read_bytes() == theirs.read_bytes().ljust(STICK, b"\0")


@loops
def test_a_block_device_becomes_the_same_as_by_bmaptool(image: Image, stick: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_bytes(bytes(STICK))
    with loop_device(theirs) as device:
        bmaptool_copies(image, Path(device))
    with loop_device(stick) as device:
        with opened(disk_at(device, STICK), writing=True) as medium:
            work(medium, image).flash()
        with opened(disk_at(device, STICK), writing=False) as medium:
            assert not work(medium, image).wrong("compare")
            assert work(medium, image).head_is_right()
    assert stick.read_bytes() == theirs.read_bytes()


@loops
def test_what_is_read_back_is_what_the_medium_holds_not_what_the_kernel_remembers(image: Image, stick: Path) -> None:
    """The file below a device is changed behind the kernel's back, as a bad medium changes what was written."""
    plan = plan_of(image, silent)
    with loop_device(stick) as device, opened(disk_at(device, STICK), writing=True) as medium:
        work(medium, image).flash()
        with stick.open("r+b") as file:
            file.seek(2 * MIB + 100)
            file.write(b"changed")
            os.fsync(file.fileno())
        assert [piece.place for piece in work(medium, image, plan).wrong("compare")] == [2 * MIB]
        assert work(medium, image, plan).flash() > 0
    assert is_right(stick.read_bytes(), plan)


@loops
def test_a_disk_that_is_in_use_or_another_by_now_is_not_opened(stick: Path) -> None:
    with loop_device(stick) as device:
        with pytest.raises(ToolError) as failed, opened(disk_at(device, STICK, number="8:0"), writing=True):
            pass
        assert failed.value.code == "another_disk"
        with pytest.raises(ToolError) as failed, opened(disk_at(device, 2 * STICK), writing=True):
            pass
        assert failed.value.code == "another_disk"
        held = os.open(device, os.O_RDWR | os.O_EXCL)  # as a mounted file system holds it
        try:
            with (
                pytest.raises(ToolError, match="cannot be opened") as failed,
                opened(disk_at(device, STICK), writing=True),
            ):
                pass
        finally:
            os.close(held)
        assert failed.value.hint == "the system has it in use: unmount it"


@loops
def test_a_disk_that_grew_smaller_while_it_is_written_has_vanished(image: Image, stick: Path) -> None:
    """The kernel answers reads behind the end as it does for a stick that was pulled out."""
    with loop_device(stick) as device, opened(disk_at(device, STICK), writing=True) as medium:
        os.truncate(stick, 0)
        subprocess.run(["losetup", "-c", device], check=True)
        with pytest.raises(ToolError) as failed:
            work(medium, image).flash()
        assert failed.value.code == "vanished"
