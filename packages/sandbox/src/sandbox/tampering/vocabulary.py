"""Every act, by name."""

from collections.abc import Mapping

from sandbox.tampering import dashboards, databases, grants, identities, jobs, repository, securables, tokens, workspace
from sandbox.tampering.acts import Act

_AREAS = (grants, identities, tokens, repository, jobs, securables, workspace, dashboards, databases)

ACTS: Mapping[str, Act] = {act.name: act for area in _AREAS for act in area.ACTS}
