"""The app whose world the sandbox plays when nobody names a file: asked by its own command, in a process of its own.

What it said is kept in the sandbox's folder as long as the state that was seeded by it. While its source and the
variables that it reads are the same, commands take it from there: asking costs more than all else that `run` does.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.description import Description
from sandbox.environment import MARKER
from sandbox.errors import SandboxError
from sandbox.folder import Folder, app_folder, write_private

_COMMAND = ("settings", "world")
_FILE = "file "
_VARIABLES = "MLOPS_"
_NOT_ABOUT_THE_WORLD = ("MLOPS_NOW", "MLOPS_SANDBOX")


@dataclass(frozen=True, slots=True)
class Described:
    """A description with what tells whether it still holds: `asked` names who was asked, and with which variables."""

    description: Description
    document: Mapping[str, Any]
    asked: str
    kept: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any], asked: str, *, kept: bool = False) -> "Described":
        """A valid document."""
        return cls(Description.of(document), document, asked, kept)

    def keep(self, folder: Folder) -> None:
        """Keep it beside the state that was seeded by it."""
        if not self.kept:
            write_private(folder.world, json.dumps({"asked": self.asked, "document": self.document}))


def describe(folder: Folder, world: Path | None, environ: Mapping[str, str] = os.environ) -> Described:
    """The world that a file describes, or without one the app; where there is no app, the one that was kept.

    SandboxError with the faults of the file, or with those that the app finds in its own configuration.
    """
    if world is not None:
        from sandbox.world_file import read  # slow to import, for it validates

        return Described.of(read(world), f"{_FILE}{world.absolute()}")
    app = app_folder()
    if app is not None:
        return Described.of(_said(app, environ), _asked(app, environ))
    kept = _kept(folder)
    if kept is None:
        raise SandboxError(
            "There is no app here whose world the sandbox could play: "
            "name a file that describes one with --world (its form is that of `python -m sandbox schema`)."
        )
    return kept


def remembered(folder: Folder, environ: Mapping[str, str] = os.environ) -> Described | None:
    """The description that the state was seeded by: that of a file always, that of the app as long as it holds."""
    kept, app = _kept(folder), app_folder()
    if kept is None or app is None or kept.asked.startswith(_FILE):
        return kept
    source = kept.document.get("source")
    holds = source is not None and _digest(Path(source["file"])) == source["sha256"]
    return kept if holds and kept.asked == _asked(app, environ) else None


def _kept(folder: Folder) -> Described | None:
    if not folder.state.exists():
        return None
    try:
        kept = json.loads(folder.world.read_text(encoding="utf-8"))
        return Described.of(kept["document"], kept["asked"], kept=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _asked(app: Path, environ: Mapping[str, str]) -> str:
    read = {
        name: value
        for name, value in environ.items()
        if name.startswith(_VARIABLES) and name not in _NOT_ABOUT_THE_WORLD
    }
    return f"app {app} {hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()}"


def _said(app: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    paths = os.pathsep.join(filter(None, (str(app), environ.get("PYTHONPATH"))))
    done = subprocess.run(
        # Without the current folder on the path: it may be an ML repository.
        [sys.executable, "-P", "-m", *_COMMAND],
        env={**environ, "PYTHONPATH": paths, MARKER: "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SandboxError(done.stderr.strip() or f"python -m {' '.join(_COMMAND)} failed and said nothing")
    from sandbox.world_file import parse  # slow to import, for it validates

    return parse(done.stdout, name=f"python -m {' '.join(_COMMAND)}")


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
