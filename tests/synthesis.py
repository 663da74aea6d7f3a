"""Stacks as Terraform will read them, made in this process from settings that a test writes."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cdktf

from settings import Settings, load
from stacks.all_stacks import all_stacks

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

MINIMAL: dict[str, Any] = {
    "project": "taxi-fare",
    "account": {"id": "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11"},
    "github": {"owner": "acme", "repository": "taxi-fare"},
    "environments": {
        "staging": {"host": "https://acme-staging.cloud.databricks.com", "targets": ["staging", "test"]},
        "prod": {"host": "https://acme-prod.cloud.databricks.com", "branch": "release"},
    },
}


def config(**changes: Any) -> dict[str, Any]:
    """The minimal mlops.yaml with changes; a double underscore leads into a section (github__protection="solo")."""
    result = copy.deepcopy(MINIMAL)
    for path, value in changes.items():
        *sections, key = path.split("__")
        section = result
        for name in sections:
            section = section.setdefault(name, {})
        section[key] = value
    return result


def loaded(folder: Path, data: Mapping[str, Any], *, now: datetime = NOW, **environ: str) -> Settings:
    """An mlops.yaml, written into `folder`, as values."""
    (folder / "mlops.yaml").write_text(json.dumps(data), encoding="utf-8")
    return load(folder=folder, environ={"MLOPS_NOW": now.isoformat(), **environ})


def stacks_of(
    folder: Path, data: Mapping[str, Any], *, now: datetime = NOW, **environ: str
) -> dict[str, cdktf.TerraformStack]:
    """Every stack of an mlops.yaml, by name."""
    settings = loaded(folder, data, now=now, **environ)
    app = cdktf.Testing.app(fake_cdktf_json_path=False)
    return {**all_stacks(app, settings)}


def synthesize(folder: Path, data: Mapping[str, Any], *, now: datetime = NOW, **environ: str) -> dict[str, Any]:
    """Every stack of an mlops.yaml, by name, as the parsed cdk.tf.json."""
    stacks = stacks_of(folder, data, now=now, **environ)
    return {name: json.loads(cdktf.Testing.synth(stack, True)) for name, stack in stacks.items()}


def resources(stack: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of one type, without cdktf's metadata."""
    found = stack.get("resource", {}).get(kind, {}).values()
    return [{key: value for key, value in body.items() if key != "//"} for body in found]
