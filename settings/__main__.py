"""What is made from mlops.yaml's models and from the file itself.

`python -m settings check` reads mlops.yaml and the ML project as every synthesis does, and names the stacks that they
make, without starting what synthesizes them. `schema` prints the JSON Schema of mlops.yaml, `document`
docs/settings.md, `repository` the ML repository that mlops.yaml names, for workflows that check it out, `world` the
world that mlops.yaml describes, for the sandbox to play.
"""

import json
import sys
from pathlib import Path

from safe_text.media import line
from safe_text.terminal import clean_tracebacks, show, stop
from settings.document import document
from settings.faults import FaultsError
from settings.loading import load, named_repository
from settings.model import Config
from settings.world import world


def check() -> str:
    """The stacks that would be made; ends the process with every fault of mlops.yaml and of the ML project."""
    try:
        stacks = load(folder=Path(__file__).parent.parent).stacks
    except FaultsError as faults:
        stop(str(faults))
    return f"no faults; {len(stacks)} stacks: {', '.join(map(line, stacks))}\n"


def schema() -> str:
    """The JSON Schema as the committed file holds it."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


def repository() -> str:
    """The ML repository; ends the process with the faults of mlops.yaml."""
    try:
        # One line in $GITHUB_OUTPUT, whatever it holds.
        return f"{line(named_repository(folder=Path(__file__).parent.parent))}\n"
    except FaultsError as faults:
        stop(str(faults))


def described_world() -> str:
    """The world of mlops.yaml; ends the process with the faults of the file."""
    try:
        return json.dumps(world(folder=Path(__file__).parent.parent), indent=2) + "\n"
    except FaultsError as faults:
        stop(str(faults))


if __name__ == "__main__":
    clean_tracebacks()
    printers = {
        "check": check,
        "schema": schema,
        "document": document,
        "repository": repository,
        "world": described_world,
    }
    if len(sys.argv) != 2 or sys.argv[1] not in printers:
        stop(f"usage: python -m settings {'|'.join(printers)}")
    show(printers[sys.argv[1]]())
