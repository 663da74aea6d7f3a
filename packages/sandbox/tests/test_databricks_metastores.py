"""Metastores of the account, and what a workspace sees of them: one, or none."""

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import catalog, iam

from packages.sandbox.tests.databricks_sandbox import ACCOUNT_ID, PROD, STAGING, DatabricksSandbox
from sandbox.databricks.routes import ROUTES, UNITY_CATALOG
from sandbox.databricks.world.unity_catalog.new_securables import cloud_of

NAMES = {"schemas": "a.b", "tables": "a.b.c", "volumes": "a.b.c", "models": "a.b.c"}
NO_METASTORE = "No metastore assigned for the current workspace."


def make(databricks: DatabricksSandbox, name: str = "eu", region: str = "eu-central-1") -> str:
    """A metastore of the account; its id."""
    wanted = catalog.CreateAccountsMetastore(name=name, region=region)
    return databricks.account().metastores.create(metastore_info=wanted).metastore_info.metastore_id


def move(databricks: DatabricksSandbox, metastore: str) -> None:
    """Let production have another metastore than staging."""
    assignments = databricks.account().metastore_assignments
    assignments.delete(PROD.id, assignments.get(PROD.id).metastore_assignment.metastore_id)
    assignments.create(PROD.id, metastore)


def test_a_metastore_reads_back_as_it_was_made_and_belongs_to_its_creator(databricks: DatabricksSandbox) -> None:
    made = make(databricks)
    read = databricks.account().metastores.get(made).metastore_info
    assert (read.name, read.region, read.cloud) == ("eu", "eu-central-1", "aws")
    assert read.global_metastore_id == f"aws:eu-central-1:{made}"
    assert read.owner == read.created_by == databricks.account().config.client_id
    assert {one.name for one in databricks.account().metastores.list()} == {"eu", "metastore-aws-us-west-2"}


@pytest.mark.parametrize(
    ("region", "cloud"),
    [
        ("us-west-2", "aws"),
        ("us-gov-west-1", "aws"),
        ("us-central1", "gcp"),
        ("northamerica-northeast1", "gcp"),
        ("westeurope", "azure"),
        ("eastus2", "azure"),
    ],
)
def test_the_region_says_which_cloud_it_is(region: str, cloud: str) -> None:
    assert cloud_of(region) == cloud


def test_a_region_has_one_metastore_and_a_name_is_taken_once(databricks: DatabricksSandbox) -> None:
    make(databricks)
    with pytest.raises(BadRequest) as refusal:
        make(databricks, name="other")
    assert str(refusal.value) == (
        f"This account with id {ACCOUNT_ID} has reached the limit for metastores in region eu-central-1."
    )
    with pytest.raises(DatabricksError, match="Metastore 'eu' already exists"):
        make(databricks, region="eu-west-1")


def test_a_metastore_with_catalogs_is_deleted_by_force_only_and_leaves_its_workspaces_without(
    databricks: DatabricksSandbox,
) -> None:
    before = databricks.store.dump()
    metastores = databricks.account().metastores
    made = make(databricks)
    move(databricks, made)
    databricks.workspace(PROD).catalogs.create("ml")
    with pytest.raises(BadRequest, match=r"is not empty. The metastore has 1 catalog\(s\)"):
        metastores.delete(made)
    metastores.delete(made, force=True)
    with pytest.raises(NotFound, match=NO_METASTORE):
        databricks.workspace(PROD).metastores.current()
    assignments = databricks.account().metastore_assignments
    assignments.create(PROD.id, assignments.get(STAGING.id).metastore_assignment.metastore_id)
    assert databricks.store.dump() == before


def test_a_metastore_can_be_given_away(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member("metastore admin")
    made = databricks.workspace().metastores.current().metastore_id
    wanted = catalog.UpdateAccountsMetastore(owner=principal.application_id)
    changed = databricks.account().metastores.update(made, metastore_info=wanted).metastore_info
    assert changed.owner == principal.application_id
    assert member.catalogs.create("mine").owner == principal.application_id


def test_assignments_are_listed_from_both_ends(databricks: DatabricksSandbox) -> None:
    assignments = databricks.account().metastore_assignments
    shared = databricks.workspace().metastores.current().metastore_id
    assert sorted(assignments.list(shared)) == [STAGING.id, PROD.id]
    move(databricks, made := make(databricks))
    assert (list(assignments.list(shared)), list(assignments.list(made))) == ([STAGING.id], [PROD.id])
    assert assignments.get(PROD.id).metastore_assignment.workspace_id == PROD.id


def test_an_assignment_is_changed_but_never_made_twice(databricks: DatabricksSandbox) -> None:
    assignments = databricks.account().metastore_assignments
    made = make(databricks)
    with pytest.raises(BadRequest, match="is already assigned to metastore"):
        assignments.create(PROD.id, made)
    wanted = catalog.UpdateMetastoreAssignment(workspace_id=PROD.id, default_catalog_name="main")
    assignments.update(PROD.id, made, metastore_assignment=wanted)
    read = assignments.get(PROD.id).metastore_assignment
    assert (read.metastore_id, read.default_catalog_name) == (made, "main")
    with pytest.raises(NotFound, match="is not assigned to the metastore"):
        assignments.delete(PROD.id, databricks.workspace().metastores.current().metastore_id)
    assert databricks.workspace(PROD).metastores.current().metastore_id == made


def test_what_does_not_exist_cannot_be_assigned(databricks: DatabricksSandbox) -> None:
    assignments = databricks.account().metastore_assignments
    with pytest.raises(NotFound, match="Metastore 'nothing' does not exist"):
        assignments.update(PROD.id, "nothing")
    with pytest.raises(NotFound, match="Workspace 42 does not exist"):
        assignments.create(42, make(databricks))


def test_a_workspace_sees_the_catalogs_of_its_own_metastore_alone(databricks: DatabricksSandbox) -> None:
    move(databricks, made := make(databricks))
    here, there = databricks.workspace(), databricks.workspace(PROD)
    assert list(there.catalogs.list()) == []
    there.catalogs.create("staging", comment="another one of the same name")
    assert here.catalogs.get("staging").comment is None
    assert there.catalogs.get("staging").metastore_id == made
    with pytest.raises(NotFound, match=r"'staging\.taxi_fare' does not exist"):
        there.schemas.get("staging.taxi_fare")
    there.catalogs.delete("staging", force=True)
    assert here.schemas.get("staging.taxi_fare").name == "taxi_fare"


def test_what_is_granted_in_one_metastore_counts_for_nothing_in_another(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.assign(principal.id, workspace=PROD)
    token = databricks.workspace(PROD).token_management.create_obo_token(application_id=principal.application_id)
    move(databricks, make(databricks))
    databricks.workspace(PROD).catalogs.create("staging")
    change = catalog.PermissionsChange(principal=principal.application_id, add=[catalog.Privilege.USE_CATALOG])
    databricks.workspace().grants.update("catalog", "staging", changes=[change])
    assert member.catalogs.get("staging").name == "staging"
    with pytest.raises(PermissionDenied):
        databricks.workspace(PROD, token=token.token_value).catalogs.get("staging")


def test_a_workspace_cannot_grant_on_the_metastore_of_another(databricks: DatabricksSandbox) -> None:
    made = make(databricks)
    with pytest.raises(NotFound, match=f"Metastore '{made}' does not exist"):
        databricks.workspace().grants.get("metastore", made)


def test_nothing_of_unity_catalog_answers_in_a_workspace_without_a_metastore(databricks: DatabricksSandbox) -> None:
    assignments = databricks.account().metastore_assignments
    assignments.delete(STAGING.id, assignments.get(STAGING.id).metastore_assignment.metastore_id)
    with pytest.raises(NotFound, match="is not assigned"):
        assignments.get(STAGING.id)
    authorization = databricks.workspace().config.authenticate()["Authorization"].removeprefix("Bearer ")
    body = {"catalog_name": "staging", "schema_name": "taxi_fare", "name": "new", "output_schema_name": "a.b"}
    answers = {}
    for route in (route for route in ROUTES if route.path.startswith(UNITY_CATALOG)):
        collection = route.path.removeprefix(f"{UNITY_CATALOG}/").partition("/")[0]
        names = {"full_name": NAMES.get(collection, "a"), "name": "a", "alias": "x", "securable_type": "catalog"}
        path = route.path.format(**names)
        sent = None if route.method in ("GET", "DELETE") else body
        query = "catalog_name=a&schema_name=b"
        reply = databricks.send(route.method, STAGING.host, path, token=authorization, body=sent, query=query)
        answers[f"{route.method} {route.path}"] = (reply.status, reply.body)
    told = f'{{"error_code":"METASTORE_DOES_NOT_EXIST","message":"{NO_METASTORE}"}}'.encode()
    assert {name: answer for name, answer in answers.items() if answer != (404, told)} == {}
    assert len(answers) > 35


def test_a_workspace_without_a_metastore_takes_nobody_from_the_account(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    assignments = databricks.account().metastore_assignments
    assignments.delete(STAGING.id, assignments.get(STAGING.id).metastore_assignment.metastore_id)
    places = databricks.account().workspace_assignment
    with pytest.raises(BadRequest, match=r"^Permission assignment APIs are not available for this workspace\.$"):
        places.update(STAGING.id, int(principal.id), permissions=[iam.WorkspacePermission.USER])
    with pytest.raises(BadRequest, match="Permission assignment APIs are not available"):
        list(places.list(STAGING.id))
    places.update(PROD.id, int(principal.id), permissions=[iam.WorkspacePermission.USER])


def test_only_account_admins_see_or_change_metastores(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    secret = databricks.account().service_principal_secrets.create(principal.id)
    stranger = databricks.account(principal.application_id, secret.secret)
    with pytest.raises(PermissionDenied):
        list(stranger.metastores.list())
    with pytest.raises(PermissionDenied):
        stranger.metastore_assignments.get(STAGING.id)
