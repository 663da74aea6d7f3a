"""From a folder and a process environment to Settings."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from faults import Fault, FaultsError
from settings.invocation import CONFIG_VARIABLE, DESTROY_VARIABLE, Invocation, read_invocation, variable_fault
from settings.reading import Source, read
from settings.resolved import Settings, resolve
from settings.validation import check


def load(*, folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read mlops.yaml, or the file that MLOPS_CONFIG names, relative to `folder`.

    `environ` is the process environment unless given.
    Raises FaultsError with every fault of the file and of the MLOPS_ variables.
    """
    invocation = read_invocation(os.environ if environ is None else environ, clock=datetime.now(UTC))
    path = folder / invocation.config
    source = read(_text(path, invocation.config), file=invocation.config)
    config, faults = check(source)
    faults += _of_this_run(source, invocation)
    if faults or config is None:
        raise FaultsError(faults)
    return resolve(config, path=path, invocation=invocation)


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        found, remedy = "no such file", f"create it, or set {CONFIG_VARIABLE} to the file to read"
    except IsADirectoryError:
        found, remedy = "a folder", f"set {CONFIG_VARIABLE} to the file itself"
    except UnicodeDecodeError:
        found, remedy = "bytes that are not UTF-8", "save it as UTF-8"
    except OSError as error:
        found, remedy = error.strerror or "a file that cannot be read", "make it readable"
    raise FaultsError([Fault(name, 0, 0, "", found, "a readable YAML file", remedy)])


def _of_this_run(source: Source, invocation: Invocation) -> list[Fault]:
    """Faults that depend on how the run was started."""
    faults = []
    state = source.data.get("state", {})
    kind = state.get("type", "local") if isinstance(state, dict) else None
    if kind == "local" and invocation.ci and not invocation.sandbox:
        place = source.position(("state", "type"))
        faults.append(
            Fault(
                place.file,
                place.line,
                place.column,
                "state.type",
                found="local, with CI set in the environment",
                allowed="a remote state in CI: s3, azurerm, gcs or http",
                remedy="configure one: a local state dies with the runner, and the next run makes a second principal",
            )
        )
    stacks = {"repository", *(source.data.get("environments") or {})}
    unknown = sorted(invocation.allow_destroy - stacks)
    if unknown:
        faults.append(
            variable_fault(
                DESTROY_VARIABLE,
                found=", ".join(unknown),
                allowed=", ".join(sorted(stacks)),
                remedy="list names of stacks, separated by commas",
            )
        )
    return faults
