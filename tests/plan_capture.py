"""`python -m tests.plan_capture`: makes tests/plans/*.json anew, from real plans of a setup that was meddled with.

What tests of classification do not need is left out, secrets are masked, and ids that differ from run to run are
replaced, so that a capture differs from the last one only where plans do.
"""

import copy
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service import catalog, iam

from tests.deployments import Deployment, application_id, as_ci, enter
from tests.drift_setup import CONFIG, SECRETS, Setup, deploy_all, jobs_of, setup_in, write_project
from tests.ml_project import project_config

PLANS = Path(__file__).parent / "plans"
_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[0-9a-f]{40}\b|\b[1-9]\d{9,}\b")
# What names a resource, or says which others it belongs to.
_KEPT = (
    "id", "name", "display_name", "application_id", "user_name", "comment", "lifetime_seconds", "experiment_id",
    "registered_model_id",
)  # fmt: skip


def main() -> None:
    """Deploy, and for each case: meddle, plan, write."""
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        write_project(Path(temporary) / "project")
        with setup_in(Path(temporary) / "project") as setup:
            _capture(setup, patch)


def _capture(setup: Setup, patch: pytest.MonkeyPatch) -> None:
    deploy_all(setup)
    enter(setup.deployment, patch)
    for name, (stack, act) in CASES.items():
        setup.deployment.sandbox.ask("restore")
        setup.deployment.sandbox("clock", "reset")
        setup.deployment.configure(CONFIG)
        (PLANS / f"{name}.json").write_text(captured(setup, stack, act), encoding="utf-8")
        print(name)  # noqa: T201


def captured(setup: Setup, stack: str, act: Callable[[Setup], dict[str, str] | None]) -> str:
    """The plan of a stack after something was done, trimmed."""
    changes = act(setup) or {}
    state = setup.deployment.sandbox.folder.terraform_state / f"{stack}.tfstate"
    kept = state.read_bytes()
    if changes.pop("STATE", "") == "lost":
        state.unlink()
    who = setup.deployment
    if stack.startswith("bundle-"):
        who = as_ci(setup.deployment, SECRETS[stack.removeprefix("bundle-")], "main")
    who = Deployment(who.sandbox, {**who.environ, **changes})
    setup.synth(who.environ)
    try:
        plan = who.plan(stack)
    finally:
        state.write_bytes(kept)
    return _stable(json.dumps(_trimmed(plan), indent=1, sort_keys=True)) + "\n"


def _trimmed(plan: Mapping[str, Any]) -> dict[str, Any]:
    changes = [
        one
        for one in plan["resource_changes"]
        if one["change"]["actions"] not in (["no-op"], ["read"]) or "importing" in one["change"]
    ]
    drift = plan.get("resource_drift", [])
    changed = {one["address"] for one in (*changes, *drift)}
    held = plan.get("prior_state", {}).get("values", {}).get("root_module", {}).get("resources", [])
    return {
        "format_version": plan["format_version"],
        "complete": plan["complete"],
        "errored": plan["errored"],
        "resource_changes": [_masked(one) for one in changes],
        "resource_drift": [_masked(one) for one in drift],
        "output_changes": plan.get("output_changes", {}),
        "prior_state": {
            "values": {
                "root_module": {
                    "resources": [
                        {
                            "address": one["address"],
                            "mode": one["mode"],
                            "type": one["type"],
                            "values": {name: one["values"][name] for name in _KEPT if one["values"].get(name)},
                        }
                        for one in held
                    ]
                }
            }
        },
        "configuration": {
            "root_module": {
                "resources": [
                    _configured(one, whole=one["address"] in changed)
                    for one in plan["configuration"]["root_module"]["resources"]
                ]
            }
        },
    }


def _configured(one: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    kept = {name: one[name] for name in ("address", "provider_config_key")}
    return kept | ({name: one[name] for name in ("expressions", "depends_on") if name in one} if whole else {})


def _masked(one: Mapping[str, Any]) -> dict[str, Any]:
    masked = copy.deepcopy(dict(one))
    for side in ("before", "after"):
        values, marks = masked["change"].get(side), masked["change"].get(f"{side}_sensitive")
        for name, mark in (marks or {}).items():
            if mark is True and values.get(name) is not None:
                values[name] = f"masked {side}"
    return masked


def _stable(text: str) -> str:
    seen: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return seen.setdefault(found[0], str(10**11 + len(seen)))

    return _IDS.sub(named, text)


def _privilege(setup: Setup) -> None:
    client = setup.workspace("prod")
    change = catalog.PermissionsChange(
        principal=application_id(client, "taxi-fare-prod-ci"), remove=[catalog.Privilege.MODIFY]
    )
    client.grants.update("schema", "prod.taxi_fare", changes=[change])


def _secret(setup: Setup) -> None:
    setup.repository.delete_secret(SECRETS["prod"])


def _tokens(setup: Setup) -> None:
    client = setup.workspace("prod")
    for token in client.token_management.list():
        assert token.token_id is not None
        if "prod" in (token.comment or ""):
            client.token_management.delete(token.token_id)


def _principal(setup: Setup) -> None:
    (principal,) = setup.account.service_principals.list(filter='displayName eq "taxi-fare-prod-ci"')
    assert principal.id is not None
    setup.account.service_principals.delete(principal.id)


def _assignment(setup: Setup) -> None:
    client = setup.workspace("prod")
    (principal,) = setup.account.service_principals.list(filter='displayName eq "taxi-fare-prod-ci"')
    client.api_client.do("DELETE", f"/api/2.0/preview/permissionassignments/principals/{principal.id}")


def _configured_as(**changes: Any) -> Callable[[Setup], None]:
    def act(setup: Setup) -> None:
        setup.deployment.configure(project_config(**changes))

    return act


def _wrong_workspace(setup: Setup) -> None:
    config = project_config()
    config.pop("ml_project")
    config["environments"]["prod"]["host"] = config["environments"]["staging"]["host"]
    setup.deployment.configure(config)


def _rotation(setup: Setup) -> dict[str, str]:
    return {"MLOPS_NOW": setup.deployment.sandbox("clock", "+30d").stdout.strip()}


def _lost(_: Setup) -> dict[str, str]:
    return {"STATE": "lost"}


def _weak(setup: Setup) -> None:
    branch = setup.repository.get_branch("release")
    branch.edit_required_pull_request_reviews(dismiss_stale_reviews=False, required_approving_review_count=0)
    branch.remove_admin_enforcement()


def _made_by_hand(setup: Setup) -> None:
    branch = setup.repository.get_branch("release")
    branch.remove_protection()
    branch.edit_protection(required_approving_review_count=2, enforce_admins=True)


def _pushed(setup: Setup) -> None:
    branch = setup.repository.get_branch("release")
    branch.remove_protection()
    setup.repository.create_file("a.txt", "Add a file", "a", branch="release")


def _no_release(setup: Setup) -> dict[str, str]:
    config = project_config()
    config["environments"]["prod"]["branch"] = "main"
    setup.deployment.configure(config)
    return {"MLOPS_ALLOW_DESTROY": "repository"}


def _job(setup: Setup) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    assert job_id is not None
    settings = client.jobs.get(job_id).settings
    assert settings is not None
    assert settings.tasks is not None
    train = next(task for task in settings.tasks if task.task_key == "train")
    assert train.notebook_task is not None
    train.notebook_task.notebook_path = "/Shared/Other"
    settings.tasks = [task for task in settings.tasks if task.task_key != "shared"]
    settings.max_concurrent_runs = 7
    settings.name = "renamed"
    client.jobs.reset(job_id, settings)


def _job_gone(setup: Setup) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    assert job_id is not None
    client.jobs.delete(job_id)


def _folder_gone(setup: Setup) -> None:
    client = setup.workspace("staging")
    principal = application_id(client, "taxi-fare-staging-ci")
    client.workspace.delete(f"/Users/{principal}/.bundle/fares/staging", recursive=True)


def _permissions(setup: Setup) -> None:
    client = setup.workspace("staging")
    job_id = jobs_of(client)["staging-train"].job_id
    more = iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_MANAGE)
    client.permissions.update("jobs", str(job_id), access_control_list=[more])


CASES: Mapping[str, tuple[str, Callable[[Setup], dict[str, str] | None]]] = {
    "clean": ("prod", lambda _: None),
    "privilege-removed": ("prod", _privilege),
    "secret-reset": ("prod", _secret),
    "tokens-revoked": ("prod", _tokens),
    "principal-deleted": ("prod", _principal),
    "assignment-deleted": ("prod", _assignment),
    "wrong-workspace": ("prod", _wrong_workspace),
    "entitlement-configured": (
        "prod",
        _configured_as(ml_project=None, environments__prod__entitlements={"allow_cluster_create": False}),
    ),
    "table-configured": ("prod", _configured_as(environments__prod__input_tables=["raw.taxi.trips"])),
    "generation-raised": ("prod", _configured_as(environments__prod__token={"generation": 2})),
    "rotation-changed": ("prod", _configured_as(environments__prod__token={"rotation_days": 7})),
    "rotation-due": ("prod", _rotation),
    "never-deployed": ("prod", _lost),
    "protection-weakened": ("repository", _weak),
    "protection-made-by-hand": ("repository", _made_by_hand),
    "pushed": ("repository", _pushed),
    "protection-taken-over": ("repository", _lost),
    "branch-unconfigured": ("repository", _no_release),
    "job-changed": ("bundle-staging", _job),
    "job-deleted": ("bundle-staging", _job_gone),
    "folder-deleted": ("bundle-staging", _folder_gone),
    "permissions-widened": ("bundle-staging", _permissions),
}

if __name__ == "__main__":
    main()
