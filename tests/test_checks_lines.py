"""Each line of preflight, verify and audit fails where it should, and no other line with it."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from databricks.sdk.service import iam, oauth2
from databricks.sdk.service.catalog import CatalogIsolationMode, PermissionsChange, Privilege
from databricks.sdk.service.workspace import ImportFormat, Language

from checks.check import Line, Status
from checks.preflight import providers
from sandbox.databricks.rest.rules import unity_catalog
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import membership, principals
from sandbox.databricks.world.identity.credentials import digest
from sandbox.databricks.world.refusals import PermissionDeniedError
from sandbox.databricks.world.unity_catalog import assigned_metastores
from sandbox.github.world.accounts.accounts import FREE, set_plan
from sandbox.github.world.accounts.memberships import OWNER, enroll
from sandbox.github.world.accounts.tokens import issue_token
from sandbox.github.world.actions.organization_policies import set_policy
from sandbox.github.world.git.ref_store import drop_ref
from tests.checks_scene import CI, PROD, STAGING, Scene, Stage, deployed_stage, scene_of, without_workspace
from tests.ml_project import MAKES_SCHEMAS
from tests.test_bundle_deploy import FROM_GIT
from unity_catalog import GRANTABLE, SecurableType

Act = Callable[[Scene], Any]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with deployed_stage(tmp_path_factory.mktemp("lines") / "project") as stage:
        yield stage


@pytest.fixture
def scene(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene_of(stage, monkeypatch) as scene:
        yield scene


def fails_alone(lines: dict[str, Line], id_: str) -> None:
    """The line fails; every other passes, is not looked at, or is not checkable because of it."""
    assert lines[id_].status in (Status.FINDING, Status.UNCHECKED), lines[id_]
    assert lines[id_].detail
    others = {
        line.id: (line.status, line.detail)
        for line in lines.values()
        if line.id != id_ and line.status not in (Status.PASSED, Status.SKIPPED)
        if not (line.status is Status.BLOCKED and line.blocked_by == (id_,))
    }
    assert others == {}


def edit(*path: str, value: Any) -> Act:
    """Change mlops.yaml."""

    def act(scene: Scene) -> None:
        section = scene.data
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = value

    return act


def several(*acts: Act) -> Act:
    def act(scene: Scene) -> None:
        for one in acts:
            one(scene)

    return act


# --- what is done to the account


def let_in_nobody(scene: Scene) -> None:
    scene.data["account"]["id"] = "00000000-0000-4000-8000-000000000000"


def no_account_admin(scene: Scene) -> None:
    principals.save(scene.store, scene.principal("platform-admin"), roles=None)


def change_securable(kind: SecurableType, name: str, **fields: Any) -> Act:
    def act(scene: Scene) -> None:
        found = next(
            (key, document)
            for key, document in scene.store.all(f"databricks.{kind}")
            if kind is SecurableType.METASTORE or key.endswith(f"/{name}")
        )
        scene.store.put(f"databricks.{kind}", found[0], {**found[1], **fields})

    return act


def unassign_metastore(scene: Scene) -> None:
    assigned_metastores.unassign(scene.store, scene.workspace_id())


def put_out(scene: Scene) -> None:
    membership.unassign(scene.store, scene.workspace_id(), scene.principal("platform-admin").id)


def make_user(scene: Scene) -> None:
    membership.assign(scene.store, scene.workspace_id(), scene.principal("platform-admin").id, [membership.MEMBER])


def configure_workspace(**values: str) -> Act:
    return lambda scene: scene.workspace().workspace_conf.set_status(values)


def close_tokens(scene: Scene) -> None:
    access_control.set_levels(scene.store, scene.workspace_id(), access_control.TOKENS, {})


def somebody_elses(scene: Scene) -> None:
    """Metastore, catalog and schema belong to another principal."""
    other = scene.principal("account-owner").id
    for kind, name in (
        (SecurableType.METASTORE, ""),
        (SecurableType.CATALOG, "staging"),
        (SecurableType.SCHEMA, "staging.taxi_fare"),
    ):
        change_securable(kind, name, owner_id=other)(scene)


def two_metastores(scene: Scene) -> None:
    """Production's workspace has another metastore, in which a catalog has the name of one of staging's."""
    (key, document) = scene.store.all("databricks.metastore")[0]
    other = "99999999-0000-4000-8000-000000000000"
    scene.store.put("databricks.metastore", other, {**document, "name": "second"})
    assigned_metastores.assign(scene.store, scene.workspace_id(PROD), other)
    for kind, name in (
        (SecurableType.CATALOG, "prod"),
        (SecurableType.SCHEMA, "prod.taxi_fare"),
        (SecurableType.CATALOG, "test"),
        (SecurableType.SCHEMA, "test.taxi_fare"),
    ):
        source = scene.store.get(f"databricks.{kind}", f"{key}/{name}")
        assert source is not None
        scene.store.put(f"databricks.{kind}", f"{other}/{name}", source)
    catalogs = {"prod": MAKES_SCHEMAS, "test": {"shared_with": ["staging"]}}
    scene.data["environments"]["prod"]["catalogs"] = catalogs


def on_azure(scene: Scene) -> None:
    """Staging's workspace has a metastore of its own, in another cloud."""
    (key, document) = scene.store.all("databricks.metastore")[0]
    other = "99999999-0000-4000-8000-000000000000"
    scene.store.put("databricks.metastore", other, {**document, "name": "second", "cloud": "azure"})
    for kind in (SecurableType.CATALOG, SecurableType.SCHEMA):
        for name, copied in scene.store.all(f"databricks.{kind}", prefix=f"{key}/"):
            scene.store.put(f"databricks.{kind}", name.replace(key, other), copied)
    assigned_metastores.assign(scene.store, scene.workspace_id(), other)


# --- what is done to GitHub


def use_token(**permissions: str) -> Act:
    """A fine-grained token with those permissions."""

    def act(scene: Scene) -> None:
        token = "github_pat_of_a_test"
        issue_token(scene.store, login="platform-admin", token=token, permissions={"metadata": "read", **permissions})
        scene.environ["GITHUB_TOKEN"] = token

    return act


def forget_main(scene: Scene) -> None:
    drop_ref(scene.store, scene.repository, "refs/heads/main")


def workflow(name: str, text: str) -> Act:
    return lambda scene: scene.project_file(f".github/workflows/{name}.yml", text)


def lose(stack: str, address: str) -> Act:
    return lambda scene: scene.states.lost.add((stack, address))


S3 = {"bucket": "b", "key": "{stack}.tfstate", "region": "us-west-2"}
PRINCIPAL = "databricks_service_principal.ci_identity_principal_7EA3A439"

PREFLIGHT: dict[str, Act] = {
    "state.opens": several(
        edit("state", value={"type": "s3", "config": {**S3, "use_lockfile": True}}),
        lambda scene: setattr(scene.states, "refusal", "NoSuchBucket"),
    ),
    "state.encrypted": edit(
        "state",
        value={
            "type": "http",
            "config": {"address": "http://s.example/{stack}", "lock_address": "https://s.example/l"},
        },
    ),
    "state.locked": edit("state", value={"type": "s3", "config": S3}),
    "providers.locked": several(
        edit("state", value={"type": "s3", "config": {**S3, "use_lockfile": True}}),
        lambda scene: scene.patch(providers, "LOCK", scene.deployment.configuration),
    ),
    "account.login": let_in_nobody,
    "account.admin": no_account_admin,
    "account.metastore": change_securable(SecurableType.METASTORE, "", region="eu-west-1"),
    "staging.workspace": lambda scene: without_workspace(scene, STAGING),
    "staging.metastore": unassign_metastore,
    "staging.login": put_out,
    "staging.admin": make_user,
    "staging.tokens-enabled": configure_workspace(enableTokensConfig="false"),
    "staging.token-lifetime": configure_workspace(maxTokenLifetimeDays="30"),
    "staging.token-use": close_tokens,
    "staging.token-users-group": edit("environments", "staging", "token_users_group", value="nobody-knows"),
    "staging.cloud": on_azure,
    "staging.catalog.staging": lambda scene: scene.workspace().catalogs.delete("staging", force=True),
    "staging.schema.test.taxi_fare": lambda scene: scene.workspace().schemas.delete("test.taxi_fare", force=True),
    "staging.table.staging.taxi_fare.trips": edit(
        "environments", "staging", "input_tables", value=["staging.taxi_fare.trips"]
    ),
    "staging.grant.staging": somebody_elses,
    "metastores": two_metastores,
    "github.login": lambda scene: scene.environ.update(GITHUB_TOKEN="ghp_nobody_knows"),
    "github.repository": edit("github", "repository", value="another"),
    "github.administration": use_token(secrets="write", contents="write", actions="write", environments="write"),
    "github.secrets": use_token(
        administration="write",
        contents="write",
        actions="write",
        environments="write",
        organization_administration="write",
    ),
    "github.main": forget_main,
    "github.plan": lambda scene: set_plan(scene.store, "acme", FREE),
    "github.organisation-policy": several(
        lambda scene: enroll(scene.store, organization="acme", login="platform-admin", role=OWNER),
        lambda scene: set_policy(scene.store, "acme", default_workflow_permissions="read"),
    ),
    "github.required-checks": edit("github", "required_checks", value=["nobody"]),
    "project.secrets": workflow("more", "on: [push]\njobs:\n  a: {steps: [{run: 'echo ${{ secrets.OTHER }}'}]}\n"),
    "project.targets": workflow(
        "more", "on: {push: {branches: [main]}}\njobs:\n  a: {steps: [{run: databricks bundle deploy -t prod}]}\n"
    ),
    "project.pinned-actions": several(
        edit("github", "actions", value={"sha_pinned": True}),
        workflow("more", "on: [push]\njobs:\n  a: {steps: [{uses: actions/checkout@v5}]}\n"),
    ),
    "project.pull-request-target": workflow(
        "more",
        "on: [pull_request_target]\njobs:\n  a:\n    env: {T: '${{ secrets.PROD_WORKSPACE_TOKEN }}'}\n    steps:\n"
        "      - {uses: actions/checkout@v5, with: {ref: '${{ github.event.pull_request.head.sha }}'}}\n",
    ),
    "staging.existing": lose("staging", PRINCIPAL),
}


# --- what is done to the principal


def ci(scene: Scene, environment: str = "staging") -> iam.ServicePrincipal:
    (found,) = scene.workspace().service_principals.list(filter=f'displayName eq "{CI[environment]}"')
    return found


def grant(kind: str, name: str, *, add: str = "", remove: str = "") -> Act:
    def act(scene: Scene) -> None:
        change = PermissionsChange(
            principal=ci(scene).application_id,
            add=[Privilege(add)] if add else None,
            remove=[Privilege(remove)] if remove else None,
        )
        scene.workspace().grants.update(kind, name, changes=[change])

    return act


def make_admin(scene: Scene) -> None:
    membership.assign(scene.store, scene.workspace_id(), str(ci(scene).id), [membership.ADMIN])


def entitle(scene: Scene) -> None:
    scene.workspace().service_principals.patch(
        str(ci(scene).id),
        operations=[
            iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "allow-instance-pool-create"}])
        ],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )


def revoke_the_older(scene: Scene) -> None:
    current = digest(scene.environ["STAGING_WORKSPACE_TOKEN"])
    mine = [one for one in scene.workspace().token_management.list() if str(one.owner_id) == ci(scene).id]
    for one in mine:
        if one.token_id != current:
            scene.workspace().token_management.delete(str(one.token_id))


def one_workspace_behind_both_names(scene: Scene) -> None:
    world = scene.dispatcher.world
    staging = scene.workspace_id()
    scene.dispatcher.world = replace(world, workspaces=tuple(replace(one, id=staging) for one in world.workspaces))


def refuse_statements(scene: Scene) -> None:
    """A service that refuses what privileges allow."""

    def refuse(call: Any, _statement: Any) -> None:
        if "`staging`" in call.body["statement"]:
            raise PermissionDeniedError("Warehouses are closed.")

    scene.patch(unity_catalog, "authorize_statement", refuse)


def take_code_from_private_repository(scene: Scene) -> None:
    scene.data["ml_project"]["code"] = "git"
    scene.project_file("assets/all.yml", FROM_GIT)
    scene.github.edit(private=True)


VERIFY: dict[str, Act] = {
    "staging.token": lambda scene: scene.environ.update(STAGING_WORKSPACE_TOKEN="dapi-nobodys"),
    "staging.user": make_admin,
    "staging.entitlements": entitle,
    "staging.slots": revoke_the_older,
    "staging.git-credential": take_code_from_private_repository,
    "staging.refused-by-prod": one_workspace_behind_both_names,
    "staging.training.staging": grant("catalog", "staging", remove="USE_CATALOG"),
    "staging.training.staging.taxi_fare": grant("schema", "staging.taxi_fare", remove="MODIFY"),
    "staging.batch-inference.staging.taxi_fare": grant("schema", "staging.taxi_fare", remove="EXECUTE"),
    "staging.making-schemas.staging": grant("catalog", "staging", remove="CREATE_SCHEMA"),
    "staging.beyond.catalog.staging": grant("catalog", "staging", add="BROWSE"),
    "staging.beyond.schema.staging.taxi_fare": grant("schema", "staging.taxi_fare", add="CREATE_FUNCTION"),
    "staging.trial.staging": refuse_statements,
    "github.repository": lambda scene: scene.environ.update(GITHUB_TOKEN="ghp_nobody_knows"),
    "github.workflow-token": lambda scene: requester(scene, "PUT", "actions/permissions/workflow", READ_ONLY),
    "github.secret.STAGING_WORKSPACE_TOKEN": lambda scene: scene.github.delete_secret("STAGING_WORKSPACE_TOKEN"),
    "github.protection.main": lambda scene: scene.github.get_branch("main").remove_protection(),
}
READ_ONLY = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}


def requester(scene: Scene, method: str, path: str, body: dict[str, Any]) -> None:
    repository = scene.github
    repository.requester.requestJsonAndCheck(method, f"{repository.url}/{path}", input=body)


# --- what is done beside Terraform


def second_principal(scene: Scene) -> None:
    scene.account.service_principals_v2.create(display_name=CI["staging"], active=True)


def third_token(scene: Scene) -> None:
    scene.workspace().token_management.create_obo_token(application_id=str(ci(scene).application_id), comment="mine")


def own_oauth_secret(scene: Scene) -> None:
    scene.account.service_principal_secrets.create(str(ci(scene).id))


def make_account_admin(scene: Scene) -> None:
    scene.account.service_principals_v2.patch(
        str(ci(scene).id), operations=[iam.Patch(iam.PatchOp.ADD, "roles", [{"value": "account_admin"}])]
    )


def admit_every_branch(scene: Scene) -> None:
    scene.data["github"]["secret_scope"] = "environment"
    policy = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
    requester(scene, "PUT", "environments/prod", policy)
    for name in ("release", "*"):
        requester(scene, "POST", "environments/prod/deployment-branch-policies", {"name": name})


def federate(scene: Scene) -> None:
    policy = oauth2.FederationPolicy(
        oidc_policy=oauth2.OidcFederationPolicy(
            issuer="https://token.actions.githubusercontent.com", subject="repo:acme/other:ref:refs/heads/main"
        )
    )
    scene.account.service_principal_federation_policy.create(int(str(ci(scene).id)), policy)


def assign_elsewhere(scene: Scene) -> None:
    membership.assign(scene.store, scene.workspace_id(PROD), str(ci(scene).id), [membership.MEMBER])


def grant_to_everybody(scene: Scene) -> None:
    change = PermissionsChange(principal="account users", add=[Privilege.SELECT])
    scene.workspace(PROD).grants.update("schema", "prod.taxi_fare", changes=[change])


def edit_notebook(scene: Scene) -> None:
    client = scene.workspace()
    path = f"/Users/{ci(scene).application_id}/.bundle/fares/staging/files/training/Train"
    content = base64.b64encode(b"# Databricks notebook source\nprint(2)\n").decode()
    client.workspace.import_(
        path, content=content, format=ImportFormat.SOURCE, language=Language.PYTHON, overwrite=True
    )


AUDIT: dict[str, Act] = {
    "staging.state": lambda scene: scene.states.empty.add("staging"),
    "staging.principals": second_principal,
    "staging.tokens": third_token,
    "staging.oauth-secrets": own_oauth_secret,
    "staging.federation": federate,
    "staging.account-roles": make_account_admin,
    "staging.assignments": assign_elsewhere,
    "staging.grants-elsewhere": grant("catalog", "prod", add="USE_CATALOG"),
    "prod.grants-of-others.prod.taxi_fare": grant_to_everybody,
    "bundle-staging.state": lambda scene: scene.states.closed.add("bundle-staging"),
    "bundle-staging.code": edit_notebook,
    "bundle-staging.jobs": lambda scene: scene.workspace().jobs.create(name="staging-train"),
    "github.repository": lambda scene: scene.environ.update(GITHUB_TOKEN="ghp_nobody_knows"),
    "github.secrets": lambda scene: scene.github.create_secret("OTHER", "x"),
    "github.environments": admit_every_branch,
    "github.rulesets": lambda scene: requester(
        scene, "POST", "rulesets", {"name": "other", "target": "branch", "enforcement": "active", "rules": []}
    ),
    "github.protection": lambda scene: protect(scene, "feature/*"),
    "github.oidc": lambda scene: requester(
        scene,
        "PUT",
        "actions/oidc/customization/sub",
        {"use_default": False, "include_claim_keys": ["repo", "context"]},
    ),
}


def protect(scene: Scene, pattern: str) -> None:
    repository = scene.github
    mutation = (
        "mutation($input: CreateBranchProtectionRuleInput!) "
        "{ createBranchProtectionRule(input: $input) { branchProtectionRule { id } } }"
    )
    repository.requester.graphql_query(mutation, {"input": {"repositoryId": repository.node_id, "pattern": pattern}})


@pytest.mark.parametrize("id_", PREFLIGHT)
def test_a_line_of_preflight_fails_alone(id_: str, scene: Scene) -> None:
    PREFLIGHT[id_](scene)
    fails_alone(scene.preflight(), id_)


def test_workflows_that_deploy_nothing_prove_nothing(scene: Scene) -> None:
    idle = "on: [push]\njobs:\n  a: {steps: [{run: make}]}\n"
    for name in ("deploy", "release"):
        scene.project_file(f".github/workflows/{name}.yml", idle)
    line = scene.preflight()["project.targets"]
    assert (line.status, line.detail) == (
        Status.UNCHECKED,
        "no job of 3 workflows is seen to deploy a target by its name",
    )


def test_every_line_that_passes_says_what_it_looked_at(scene: Scene) -> None:
    for lines in (scene.preflight(), scene.verify(active=True), scene.audit()):
        assert {line.status for line in lines.values()} <= {Status.PASSED, Status.SKIPPED}
        assert not [line.id for line in lines.values() if not line.detail]


def test_a_catalog_that_is_not_bound_to_the_workspace_is_told_apart(scene: Scene) -> None:
    scene.workspace().catalogs.update("staging", isolation_mode=CatalogIsolationMode.ISOLATED)
    line = scene.preflight()["staging.catalog.staging"]
    assert (line.status, line.detail) == (Status.FINDING, "staging is isolated, and not bound to this workspace")
    assert line.remedy is not None
    (command,) = line.remedy.commands
    assert f'"workspace_id": {scene.workspace_id()}' in command


@pytest.mark.parametrize("id_", VERIFY)
def test_a_line_of_verify_fails_alone(id_: str, scene: Scene) -> None:
    VERIFY[id_](scene)
    fails_alone(scene.verify("staging", active=id_.startswith("staging.trial")), id_)


@pytest.mark.parametrize("id_", AUDIT)
def test_a_line_of_audit_fails_alone(id_: str, scene: Scene) -> None:
    AUDIT[id_](scene)
    fails_alone(scene.audit(), id_)


def twin(scene: Scene) -> str:
    """A second principal of staging's name, of which nothing else is known."""
    second_principal(scene)
    known = ci(scene).id
    named = scene.account.service_principals_v2.list(filter=f'displayName eq "{CI["staging"]}"')
    return next(str(one.id) for one in named if one.id != known)


def name_production_s_alike(scene: Scene) -> None:
    scene.account.service_principals_v2.patch(
        str(scene.principal(CI["prod"]).id), operations=[iam.Patch(iam.PatchOp.REPLACE, "displayName", CI["staging"])]
    )


def give_the_twin(what: str) -> Act:
    def act(scene: Scene) -> None:
        id_ = twin(scene)
        if what == "workspace":
            membership.assign(scene.store, scene.workspace_id(PROD), id_, [membership.MEMBER])
        elif what == "secret":
            scene.account.service_principal_secrets.create(id_)
        elif what == "policy":
            oidc = oauth2.OidcFederationPolicy(issuer="https://token.actions.githubusercontent.com", subject="repo:a/b")
            scene.account.service_principal_federation_policy.create(
                int(id_), oauth2.FederationPolicy(oidc_policy=oidc)
            )
        else:
            scene.account.service_principals_v2.patch(
                id_, operations=[iam.Patch(iam.PatchOp.ADD, "roles", [{"value": "account_admin"}])]
            )

    return act


def close_another_state(scene: Scene) -> None:
    twin(scene)
    scene.states.closed.add("prod")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (name_production_s_alike, "prod made it"),
        (give_the_twin("workspace"), "it is assigned to the workspace"),
        (give_the_twin("secret"), "it has OAuth secrets or federation policies"),
        (give_the_twin("policy"), "it has OAuth secrets or federation policies"),
        (give_the_twin("role"), "it is account_admin"),
        (close_another_state, "the state of prod does not open and may hold it"),
    ],
    ids=["another state", "a workspace", "a secret", "a policy", "a role", "a closed state"],
)
def test_what_may_be_somebody_s_is_never_offered_for_removal(act: Act, why: str, scene: Scene) -> None:
    act(scene)
    line = scene.audit()["staging.principals"]
    assert line.status is Status.FINDING
    assert why in line.detail
    assert line.fixes == ()


def test_what_nobody_knows_and_uses_is_offered_with_the_evidence(scene: Scene) -> None:
    id_ = twin(scene)
    (fix,) = scene.audit()["staging.principals"].fixes
    assert f"with id {id_}" in fix.what
    assert "no state holds it, and it has no workspace, role, OAuth secret or federation policy" in fix.what
    fix.act()
    assert scene.audit()["staging.principals"].status is Status.PASSED


def test_a_bundle_that_was_never_deployed_is_not_looked_at(scene: Scene) -> None:
    scene.states.empty.add("bundle-staging")
    lines = scene.audit()
    skipped = {line.id for line in lines.values() if line.status is Status.SKIPPED}
    assert skipped == {"bundle-staging.state", "bundle-staging.code", "bundle-staging.jobs"}
    assert lines["bundle-staging.state"].detail == "bundle-staging was never deployed"


WANTED = {
    ("catalog", "staging"): {"USE_CATALOG", "CREATE_SCHEMA"},
    ("schema", "staging.taxi_fare"): {"USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_MODEL", "EXECUTE"},
}
# What the SDK of this version can write.
WRITABLE = {privilege.value for privilege in Privilege}


@pytest.mark.parametrize(("on", "privilege"), [(on, one) for on, wanted in WANTED.items() for one in sorted(wanted)])
def test_verify_fails_without_any_privilege(on: tuple[str, str], privilege: str, scene: Scene) -> None:
    grant(*on, remove=privilege)(scene)
    lines = scene.verify("staging")
    found = [line for line in lines.values() if line.status is Status.FINDING]
    assert found
    assert all("training" in line.id or "inference" in line.id or "making" in line.id for line in found)
    # Without the way to it, a securable does not even tell what is granted there.
    assert any(privilege in line.detail or privilege.replace("_", " ") in line.detail for line in found)


@pytest.mark.parametrize("on", WANTED)
def test_verify_fails_with_any_privilege_beyond(on: tuple[str, str], scene: Scene) -> None:
    kind, name = on
    beyond = sorted(GRANTABLE[SecurableType(kind)] & WRITABLE - WANTED[on])
    assert len(beyond) > 5
    for privilege in beyond:
        grant(kind, name, add=privilege)(scene)
        fails_alone(scene.verify("staging"), f"staging.beyond.{kind}.{name}")
        grant(kind, name, remove=privilege)(scene)
    assert {line.status for line in scene.verify("staging").values()} == {Status.PASSED}


def test_active_leaves_no_trace(scene: Scene) -> None:
    before = scene.store.dump()
    assert scene.verify(active=True)["staging.trial.staging"].status is Status.PASSED
    assert scene.store.dump() == before
    # Not even when it is refused in the middle.
    refuse_statements(scene)
    assert scene.verify(active=True)["staging.trial.staging"].status is Status.FINDING
    assert scene.store.dump() == before


NAMED = "catalog|schema|table|grant|training|batch-inference|making-schemas|trial|grants-of-others"


def without_names(ids: Iterable[str]) -> set[str]:
    """The ids with environments, branches, secrets and securables taken out: what is left are kinds of lines."""
    kinds = set()
    for id_ in ids:
        text = re.sub(r"^(staging|prod)\.", "<env>.", id_)
        text = re.sub(r"^bundle-\w+\.", "<bundle>.", text)
        text = re.sub(rf"({NAMED})\.[\w.]+$", r"\1", text)
        kinds.add(re.sub(r"(refused-by-|secret\.|protection\.|beyond\.\w+\.).+$", r"\1", text))
    return kinds


def test_everything_passes_as_deployed_and_every_kind_of_line_has_a_test(scene: Scene) -> None:
    shown = {"preflight": scene.preflight(), "verify": scene.verify(active=True), "audit": scene.audit()}
    for lines in shown.values():
        wrong = {line.id: (line.status, line.detail) for line in lines.values() if line.status is not Status.PASSED}
        assert wrong == {}
    assert without_names(shown["preflight"]) <= without_names(PREFLIGHT)
    assert without_names(shown["verify"]) <= without_names(VERIFY)
    assert without_names(shown["audit"]) <= without_names(AUDIT)
