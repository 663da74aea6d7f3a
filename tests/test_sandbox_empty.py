"""Accounts that have nothing yet: what is missing is found missing, and the owner can make all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service import catalog, iam, settings
from github import Auth, Github, GithubException, UnknownObjectException

from sandbox.description import Description
from sandbox.errors import SandboxError
from sandbox.folder import Folder
from sandbox.seed import admit, ensure_seeded
from sandbox.world import Workspace, World
from tests.deployments import Deployment, as_owner, deployment_in, enter
from tests.synthesis import config

SETUP = config()
ACCOUNT_ID = SETUP["account"]["id"]
OWNER, REPOSITORY = SETUP["github"]["owner"], SETUP["github"]["repository"]
STAGING = SETUP["environments"]["staging"]["host"]
DEPLOYER, OWNERS = "platform-admin", "account-owner"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", SETUP, empty=True) as deployment:
        yield deployment


def account(who: Deployment) -> AccountClient:
    return AccountClient(
        host="https://accounts.cloud.databricks.com",
        account_id=ACCOUNT_ID,
        client_id=who.environ["DATABRICKS_CLIENT_ID"],
        client_secret=who.environ["DATABRICKS_CLIENT_SECRET"],
        auth_type="oauth-m2m",
    )


def workspace(who: Deployment) -> WorkspaceClient:
    return WorkspaceClient(
        host=STAGING,
        client_id=who.environ["DATABRICKS_CLIENT_ID"],
        client_secret=who.environ["DATABRICKS_CLIENT_SECRET"],
        auth_type="oauth-m2m",
    )


def github(who: Deployment) -> Github:
    return Github(auth=Auth.Token(who.environ["GITHUB_TOKEN"]), seconds_between_writes=None, retry=None)


def check_that_everything_is_missing(deployer: Deployment, owner: Deployment) -> None:
    with pytest.raises(PermissionDenied, match="is not an account admin"):
        list(account(deployer).workspaces.list())
    for who in (deployer, owner):
        with pytest.raises(PermissionDenied, match="User not authorized"):
            workspace(who).current_user.me()
    assert list(account(owner).metastores.list()) == []
    for one in account(owner).workspaces.list():
        with pytest.raises(NotFound, match="is not assigned to the metastore"):
            account(owner).metastore_assignments.get(one.workspace_id)
    assert list(account(owner).groups_v2.list()) == []
    assert not {"catalog", "schema", "table"} & {kind.removeprefix("databricks.") for kind in deployer.dump()}
    assert github(deployer).get_user().login == DEPLOYER
    assert github(deployer).get_user().get_organization_membership(OWNER).role == "member"
    assert github(owner).get_user().get_organization_membership(OWNER).role == "admin"
    for who in (deployer, owner):
        with pytest.raises(UnknownObjectException):
            github(who).get_repo(f"{OWNER}/{REPOSITORY}")


def open_the_account(deployer: Deployment, owner: Deployment) -> str:
    """Make a metastore, let it serve the staging workspace, and give owner and deployer what they need; its id."""
    admin = account(owner)
    principals = {one.display_name: one for one in admin.service_principals_v2.list()}
    admin.service_principals_v2.patch(
        principals[DEPLOYER].id,
        operations=[iam.Patch(op=iam.PatchOp.ADD, path="roles", value=[{"value": "account_admin"}])],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    (staging,) = [one for one in account(deployer).workspaces.list() if one.deployment_name in STAGING]
    wanted = catalog.CreateAccountsMetastore(name="main", region="us-west-2")
    metastore = admin.metastores.create(metastore_info=wanted).metastore_info.metastore_id
    admin.metastore_assignments.create(staging.workspace_id, metastore)
    for one in (principals[OWNERS], principals[DEPLOYER]):
        permissions = [iam.WorkspacePermission.ADMIN]
        admin.workspace_assignment.update(staging.workspace_id, int(one.id), permissions=permissions)
    return metastore


def open_the_workspace(deployer: Deployment, owner: Deployment, metastore: str) -> None:
    """Let principals have tokens; make what mlops.yaml finds there."""
    users = settings.TokenAccessControlRequest(
        group_name="users", permission_level=settings.TokenPermissionLevel.CAN_USE
    )
    workspace(owner).token_management.update_permissions(access_control_list=[users])
    change = catalog.PermissionsChange(
        principal=deployer.environ["DATABRICKS_CLIENT_ID"], add=[catalog.Privilege.CREATE_CATALOG]
    )
    with pytest.raises(PermissionDenied, match="does not have CREATE CATALOG on Metastore"):
        workspace(deployer).catalogs.create("staging")
    workspace(owner).grants.update("metastore", metastore, changes=[change])
    for name in ("staging", "test"):
        workspace(deployer).catalogs.create(name)
        workspace(deployer).schemas.create("taxi_fare", name)


def open_the_organisation(owner: Deployment) -> None:
    """Let workflows write; make the repository and let the deployer administer it."""
    organization = github(owner).get_organization(OWNER)
    policy = f"/orgs/{OWNER}/actions/permissions/workflow"
    _, held = github(owner).requester.requestJsonAndCheck("GET", policy)
    assert held["default_workflow_permissions"] == "read"
    repository = organization.create_repo(REPOSITORY, private=True, auto_init=True)
    repository.add_to_collaborators(DEPLOYER, "admin")
    wanted = {"default_workflow_permissions": "write"}
    with pytest.raises(GithubException) as refusal:
        github(owner).requester.requestJsonAndCheck(
            "PUT", f"/repos/{OWNER}/{REPOSITORY}/actions/permissions/workflow", input=wanted
        )
    assert refusal.value.status == 409
    github(owner).requester.requestJsonAndCheck("PUT", policy, input=wanted)


def test_a_person_is_told_that_their_workspace_has_no_metastore(tmp_path: Path) -> None:
    host = STAGING.removeprefix("https://")
    world = World(
        account_id=ACCOUNT_ID,
        account_host="accounts.cloud.databricks.com",
        workspaces=(Workspace(id=1, host=host),),
        github_host="api.github.com",
        owner=OWNER,
        repository=REPOSITORY,
    )
    description = Description(
        world=world,
        region="us-west-2",
        logins=(),
        catalogs=(),
        groups=(),
        own_hosts=(STAGING,),
        own_catalogs=(),
    )
    folder = Folder(tmp_path / ".sandbox")
    ensure_seeded(folder, description, empty=True)
    with pytest.raises(SandboxError) as told:
        admit(folder, description, "jane.doe@example.com")
    assert str(told.value) == (
        f"jane.doe@example.com needs a metastore in {STAGING}, which has none: "
        "`python -m sandbox run --as-owner` lets you make and assign one."
    )


def test_what_is_missing_can_be_made_by_the_owner_until_a_deploy_succeeds(
    empty: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = as_owner(empty)
    enter(empty, monkeypatch)
    check_that_everything_is_missing(empty, owner)
    empty.synth()
    assert "is not an account admin" in empty.apply("staging", code=1)
    metastore = open_the_account(empty, owner)
    open_the_workspace(empty, owner, metastore)
    open_the_organisation(owner)
    for stack in ("repository", "staging"):
        assert "Apply complete!" in empty.apply(stack)
        assert empty.pending(stack) == []
    token = empty.secret("STAGING_WORKSPACE_TOKEN")
    me = WorkspaceClient(host=STAGING, token=token, auth_type="pat").current_user.me()
    assert me.display_name == "taxi-fare-staging-ci"
