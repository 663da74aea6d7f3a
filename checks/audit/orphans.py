"""An object beside the one that a stack knows, and whether it may be offered for removal.

In doubt it may not: what some state knows, or what shows any sign of being used, is somebody's.
"""

from collections.abc import Mapping
from functools import partial
from itertools import chain

from databricks.sdk.service.iam import AccountServicePrincipal, PermissionAssignment

from checks.audit.states import state_of
from checks.check import UncheckableError
from checks.live import Live, sure
from checks.synthesized import Stack
from checks.terraform import Terraform

UNUSED = "no state holds it, and it has no workspace, role, OAuth secret or federation policy"
"""How it is known that a service principal is an orphan."""


def claimed(live: Live, terraform: Terraform, stacks: Mapping[str, Stack], type_: str, id_: str) -> str | None:
    """Which stack's state holds the object, or which state does not open and may; None when it is in none of them.

    `stacks` are those of every configured environment, whichever of them is looked at.
    """
    for name, stack in stacks.items():
        try:
            held = state_of(live, terraform, stack)
        except UncheckableError:
            return f"the state of {name} does not open and may hold it"
        if any(one.type == type_ and one.id == id_ for one in held):
            return f"{name} made it"
    return None


def used(live: Live, principal: AccountServicePrincipal) -> str | None:
    """The first sign that somebody uses a service principal, or why that is unknown; None without any."""
    id_, account = str(principal.id), live.account
    try:
        roles = sure(lambda: account.service_principals_v2.get(id_)).roles
        if roles:
            return f"it is {', '.join(str(role.value) for role in roles)}"
        for workspace in sure(live.workspaces):
            if workspace.workspace_id is None:
                continue
            assigned: list[PermissionAssignment] = sure(
                partial(list, account.workspace_assignment.list(workspace.workspace_id))
            )
            if any(one.principal and str(one.principal.principal_id) == id_ for one in assigned):
                return f"it is assigned to the workspace {workspace.workspace_name}"
        ways = chain(
            sure(lambda: tuple(account.service_principal_secrets.list(id_))),
            sure(lambda: tuple(account.service_principal_federation_policy.list(int(id_)))),
        )
        if any(ways):
            return "it has OAuth secrets or federation policies"
    except UncheckableError as reason:
        return f"it is unknown whether it is used: {reason}"
    return None
