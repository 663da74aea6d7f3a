"""Kinds of bundle resources that only newer releases of the Databricks CLI know, and no stack deploys.

To the reader they are unknown fields, which the CLI that it follows drops with a warning. A stack that dropped them
would leave out what somebody asked for, so that they are faults.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bundle import ResolvedBundle
from bundle.diagnostics import Diagnostic

_UNKNOWN = "unknown field: "
_CLI_ALONE = "nothing else"


@dataclass(frozen=True, slots=True)
class NewerKind:
    """A kind: the CLI's release that brought it (its CHANGELOG.md), and what else deploys one."""

    since: str
    instead: str


def _terraform(*types: str) -> str:
    return f"a Terraform configuration of your own, with {' or '.join(types)}"


_POSTGRES = "a Terraform configuration of your own, with a databricks provider later than 1.99"

NEWER_KINDS: Final[Mapping[str, NewerKind]] = MappingProxyType(
    {
        "catalogs": NewerKind("0.287.0", "the environment's stack, with `create: true` for the catalog in mlops.yaml"),
        "external_locations": NewerKind("0.289.0", _terraform("databricks_external_location")),
        "genie_spaces": NewerKind("1.3.0", _CLI_ALONE),
        "instance_pools": NewerKind("1.9.0", _terraform("databricks_instance_pool")),
        "job_runs": NewerKind("1.7.0", "the job's own schedule, or `databricks jobs run-now` after the deploy"),
        "postgres_branches": NewerKind("0.287.0", _POSTGRES),
        "postgres_catalogs": NewerKind("1.0.0", _POSTGRES),
        "postgres_databases": NewerKind("1.4.0", _POSTGRES),
        "postgres_endpoints": NewerKind("0.287.0", _POSTGRES),
        "postgres_projects": NewerKind("0.287.0", _POSTGRES),
        "postgres_roles": NewerKind("1.4.0", _POSTGRES),
        "postgres_synced_tables": NewerKind("1.0.0", _POSTGRES),
        "secrets": NewerKind("1.12.0", _CLI_ALONE),
        "vector_search_endpoints": NewerKind("0.298.0", _terraform("databricks_vector_search_endpoint")),
        "vector_search_indexes": NewerKind("1.1.0", _terraform("databricks_vector_search_index")),
    }
)
"""By what databricks.yml calls them."""


def newer_kinds_of(resolved: ResolvedBundle) -> Iterator[tuple[str, Diagnostic]]:
    """Those that a bundle has, each with the reader's warning about it."""
    for diagnostic in resolved.diagnostics:
        kind = diagnostic.summary.removeprefix(_UNKNOWN)
        if diagnostic.paths == ("resources",) and kind in NEWER_KINDS:
            yield kind, diagnostic
