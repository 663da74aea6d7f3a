"""What stacks make of the bundles of packages/bundle/tests/bundle_vectors, in the form of the CLI's answers."""

from pathlib import Path

from bundle import ResolvedBundle
from deployed_kinds import KINDS
from packages.bundle.tests.bundle_vectors import vectors
from packages.bundle.tests.bundle_vectors.vectors import Answer, Case
from stacks.bundle_conversion import convert


def converted(case: Case, folder: Path) -> Answer | None:
    """The Terraform resources of a case that is deployed; None for a bundle that cannot be, and is not."""
    resolved = vectors.read(case, case.write(folder))
    return _resources(resolved) if resolved.ok else None


def _resources(resolved: ResolvedBundle) -> Answer:
    """Those of the conversion, where every kind is one that stacks know."""
    unknown = sorted({resource.kind for resource in resolved.resources} - {*KINDS})
    return {"no stack has": unknown} if unknown else convert(resolved)["resource"]
