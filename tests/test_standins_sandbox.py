"""Every resource type of the stand-ins, with real Terraform, against the sandbox."""

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from databricks.sdk import WorkspaceClient

from deployed_kinds import KINDS
from packages.sandbox.tests.standins_fixtures import Terraform
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.github.sealed_box import seal
from tests.bundle_resources import RESOURCES as OF_BUNDLES
from tests.deployments import Deployment, deployment_in, enter
from tests.synthesis import config

STAGING = config()["environments"]["staging"]["host"]
OWNER, REPOSITORY = config()["github"]["owner"], config()["github"]["repository"]
PROVIDERS = {
    "databricks": [
        {
            "alias": "account",
            "host": "https://accounts.cloud.databricks.com",
            "account_id": config()["account"]["id"],
            "auth_type": "oauth-m2m",
            "retry_timeout_seconds": 20,
        },
        {"host": STAGING, "auth_type": "oauth-m2m", "retry_timeout_seconds": 20},
    ],
    "github": {"owner": OWNER},
}
ACCOUNT = {"provider": "databricks.account"}
CI = "${databricks_service_principal.ci.application_id}"
REPOSITORY_ID = "${data.github_repository.r.node_id}"

CUSTOM = {"protected_branches": False, "custom_branch_policies": True}

# As little as shows each argument at work; the tests below take things away or change them.
RESOURCES: dict[str, dict[str, dict[str, Any]]] = {
    "databricks_service_principal": {
        "ci": {**ACCOUNT, "display_name": "ci", "disable_as_user_deletion": False},
        "other": {**ACCOUNT, "display_name": "other", "disable_as_user_deletion": False},
    },
    "databricks_permission_assignment": {
        "ci": {"principal_id": "${databricks_service_principal.ci.id}", "permissions": ["USER"]},
        "by_name": {
            "service_principal_name": "${databricks_service_principal.other.application_id}",
            "permissions": ["ADMIN"],
        },
    },
    "databricks_service_principal_secret": {
        "ci": {**ACCOUNT, "service_principal_id": "${databricks_service_principal.ci.id}", "lifetime": "86400s"},
    },
    "databricks_entitlements": {
        "ci": {
            "service_principal_id": "${databricks_permission_assignment.ci.principal_id}",
            "workspace_access": True,
            "allow_cluster_create": True,
        },
    },
    "databricks_group_member": {
        "ci": {
            "group_id": "${data.databricks_group.team.id}",
            "member_id": "${databricks_permission_assignment.ci.principal_id}",
        },
    },
    "databricks_catalog": {
        "made": {"name": "made", "comment": "by a test", "properties": {"purpose": "test"}, "force_destroy": True},
        "apart": {"name": "apart", "isolation_mode": "ISOLATED", "owner": CI},
    },
    "databricks_schema": {
        "made": {"catalog_name": "${databricks_catalog.made.name}", "name": "s", "owner": CI, "comment": "here"},
    },
    "databricks_grant": {
        "ci": {
            "catalog": "${databricks_catalog.made.name}",
            "principal": CI,
            "privileges": ["USE_CATALOG", "CREATE_SCHEMA"],
        },
    },
    "databricks_grants": {
        "all": {
            "schema": "${databricks_schema.made.id}",
            "grant": [
                {"principal": CI, "privileges": ["USE_SCHEMA"]},
                {"principal": "account users", "privileges": ["USE_SCHEMA", "SELECT"]},
            ],
        },
    },
    "databricks_obo_token": {
        "ci": {
            "application_id": CI,
            "lifetime_seconds": 3600,
            "comment": "of a test",
            "depends_on": ["databricks_permission_assignment.ci"],
        },
    },
    "github_actions_secret": {
        "t": {
            "repository": REPOSITORY,
            "secret_name": "TOKEN",
            "plaintext_value": "${databricks_obo_token.ci.token_value}",
        },
    },
    "github_actions_variable": {"v": {"repository": REPOSITORY, "variable_name": "STAGE", "value": "one"}},
    "github_workflow_repository_permissions": {
        "w": {"repository": REPOSITORY, "default_workflow_permissions": "write"},
    },
    "github_actions_repository_permissions": {
        "a": {
            "repository": REPOSITORY,
            "allowed_actions": "selected",
            "allowed_actions_config": [{"github_owned_allowed": True, "patterns_allowed": ["databricks/*"]}],
        },
    },
    "github_branch": {"b": {"repository": REPOSITORY, "branch": "feature/one", "source_branch": "main"}},
    "github_branch_protection": {
        "main": {
            "repository_id": REPOSITORY_ID,
            "pattern": "main",
            "enforce_admins": True,
            "required_pull_request_reviews": [{"require_code_owner_reviews": True}],
            "required_status_checks": [{"strict": True, "contexts": ["test", "lint"]}],
        },
        "hotfix": {"repository_id": REPOSITORY, "pattern": "hotfix/*", "restrict_pushes": [{}]},
    },
    "github_repository_environment": {
        "e": {
            "repository": REPOSITORY,
            "environment": "staging/eu",
            "deployment_branch_policy": [CUSTOM],
        },
    },
    "github_repository_environment_deployment_policy": {
        "p": {
            "repository": REPOSITORY,
            "environment": "${github_repository_environment.e.environment}",
            "branch_pattern": "release",
        },
    },
    "github_actions_environment_secret": {
        "s": {
            "repository": REPOSITORY,
            "environment": "${github_repository_environment.e.environment}",
            "secret_name": "TOKEN",
            "plaintext_value": "value",
        },
    },
}
DATA = {
    "databricks_group": {"team": {"display_name": "team"}},
    "databricks_current_user": {"me": {}},
    "databricks_service_principal": {"me": {"application_id": "${data.databricks_current_user.me.user_name}"}},
    "github_branch_protection_rules": {"all": {"repository": REPOSITORY}},
    "github_repository": {"r": {"name": REPOSITORY}},
}
MAKE_GROUP = f"""
from databricks.sdk import WorkspaceClient

WorkspaceClient(host={STAGING!r}).groups.create(display_name="team")
"""
EVERYTHING: dict[str, Any] = {"provider": PROVIDERS, "resource": RESOURCES, "data": DATA}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("standins"), config()) as deployment:
        deployment.sandbox.python(MAKE_GROUP)
        deployment.sandbox.ask("save")
        yield deployment


@pytest.fixture
def terraform(sandbox: Deployment, tmp_path: Path) -> Terraform:
    """A configuration of everything, initialized, in a sandbox on day one."""
    sandbox.sandbox.ask("restore")
    terraform = Terraform(tmp_path / "stack", sandbox.environ)
    terraform.folder.mkdir()
    terraform.write(EVERYTHING)
    terraform.ok("init", "-no-color", "-input=false")
    return terraform


def test_the_configurations_have_every_type() -> None:
    # What bundles alone deploy is made, changed and destroyed as a bundle's stack has it: tests/test_kinds_life.py.
    kinds = {kind.type for kind in KINDS.values()} | {"databricks_secret_acl"}
    assert RESOURCES.keys() | OF_BUNDLES.keys() | kinds == DATABRICKS.resources.keys() | GITHUB.resources.keys()
    assert DATA.keys() == DATABRICKS.data_sources.keys() | GITHUB.data_sources.keys()


def test_everything_applies_then_the_plan_is_empty_then_nothing_is_left(
    sandbox: Deployment, terraform: Terraform
) -> None:
    day_one = sandbox.dump()
    terraform.apply()
    assert terraform.actions() == {}
    assert "drift" not in terraform.plan()
    terraform.ok("destroy", "-auto-approve", "-no-color")
    assert sandbox.dump() == day_one


@dataclass
class World:
    """Everything applied, and an administrator who can do things behind Terraform's back."""

    terraform: Terraform
    sandbox: Deployment

    def databricks(self, method: str, path: str, body: Any = None) -> Any:
        environ = self.sandbox.environ
        client = WorkspaceClient(
            host=STAGING,
            client_id=environ["DATABRICKS_CLIENT_ID"],
            client_secret=environ["DATABRICKS_CLIENT_SECRET"],
            auth_type="oauth-m2m",
        )
        return client.api_client.do(method, path, body=body)

    def github(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.sandbox.environ['GITHUB_TOKEN']}"}
        answer = requests.request(method, f"https://api.github.com{path}", json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def id(self, address: str) -> str:
        return str(self.terraform.state(address)["id"])

    @property
    def ci(self) -> str:
        return str(self.terraform.state("databricks_service_principal.ci")["application_id"])


@pytest.fixture(scope="module")
def applied(sandbox: Deployment, tmp_path_factory: pytest.TempPathFactory) -> World:
    sandbox.sandbox.ask("restore")
    terraform = Terraform(tmp_path_factory.mktemp("applied"), sandbox.environ)
    terraform.write(EVERYTHING)
    terraform.ok("init", "-no-color", "-input=false")
    terraform.apply()
    return World(terraform, sandbox)


@pytest.fixture
def world(applied: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everything applied; what a test does is put back by its own last apply."""
    enter(applied.sandbox, monkeypatch)
    return applied


REPO = f"/repos/{OWNER}/{REPOSITORY}"
UC = "/api/2.1/unity-catalog"
SCIM = "/api/2.0/preview/scim/v2"


def rewrite_secret(world: World, path: str) -> None:
    """Write any box: nobody can compare what is in it."""
    key = world.github("GET", f"{path}/public-key")
    box = seal(key["key"], "somebody else's")
    world.sandbox.run(sys.executable, "-m", "sandbox", "clock", "+1s")
    world.github("PUT", f"{path}/TOKEN", {"key_id": key["key_id"], "encrypted_value": box})


def patch_op(op: str, path: str, value: Any) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": op, "path": path, "value": value}],
    }


# What somebody does -> what the next plan wants to do about it.
DRIFT: dict[str, tuple[Callable[[World], Any], dict[str, str]]] = {
    "an entitlement is taken away": (
        lambda w: w.databricks(
            "PATCH",
            f"{SCIM}/ServicePrincipals/{w.id('databricks_service_principal.ci')}",
            patch_op("remove", "entitlements", [{"value": "allow-cluster-create"}]),
        ),
        {"databricks_entitlements.ci": "update"},
    ),
    "a user becomes an admin": (
        lambda w: w.databricks(
            "PUT",
            f"/api/2.0/preview/permissionassignments/principals/{w.id('databricks_service_principal.ci')}",
            {"permissions": ["ADMIN"]},
        ),
        {"databricks_permission_assignment.ci": "update"},
    ),
    "a member leaves the group": (
        lambda w: w.databricks(
            "PATCH",
            f"{SCIM}/Groups/{w.terraform.state('databricks_group_member.ci')['group_id']}",
            patch_op("remove", f'members[value eq "{w.id("databricks_service_principal.ci")}"]', None),
        ),
        {"databricks_group_member.ci": "create"},
    ),
    "a privilege is revoked": (
        lambda w: w.databricks(
            "PATCH",
            f"{UC}/permissions/catalog/made",
            {"changes": [{"principal": w.ci, "remove": ["CREATE_SCHEMA"]}]},
        ),
        {"databricks_grant.ci": "update"},
    ),
    "all privileges are revoked": (
        lambda w: w.databricks(
            "PATCH",
            f"{UC}/permissions/catalog/made",
            {"changes": [{"principal": w.ci, "remove": ["CREATE_SCHEMA", "USE_CATALOG"]}]},
        ),
        {"databricks_grant.ci": "create"},
    ),
    "a privilege is granted to somebody": (
        lambda w: w.databricks(
            "PATCH",
            f"{UC}/permissions/schema/made.s",
            {"changes": [{"principal": "account users", "add": ["MODIFY"]}]},
        ),
        {"databricks_grants.all": "update"},
    ),
    "a comment is rewritten": (
        lambda w: w.databricks("PATCH", f"{UC}/schemas/made.s", {"comment": "there"}),
        {"databricks_schema.made": "update"},
    ),
    "a token is deleted": (
        lambda w: w.databricks("DELETE", f"/api/2.0/token-management/tokens/{w.id('databricks_obo_token.ci')}"),
        {"databricks_obo_token.ci": "create", "github_actions_secret.t": "replace"},
    ),
    "a secret is rewritten": (
        lambda w: rewrite_secret(w, f"{REPO}/actions/secrets"),
        {"github_actions_secret.t": "create"},
    ),
    "a secret is deleted": (
        lambda w: w.github("DELETE", f"{REPO}/actions/secrets/TOKEN"),
        {"github_actions_secret.t": "create"},
    ),
    "an environment's secret is rewritten": (
        lambda w: rewrite_secret(w, f"/repositories/{w.github('GET', REPO)['id']}/environments/staging%2Feu/secrets"),
        {"github_actions_environment_secret.s": "replace"},
    ),
    "a variable is rewritten": (
        lambda w: w.github("PATCH", f"{REPO}/actions/variables/STAGE", {"name": "STAGE", "value": "two"}),
        {"github_actions_variable.v": "update"},
    ),
    "workflows lose the right to write": (
        lambda w: w.github("PUT", f"{REPO}/actions/permissions/workflow", {"default_workflow_permissions": "read"}),
        {"github_workflow_repository_permissions.w": "update"},
    ),
    "all actions are allowed": (
        lambda w: w.github("PUT", f"{REPO}/actions/permissions", {"enabled": True, "allowed_actions": "all"}),
        {"github_actions_repository_permissions.a": "update"},
    ),
    "a branch is deleted": (
        lambda w: w.github("DELETE", f"{REPO}/git/refs/heads/feature/one"),
        {"github_branch.b": "create"},
    ),
    "a protection is weakened": (
        lambda w: w.github("DELETE", f"{REPO}/branches/main/protection/enforce_admins"),
        {"github_branch_protection.main": "update"},
    ),
    "admins may no longer bypass an environment": (
        lambda w: w.github(
            "PUT", f"{REPO}/environments/staging%2Feu", {"can_admins_bypass": False, "deployment_branch_policy": CUSTOM}
        ),
        {"github_repository_environment.e": "update"},
    ),
}


# Changes that do not meet; each wave is one plan and one apply.
WAVES = (
    [what for what in DRIFT if what not in ("a secret is rewritten", "a secret is deleted", "a privilege is revoked")],
    ["a secret is rewritten", "a privilege is revoked"],
    ["a secret is deleted"],
)


@pytest.mark.parametrize("wave", WAVES, ids=["most", "rewritten", "deleted"])
def test_what_others_change_is_noticed_and_put_back(world: World, wave: list[str]) -> None:
    expected: dict[str, str] = {}
    for what in wave:
        change, consequences = DRIFT[what]
        change(world)
        expected |= consequences
    assert world.terraform.actions() == expected
    world.terraform.apply()
    assert world.terraform.actions() == {}


# (address, argument, new value)
Change = tuple[str, str, Any]
UPDATES: list[Change] = [
    ("databricks_service_principal.ci", "display_name", "renamed"),
    ("databricks_permission_assignment.ci", "permissions", ["ADMIN"]),
    ("databricks_entitlements.ci", "databricks_sql_access", True),
    ("databricks_catalog.made", "comment", None),
    ("databricks_catalog.made", "owner", CI),
    ("databricks_catalog.made", "properties", {"purpose": "another"}),
    ("databricks_schema.made", "comment", "rewritten"),
    ("databricks_grant.ci", "privileges", ["USE_CATALOG"]),
    ("databricks_grants.all", "grant", [{"principal": "account users", "privileges": ["SELECT"]}]),
    ("github_actions_variable.v", "value", "three"),
    ("github_workflow_repository_permissions.w", "can_approve_pull_request_reviews", True),
    ("github_actions_repository_permissions.a", "allowed_actions_config", [{"github_owned_allowed": False}]),
    ("github_branch.b", "branch", "feature/two"),
    ("github_branch_protection.main", "required_status_checks", []),
    ("github_branch_protection.main", "required_pull_request_reviews", []),
    ("github_branch_protection.hotfix", "pattern", "fix/*"),
    ("github_repository_environment.e", "wait_timer", 5),
    ("github_repository_environment_deployment_policy.p", "branch_pattern", "release/*"),
]
REPLACEMENTS: list[Change] = [
    ("databricks_obo_token.ci", "comment", "another"),
    ("databricks_service_principal_secret.ci", "lifetime", "3600s"),
    ("databricks_schema.made", "name", "renamed"),
    ("databricks_grant.ci", "principal", "account users"),
    ("github_actions_variable.v", "variable_name", "PHASE"),
    ("github_branch.b", "source_branch", "release"),
    ("github_branch_protection.main", "repository_id", REPOSITORY),
    ("github_actions_environment_secret.s", "plaintext_value", "another"),
]
NO_CHANGES: list[Change] = [
    ("databricks_grant.ci", "privileges", ["create schema", "USE CATALOG"]),
    ("databricks_catalog.made", "name", "MADE"),
]
# Replaced as well, because what they refer to is.
FOLLOWING = {"databricks_grants.all", "github_actions_secret.t"}


def test_arguments_that_can_be_updated_are(world: World) -> None:
    world.terraform.write(changed(UPDATES))
    assert world.terraform.actions() == {address: "update" for address, _, _ in UPDATES}
    world.terraform.apply()
    assert world.terraform.actions() == {}
    world.terraform.write(EVERYTHING)
    world.terraform.apply()
    assert world.terraform.actions() == {}


def test_other_arguments_replace(applied: World) -> None:
    applied.terraform.write(changed(REPLACEMENTS))
    addresses = FOLLOWING.union(address for address, _, _ in REPLACEMENTS)
    assert applied.terraform.actions() == dict.fromkeys(addresses, "replace")


def test_what_means_the_same_is_no_change(applied: World) -> None:
    applied.terraform.write(changed(NO_CHANGES))
    assert applied.terraform.actions() == {}


def changed(changes: list[Change]) -> Any:
    """The configuration with some arguments changed."""
    result = copy.deepcopy(EVERYTHING)
    for address, argument, value in changes:
        type_, _, name = address.partition(".")
        result["resource"][type_][name][argument] = value
    return result


# Where the id in the state is not what an import wants.
IMPORT_IDS: dict[str, Callable[[World], str]] = {
    "github_actions_secret.t": lambda _: f"{REPOSITORY}/TOKEN",
    "github_branch_protection.main": lambda _: f"{REPOSITORY}:main",
    "github_branch_protection.hotfix": lambda _: f"{REPOSITORY}:hotfix/*",
}
# What a plan after the import still wants, and why.
AFTER_IMPORT = {
    "databricks_catalog.made": "update",  # force_destroy is in no answer; null instead of false is no change
    "databricks_obo_token.ci": "replace",  # neither the application nor the lifetime is read
    "github_actions_secret.t": "replace",  # the value is not readable
    "github_branch_protection.hotfix": "replace",  # configured by name, imported by node id
    "github_repository_environment_deployment_policy.p": "replace",  # its environment is not read
}
NOT_IMPORTABLE = {"github_actions_environment_secret.s", "databricks_service_principal_secret.ci"}
ADDRESSES = sorted(f"{type_}.{name}" for type_, named in RESOURCES.items() for name in named)


def test_imports_read_what_exists(applied: World, tmp_path: Path) -> None:
    addresses = [
        address
        for address in ADDRESSES
        if address not in NOT_IMPORTABLE and not address.endswith((".other", ".by_name"))
    ]
    blocks = [
        {"to": address, "id": IMPORT_IDS[address](applied) if address in IMPORT_IDS else applied.id(address)}
        for address in addresses
    ]
    fresh = Terraform(tmp_path / "fresh", applied.sandbox.environ)
    fresh.folder.mkdir()
    fresh.write({**EVERYTHING, "import": blocks})
    fresh.ok("init", "-no-color", "-input=false")
    assert fresh.actions() == {
        **{address: AFTER_IMPORT.get(address, "import") for address in addresses},
        **dict.fromkeys(set(ADDRESSES) - set(addresses), "create"),
    }
