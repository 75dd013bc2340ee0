# SPDX-License-Identifier: GPL-2.0-or-later
"""The benches are named, run and judged by one command; what they measure is tested where it is built."""

import importlib
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store.database import open_reader
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from tests.bench.__main__ import BENCHES, main
from tests.bench.books import questions, write_books


def test_a_bench_runs_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["million", "--calls", "50"]) == 0
    said = capsys.readouterr().out
    assert "calls/s of wall time" in said
    assert "ledger           in balance" in said
    assert "million: as promised" in said


def test_all_are_listed_and_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    said = capsys.readouterr().out
    for name, bench in BENCHES.items():
        assert f"{name:12}{bench.headline}" in said
        assert callable(importlib.import_module(bench.module).main)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["spans", "nonsense"], "no bench named nonsense; there are: spans, "),
        (["spans", "million", "--calls", "5"], "--calls 5: options go with the name of one bench"),
    ],
)
def test_a_wrong_line_is_explained(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_the_bench_of_the_books_writes_are_books_in_balance(tmp_path: Path) -> None:
    write_books(tmp_path / "store.db", 2500)
    with closing(open_reader(tmp_path / "store.db")) as connection:
        result = Ledger(connection, idle=True).check()
        assert result.balanced, result.findings
        assert {name for name, ask in questions(2500).items() if not ask(Reads(connection))} == {"status: crashes"}
