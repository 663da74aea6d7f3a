"""What gives somebody more: one table of types and attributes, and what "wider" means for each.

A change in a listed type that the table does not know counts as wider, so that a new attribute of a provider is looked
at before it passes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from checks.drift.plan.difference import UNKNOWN, Leaf, differences, settled
from checks.drift.plan.document import Change, Plan
from deployed_kinds import BY_TYPE, KINDS

Wider = Callable[[Any, Any], bool]


def _more_true(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _less_true(before: Any, after: Any) -> bool:
    return bool(before) and not after


def _lower(before: Any, after: Any) -> bool:
    return bool((after or 0) < (before or 0))


def _added(before: Any, after: Any) -> bool:
    return bool(_names(after) - _names(before))


def _removed(before: Any, after: Any) -> bool:
    return bool(_names(before) - _names(after))


def _other(before: Any, after: Any) -> bool:
    return bool(settled(before) != settled(after))


def _names(value: Any) -> set[str]:
    """A set of names; privileges are the same in any spelling of the provider's."""
    return {str(one).strip().upper().replace(" ", "_") for one in value or ()}


def _along(*order: str) -> Wider:
    """Wider further along an order, or for what is not in it."""

    def wider(before: Any, after: Any) -> bool:
        if after not in order:
            return _other(before, after)
        return before not in order or bool(order.index(after) > order.index(before))

    return wider


# What the permissions API has, from less to more
# (https://docs.databricks.com/aws/en/security/auth/access-control). Whoever owns a job, its runs act as.
_LEVELS = _along(
    "CAN_VIEW", "CAN_READ", "CAN_ATTACH_TO", "CAN_USE", "CAN_QUERY", "CAN_RUN", "CAN_RESTART", "CAN_MONITOR",
    "CAN_MANAGE_RUN", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE",
    "IS_OWNER",
)  # fmt: skip


def _permissions(before: Any, after: Any) -> bool:
    """Somebody who had no level, or a lower one."""
    held = {_who(entry): entry.get("permission_level") for entry in before or ()}
    return any(
        _who(entry) not in held or _LEVELS(held[_who(entry)], entry.get("permission_level")) for entry in after or ()
    )


def _who(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(entry.get(name) or "") for name in ("user_name", "group_name", "service_principal_name"))


def _grants(before: Any, after: Any) -> bool:
    """Somebody with a privilege that they had not."""
    held: dict[str, set[str]] = {}
    for entry in before or ():
        held.setdefault(str(entry.get("principal")), set()).update(_names(entry.get("privileges")))
    return any(_names(entry.get("privileges")) - held.get(str(entry.get("principal")), set()) for entry in after or ())


def _restriction(**attributes: Wider) -> Wider:
    """A block that restricts: wider without it, and where one of its attributes is; an unknown one of its counts."""

    def wider(before: Any, after: Any) -> bool:
        old, new = (one[0] if one else None for one in (before, after))
        if old is None:
            return False
        if new is None:
            return True
        return any(
            attributes.get(name, _other)(old.get(name), new.get(name))
            for name in {*old, *new}
            if _other(old.get(name), new.get(name))
        )

    return wider


def _admission(**attributes: Wider) -> Wider:
    """A block that admits: wider where one of its attributes is, compared with nothing where it was not there."""

    def wider(before: Any, after: Any) -> bool:
        old, new = (one[0] if one else {} for one in (before, after))
        return any(attributes.get(name, _other)(old.get(name), value) for name, value in new.items())

    return wider


@dataclass(frozen=True, slots=True)
class Row:
    """When a type gives more. `why` is what that would mean, in words for the guard.

    Attributes that are in neither map are unknown, and count. `new` says whether making one gives something to whoever
    was there before; `holders` are the attributes that name who or what that is, `beside` the type that must have
    been there for a new one to give more. `gone` says whether taking one away opens something.
    """

    why: str
    wider: Mapping[str, Wider]
    harmless: frozenset[str] = frozenset()
    new: bool = True
    holders: frozenset[str] = frozenset()
    beside: str = ""
    gone: bool = False
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(self.wider) | self.harmless | _COMPUTED)


# What the services answer, and no configuration decides.
_COMPUTED = frozenset(
    {"id", "etag", "ref", "sha", "node_id", "created_at", "updated_at", "object_type", "acl_principal_id"}
)
_SECURABLES = frozenset(
    {
        "catalog", "credential", "external_location", "foreign_connection", "function", "metastore", "model",
        "pipeline", "recipient", "schema", "share", "storage_credential", "table", "volume",
    }
)  # fmt: skip
_OBJECTS = frozenset(
    {
        "directory_id", "directory_path", "notebook_id", "notebook_path", "workspace_file_id", "workspace_file_path",
        *(one.permissions for one in KINDS.values() if one.permissions),
    }
)  # fmt: skip
_ENTITLED = (
    "allow_cluster_create", "allow_instance_pool_create", "databricks_sql_access", "workspace_access",
    "workspace_consume",
)  # fmt: skip
_ENTITLEMENTS: Mapping[str, Wider] = dict.fromkeys(_ENTITLED, _more_true)
_OWNED = Row("who owns it holds every privilege on it, and may give them", {"owner": _other}, new=False)
_RUN_AS = Row("its runs act as somebody else", {"run_as": _other}, new=False)
_PRINCIPALS_OF = {"owner": _OWNED, "run_as": _RUN_AS}


def _others(names: frozenset[str]) -> dict[str, Wider]:
    return dict.fromkeys(names, _other)


TABLE: Mapping[str, Row] = MappingProxyType(
    {
        # Who it is, and what it may do in the account and in a workspace.
        "databricks_service_principal": Row(
            "the principal may do more in the workspace",
            {**_ENTITLEMENTS, "active": _more_true},
            frozenset(
                {
                    "application_id",
                    "display_name",
                    "external_id",
                    "force",
                    "force_delete_home_dir",
                    "force_delete_repos",
                    "home",
                    "repos",
                    "disable_as_user_deletion",
                }
            ),
            # A new principal is nobody who was there before; what it gets are resources of their own.
            new=False,
        ),
        "databricks_entitlements": Row(
            "the principal may do more in the workspace",
            {**_ENTITLEMENTS, **_others(frozenset({"service_principal_id", "group_id", "user_id"}))},
            holders=frozenset({"service_principal_id", "group_id", "user_id"}),
        ),
        "databricks_permission_assignment": Row(
            "it has a place in another workspace, or is its admin",
            {"permissions": _added, **_others(frozenset({"principal_id", "provider_config"}))},
            frozenset({"display_name", "group_name", "service_principal_name", "user_name"}),
            holders=frozenset({"principal_id"}),
        ),
        "databricks_mws_permission_assignment": Row(
            "it has a place in another workspace, or is its admin",
            {"permissions": _added, **_others(frozenset({"principal_id", "workspace_id"}))},
            holders=frozenset({"principal_id"}),
        ),
        "databricks_group_member": Row(
            "it gets what the group has",
            _others(frozenset({"group_id", "member_id"})),
            holders=frozenset({"member_id"}),
        ),
        "databricks_service_principal_role": Row(
            "it has a further role",
            _others(frozenset({"role", "service_principal_id"})),
            holders=frozenset({"service_principal_id"}),
        ),
        "databricks_group_role": Row("a group has a further role", _others(frozenset({"role", "group_id"}))),
        "databricks_access_control_rule_set": Row("others may use or manage it", {"grant_rules": _other}),
        # Further ways to be it. The tokens of databricks_obo_token are none: a rotation makes them, and they open what
        # their principal may.
        "databricks_service_principal_secret": Row(
            "a further credential is the principal",
            _others(frozenset({"service_principal_id", "lifetime"})),
            holders=frozenset({"service_principal_id"}),
        ),
        "databricks_service_principal_federation_policy": Row(
            "others' tokens stand for the principal",
            {"oidc_policy": _other},
            holders=frozenset({"service_principal_id"}),
        ),
        # Data.
        "databricks_grant": Row(
            "a principal has further privileges",
            {"privileges": _added, "principal": _other, **_others(_SECURABLES)},
            holders=frozenset({"principal"}),
        ),
        "databricks_grants": Row(
            "principals have further privileges",
            {"grant": _grants, **_others(_SECURABLES)},
            holders=_SECURABLES,
        ),
        "databricks_catalog": Row(
            "its owner holds every privilege on it, or other workspaces see it",
            {"owner": _other, "isolation_mode": _along("ISOLATED", "OPEN")},
            new=False,
        ),
        # What a workspace keeps.
        "databricks_permissions": Row(
            "others may use or manage it",
            {"access_control": _permissions, "authorization": _other, **_others(_OBJECTS)},
            holders=_OBJECTS,
        ),
        "databricks_secret_acl": Row(
            "others may read the secrets of a scope, or change them",
            {"permission": _along("READ", "WRITE", "MANAGE"), **_others(frozenset({"principal", "scope"}))},
            holders=frozenset({"scope"}),
        ),
        # What bundles deploy.
        **{one.type: _PRINCIPALS_OF[one.principal] for one in KINDS.values() if one.principal},
        # What guards the code that production runs. A protection that is made protects more than before; one that goes
        # is a loss, which the guard stops as such.
        "github_branch_protection": Row(
            "less is asked of a change to the branch",
            {
                "allows_deletions": _more_true,
                "allows_force_pushes": _more_true,
                "enforce_admins": _less_true,
                "force_push_bypassers": _added,
                "lock_branch": _less_true,
                "pattern": _other,
                "repository_id": _other,
                "require_conversation_resolution": _less_true,
                "require_signed_commits": _less_true,
                "required_linear_history": _less_true,
                "required_pull_request_reviews": _restriction(
                    required_approving_review_count=_lower,
                    dismiss_stale_reviews=_less_true,
                    require_code_owner_reviews=_less_true,
                    require_last_push_approval=_less_true,
                    restrict_dismissals=_less_true,
                    dismissal_restrictions=_added,
                    pull_request_bypassers=_added,
                ),
                "required_status_checks": _restriction(contexts=_removed, strict=_less_true),
                "restrict_pushes": _restriction(push_allowances=_added, blocks_creations=_less_true),
            },
            new=False,
        ),
        "github_repository_ruleset": Row(
            "less is asked of a change to the branches",
            _others(frozenset({"enforcement", "bypass_actors", "conditions", "rules", "target", "repository"})),
            frozenset({"name", "ruleset_id"}),
            new=False,
            gone=True,
        ),
        "github_workflow_repository_permissions": Row(
            "tokens of workflows may do more",
            {
                "default_workflow_permissions": _along("read", "write"),
                "can_approve_pull_request_reviews": _more_true,
                "repository": _other,
            },
            gone=True,
        ),
        "github_actions_repository_permissions": Row(
            "workflows may run further actions",
            {
                "allowed_actions": _along("local_only", "selected", "all"),
                "allowed_actions_config": _admission(
                    github_owned_allowed=_more_true, verified_allowed=_more_true, patterns_allowed=_added
                ),
                "enabled": _more_true,
                "sha_pinning_required": _less_true,
                "repository": _other,
            },
            gone=True,
        ),
        # Which jobs may read the token.
        "github_repository_environment": Row(
            "jobs of further branches may read its secrets, or nobody has to approve them",
            {
                "can_admins_bypass": _more_true,
                "prevent_self_review": _less_true,
                "wait_timer": _lower,
                "reviewers": _restriction(teams=_other, users=_other),
                "deployment_branch_policy": _restriction(protected_branches=_less_true, custom_branch_policies=_other),
                "environment": _other,
                "repository": _other,
            },
            # Made anew, it holds no secret that was there before.
            new=False,
            gone=True,
        ),
        "github_repository_environment_deployment_policy": Row(
            "jobs of further branches may read its secrets",
            _others(frozenset({"branch_pattern", "tag_pattern", "environment", "repository"})),
            # An environment that holds no secret yet has nothing to be read.
            beside="github_actions_environment_secret",
        ),
        "github_actions_secret": Row(
            "every workflow of the repository may read the secret",
            _others(frozenset({"repository", "secret_name"})),
            frozenset({"plaintext_value", "encrypted_value", "destroy_on_drift"}),
            # The first of all is read by nobody who had less; one that was an environment's is.
            beside="github_actions_environment_secret",
        ),
        "github_actions_environment_secret": Row(
            "jobs of another environment may read the secret",
            _others(frozenset({"repository", "environment", "secret_name"})),
            frozenset({"plaintext_value", "encrypted_value"}),
            new=False,
        ),
        "github_actions_organization_secret": Row("workflows of other repositories may read the secret", {}),
        "github_repository_collaborator": Row("somebody has access to the repository", {}),
        "github_team_repository": Row("a team has access to the repository", {}),
    }
)

# Of these, only what the table names gives anybody anything.
_REST_IS_HARMLESS = frozenset({"databricks_catalog", *BY_TYPE})
# Without one of these nobody can be the principal yet, and what it may do opens nothing.
_CREDENTIALS = frozenset({"databricks_obo_token", "databricks_service_principal_secret"})
_PRINCIPALS = frozenset({"principal", "principal_id", "service_principal_id", "member_id"})


@dataclass(frozen=True, slots=True)
class Widening:
    """A planned change that gives somebody more, and the differences that do."""

    change: Change
    why: str
    leaves: tuple[Leaf, ...]


def widenings(plan: Plan) -> Iterator[Widening]:
    """What a plan gives more than there is, and than was deployed: to take back what was changed outside is none."""
    for address, change in plan.planned.items():
        row = TABLE.get(change.type)
        if row is None or not change.changes:
            continue
        if change.after is None:
            if row.gone:
                yield Widening(change, row.why, ())
            continue
        drift = plan.drift.get(address)
        deployed = drift.before if drift is not None else None
        if change.before is None and deployed is None and (not row.new or _is_new(plan, change, row)):
            continue
        renewed = _renewed(plan, change)
        leaves = tuple(_wider(change, row, change.before, renewed))
        if leaves and deployed is not None:
            leaves = tuple(_wider(change, row, deployed, renewed))
        if leaves:
            yield Widening(change, row.why, leaves)


def _is_new(plan: Plan, change: Change, row: Row) -> bool:
    """Whether what is made concerns nobody and nothing that was there before this plan.

    That is so in the first deploy of a stack; where the object or the principal is made by the same plan; and for a
    principal that has no credential yet, as after a first deploy that was interrupted.
    """
    if not plan.deployed:
        return True
    if row.beside:
        return not any(one.type == row.beside for one in plan.held)
    behind = {address for holder in row.holders for address in plan.configuration(change.address).behind((holder,))}
    made = {address for address, other in plan.planned.items() if other.actions == ("create",)}
    if behind & made:
        return True
    ours = any(address.startswith("databricks_service_principal.") for address in behind)
    return ours and bool(row.holders & _PRINCIPALS) and not any(one.type in _CREDENTIALS for one in plan.held)


def _renewed(plan: Plan, change: Change) -> frozenset[str]:
    """The attributes that only name what the same plan makes anew."""
    made = {address for address, other in plan.planned.items() if other.renews}
    references = plan.configuration(change.address).references
    return frozenset(path[0] for path, addresses in references.items() if path and addresses & made)


def _wider(change: Change, row: Row, before: Any, renewed: frozenset[str]) -> Iterator[Leaf]:
    """The differences from a value of before that give more, or that the table does not know."""
    old = before if isinstance(before, Mapping) else {}
    found: dict[str, list[Leaf]] = {}
    for leaf in differences(
        old,
        change.after,
        before_sensitive=change.before_sensitive if before is change.before else None,
        after_sensitive=change.after_sensitive,
        after_unknown=change.after_unknown,
    ):
        found.setdefault(leaf.attribute, []).append(leaf)
    for attribute in row.wider:
        # A block that is there and says nothing still restricts; as a difference it does not count.
        if old.get(attribute) != change.after.get(attribute):
            found.setdefault(attribute, [Leaf(attribute, old.get(attribute), change.after.get(attribute))])
    for attribute, leaves in found.items():
        wider = row.wider.get(attribute)
        if wider is None:
            if attribute not in row.known and change.type not in _REST_IS_HARMLESS:
                yield from (leaf for leaf in leaves if leaf.after is not UNKNOWN)
        elif any(leaf.unknown for leaf in leaves):
            # Of what is made anew, the service decides what was not configured; the rest is compared.
            if change.before is not None and attribute not in renewed:
                yield from leaves
        elif wider(old.get(attribute), change.after.get(attribute)):
            yield from leaves
