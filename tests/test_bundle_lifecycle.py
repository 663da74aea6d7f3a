"""What databricks.yml says of a resource's `lifecycle` stays, whatever a stack adds to it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from settings import load
from stacks.bundle_adaptation import declared_resources
from tests.ml_project import BUNDLE, project_config, write_project
from tests.synthesis import synthesize

TAGS = "tags: [{key: team, value: risk}]"
KEPT = "lifecycle: {prevent_destroy: true}"
ADDED = {"ignore_changes": ["tags"]}
BOTH = {"prevent_destroy": True, **ADDED}
LIVES: Mapping[str, tuple[str, dict[str, Any] | None]] = {
    "plain": ("", None),
    "kept": (KEPT, {"prevent_destroy": True}),
    "tagged": (TAGS, ADDED),
    "kept_and_tagged": (f"{KEPT}, {TAGS}", BOTH),
    "tagged_and_kept": (f"{TAGS}, {KEPT}", BOTH),
    "kept_by_a_text": (f"lifecycle: {{prevent_destroy: 'true'}}, {TAGS}", BOTH),
    "kept_by_a_variable": (f"lifecycle: {{prevent_destroy: '${{var.keep}}'}}, {TAGS}", BOTH),
    "kept_by_a_whole_variable": (f"lifecycle: '${{var.life}}', {TAGS}", BOTH),
    "not_kept": (f"lifecycle: {{prevent_destroy: false}}, {TAGS}", ADDED),
    "nothing_said": (f"lifecycle: {{}}, {TAGS}", ADDED),
    "null": (f"lifecycle: null, {TAGS}", ADDED),
    "with_what_the_reader_does_not_know": (
        f"lifecycle: {{prevent_destroy: true, ignore_changes: [name]}}, {TAGS}",
        BOTH,
    ),
}
VARIABLES = """\
variables:
  keep: {default: true}
  life: {type: complex, default: {prevent_destroy: true}}
"""
ENTRY = BUNDLE.replace("include: [assets/*.yml]\n", "").replace("variables:\n", VARIABLES)


KINDS = {"experiments": ("databricks_mlflow_experiment", "/Shared/"), "models": ("databricks_mlflow_model", "")}


def bundle_of(kind: str, lifecycles: Mapping[str, str], head: str = "") -> str:
    folder = KINDS[kind][1]
    lines = (f"    {name}: {{name: {folder}{name}{', ' if text else ''}{text}}}\n" for name, text in lifecycles.items())
    return f"{ENTRY}{head}resources:\n  {kind}:\n{''.join(lines)}"


def found(folder: Path, kind: str, text: str) -> dict[str, Any]:
    """The lifecycle of each resource of a kind in staging's stack."""
    write_project(folder, {"databricks.yml": text}, only=True)
    named = synthesize(folder, project_config())["bundle-staging"]["resource"][KINDS[kind][0]]
    return {name: body.get("lifecycle") for name, body in named.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_author_says_of_a_lifecycle_stays(kind: str, tmp_path: Path) -> None:
    text = bundle_of(kind, {name: said for name, (said, _) in LIVES.items()})
    assert found(tmp_path, kind, text) == {name: expected for name, (_, expected) in LIVES.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_it_stays_where_it_or_the_tags_come_from_elsewhere(kind: str, tmp_path: Path) -> None:
    presets = "presets: {tags: {team: risk}}\n"
    assert found(tmp_path, kind, bundle_of(kind, {"x": KEPT}, presets)) == {"x": BOTH}
    for said, added in ((KEPT, TAGS), (TAGS, KEPT)):
        override = f"  staging:\n    resources: {{{kind}: {{x: {{{added}}}}}}}\n"
        assert found(tmp_path, kind, bundle_of(kind, {"x": said}).replace("  staging:\n", override)) == {"x": BOTH}


@pytest.mark.parametrize(
    ("said", "merged"),
    [
        (["name"], ["name", "tags"]),
        (["tags"], ["tags"]),
        (["tags", "name"], ["tags", "name"]),
        ("all", "all"),
        ([], ["tags"]),
        (None, ["tags"]),
    ],
)
def test_lists_of_what_is_ignored_are_merged(said: Any, merged: Any, tmp_path: Path) -> None:
    """The reader lets no such list pass today; once it does, the author's must not be replaced."""
    write_project(tmp_path, {"databricks.yml": bundle_of("models", {"x": f"{KEPT}, {TAGS}"})}, only=True)
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    bundle = next(one for one in load(folder=tmp_path, environ={}).bundles if one.target == "staging")
    (model,) = bundle.resolved.resources
    lifecycle = {"prevent_destroy": True, "ignore_changes": said}
    given = replace(model, settings={**model.settings, "lifecycle": lifecycle})
    resolved = replace(bundle.resolved, resources=(given,))
    (made,) = declared_resources(replace(bundle, resolved=resolved), names={})
    assert made.body["lifecycle"] == {"prevent_destroy": True, "ignore_changes": merged}
