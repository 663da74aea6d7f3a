"""Whether what is applied is what was approved. The plans are real ones: tests/plan_capture.py made them."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks.drift.digest import Digest, digest_of
from checks.drift.findings.classify import About
from tests.plan_capture import CASES, PLANS

PERIOD = timedelta(days=30)
ABOUT = About(rotation=PERIOD, now=datetime(2026, 12, 4, tzinfo=UTC))


def plan_of(case: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PLANS / f"{case}.json").read_text(encoding="utf-8"))
    return document


def changed(document: dict[str, Any], address: str) -> dict[str, Any]:
    """The planned change of an address, to be altered."""
    found: dict[str, Any] = next(one for one in document["resource_changes"] if one["address"] == address)
    return found


def digest(document: dict[str, Any]) -> Digest:
    return digest_of(document, stack="prod", about=ABOUT)


def replaced(value: Any, old: str, new: str) -> Any:
    return json.loads(json.dumps(value).replace(old, new))


def test_each_plan_has_a_digest_of_its_own() -> None:
    """Plans that change nothing have one in common; `pushed` and others differ in what was seen alone."""
    found: dict[str, set[str]] = {}
    for case in CASES:
        one = digest(plan_of(case))
        assert one == digest(copy.deepcopy(plan_of(case)))
        found.setdefault(one.value, set()).add(" ".join(one.changes))
    assert {len(told) for told in found.values()} == {1}
    assert len(found) > 10


def test_tokens_that_fall_due_between_a_plan_and_its_approval_do_not_count() -> None:
    """And nothing else of a plan in which they are due is left out."""
    assert digest(plan_of("rotation-due")) == digest(plan_of("clean"))
    due = plan_of("rotation-due")
    due["resource_changes"] += [
        one for one in plan_of("privilege-removed")["resource_changes"] if one["change"]["actions"] != ["no-op"]
    ]
    assert digest(due).value != digest(plan_of("clean")).value
    assert digest(due).value == digest(without_drift(plan_of("privilege-removed"))).value


def without_drift(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "resource_drift": []}


def test_a_rotation_that_nobody_need_approve_hides_no_other_change() -> None:
    for case in ("generation-raised", "tokens-revoked"):
        assert digest(plan_of(case)).value != digest(plan_of("clean")).value, case
    other_period = About(rotation=timedelta(days=7), now=ABOUT.now)
    changed_period = digest_of(plan_of("rotation-changed"), stack="prod", about=other_period)
    assert changed_period.value != digest(plan_of("clean")).value
    renamed = plan_of("rotation-due")
    secret = next(one for one in renamed["resource_changes"] if one["type"] == "github_actions_secret")
    secret["change"]["after"]["secret_name"] = "ANOTHER"
    assert digest(renamed).value != digest(plan_of("clean")).value


def _actions(change: dict[str, Any]) -> None:
    change["change"]["actions"] = ["delete", "create"]


def _privilege(change: dict[str, Any]) -> None:
    change["change"]["after"]["privileges"].append("MANAGE")


def _order(change: dict[str, Any]) -> None:
    change["change"]["after"]["privileges"].reverse()


def _address(change: dict[str, Any]) -> None:
    change["address"] += "2"


def _principal(change: dict[str, Any]) -> None:
    change["change"]["after"]["principal"] = "somebody else"


def _unknown(change: dict[str, Any]) -> None:
    change["change"]["after_unknown"] = {"principal": True}


def _zero(change: dict[str, Any]) -> None:
    change["change"]["after"]["force"] = False


def _import(change: dict[str, Any]) -> None:
    change["change"]["importing"] = {"id": "schema/x/y"}


def _before(change: dict[str, Any]) -> None:
    change["change"]["before"]["privileges"] = ["SELECT"]


@pytest.mark.parametrize(
    "alter", [_actions, _privilege, _order, _address, _principal, _unknown, _zero, _import, _before]
)
def test_whatever_is_altered_about_a_change_alters_the_digest(alter: Callable[[dict[str, Any]], None]) -> None:
    document = plan_of("privilege-removed")
    (address,) = (one["address"] for one in document["resource_drift"])
    before = digest(document).value
    alter(changed(document, address))
    assert digest(document).value != before


def test_two_things_that_are_imported_differ_by_their_ids() -> None:
    document = plan_of("protection-taken-over")
    one = next(one for one in document["resource_changes"] if one["change"].get("importing"))
    before = digest(document).value
    one["change"]["importing"]["id"] = "taxi-fare:another"
    assert digest(document).value != before


def test_no_secret_can_be_guessed_from_a_digest() -> None:
    """It is the same whatever the secret is, under every name that is one, marked or not."""
    document = plan_of("generation-raised")
    assert digest(document) == digest(replaced(document, "masked before", "hunter2"))
    secret = next(one for one in document["resource_changes"] if one["type"] == "github_actions_secret")
    del secret["change"]["after_unknown"]["plaintext_value"]
    found = set()
    for value, marked in (
        ("hunter2", {"plaintext_value": True}),
        ("hunter3", {"plaintext_value": True}),
        ("hunter3", {}),
    ):
        secret["change"]["after"]["plaintext_value"] = value
        secret["change"]["after_sensitive"] = marked
        found.add(digest(document).value)
    assert len(found) == 1


def test_a_value_cannot_pass_for_a_secret_or_for_what_is_not_known() -> None:
    document = plan_of("privilege-removed")
    (address,) = (one["address"] for one in document["resource_drift"])
    found = set()
    for value in (["secret"], ["unknown"], "secret", {"secret": None}, [["secret"]], ["value", "x"], "x"):
        changed(document, address)["change"]["after"]["principal"] = value
        found.add(digest(document).value)
    changed(document, address)["change"]["after_unknown"] = {"principal": True}
    found.add(digest(document).value)
    assert len(found) == 8
