# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON Schemas of our types, the same whatever msgspec makes of docstrings: some versions trim them, some do not."""

import inspect
from typing import Any, Final

import msgspec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: type[Any], **more: str) -> dict[str, Any]:
    """Return the schema of a type; `more` are keywords of its first level, such as `title`."""
    return {"$schema": DIALECT, **more, **plain(msgspec.json.schema(kind))}


def plain(schema: Any) -> Any:
    """Return a schema with every description trimmed as PEP 257 says."""
    if isinstance(schema, dict):
        return {key: _described(key, value) for key, value in schema.items()}
    return [plain(each) for each in schema] if isinstance(schema, list | tuple) else schema


def _described(key: str, value: Any) -> Any:
    return inspect.cleandoc(value).strip() if key == "description" and isinstance(value, str) else plain(value)
