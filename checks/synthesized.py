"""What the app synthesizes: the stacks' JSON as Terraform reads it, and where in the app a resource comes from."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
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
    for refusal in synthesize_each([environ]):
        if refusal is not None:
            raise refusal


def synthesize_each(environs: Sequence[Mapping[str, str]]) -> Iterator[SynthesisError | None]:
    """The same for several environments, one after the other, in half the time; what came of each as it ends."""
    if not environs:
        return
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "checks.app_runs"],
            cwd=PROJECT,
            env=dict(environs[0]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError), process.stdin:
                json.dump([dict(environ) for environ in environs], process.stdin)
            for _ in environs:
                if line := process.stdout.readline():
                    words = json.loads(line)
                else:
                    errors.seek(0)
                    words = errors.read().strip() or "the app was ended"
                yield None if words is None else SynthesisError(words)
        except BaseException:
            # Whoever asked has gone; left alone, it would run to its end.
            process.terminate()
            raise


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
