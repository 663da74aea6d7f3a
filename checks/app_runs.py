"""`python -m checks.app_runs`: runs the app once per environment that stdin lists, in one process.

Most of a run is loading the providers' bindings, which is done once here. After each run a line of JSON says how it
ended: null, or the app's own words.
"""

import contextlib
import io
import json
import os
import runpy
import sys
from collections.abc import Mapping


def run(environ: Mapping[str, str]) -> str | None:
    """Run main.py in the current folder as if by itself; its words when it fails."""
    said = io.StringIO()
    os.environ.clear()
    os.environ.update(environ)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            runpy.run_path("main.py", run_name="__main__")
    except SystemExit as end:
        return None if not end.code else str(end.code)
    except Exception as error:
        return f"{said.getvalue()}{type(error).__name__}: {error}".strip()
    return None


if __name__ == "__main__":
    for each in json.load(sys.stdin):
        print(json.dumps(run(each)), flush=True)  # noqa: T201 - what the caller reads
