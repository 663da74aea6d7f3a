"""Every act, by name."""

from collections.abc import Mapping

from sandbox.tampering import (
    compute,
    grants,
    identities,
    jobs,
    repository,
    secret_scopes,
    securables,
    tokens,
    workspace,
)
from sandbox.tampering.acts import Act
from sandbox.tampering.attributes.forms import acts_of
from sandbox.tampering.attributes.tables import TABLES

_AREAS = (grants, identities, tokens, repository, jobs, compute, securables, secret_scopes, workspace)

ACTS: Mapping[str, Act] = {act.name: act for act in (*(act for area in _AREAS for act in area.ACTS), *acts_of(TABLES))}
