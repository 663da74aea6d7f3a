"""What a deploy must not take."""

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
