"""What a deploy must not take."""

from typing import Any

import pytest

from checks.drift.guard import PROTECTED, Verdict, stops
from tests.drift_plans import changed, plan_of


def test_what_loses_nothing_passes() -> None:
    for case in ("clean", "privilege-removed", "entitlement-configured", "rotation-due", "never-deployed"):
        assert stops(plan_of(case)) == (), case


def test_protected_objects_stop_a_deploy_by_name_each() -> None:
    found = stops(plan_of("branch-unconfigured"))
    assert [one.reason.partition(" (")[0] for one in found] == [
        "the deploy would destroy branch release",
        "the deploy would destroy the protection of branch release",
    ]
    assert found[0].remedy.startswith("undo what causes it, or pass `--allow 'github_branch.")


def test_what_is_allowed_by_address_or_pattern_passes() -> None:
    document = plan_of("branch-unconfigured")
    branch, protection = (one["address"] for one in document["resource_changes"])
    assert [branch in one.reason for one in stops(document, allowed=[protection])] == [True]
    assert stops(document, allowed=[branch, protection]) == ()
    assert stops(document, allowed=["github_branch*"]) == ()
    assert stops(document, destroy_allowed=True) == ()


@pytest.mark.parametrize("kind", sorted(PROTECTED))
def test_each_protected_type_stops_its_replacement_too(kind: str) -> None:
    document = plan_of("generation-raised")
    change = document["resource_changes"][0]
    change |= {"type": kind, "address": f"{kind}.x"}
    found = stops(document)[0]
    assert found.reason.startswith("the deploy would replace ")


KINDS_THAT_STOP = {
    "databricks_mlflow_experiment": ("experiment /Shared/x", "runs"),
    "databricks_mlflow_model": ("workspace model x", "versions"),
    "databricks_pipeline": ("pipeline x", "streaming tables and materialized views"),
    "databricks_registered_model": ("model c.s.x", "versions"),
    "databricks_schema": ("schema c.x", "tables"),
    "databricks_volume": ("volume c.s.x", "files"),
}
KINDS_THAT_PASS = ("databricks_job", "databricks_quality_monitor")
REPLACED = (["delete", "create"], ["create", "delete"])


def loss(kind: str, actions: list[str], **more: str) -> dict[str, Any]:
    """A plan in which one object of a kind goes, among others that stay."""
    document = plan_of("generation-raised")
    name = "/Shared/x" if kind == "databricks_mlflow_experiment" else "x"
    before = {"name": name, "catalog_name": "c", "schema_name": "s", "table_name": "c.s.x"}
    after = None if actions == ["delete"] else before
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    document["resource_changes"] = [{"address": f"{kind}.x", "type": kind, "mode": "managed", "change": change, **more}]
    return document


@pytest.mark.parametrize("actions", [["delete"], *REPLACED], ids=" then ".join)
@pytest.mark.parametrize("kind", KINDS_THAT_STOP)
def test_what_is_lost_with_a_bundle_s_resource_stops_a_deploy_and_is_named(kind: str, actions: list[str]) -> None:
    what, lost = KINDS_THAT_STOP[kind]
    (found,) = stops(loss(kind, actions))
    does = "replace" if "create" in actions else "destroy"
    assert found.reason.startswith(f"the deploy would {does} {what} ({kind}.x); with it go its ")
    assert lost in found.reason
    assert found.remedy.endswith(f"`--allow '{kind}.x'`")
    for allowed in (f"{kind}.x", f"{kind}.*"):
        assert stops(loss(kind, actions), allowed=[allowed]) == ()
    assert stops(loss(kind, actions), destroy_allowed=True) == ()
    assert len(stops(loss(kind, actions), allowed=["databricks_job.*"])) == 1


@pytest.mark.parametrize("kind", KINDS_THAT_STOP)
def test_what_an_interrupted_deploy_has_left_to_be_destroyed_stops_too(kind: str) -> None:
    (found,) = stops(loss(kind, ["delete"], deposed="0123abcd"))
    assert found.reason.startswith("the deploy would destroy ")


@pytest.mark.parametrize("actions", [["delete"], *REPLACED], ids=" then ".join)
@pytest.mark.parametrize("kind", KINDS_THAT_PASS)
def test_what_a_deploy_makes_again_as_it_was_goes(kind: str, actions: list[str]) -> None:
    assert stops(loss(kind, actions)) == ()


@pytest.mark.parametrize("actions", [["no-op"], ["update"], ["create"], ["read"]], ids="".join)
@pytest.mark.parametrize("kind", KINDS_THAT_STOP)
def test_what_stays_stops_nothing(kind: str, actions: list[str]) -> None:
    assert stops(loss(kind, actions)) == ()


def test_a_large_share_stops_a_deploy_even_where_nothing_is_protected() -> None:
    document = plan_of("generation-raised")
    assert stops(document) == ()  # two tokens and a secret of eight
    held = document["prior_state"]["values"]["root_module"]["resources"]
    gone = {one["address"] for one in document["resource_changes"]}
    document["prior_state"]["values"]["root_module"]["resources"] = [
        one for one in held if one["address"] in gone
    ] + held[:1]
    (found,) = stops(document)
    assert "resources" in found.reason
    assert found.reason.startswith("the deploy would destroy 3 of ")
    assert stops(document, allowed=[min(gone)]) == ()


def test_what_vanished_stops_a_deploy_that_would_make_it_twice() -> None:
    for case in ("wrong-workspace", "principal-deleted"):
        (found,) = stops(plan_of(case))
        assert "are not where mlops.yaml points" in found.reason
        assert stops(plan_of(case), vanished_allowed=True) == ()
        assert stops(plan_of(case), destroy_allowed=True) == (found,)


def test_a_replaced_object_is_no_loss_where_it_is_only_made() -> None:
    document = plan_of("protection-made-by-hand")
    (address,) = (one["address"] for one in document["resource_drift"])
    assert changed(document, address)["change"]["actions"] == ["create"]
    assert stops(document) == ()


def test_a_verdict_is_said_in_lines() -> None:
    assert list(Verdict("prod", problem="no plan").lines()) == ["prod: could not be checked: no plan"]
    (passed,) = Verdict("prod").lines()
    assert passed == "prod: nothing protected would be lost, and nobody would get more rights"
    first, second, *_ = Verdict("repository", stops(plan_of("branch-unconfigured"))).lines()
    assert first.startswith("repository: stop: the deploy would destroy branch release (")
    assert second.startswith("  to do: ")
