"""What a caller must be to jobs, experiments, models, pipelines, folders and files."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.databricks.rest.answers import denied
from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.compute.job_requests import sent_settings
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import (
    CAN_EDIT,
    CAN_MANAGE,
    CAN_MANAGE_RUN,
    CAN_VIEW,
    JOB,
    AccessObject,
)
from sandbox.databricks.world.compute.job_settings import makes_clusters
from sandbox.databricks.world.identity import entitlements
from sandbox.databricks.world.refusals import (
    PermissionDeniedError,
)
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_DIRECTORY, Node
from sandbox.route import Call
from sandbox.source import databricks_docs, ours

_QUOTED = ours("the words are those that the interface shows")
_SOURCE = databricks_docs("security/auth/access-control/")
_CLUSTERS = databricks_docs("security/auth/entitlements")

# What the Jobs service calls its levels (libs/testserver/jobs.go of the Databricks CLI).
_JOB_WORDS = {
    CAN_VIEW: "View or Admin or Manage Run or Owner",
    CAN_MANAGE_RUN: "Admin or Manage Run or Owner",
    CAN_MANAGE: "Admin or Owner",
}


@dataclass(frozen=True, slots=True)
class Holds:
    """A level on something, or a stronger one."""

    level: str
    on: Callable[[Call], AccessObject]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such thing."""
        target = self.on(call)
        if not object_access.may(call, self.level, target):
            words = _JOB_WORDS[self.level] if target.kind is JOB else self.level
            raise denied(call, f"User {call.caller.name} does not have {words} permissions on {target}", source=_SOURCE)


@dataclass(frozen=True, slots=True)
class HoldsOnNode:
    """A level on something in the workspace's tree, or a stronger one."""

    level: str
    on: Callable[[Call], Node]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such thing."""
        node = self.on(call)
        if not object_access.may(call, self.level, workspace_tree.access(call, node)):
            raise _lacking(call, self.level, node.path)


@dataclass(frozen=True, slots=True)
class SeesNode:
    """CAN_READ on something in the workspace's tree; the root and the folder of the homes are open to all."""

    on: Callable[[Call], Node]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such thing."""
        node = self.on(call)
        if not workspace_tree.may_see(call, node):
            raise _lacking(call, object_access.CAN_READ, node.path)


@dataclass(frozen=True, slots=True)
class MayWrite:
    """CAN_EDIT on what lies at a path; where nothing does, CAN_MANAGE on the folder around.

    https://docs.databricks.com/aws/en/security/auth/access-control/#folder-acls
    """

    path: Callable[[Call], str]

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        place = workspace_tree.place(self.path(call))
        node = workspace_tree.nearest(call, place)
        here_already = node.path == place
        # A folder that is there already is made by nobody.
        if here_already and node.type == IS_DIRECTORY and workspace_tree.may_see(call, node):
            return
        level = CAN_EDIT if here_already else CAN_MANAGE
        if not object_access.may(call, level, workspace_tree.access(call, node)):
            raise _lacking(call, level, node.path)


@dataclass(frozen=True, slots=True)
class MayRename:
    """CAN_MANAGE on an experiment, and on the folder that it would go to."""

    on: Callable[[Call], Node]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such experiment."""
        HoldsOnNode(CAN_MANAGE, self.on).check(call)
        new_name = (call.body or {}).get("new_name") if isinstance(call.body, dict) else None
        if isinstance(new_name, str) and workspace_tree.place(new_name) != self.on(call).path:
            MayWrite(lambda _: new_name).check(call)


@dataclass(frozen=True, slots=True)
class MayMakeItsClusters:
    """The entitlement to create clusters, where a job would make some that no policy allows for.

    https://docs.databricks.com/aws/en/compute/configure
    """

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        held = entitlements.held(call.store, call.workspace.id, call.caller.id) if call.workspace else frozenset()
        if makes_clusters(sent_settings(call)) and entitlements.CLUSTER_CREATION not in held:
            raise denied(
                call, "You are not authorized to create clusters. Please contact your administrator.", source=_CLUSTERS
            )


@dataclass(frozen=True, slots=True)
class PathOfBody:
    """The path is a field of the body."""

    field: str

    def __call__(self, call: Call) -> str:
        return required(call, self.field, str)


def _lacking(call: Call, level: str, what: str) -> PermissionDeniedError:
    return denied(
        call,
        f"{call.caller.name} does not have {level} permissions on {what}. "
        "Please contact the owner or an administrator for access.",
        source=_QUOTED,
    )
