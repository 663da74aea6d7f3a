"""Which service answers on which kind of host."""

from collections.abc import Mapping

from sandbox.databricks.service import SERVICE as DATABRICKS
from sandbox.github.service import SERVICE as GITHUB
from sandbox.service import Service
from sandbox.world import HostKind

SERVICES: Mapping[HostKind, Service] = {
    HostKind.ACCOUNT: DATABRICKS,
    HostKind.WORKSPACE: DATABRICKS,
    HostKind.GITHUB: GITHUB,
}
