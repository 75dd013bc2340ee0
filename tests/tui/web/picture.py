# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of the terminal in a browser, for the documents: `python -m tests.tui.web.picture FILE [LANGUAGE]`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench.web import BusyBox
from tests.tui.web.chromium import page
from tests.tui.web.rig import box

WIDTH, HEIGHT = 1000, 580


async def picture(folder: Path, language: str) -> bytes:
    async with box(folder, {}, "tui.web.show:show") as gate:
        served = asyncio.ensure_future(BusyBox(Path(gate.served.gate.control), 2).serve())
        async with page(folder / "chromium", gate.certificate, WIDTH, HEIGHT) as tab:
            await tab.go(f"{gate.origin}/sign-in?language={language}")
            await tab.run("document.querySelector('[name=user]').value = 'li'")
            await tab.click("[name=password]")
            await tab.call("Input.insertText", text="il")
            await tab.click("button[value=terminal]")
            await tab.until("3411")
            await asyncio.sleep(1)  # xterm.js draws a little after it has taken the text
            taken = await tab.picture()
        served.cancel()
    return taken


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        taken = asyncio.run(picture(Path(place), sys.argv[2] if len(sys.argv) > 2 else "en"))
    Path(sys.argv[1]).write_bytes(taken)
