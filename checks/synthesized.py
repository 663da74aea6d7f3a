"""What the app synthesizes: the stacks' JSON as Terraform reads it, and where in the app a resource comes from."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


class SynthesisError(Exception):
    """The app did not synthesize; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack: its address in Terraform, its path in the app, and what it is configured with."""

    address: str
    type: str
    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """A synthesized stack; `folder` is where Terraform runs."""

    name: str
    folder: Path
    document: Mapping[str, Any]

    def resources(self) -> Iterator[Resource]:
        """Its resources, without its data sources."""
        for kind, named in self.document.get("resource", {}).items():
            for name, body in named.items():
                configured = {key: value for key, value in body.items() if key != "//"}
                yield Resource(f"{kind}.{name}", kind, body["//"]["metadata"]["path"], configured)


def synthesize(environ: Mapping[str, str]) -> None:
    """Run the app as `cdktf synth` would, without cdktf's own start; SynthesisError with its words when it refuses."""
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=PROJECT, env=dict(environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SynthesisError((done.stderr or done.stdout).strip())


def read_stacks(output: Path) -> dict[str, Stack]:
    """Every stack in the output folder, by name; SynthesisError when nothing was synthesized there."""
    manifest = output / "manifest.json"
    if not manifest.exists():
        raise SynthesisError(f"nothing was synthesized in {output}: run `cdktf synth`")
    stacks = json.loads(manifest.read_text(encoding="utf-8"))["stacks"]
    return {name: read_stack(output, name) for name in stacks}


def read_stack(output: Path, name: str) -> Stack:
    """One stack in the output folder."""
    folder = output / "stacks" / name
    return Stack(name, folder, json.loads((folder / "cdk.tf.json").read_text(encoding="utf-8")))
