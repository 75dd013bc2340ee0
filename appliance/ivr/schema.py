# SPDX-License-Identifier: GPL-2.0-or-later
"""The published JSON schema of flows, for editors of TOML: `python -m appliance.ivr.schema` writes it anew."""

import json
from pathlib import Path
from typing import Any, Final

from appliance.ivr.flow import Flow
from appliance.schemas import json_schema

SCHEMA: Final = Path(__file__).with_name("schema.json")


def schema() -> dict[str, Any]:
    """Return the schema of the types."""
    return json_schema(Flow, title="MXBox flow")


def text() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), "utf-8")
