"""`python -m settings` prints the JSON Schema of mlops.yaml, for editors."""

import json
import sys

from settings.model import Config


def schema() -> str:
    """The JSON Schema as the committed file holds it."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
