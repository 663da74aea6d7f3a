"""`python -m settings schema` prints the JSON Schema of mlops.yaml, `python -m settings document` docs/settings.md."""

import json
import sys

from settings.document import document
from settings.model import Config


def schema() -> str:
    """The JSON Schema as the committed file holds it."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    printers = {"schema": schema, "document": document}
    if len(sys.argv) != 2 or sys.argv[1] not in printers:
        sys.exit(f"usage: python -m settings {'|'.join(printers)}")
    sys.stdout.write(printers[sys.argv[1]]())
