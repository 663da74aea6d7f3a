"""The bundles of the test vectors resolve to what the Databricks CLI made of them."""

import difflib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bundle import Git, Identity, ResolvedBundle, Severity, resolve
from stacks.bundle_conversion import convert
from tests.ml_project import check_out, project_config
from tests.synthesis import synthesize

VECTORS = Path(__file__).parents[2] / "shared" / "bundles"
USER = Identity.user("jane.doe@example.com")
PRINCIPAL = Identity.service_principal("b9c7f1de-0000-4000-8000-00000000abcd", display_name="x")

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the test vectors in ../shared/bundles are not here")


def assert_same(expected: Any, actual: Any) -> None:
    wanted, found = (
        json.dumps(side, indent=1, sort_keys=True, default=str).splitlines() for side in (expected, actual)
    )
    difference = "\n".join(difflib.unified_diff(wanted, found, "the CLI", "ours", lineterm=""))
    assert not difference, f"\n{difference}"


def expected_of(name: str, case: str) -> Any:
    return json.loads((VECTORS / name / "expected" / f"{case}.tf.json").read_text(encoding="utf-8"))


def errors(resolved: ResolvedBundle) -> list[str]:
    return [one.summary for one in resolved.diagnostics if one.severity is Severity.ERROR]


@pytest.mark.parametrize("target", ["dev", "test", "staging", "prod"])
@pytest.mark.parametrize(("who", "identity"), [("user", USER), ("sp", PRINCIPAL)])
def test_the_guides_bundle_becomes_what_the_cli_made_of_it(target: str, who: str, identity: Identity) -> None:
    expected = expected_of("guide", f"{target}-{who}")
    commit = re.search(r"commit:([0-9a-f]{40})", json.dumps(expected))
    assert commit
    git = Git(origin_url="https://github.com/acme/taxi-fare.git", branch="main", commit=commit[1])
    resolved = resolve(VECTORS / "guide" / "taxi_fare", target=target, identity=identity, git=git)
    assert errors(resolved) == []
    assert_same(expected, convert(resolved))


@pytest.mark.parametrize("target", ["t", "q"])
def test_the_bundle_of_all_merges_becomes_what_the_cli_made_of_it(target: str) -> None:
    resolved = resolve(VECTORS / "merge", target=target, identity=USER, git=Git())
    assert errors(resolved) == []
    assert_same(expected_of("merge", target), convert(resolved))


DEPLOYER = "${data.databricks_current_user.deployer.user_name}"
UPLOADS = {"databricks_directory", "databricks_notebook", "databricks_workspace_file"}


def of_the_stack(stack: dict[str, Any]) -> dict[str, Any]:
    """What the bundle declares, without what cdktf and the upload of the code add."""
    return {
        kind: {
            name: {key: value for key, value in body.items() if key not in ("//", "provider", "depends_on")}
            for name, body in named.items()
            if name != "bundle_root"
        }
        for kind, named in stack["resource"].items()
        if kind not in UPLOADS
    }


def as_stacks_want_it(expected: dict[str, Any]) -> dict[str, Any]:
    """The CLI's output with the differences of docs/decisions/bundle-stack.md."""
    found: dict[str, Any] = json.loads(
        re.sub("b9c7f1de-0000-4000-8000-00000000abcd", lambda _: DEPLOYER, json.dumps(expected["resource"]))
        .replace("\\\\${x}", "\\\\$${x}")
        .replace("$${y}", '${\\"$$\\"}{y}')
    )
    for job in found["databricks_job"].values():
        del job["deployment"]
    for kind in ("databricks_mlflow_experiment", "databricks_mlflow_model"):
        for body in found.get(kind, {}).values():
            if "tags" in body:
                body["lifecycle"] = {"ignore_changes": ["tags"]}
    for grants in found["databricks_grants"].values():
        merged: dict[str, set[str]] = {}
        for grant in grants["grant"]:
            names = (privilege.replace(" ", "_") for privilege in grant["privileges"])
            merged.setdefault(grant["principal"], set()).update(names)
        grants["grant"] = [{"principal": who, "privileges": sorted(names)} for who, names in merged.items()]
    return found


@pytest.mark.parametrize("target", ["test", "staging", "prod"])
def test_the_stacks_of_the_guides_bundle_ask_for_what_the_cli_asked_for(target: str, tmp_path: Path) -> None:
    shutil.copytree(VECTORS / "guide" / "taxi_fare", tmp_path / "ml")
    check_out(tmp_path / "ml", "main")
    data = project_config()
    for section in data["environments"].values():
        section["host"] = "https://e2-demo-field-eng.cloud.databricks.com"
    stack = synthesize(tmp_path, data)[f"bundle-{target}"]
    assert_same(as_stacks_want_it(expected_of("guide", f"{target}-sp")), of_the_stack(stack))


@pytest.mark.parametrize("target", ["t", "q"])
def test_the_stacks_of_a_person_ask_for_what_the_cli_asked_for(target: str, tmp_path: Path) -> None:
    shutil.copytree(VECTORS / "merge", tmp_path / "ml")
    entry = tmp_path / "ml" / "databricks.yml"
    text = entry.read_text(encoding="utf-8").replace("http://127.0.0.1:9", "https://acme.cloud.databricks.com")
    entry.write_text(text.replace("  p2:\n    mode: production\n", ""), encoding="utf-8")
    catalogs = {"c": {"schemas": [], "may_create_schemas": True}}
    environment = {"host": "https://acme.cloud.databricks.com", "catalogs": catalogs}
    data = {**project_config(), "environments": {"p": environment}}
    stack = synthesize(tmp_path, data, MLOPS_DEPLOYER="jane.doe@example.com")[f"bundle-{target}"]
    assert_same(as_stacks_want_it(expected_of("merge", target)), of_the_stack(stack))


def test_production_with_a_root_path_of_its_own_resolves() -> None:
    assert resolve(VECTORS / "merge", target="p", identity=USER, git=Git()).ok


def test_production_without_a_root_path_is_an_error() -> None:
    """The CLI lets the bundle's run_as excuse it; we do not, because every deployer would get a copy of their own."""
    resolved = resolve(VECTORS / "merge", target="p2", identity=USER, git=Git())
    assert errors(resolved) == [
        "target with 'mode: production' must set 'workspace.root_path' to make sure only one copy is deployed"
    ]


def test_a_difference_prints_as_a_readable_diff() -> None:
    with pytest.raises(AssertionError, match=r'-  "name": "a"\n.*\+  "name": "b"'):
        assert_same({"job": {"name": "a"}}, {"job": {"name": "b"}})
