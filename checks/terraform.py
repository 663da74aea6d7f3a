"""Terraform, run on synthesized stacks to look and never to change: no lock is taken, no state is written."""

import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.synthesized import Stack

_BINARY = "TERRAFORM_BINARY_NAME"  # cdktf's name for it
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_BOX = re.compile(r"^[│╷╵] ?", re.MULTILINE)
_ERROR = re.compile(r"^Error: (?P<summary>.+(?:\n(?!\n).+)*)", re.MULTILINE)
_MAX_WORDS = 300


class TerraformError(Exception):
    """Terraform failed; the text is its first error in one sentence, without a full stop."""


@dataclass(frozen=True, slots=True)
class StateResource:
    """A resource that a state holds, by its address and the id that its provider knows it by.

    `attributes` may hold secrets: it is not shown.
    """

    address: str
    type: str
    id: str
    attributes: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"StateResource(address={self.address!r}, id={self.id!r})"


class Terraform:
    """The Terraform or OpenTofu that cdktf would run, with the same plugin cache."""

    # Two that fill one plugin cache at the same time spoil it (https://developer.hashicorp.com/terraform/cli/config).
    _cache = threading.Lock()

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {
            **environ,
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **_plugin_cache(environ),
        }

    def initialize(self, stack: Stack) -> None:
        """Install the providers and open the state, unless that is done; TerraformError when it fails."""
        if (stack.folder / ".terraform").exists() and (stack.folder / ".terraform.lock.hcl").exists():
            return
        with self._cache if "TF_PLUGIN_CACHE_DIR" in self._environ else nullcontext():
            self._run(stack.folder, "init", "-no-color")

    def state(self, stack: Stack) -> tuple[StateResource, ...]:
        """What the stack's state holds; nothing when the stack was never deployed."""
        return _held(self.pulled(stack))

    def pulled(self, stack: Stack) -> dict[str, Any]:
        """The stack's state as it is stored, which holds secrets; empty when the stack was never deployed."""
        self.initialize(stack)
        pulled = self._run(stack.folder, "state", "pull")
        state: dict[str, Any] = json.loads(pulled) if pulled.strip() else {}
        return state

    def plan(self, stack: Stack, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
        """An ordinary plan as JSON, which holds secrets; `environ` is added to the environment."""
        self.initialize(stack)
        with tempfile.TemporaryDirectory(prefix="plan-") as folder:
            plan = Path(folder) / "plan"
            self._run(stack.folder, "plan", "-lock=false", "-no-color", f"-out={plan}", environ=environ)
            return self.show(stack, plan, environ)

    def show(self, stack: Stack, plan: Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A plan file as JSON, which holds secrets."""
        shown = self._run(stack.folder, "show", "-json", str(plan), environ=environ)
        try:
            document: dict[str, Any] = json.loads(shown)
        except ValueError:
            raise TerraformError(f"Terraform cannot show {plan} as a plan") from None
        return document

    def opens(self, backend: Mapping[str, Any]) -> None:
        """Open a backend with nothing else around it; TerraformError when it does not open."""
        with tempfile.TemporaryDirectory(prefix="backend-") as folder:
            text = json.dumps({"terraform": {"backend": backend}})
            (Path(folder) / "main.tf.json").write_text(text, encoding="utf-8")
            self._run(Path(folder), "init", "-no-color")

    def _run(self, folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
        binary = self._environ.get(_BINARY) or "terraform"
        try:
            done = subprocess.run(
                [binary, *arguments],
                cwd=folder,
                env={**self._environ, **(environ or {})},
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise TerraformError(f"{binary} cannot be run: {error.strerror}") from None
        if done.returncode:
            raise TerraformError(_first_error(done.stderr or done.stdout))
        return done.stdout


def _plugin_cache(environ: Mapping[str, str]) -> dict[str, str]:
    """As cdktf 0.21 sets it (cli-core, terraform-cli.ts)."""
    if "TF_PLUGIN_CACHE_DIR" in environ or environ.get("CDKTF_DISABLE_PLUGIN_CACHE_ENV"):
        return {}
    folder = Path.home() / ".terraform.d" / "plugin-cache"
    folder.mkdir(parents=True, exist_ok=True)
    return {"TF_PLUGIN_CACHE_DIR": str(folder)}


def _held(state: Mapping[str, Any]) -> tuple[StateResource, ...]:
    """The managed resources of a state file of version 4."""
    return tuple(
        StateResource(
            address=f"{resource['type']}.{resource['name']}",
            type=resource["type"],
            id=str(instance["attributes"].get("id", "")),
            attributes=instance["attributes"],
        )
        for resource in state.get("resources", ())
        if resource["mode"] == "managed"
        for instance in resource["instances"]
        if "attributes" in instance
    )


def _first_error(said: str) -> str:
    text = _BOX.sub("", _ESCAPES.sub("", said))
    found = _ERROR.search(text)
    words = " ".join((found["summary"] if found else text).split())
    return (words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]} ...").rstrip(".") or "Terraform said nothing"
