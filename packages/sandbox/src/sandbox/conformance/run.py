"""The run: a scratch, every trial in it, and the scratch cleared away again, come what may."""

import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from sandbox.conformance.client import Got, Workspace
from sandbox.conformance.fence import Fenced
from sandbox.conformance.placing import Sent
from sandbox.conformance.probes import PROBES, UNITY_CATALOG, Scratch
from sandbox.conformance.trials import Trial, trials
from sandbox.errors import SandboxError

_PREFIX = "sandbox_conformance"


@dataclass(frozen=True, slots=True)
class Difference:
    """A trial that the workspace answers differently from the sandbox."""

    trial: Trial
    got: Got


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: how many trials, the differences, and what could not be cleared away."""

    tried: int
    differences: tuple[Difference, ...]
    left: tuple[str, ...]


def plan(workspace: Workspace, catalog: str) -> Scratch:
    """The scratch that a run would use; only who the caller is is asked for."""
    me = workspace.ask(Sent("GET", "/api/2.0/preview/scim/v2/Me"))
    if not me.accepted:
        raise SandboxError(f"the workspace does not say who logs in: {me}.")
    name = f"{_PREFIX}_{secrets.token_hex(6)}"
    return Scratch(catalog, name, f"/Users/{me.body.get('userName', '')}")


def announced(scratch: Scratch) -> Iterator[str]:
    """What a run will do, line by line."""
    yield f"makes the schema {scratch.catalog}.{scratch.name} and the folder {scratch.folder}"
    for probe in PROBES:
        if probe.makes:
            yield f"makes and removes {probe.makes} (named {scratch.name}...)"
    yield "starts nothing, changes nothing that exists, and removes all that it made at the end or on Ctrl-C"


def run(workspace: Workspace, scratch: Scratch, say: Callable[[str], None]) -> Outcome:
    """Try everything; KeyboardInterrupt and errors go on to the caller once all is cleared away."""
    fenced = Fenced(workspace, scratch)
    made: list[tuple[str, Sent]] = []
    left: list[str] = []
    differences: list[Difference] = []
    tried = 0
    with _between_requests() as check, _cleared(fenced, scratch, made, left, say):
        _set_up(fenced, scratch, made)
        for trial in trials(scratch):
            check()
            got = _tried(fenced, scratch, trial, made)
            tried += 1
            if not _as_expected(trial, got):
                differences.append(Difference(trial, got))
                say(f"DIFFERS {trial.title}: sandbox {trial.expected}, here {got}")
    return Outcome(tried, tuple(differences), tuple(left))


def _tried(workspace: Workspace, scratch: Scratch, trial: Trial, made: list[tuple[str, Sent]]) -> Got:
    got = workspace.ask(trial.sent)
    drop = trial.probe.drops(scratch, trial.sent, got.body) if trial.probe and got.accepted else None
    if drop is None and got.accepted and trial.sent.path.endswith("/jobs/create"):
        drop = Sent("POST", trial.sent.path.removesuffix("create") + "delete", body={"job_id": got.body["job_id"]})
    if drop is not None:
        made.append((trial.title, drop))
        if workspace.ask(drop).accepted:
            made.pop()
    return got


def _as_expected(trial: Trial, got: Got) -> bool:
    expected = trial.expected
    if not expected.status:
        return got.accepted
    return got.status == expected.status and expected.code in ("", got.code)


def _set_up(workspace: Workspace, scratch: Scratch, made: list[tuple[str, Sent]]) -> None:
    """Make the scratch; what will remove it is noted first."""
    name = f"{scratch.catalog}.{scratch.name}"
    drop = Sent("DELETE", UNITY_CATALOG + "/schemas/{full_name}", {"full_name": name}, {"force": "true"})
    made.append((f"schema {name}", drop))
    schema = Sent("POST", UNITY_CATALOG + "/schemas", body={"catalog_name": scratch.catalog, "name": scratch.name})
    _needed(workspace, schema, f"the schema {name}")
    removal = Sent("POST", "/api/2.0/workspace/delete", body={"path": scratch.folder, "recursive": True})
    made.append((f"folder {scratch.folder}", removal))
    folder = Sent("POST", "/api/2.0/workspace/mkdirs", body={"path": scratch.folder})
    _needed(workspace, folder, f"the folder {scratch.folder}")


def _needed(workspace: Workspace, sent: Sent, what: str) -> None:
    got = workspace.ask(sent)
    if not got.accepted:
        raise SandboxError(f"{what} cannot be made: {got}.")


@contextmanager
def _between_requests() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C wait for the answer that is under way: what was made must be known to be removed."""
    pressed: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = {one: signal.signal(one, remember) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _cleared(
    workspace: Workspace, scratch: Scratch, made: list[tuple[str, Sent]], left: list[str], say: Callable[[str], None]
) -> Iterator[None]:
    """Remove what was made, the newest first, whatever ends the run; what stays is said."""
    try:
        yield
    except SandboxError:
        # An answer that never came may have been the answer to a creation.
        say(f"look for names that begin with {scratch.name}")
        raise
    finally:
        for what, drop in reversed(made):
            try:
                got = workspace.ask(drop)
            except SandboxError as error:
                left.append(f"{what}: {error}")
            else:
                if not got.accepted and got.status != 404:
                    left.append(f"{what}: {got}")
        for one in left:
            say(f"LEFT {one}")
