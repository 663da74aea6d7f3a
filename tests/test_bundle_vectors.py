"""The bundles of the test vectors resolve to what the Databricks CLI made of them."""

import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bundle import Git, Identity, ResolvedBundle, Severity, resolve
from stacks.bundle_conversion import convert

VECTORS = Path(__file__).parents[2] / "shared" / "bundles"
USER = Identity.user("jane.doe@example.com")
PRINCIPAL = Identity.service_principal("b9c7f1de-0000-4000-8000-00000000abcd", display_name="x")

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the test vectors in ../shared/bundles are not here")


def assert_same(expected: Any, actual: Any) -> None:
    wanted, found = (json.dumps(side, indent=1, sort_keys=True).splitlines() for side in (expected, actual))
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
