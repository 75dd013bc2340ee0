# SPDX-License-Identifier: GPL-2.0-or-later
"""Write `schema.json`, the published JSON Schema of the configuration: `python -m appliance.config.schema`."""

import json
from pathlib import Path

from appliance.config.load import schema

if __name__ == "__main__":
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
