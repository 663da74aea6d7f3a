"""Who may do what to the objects of a workspace: access lists, and what is inherited.

https://docs.databricks.com/aws/en/security/auth/access-control; the names in paths and in answers and the levels of
each kind are those of permissions/permission_definitions.go of the Terraform provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.context import Context
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.workspaces import here

CAN_READ, CAN_VIEW, CAN_RUN, CAN_MANAGE_RUN = "CAN_READ", "CAN_VIEW", "CAN_RUN", "CAN_MANAGE_RUN"
CAN_EDIT, CAN_MANAGE, IS_OWNER = "CAN_EDIT", access_control.CAN_MANAGE, "IS_OWNER"
CAN_USE, CAN_MONITOR, CAN_QUERY = access_control.CAN_USE, "CAN_MONITOR", "CAN_QUERY"
READ, WRITE, MANAGE = "READ", "WRITE", "MANAGE"
CAN_ATTACH_TO, CAN_RESTART = "CAN_ATTACH_TO", "CAN_RESTART"
_OF_VERSIONS = ("CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS")

# Who has one level can do all that weaker ones allow.
_STRENGTH = {
    READ: 1,
    CAN_READ: 1,
    CAN_VIEW: 1,
    CAN_ATTACH_TO: 1,
    CAN_RUN: 2,
    CAN_USE: 2,
    CAN_QUERY: 2,
    CAN_RESTART: 2,
    CAN_MANAGE_RUN: 2,
    WRITE: 3,
    CAN_EDIT: 3,
    CAN_MONITOR: 3,
    _OF_VERSIONS[0]: 4,
    _OF_VERSIONS[1]: 5,
    MANAGE: 6,
    CAN_MANAGE: 6,
    IS_OWNER: 7,
}


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """What has access lists: its name in paths, its name in answers, and its levels; owned ones have one IS_OWNER."""

    collection: str
    object_type: str
    levels: tuple[str, ...]

    @property
    def owned(self) -> bool:
        """Whether somebody must be its owner."""
        return IS_OWNER in self.levels


_OF_FILES = (CAN_READ, CAN_RUN, CAN_EDIT, CAN_MANAGE)

JOB = ObjectKind("jobs", "job", (CAN_VIEW, CAN_MANAGE_RUN, IS_OWNER, CAN_MANAGE))
PIPELINE = ObjectKind("pipelines", "pipelines", (CAN_VIEW, CAN_RUN, CAN_MANAGE, IS_OWNER))
EXPERIMENT = ObjectKind("experiments", "mlflowExperiment", (CAN_READ, CAN_EDIT, CAN_MANAGE))
WORKSPACE_MODEL = ObjectKind("registered-models", "registered-model", (CAN_READ, CAN_EDIT, *_OF_VERSIONS, CAN_MANAGE))
WAREHOUSE = ObjectKind("sql/warehouses", "warehouses", (CAN_VIEW, CAN_USE, CAN_MONITOR, CAN_MANAGE, IS_OWNER))
CLUSTER = ObjectKind("clusters", "cluster", (CAN_ATTACH_TO, CAN_RESTART, CAN_MANAGE))
SERVING_ENDPOINT = ObjectKind("serving-endpoints", "serving-endpoint", (CAN_VIEW, CAN_QUERY, CAN_MANAGE))
SECRET_SCOPE = ObjectKind("secrets/scopes", "scope", (READ, WRITE, MANAGE))
DIRECTORY = ObjectKind("directories", "directory", _OF_FILES)
NOTEBOOK = ObjectKind("notebooks", "notebook", _OF_FILES)
FILE = ObjectKind("files", "file", _OF_FILES)


@dataclass(frozen=True, slots=True)
class AccessObject:
    """Something with an access list: its kind and id, and the folders whose lists count for it, the nearest first.

    `given` are levels by principal id that nobody wrote: a home folder belongs to its user.
    """

    kind: ObjectKind
    id: str
    around: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.object_type} {self.id}"

    @property
    def name(self) -> str:
        """Under which its list is kept."""
        return f"{self.kind.collection}/{self.id}"


def may(context: Context, level: str, on: AccessObject, *, principal_id: str | None = None) -> bool:
    """Whether somebody, the caller unless named, has at least that level."""
    workspace_id = here(context).id
    lists = [access_control.levels(context.store, workspace_id, name) for name in (on.name, *on.around)]
    held = access_control.held_among(context.store, workspace_id, [*lists, on.given], principal_id or context.caller.id)
    return any(_STRENGTH[one] >= _STRENGTH[level] for one in held)


def entries(context: Context, on: AccessObject) -> dict[str, str]:
    """The direct entries of an object's list."""
    return access_control.levels(context.store, here(context).id, on.name)


def set_entries(context: Context, on: AccessObject, wanted: Mapping[str, str]) -> None:
    """Replace an object's list; without entries nothing is left of it."""
    access_control.set_levels(context.store, here(context).id, on.name, wanted)


def inherited(context: Context, on: AccessObject) -> dict[str, str]:
    """The strongest level of each principal that the object has from the folders around it."""
    strongest = dict(on.given)
    for name in on.around:
        for principal_id, level in access_control.levels(context.store, here(context).id, name).items():
            if _STRENGTH[level] > _STRENGTH.get(strongest.get(principal_id, ""), 0):
                strongest[principal_id] = level
    return strongest


def owner(context: Context, on: AccessObject) -> str | None:
    """The principal that owns an object, where somebody still does."""
    return next((principal_id for principal_id, level in entries(context, on).items() if level == IS_OWNER), None)
