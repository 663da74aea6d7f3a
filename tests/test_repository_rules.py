"""What the rules of main and release are worth, by standards that are typed in here."""

from pathlib import Path
from typing import Any

import pytest

from settings.faults import FaultsError
from tests.synthesis import config, synthesize

# OpenSSF Scorecard, checks/evaluation/branch_protection.go: each tier counts only where the one before it is full. And
# the CIS Software Supply Chain Security Guide 1.0, section 1.1.
TIERS = (
    ("no force push", "no deletion"),
    ("one approval", "pull requests", "up to date", "last push approved"),
    ("status check",),
    ("two approvals", "code owners"),
    ("stale dismissed", "admins bound"),
)
CIS = {
    "1.1.3": ("two approvals",),
    "1.1.4": ("stale dismissed",),
    "1.1.7": ("code owners",),
    "1.1.9": ("status check",),
    "1.1.10": ("up to date",),
    "1.1.11": ("conversations",),
    "1.1.12": ("signed",),
    "1.1.14": ("admins bound",),
    "1.1.16": ("no force push",),
    "1.1.17": ("no deletion",),
}
CHECKS = {"required_checks": ["unit"], "release_checks": ["from_main"]}
# What docs/rights.md says of each profile: full tiers on main, full tiers on release, CIS items on main.
PROFILES: dict[str, tuple[dict[str, Any], int, int, str]] = {
    "team": ({}, 2, 1, "1.1.4 1.1.10 1.1.11 1.1.14 1.1.16 1.1.17"),
    "team, checks": (CHECKS, 3, 1, "1.1.4 1.1.9 1.1.10 1.1.11 1.1.14 1.1.16 1.1.17"),
    "team, checks, two approvals, code owners, signed": (
        {**CHECKS, "approvals": 2, "code_owners": True, "signed_commits": True},
        5,
        1,
        "1.1.3 1.1.4 1.1.7 1.1.9 1.1.10 1.1.11 1.1.12 1.1.14 1.1.16 1.1.17",
    ),
    "solo, checks": ({**CHECKS, "protection": "solo"}, 1, 1, "1.1.4 1.1.9 1.1.10 1.1.11 1.1.14 1.1.16 1.1.17"),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def protections(**github: Any) -> dict[str, dict[str, Any]]:
    """The protection of each branch as Terraform reads it."""
    data = config()
    data["github"] |= github
    found = synthesize(Path.cwd(), data)["repository"]["resource"]["github_branch_protection"].values()
    return {one["pattern"]: one for one in found}


def kept(rule: dict[str, Any]) -> set[str]:
    """What a protection asks for, in the words of the standards."""
    reviews = (rule.get("required_pull_request_reviews") or [{}])[0]
    checks = (rule.get("required_status_checks") or [{}])[0]
    approvals = reviews.get("required_approving_review_count", 0)
    held = {
        "no force push": rule["allows_force_pushes"] is False,
        "no deletion": rule["allows_deletions"] is False,
        "pull requests": bool(reviews),
        "one approval": approvals >= 1,
        "two approvals": approvals >= 2,
        "last push approved": bool(reviews.get("require_last_push_approval")),
        "stale dismissed": bool(reviews.get("dismiss_stale_reviews")),
        "code owners": bool(reviews.get("require_code_owner_reviews")),
        "up to date": bool(checks.get("strict")),
        "status check": bool(checks.get("contexts")),
        "admins bound": rule["enforce_admins"] is True,
        "conversations": rule["require_conversation_resolution"] is True,
        "signed": rule.get("require_signed_commits") is True,
    }
    return {name for name, there in held.items() if there}


def full_tiers(held: set[str]) -> int:
    return next((number for number, tier in enumerate(TIERS) if not held.issuperset(tier)), len(TIERS))


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_is_worth_what_the_document_says(profile: str) -> None:
    github, on_main, on_release, items = PROFILES[profile]
    rules = protections(**github)
    assert full_tiers(kept(rules["main"])) == on_main
    assert full_tiers(kept(rules["release"])) == on_release
    assert [name for name, needed in CIS.items() if kept(rules["main"]).issuperset(needed)] == items.split()


def test_release_asks_for_everything_but_to_be_up_to_date() -> None:
    """Why its tiers end early: what is merged into it is main, which need not contain release."""
    rules = protections(**PROFILES["team, checks, two approvals, code owners, signed"][0])
    assert kept(rules["main"]) - kept(rules["release"]) == {"up to date"}


@pytest.mark.parametrize("approvals", [1, 2, 6])
def test_approvals_are_as_many_as_github_takes(approvals: int) -> None:
    for rule in protections(approvals=approvals).values():
        assert rule["required_pull_request_reviews"][0]["required_approving_review_count"] == approvals


def test_by_default_one_approves_and_alone_nobody_has_to() -> None:
    counts = [
        rule["required_pull_request_reviews"][0]["required_approving_review_count"]
        for github in ({}, {"protection": "solo"})
        for rule in protections(**github).values()
    ]
    assert counts == [1, 1, 0, 0]


@pytest.mark.parametrize("github", [{"approvals": 0}, {"approvals": 7}, {"approvals": 2, "protection": "solo"}])
def test_approvals_that_nobody_could_give_are_refused(github: dict[str, Any]) -> None:
    with pytest.raises(FaultsError, match=r"github\.approvals"):
        protections(**github)
