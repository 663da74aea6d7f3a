"""Federation policies of service principals: kept as they were written."""

from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service.oauth2 import FederationPolicy, OidcFederationPolicy

from packages.sandbox.tests.databricks_sandbox import ACCOUNT_ID, DatabricksSandbox

ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:acme/taxi-fare:environment:prod"


def policy(**changes: Any) -> FederationPolicy:
    """What lets a job of GitHub Actions in."""
    return FederationPolicy(oidc_policy=OidcFederationPolicy(**{"issuer": ISSUER, "subject": SUBJECT, **changes}))


def test_a_policy_reads_back_as_it_was_written_with_nothing_added_to_what_it_says(
    databricks: DatabricksSandbox,
) -> None:
    owner = int(databricks.make_principal().id)
    policies = databricks.account().service_principal_federation_policy
    made = policies.create(owner, policy(), policy_id="github-prod")
    assert made.name == f"accounts/{ACCOUNT_ID}/servicePrincipals/{owner}/federationPolicies/github-prod"
    assert (made.policy_id, made.service_principal_id) == ("github-prod", owner)
    assert made.uid
    assert policies.get(owner, "github-prod") == made
    assert list(policies.list(owner)) == [made]
    answer = databricks.account().api_client.do("GET", f"/api/2.0/{made.name}")
    assert answer["oidc_policy"] == {"issuer": ISSUER, "subject": SUBJECT}


def test_a_policy_without_a_name_gets_one_and_a_name_is_taken_once(databricks: DatabricksSandbox) -> None:
    owner = int(databricks.make_principal().id)
    policies = databricks.account().service_principal_federation_policy
    assert policies.create(owner, policy()).policy_id
    policies.create(owner, policy(), policy_id="x")
    with pytest.raises(ResourceConflict, match="Federation policy x already exists"):
        policies.create(owner, policy(), policy_id="x")
    other = int(databricks.make_principal("other").id)
    policies.create(other, policy(), policy_id="x")


@pytest.mark.parametrize(
    ("mask", "description", "subject", "audiences"),
    [
        (None, "new", "new", None),
        ("*", "new", "new", None),
        ("description", "new", SUBJECT, ["me"]),
        ("oidc_policy", "old", "new", None),
        ("oidc_policy.subject", "old", "new", ["me"]),
        ("oidc_policy.audiences", "old", SUBJECT, None),
    ],
)
def test_a_mask_says_what_an_update_changes(
    databricks: DatabricksSandbox, mask: Any, description: str, subject: Any, audiences: Any
) -> None:
    owner = int(databricks.make_principal().id)
    policies = databricks.account().service_principal_federation_policy
    old, new = policy(audiences=["me"]), policy(subject="new")
    old.description, new.description = "old", "new"
    made = policies.create(owner, old, policy_id="x")
    changed = policies.update(owner, "x", new, update_mask=mask)
    assert (changed.description, changed.oidc_policy.subject) == (description, subject)
    assert changed.oidc_policy.audiences == audiences
    assert changed.uid == made.uid
    assert policies.get(owner, "x") == changed


@pytest.mark.parametrize("missing", ["issuer", "subject"])
def test_a_policy_says_who_issues_and_for_whom(databricks: DatabricksSandbox, missing: str) -> None:
    owner = int(databricks.make_principal().id)
    policies = databricks.account().service_principal_federation_policy
    with pytest.raises(BadRequest, match=f"oidc_policy.{missing}"):
        policies.create(owner, policy(**{missing: None}))
    with pytest.raises(BadRequest, match="https"):
        policies.create(owner, policy(issuer="http://example.com"))
    assert list(policies.list(owner)) == []


def test_a_deleted_policy_is_gone_and_a_principals_policies_go_with_it(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    principal = databricks.make_principal()
    policies = databricks.account().service_principal_federation_policy
    policies.create(int(principal.id), policy(), policy_id="x")
    policies.create(int(principal.id), policy(), policy_id="y")
    policies.delete(int(principal.id), "x")
    for call in (policies.get, policies.delete):
        with pytest.raises(NotFound, match="x does not exist"):
            call(int(principal.id), "x")
    databricks.account().service_principals_v2.delete(principal.id)
    with pytest.raises(NotFound):
        list(policies.list(int(principal.id)))
    assert databricks.store.dump() == before


def test_only_account_admins_see_or_change_policies(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    secret = databricks.account().service_principal_secrets.create(principal.id)
    own = databricks.account(principal.application_id, secret.secret).service_principal_federation_policy
    with pytest.raises(PermissionDenied):
        list(own.list(int(principal.id)))
    with pytest.raises(PermissionDenied):
        own.create(int(principal.id), policy())
