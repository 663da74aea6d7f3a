"""Requests that the sandbox takes as they stand, for the operations that `conformance` does not try for real."""

import hashlib
from dataclasses import replace
from typing import Any

from packages.sandbox.tests.databricks_sandbox import ACCOUNT_ID, STAGING
from sandbox.conformance.placing import Sent
from sandbox.conformance.probes import AROUND_JOB, PROBES, Probe, Scratch

SCIM = "/api/2.0/accounts/{account_id}/scim/v2"
TASK = {"task_key": "nothing", "notebook_task": {"notebook_path": "/Shared/nothing", "source": "WORKSPACE"}}


def _nothing(_scratch: Scratch, _sent: Sent, _answer: Any) -> None:
    return None


def _same_address(_scratch: Scratch, sent: Sent, _answer: Any) -> Sent:
    return replace(sent, method="DELETE", body=None)


def probe(
    title: str, method: str, path: str, body: Any = None, *, around: Any = None, drops: Any = _nothing, **params: str
) -> Probe:
    """One that leaves what it makes to the test's own sandbox."""
    return Probe(title, lambda _: Sent(method, path, params, body=body), drops, "", around or {})


JOB = 720_000_000_000_001
"""The first job of a sandbox."""
ELSEWHERE = {
    f"new_settings.{begins}": {"new_settings": {"tasks": [TASK], **held}} for begins, held in AROUND_JOB.items()
}
MONITOR = {"assets_dir": "/Shared/m", "output_schema_name": "staging.taxi_fare", "snapshot": {}}
CLUSTER = {"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}

PLACES = "/api/2.0/preview/permissionassignments"
MEMBER = "7100000008"
"""The first service principal that a test makes."""
STATEMENT = {
    "statement": "SELECT 1",
    "warehouse_id": hashlib.sha256(f"warehouse of {STAGING.id}".encode()).hexdigest()[:16],
}

DATABRICKS = (
    *PROBES,
    probe("old job", "POST", "/api/2.1/jobs/create", {"name": "old", "tasks": [TASK]}, around=AROUND_JOB),
    *(
        probe(
            verb,
            "POST",
            f"/api/2.2/jobs/{verb}",
            {"job_id": JOB, "new_settings": {"name": "x", "tasks": [TASK]}},
            around=ELSEWHERE,
        )
        for verb in ("reset", "update")
    ),
    probe("run", "POST", "/api/2.2/jobs/run-now", {"job_id": JOB}),
    probe("cluster", "POST", "/api/2.1/clusters/create", CLUSTER),
    probe("catalog", "POST", "/api/2.1/unity-catalog/catalogs", {"name": "c"}),
    probe("catalog change", "PATCH", "/api/2.1/unity-catalog/catalogs/{name}", {"comment": "c"}, name="staging"),
    probe("user", "POST", "/api/2.0/preview/scim/v2/Users", {"userName": "somebody@example.com"}),
    probe("git", "POST", "/api/2.0/git-credentials", {"git_provider": "gitLab", "personal_access_token": "x"}),
    probe(
        "monitor",
        "POST",
        "/api/2.1/unity-catalog/tables/{full_name}/monitor",
        MONITOR,
        around={"schedule": {"schedule": {"quartz_cron_expression": "0 0 11 * * ?", "timezone_id": "UTC"}}},
        drops=_same_address,
        full_name="source.trips.yellow",
    ),
    probe("assignment", "PUT", PLACES + "/principals/{principal_id}", {"permissions": ["USER"]}, principal_id=MEMBER),
    probe("statement", "POST", "/api/2.0/sql/statements", STATEMENT),
)
ACCOUNT = (probe("account user", "POST", SCIM + "/Users", {"userName": "somebody@example.com"}, account_id=ACCOUNT_ID),)

REPOSITORY = {"owner": "acme", "repo": "taxi"}
_REPO = "/repos/{owner}/{repo}"
GITHUB = (
    probe("variable", "POST", _REPO + "/actions/variables", {"name": "V", "value": "v"}, **REPOSITORY),
    probe("environment", "PUT", _REPO + "/environments/{environment}", {}, environment="e", **REPOSITORY),
    probe(
        "label",
        "POST",
        _REPO + "/labels",
        {"name": "l"},
        around={"description": {"name": "d"}, "color": {"name": "c"}},
        **REPOSITORY,
    ),
    probe("issue", "POST", _REPO + "/issues", {"title": "t"}, **REPOSITORY),
    probe("status", "POST", _REPO + "/statuses/{ref}", {"state": "success"}, ref="main", **REPOSITORY),
    probe("ruleset", "POST", _REPO + "/rulesets", {"name": "r"}, **REPOSITORY),
    probe("pull request", "POST", _REPO + "/pulls", {"title": "t", "head": "topic", "base": "main"}, **REPOSITORY),
    probe("oidc", "PUT", _REPO + "/actions/oidc/customization/sub", {"use_default": False}, **REPOSITORY),
)
