# SPDX-License-Identifier: GPL-2.0-or-later
"""The language of docstrings and comments: the field's verbs and nouns first, no riddles."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

DONE = ("appliance", "drivers", "dsp", "firmware_tools", "hw_sim", "image", "lab", "tui")
"""Packages whose language is held."""

DENIED = re.compile(
    r"(?:Believe|Brings?|Decides|Does|Drives|Finds|Gives?|Has|Have|Hears?|Is|Keeps|Knows?|Lets?|Makes|May|Nobody"
    r"|Nothing|Obeys|Opens|Prints|Puts|Reads|Returns|Says?|Sends|Somebody|Someone|Something|Speaks?|Takes|Tells?|What"
    r"|Whatever|Who|Whoever|Whom|Whose)\b"
)
"""First words that no docstring has: a function begins with its verb (Return, Send, Start), a value with a noun."""
DENIED_OF_FUNCTIONS = re.compile(r"(?:Can|Could|How|Should|Whether|Which|Why|Would)\b")
"""`Whether the span is in service` is a value's or a property's; a function begins with Return."""

RIDDLES = re.compile(
    r"\b(?:nobody|no one|somebody|someone|whoever|whomever)\b"
    r"|(?:^|(?<=[.:;] ))whom?\b"
    r"|\bwhat (?:came|comes|goes|stands there)\b",
    re.IGNORECASE,
)
"""Words that leave the reader to guess which thing is meant."""

ALLOWED: dict[str, str] = {}
"""Texts that a rule would refuse, by their beginning: why they stay."""


class Text(NamedTuple):
    """A docstring or a comment. `kind`: function, value (types, modules and properties, too) or comment."""

    line: int
    kind: str
    words: str


def docstrings(source: str) -> Iterator[Text]:
    """Yield the docstrings of modules, types, functions and values."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for place, each in enumerate(body if isinstance(body, list) else ()):
            if (
                isinstance(each, ast.Expr)
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            ):
                kind = "function" if is_function(node) and not place else "value"
                yield Text(each.lineno, kind, " ".join(each.value.value.split()))


def is_function(node: ast.AST) -> bool:
    """Return whether a node is a function, and no property."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def comments(source: str) -> Iterator[Text]:
    """Yield the comments, each line by itself."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], "comment", token.string.lstrip("# "))


@cache
def texts() -> dict[str, list[Text]]:
    """Return the docstrings and comments of the rooms that are done, by file."""
    found = [ROOT / place for place in DONE]
    files = sorted(file for place in found for file in ([place] if place.suffix else place.rglob("*.py")))
    sources = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    return {file: [*docstrings(source), *comments(source)] for file, source in sources.items()}


def bad_beginning(text: Text) -> str:
    """Return the denied first word of a docstring, '' if it has none."""
    found = text.kind != "comment" and DENIED.match(text.words)
    found = found or (text.kind == "function" and DENIED_OF_FUNCTIONS.match(text.words))
    return found[0] if found else ""


def riddle(text: Text) -> str:
    """Return the first riddle of a text, '' if it has none."""
    found = RIDDLES.search(text.words)
    return found[0] if found else ""


def is_allowed(text: Text) -> bool:
    """Return whether a text is one of the exceptions."""
    return any(text.words.startswith(beginning) for beginning in ALLOWED)


@pytest.mark.parametrize("rule", [bad_beginning, riddle])
def test_docstrings_and_comments_speak_the_fields_language(rule: Callable[[Text], str]) -> None:
    wrong = [
        f"{file}:{text.line}: {found!r} in {text.words[:80]!r}"
        for file, each in texts().items()
        for text in each
        if (found := rule(text)) and not is_allowed(text)
    ]
    assert not wrong


def test_every_room_that_is_done_is_there() -> None:
    assert [place for place in DONE if not (ROOT / place).exists()] == []
    assert sum(len(each) for each in texts().values()) > 2000


def test_each_exception_is_needed() -> None:
    every = [text.words for each in texts().values() for text in each]
    assert [start for start in ALLOWED if not any(words.startswith(start) for words in every)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f():\n    """Give the next leg."""', "Give"),
        ('def f():\n    """Tell whether it is up."""', "Tell"),
        ('def f():\n    """Whether it is up."""', "Whether"),
        ('class A:\n    """What the driver says."""', "What"),
        ('x = 1\n"""Who calls."""', "Who"),
        ('x = 1\n"""Whether it is up."""', ""),
        ('class A:\n    @property\n    def up(self):\n        """Whether it is up."""', ""),
        ('def f():\n    """Return the next leg."""', ""),
        ("x = 1  # Tell it", ""),
    ],
)
def test_first_words_are_judged_by_what_they_describe(source: str, found: str) -> None:
    assert [bad_beginning(text) for text in (*docstrings(source), *comments(source))] == [found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Unless somebody takes it, the phone rings.", "somebody"),
        ("It is parked. Who waits is not forgotten.", "Who"),
        ("Drop what comes of it.", "what comes"),
        ("The agent who answered.", ""),
        ("The call that waits.", ""),
    ],
)
def test_a_riddle_is_found(words: str, found: str) -> None:
    assert [riddle(text) for text in comments(f"# {words}\n")] == [found]
