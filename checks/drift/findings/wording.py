"""Resources in human words: one function per type."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.drift.plan.document import Plan
from deployed_kinds import KINDS, ResourceKind
from rotation import TokenPeriod

Values = Mapping[str, Any]

# What a grant is on, in Databricks' words where Terraform's differ.
_SECURABLES = {
    **{one.grants: one.noun for one in KINDS.values() if one.grants},
    "model": "workspace model",
    "catalog": "catalog",
    "table": "table",
    "external_location": "external location",
    "storage_credential": "storage credential",
    "metastore": "metastore",
    "pipeline": "pipeline",
}
# By which ids other resources refer to a resource.
_IDS = {
    "databricks_service_principal": ("id", "application_id"),
    "databricks_group": ("id",),
    **{one.type: (one.id_attribute,) for one in KINDS.values() if one.permissions},
}
_NAMES = ("display_name", "name", "cluster_name")
_ATTRIBUTE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Names:
    """What ids stand for: application ids of principals, numbers of jobs and experiments."""

    known: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, identity: Any) -> str:
        """The name of an id, or the id."""
        return self.known.get(str(identity), str(identity))


def names_of(plan: Plan, *, deployer: str | None = None) -> Names:
    """Names as the plan's own state tells them; `deployer` is who the data source databricks_current_user is."""
    known: dict[str, str] = {}
    states: Iterable[tuple[str, Values]] = (
        *((change.type, change.before or {}) for change in plan.drift.values()),
        *((held.type, held.values) for held in plan.held),
    )
    for kind, values in states:
        name = next((values[name] for name in _NAMES if values.get(name)), None)
        for identity in _IDS.get(kind, ()):
            if name and values.get(identity):
                known[str(values[identity])] = str(name)
        if kind == "databricks_current_user" and deployer and values.get("user_name"):
            known[str(values["user_name"])] = deployer
    return Names(known)


def describe(kind: str, values: Values, names: Names) -> str:
    """A resource in words, such as "branch release"."""
    words = WORDS.get(kind)
    if words is not None:
        return words(values, names)
    what = kind.partition("_")[2].replace("_", " ")
    name = next((values[name] for name in ("name", "display_name", "path", "id") if values.get(name)), "")
    return f"{what} {name}".strip()


def token_period(values: Values) -> TokenPeriod | None:
    """What a token was made for, as its comment says; None for one that was not made here."""
    return TokenPeriod.of(str(values.get("comment") or ""))


def _securable(values: Values) -> str:
    kind = next((kind for kind in _SECURABLES if values.get(kind)), None)
    return f"{_SECURABLES[kind]} {values[kind]}" if kind else "its securable"


def _grant(values: Values, names: Names) -> str:
    return f"the privileges of {names(values.get('principal') or 'the principal')} on {_securable(values)}"


def _grants(values: Values, names: Names) -> str:  # noqa: ARG001 - one of many
    return f"all privileges on {_securable(values)}"


def _token(values: Values, names: Names) -> str:
    period = token_period(values)
    whose = names(values.get("application_id")) if values.get("application_id") else "its principal"
    return f"token {period.slot} of {period.label}" if period else f"a token of {whose}"


def _permissions(values: Values, names: Names) -> str:
    for name, what in (
        *((one.permissions, one.noun) for one in KINDS.values() if one.permissions),
        ("directory_path", "folder"),
        ("notebook_path", "notebook"),
        ("workspace_file_path", "file"),
        ("cluster_policy_id", "cluster policy"),
        ("authorization", "the use of"),
    ):
        if values.get(name):
            return f"the permissions on {what} {names(values[name])}"
    return "permissions on an object that is not there yet"


def _secret_acl(values: Values, names: Names) -> str:
    return (
        f"what {names(values.get('principal') or 'a principal')} may do with secret scope {values.get('scope') or '?'}"
    )


def _group_member(values: Values, names: Names) -> str:
    return f"the membership of {names(values.get('member_id'))} in group {names(values.get('group_id'))}"


def _of_principal(text: str, attribute: str) -> Callable[[Values, Names], str]:
    def words(values: Values, names: Names) -> str:
        known = values.get(attribute)
        return text.format(names(known) if known else "the principal")

    return words


def _named(text: str, *attributes: str) -> Callable[[Values, Names], str]:
    def words(values: Values, names: Names) -> str:  # noqa: ARG001 - one of many
        return text.format(*(values.get(attribute) or "?" for attribute in attributes))

    return words


def _kind(kind: ResourceKind) -> Callable[[Values, Names], str]:
    return _named(_ATTRIBUTE.sub("{}", kind.words), *_ATTRIBUTE.findall(kind.words))


# For every type that a stack has.
WORDS: Mapping[str, Callable[[Values, Names], str]] = {
    **{one.type: _kind(one) for one in KINDS.values()},
    "databricks_catalog": _named("catalog {}", "name"),
    "databricks_directory": _named("folder {}", "path"),
    "databricks_entitlements": _of_principal("the entitlements of {}", "service_principal_id"),
    "databricks_grant": _grant,
    "databricks_grants": _grants,
    "databricks_group_member": _group_member,
    "databricks_notebook": _named("notebook {}", "path"),
    "databricks_obo_token": _token,
    "databricks_permission_assignment": _of_principal("the place of {} in the workspace", "principal_id"),
    "databricks_permissions": _permissions,
    "databricks_secret_acl": _secret_acl,
    "databricks_service_principal": _named("service principal {}", "display_name"),
    "databricks_service_principal_secret": _of_principal("a secret of {}", "service_principal_id"),
    "databricks_workspace_file": _named("file {}", "path"),
    "github_actions_environment_secret": _named("the secret {} of environment {}", "secret_name", "environment"),
    "github_actions_repository_permissions": _named("which actions {} may use", "repository"),
    "github_actions_secret": _named("the Actions secret {}", "secret_name"),
    "github_actions_variable": _named("the Actions variable {}", "variable_name"),
    "github_branch": _named("branch {}", "branch"),
    "github_branch_protection": _named("the protection of branch {}", "pattern"),
    "github_repository": _named("repository {}", "name"),
    "github_repository_environment": _named("environment {}", "environment"),
    "github_repository_environment_deployment_policy": _named(
        "the branches that may enter environment {}", "environment"
    ),
    "github_workflow_repository_permissions": _named("the workflow permissions of {}", "repository"),
}
