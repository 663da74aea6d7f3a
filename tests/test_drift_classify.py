"""From plans to findings. The plans are real ones: tests/plan_capture.py made them."""

import copy
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.drift.findings.classify import About, Classified, classify
from checks.drift.findings.finding import Class, DriftFinding
from checks.drift.findings.severity import Severity, severity_of
from checks.drift.plan.document import UnreadablePlanError, read_plan
from rotation import TokenPeriod
from tests.drift_plans import changed, plan_of
from tests.plan_capture import CASES, PLANS

CI = "taxi-fare-prod-ci"
SECRET = "replaced with it: the Actions secret PROD_WORKSPACE_TOKEN"
PROTECTION = "the protection of branch release"
HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
PERIOD = timedelta(days=30)

# Case -> class, severity, resource, attributes, consequences of each finding.
EXPECTED: dict[str, list[tuple[Class, Severity, str, list[str], list[str]]]] = {
    "clean": [],
    "privilege-removed": [
        (Class.CHANGED_OUTSIDE, HIGH, f"the privileges of {CI} on schema prod.taxi_fare", ["privileges"], []),
    ],
    "secret-reset": [(Class.SECRET_RESET, HIGH, "the Actions secret PROD_WORKSPACE_TOKEN", [], [])],
    "tokens-revoked": [
        (Class.TOKEN_GONE, HIGH, f"token slot_a of {CI}", [], [SECRET]),
        (Class.TOKEN_GONE, HIGH, f"token slot_b of {CI}", [], []),
    ],
    "principal-deleted": [
        (
            Class.DELETED_OUTSIDE,
            HIGH,
            f"service principal {CI}",
            [],
            [
                f"gone with it: the entitlements of {CI}",
                f"gone with it: the privileges of {CI} on catalog prod",
                f"gone with it: the privileges of {CI} on schema prod.taxi_fare",
                f"gone with it: token slot_a of {CI}",
                f"gone with it: token slot_b of {CI}",
                f"gone with it: the place of {CI} in the workspace",
                SECRET,
            ],
        ),
    ],
    "assignment-deleted": [
        (
            Class.DELETED_OUTSIDE,
            HIGH,
            f"the place of {CI} in the workspace",
            [],
            [f"gone with it: the entitlements of {CI}"],
        ),
    ],
    "wrong-workspace": [(Class.STACK_GONE, HIGH, "most of the stack prod", [], [])],
    "entitlement-configured": [
        (Class.PENDING_UPDATE, HIGH, f"the entitlements of {CI}", ["allow_cluster_create"], []),
    ],
    "table-configured": [
        (Class.PENDING_CREATE, HIGH, f"the privileges of {CI} on {what}", [], [])
        for what in ("catalog raw", "schema raw.taxi", "table raw.taxi.trips")
    ],
    "generation-raised": [
        (Class.PENDING_REPLACE, HIGH, f"token slot_a of {CI}", ["comment"], [SECRET]),
        (Class.PENDING_REPLACE, HIGH, f"token slot_b of {CI}", ["comment"], []),
    ],
    "rotation-due": [(Class.ROTATION_DUE, LOW, f"token slot_b of {CI}", ["comment"], [SECRET])],
    "never-deployed": [(Class.NOT_DEPLOYED, MEDIUM, "the stack prod", [], [])],
    "protection-weakened": [
        (
            Class.CHANGED_OUTSIDE,
            HIGH,
            PROTECTION,
            [
                "enforce_admins",
                "required_pull_request_reviews.dismiss_stale_reviews",
                "required_pull_request_reviews.required_approving_review_count",
            ],
            [],
        ),
    ],
    "protection-made-by-hand": [(Class.DELETED_OUTSIDE, HIGH, PROTECTION, [], [])],
    "pushed": [(Class.DELETED_OUTSIDE, HIGH, PROTECTION, [], [])],
    "protection-taken-over": [(Class.NOT_DEPLOYED, MEDIUM, "the stack repository", [], [])],
    "branch-unconfigured": [
        (Class.PENDING_DELETE, HIGH, "branch release", [], []),
        (Class.PENDING_DELETE, HIGH, PROTECTION, [], []),
    ],
    "job-changed": [
        (
            Class.CHANGED_OUTSIDE,
            MEDIUM,
            "job staging-train",
            ["max_concurrent_runs", "name", 'task["shared"]', 'task["train"].notebook_task.notebook_path'],
            [],
        ),
    ],
    "job-deleted": [
        (
            Class.DELETED_OUTSIDE,
            MEDIUM,
            "job staging-train",
            [],
            [
                "gone with it: the permissions on job staging-train",
                "changed with it: job staging-again",
                "changed with it: model staging.taxi_fare.fares",
            ],
        ),
    ],
    "permissions-widened": [
        (
            Class.CHANGED_OUTSIDE,
            HIGH,
            "the permissions on job staging-train",
            ['access_control["users"].permission_level'],
            [],
        ),
    ],
}


def classified(case: str, **about: Any) -> Classified:
    return classify(plan_of(case), stack=CASES[case][0], about=About(**{"rotation": PERIOD, **about}))


def shape(finding: DriftFinding) -> tuple[Class, Severity, str, list[str], list[str]]:
    attributes = [one.attribute for one in finding.differences]
    return finding.what, finding.severity, finding.resource, attributes, list(finding.consequences)


@pytest.mark.parametrize("case", EXPECTED)
def test_a_plan_is_told_as_what_somebody_did(case: str) -> None:
    assert [shape(finding) for finding in classified(case).findings] == EXPECTED[case]


def test_every_captured_plan_is_looked_at() -> None:
    assert {path.stem for path in PLANS.glob("*.json")} == CASES.keys()
    assert CASES.keys() - EXPECTED.keys() == {"folder-deleted", "rotation-changed"}


def test_no_captured_plan_holds_a_credential_or_a_path_of_a_machine() -> None:
    for path in PLANS.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert not [mark for mark in ("dapi", "dose", "ghp_", str(Path.home()), "/tmp") if mark in text], path


def test_with_a_folder_go_its_files_and_nothing_else() -> None:
    (finding,) = classified("folder-deleted").findings
    assert finding.what is Class.DELETED_OUTSIDE
    assert finding.resource.startswith("folder /Users/")
    assert len(finding.consequences) == 7
    assert all(one.startswith(("gone with it: file ", "gone with it: notebook ")) for one in finding.consequences)


@pytest.mark.parametrize("case", ["rotation-due", "rotation-changed"])
def test_another_rotation_is_a_change_of_the_configuration_and_none_of_time(case: str) -> None:
    found = classified(case, rotation=timedelta(days=7)).findings
    assert {finding.what for finding in found} == {Class.PENDING_REPLACE}


def test_what_nobody_configured_is_absorbed_and_not_counted() -> None:
    (absorbed,) = classified("pushed").absorbed
    assert (absorbed.resource, absorbed.attributes) == ("branch release", ("sha",))


def test_a_finding_leads_to_its_place_and_to_what_to_do() -> None:
    (address,) = (one["address"] for one in plan_of("job-changed")["resource_drift"])
    (finding,) = classified("job-changed", paths={address: "bundle-staging/databricks_job.train"}).findings
    assert (finding.address, finding.path) == (address, "bundle-staging/databricks_job.train")
    assert finding.remedy == (
        "`cdktf deploy bundle-staging` restores it; if the change was intended, write it into databricks.yml: "
        "resources.jobs.train."
    )


def token_of(case: str) -> tuple[datetime, timedelta]:
    """When the period of a lost token began, and how long it lives."""
    lost = next(one for one in plan_of(case)["resource_drift"] if one["type"] == "databricks_obo_token")
    values = lost["change"]["before"]
    period = TokenPeriod.of(values["comment"])
    assert period is not None
    return period.begin, timedelta(seconds=values["lifetime_seconds"])


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(days=-1), "It was revoked or deleted: it cannot have expired before "),
        (timedelta(), "It has expired, or was revoked or deleted: "),
        (2 * PERIOD, "It has expired: "),
    ],
)
def test_why_a_token_is_gone_is_told_as_far_as_its_period_tells(after: timedelta, said: str) -> None:
    since, lifetime = token_of("tokens-revoked")
    finding = classified("tokens-revoked", now=since + lifetime + after).findings[0]
    assert finding.detail.startswith(said)


def test_without_the_time_nothing_is_claimed_about_a_lost_token() -> None:
    assert {finding.detail for finding in classified("tokens-revoked").findings} == {
        "It was revoked or deleted, or it has expired."
    }


def test_one_resource_can_be_changed_outside_and_have_a_change_pending() -> None:
    document = plan_of("protection-weakened")
    (address,) = (one["address"] for one in document["resource_drift"])
    changed(document, address)["change"]["after"]["require_signed_commits"] = True
    outside, pending = classify(document, stack="repository").findings
    assert (outside.what, len(outside.differences)) == (Class.CHANGED_OUTSIDE, 3)
    assert (pending.what, [one.attribute for one in pending.differences]) == (
        Class.PENDING_UPDATE, ["require_signed_commits"]
    )  # fmt: skip


def test_drift_that_is_wanted_by_now_is_absorbed() -> None:
    document = plan_of("privilege-removed")
    document["resource_changes"] = []
    found = classify(document, stack="prod")
    assert found.findings == ()
    assert [one.attributes for one in found.absorbed] == [("privileges",)]


def test_what_is_gone_and_no_longer_wanted_is_absorbed() -> None:
    document = plan_of("secret-reset")
    document["resource_changes"] = []
    found = classify(document, stack="prod")
    assert (found.findings, [one.attributes for one in found.absorbed]) == ((), [()])


def test_another_order_is_no_finding() -> None:
    document = plan_of("privilege-removed")
    for kind in ("resource_drift", "resource_changes"):
        change = document[kind][0]["change"]
        full = max(change["before"]["privileges"], change["after"]["privileges"], key=len)
        change["before"]["privileges"], change["after"]["privileges"] = full, full[::-1]
    assert classify(document, stack="prod") == Classified()


def test_a_protection_that_was_made_by_hand_again_is_taken_over() -> None:
    document = plan_of("protection-made-by-hand")
    (address,) = (one["address"] for one in document["resource_drift"])
    change = changed(document, address)["change"]
    change |= {"actions": ["no-op"], "importing": {"id": "taxi-fare:release"}, "before": change["after"]}
    (finding,) = classify(document, stack="repository").findings
    assert (finding.what, finding.detail) == (Class.DELETED_OUTSIDE, "Somebody has created another one since.")


def test_what_exists_and_is_not_in_the_state_is_to_be_imported() -> None:
    document = plan_of("privilege-removed")
    address = document["resource_drift"].pop()["address"]
    change = changed(document, address)["change"]
    change["importing"] = {"id": "x"}
    (finding,) = classify(document, stack="prod").findings
    assert (finding.what, [one.attribute for one in finding.differences]) == (Class.PENDING_IMPORT, ["privileges"])


def test_outputs_count_only_where_nothing_else_changes() -> None:
    output = {"deployed_branch": {"actions": ["create"], "before": None, "after": "main", "after_unknown": False}}
    document = plan_of("clean") | {"output_changes": output}
    (finding,) = classify(document, stack="bundle-prod").findings
    assert (finding.what, finding.severity, finding.resource) == (Class.PENDING_OUTPUT, LOW, "output deployed_branch")
    document = plan_of("privilege-removed") | {"output_changes": output}
    assert Class.PENDING_OUTPUT not in {one.what for one in classify(document, stack="prod").findings}


def test_a_left_over_of_an_interrupted_replacement_is_to_be_destroyed() -> None:
    document = plan_of("clean")
    leftover = copy.deepcopy(plan_of("branch-unconfigured")["resource_changes"][0])
    document["resource_changes"] = [leftover | {"deposed": "0123abcd"}]
    (finding,) = classify(document, stack="prod").findings
    assert finding.what is Class.PENDING_DELETE
    assert "interrupted deploy" in finding.detail


def test_a_tainted_resource_says_why_it_is_replaced() -> None:
    document = plan_of("generation-raised")
    for change in document["resource_changes"]:
        change["action_reason"] = "replace_because_tainted"
    assert classify(document, stack="prod").findings[0].detail == (
        "Why: an earlier deploy was interrupted while creating it."
    )


@pytest.mark.parametrize("wrong", [{"errored": True}, {"complete": False}, {"format_version": "2.0"}])
def test_what_is_no_whole_plan_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePlanError):
        classify(plan_of("clean") | wrong, stack="prod")


def test_no_value_of_a_plan_reaches_a_repr_or_a_report() -> None:
    document = plan_of("generation-raised")
    for change in document["resource_changes"]:
        if change["type"] == "github_actions_secret":
            change["change"] |= {"after": change["change"]["before"] | {"plaintext_value": "hidden"}}
            change["change"]["after_unknown"] = {}
    assert "hidden" in json.dumps(document)
    assert "hidden" not in repr(read_plan(document))
    found = classify(document, stack="prod")
    secret = next(one for one in found.findings if one.resource.startswith("the Actions secret"))
    assert [(one.attribute, one.secret) for one in secret.differences] == [("plaintext_value", True)]
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("kind", "attributes", "severity"),
    [
        ("databricks_grant", [], HIGH),
        ("databricks_grant", ["privileges"], HIGH),
        ("databricks_job", [], MEDIUM),
        ("databricks_job", ["schedule"], MEDIUM),
        ("databricks_job", ["name"], LOW),
        ("databricks_job", ["name", "tags"], LOW),
        ("databricks_job", ["name", "task"], MEDIUM),
        ("databricks_job", ["name", "run_as"], HIGH),
        ("databricks_registered_model", ["comment"], LOW),
        ("databricks_schema", ["owner"], HIGH),
        ("databricks_service_principal", ["display_name"], LOW),
        ("databricks_service_principal", ["active"], HIGH),
        ("databricks_something_new", ["x"], MEDIUM),
    ],
)
def test_the_worst_attribute_says_how_bad_a_change_is(kind: str, attributes: list[str], severity: Severity) -> None:
    assert severity_of(kind, attributes) is severity
