"""What the sandbox folder holds between two runs: the state, whose it is, and the clock."""

import hashlib
import json
import os
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import SandboxError
from sandbox.folder import Folder, write_private
from sandbox.store import FORMAT, Store
from sandbox.world import Workspace, World

_WORLD = "world"
_MASKED = {"private_key", "digest", "token_sha256"}  # what opens something, and what credentials are checked against


def open_state(folder: Folder) -> Store:
    """The state of a folder, readable by its owner only; SandboxError when another version made it."""
    folder.create()
    # SQLite gives its side files the permissions of the file itself.
    os.close(os.open(folder.state, os.O_RDWR | os.O_CREAT, 0o600))
    store = Store(folder.state)
    if store.format != FORMAT:
        store.close()
        raise SandboxError(
            f"The state in {folder.root} was made by another version: run `python -m sandbox reset` to begin anew."
        )
    return store


def world_of(store: Store) -> World | None:
    """The world that the state was seeded for, or None before that."""
    fact: dict[str, Any] | None = store.fact(_WORLD)
    if fact is None:
        return None
    return World(**{**fact, "workspaces": tuple(Workspace(**workspace) for workspace in fact["workspaces"])})


def note_world(store: Store, world: World) -> None:
    """Say whose state this is."""
    store.note(_WORLD, asdict(world))


def read_offset(folder: Folder) -> float:
    """By how many seconds the sandbox's clock was moved."""
    try:
        return float(folder.clock.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0.0


def write_offset(folder: Folder, seconds: float) -> None:
    """Keep the clock where it was moved to."""
    write_private(folder.clock, f"{seconds}\n")


def now_if_moved(folder: Folder) -> datetime | None:
    """The sandbox's time, when that is not the machine's."""
    offset = read_offset(folder)
    return Clock(timedelta(seconds=offset)).now() if offset else None


def masked(value: Any) -> Any:
    """A copy in which what opens something is shortened to a hash: still different when it differs."""
    if isinstance(value, dict):
        return {name: _digest(item) if name in _MASKED else masked(item) for name, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def _digest(value: Any) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]}"
