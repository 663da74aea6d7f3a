"""As whom jobs and pipelines run."""

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.value import Value, wrap

_UNABLE = ("model_serving_endpoints", "quality_monitors", "dashboards", "alerts", "apps")


def set_run_as(draft: Draft) -> None:
    """Copies the bundle's run_as to jobs and pipelines that have none of their own."""
    run_as = draft.root.get("run_as")
    if run_as is None:
        return
    identity = {name: text for name in ("service_principal_name", "user_name") if (text := run_as.text(name))}
    legacy = draft.root.get("experimental", "use_legacy_run_as")
    if legacy is not None and legacy.data is True:
        _own_pipelines(draft, identity)
        _set(draft, "jobs", identity)
        draft.warn(
            "You are using the legacy mode of run_as. The support for this mode is experimental and might be "
            "removed in a future release of the CLI. In order to run the DLT pipelines in your DAB as the run_as user "
            "this mode changes the owners of the pipelines to the run_as identity, which requires the user deploying "
            "the bundle to be a workspace admin, and also a Metastore admin if the pipeline target is in UC.",
            at="experimental.use_legacy_run_as",
            paths=(("experimental", "use_legacy_run_as"),),
        )
        return
    _check(draft, run_as, identity)
    if draft.report.errors:
        return
    _set(draft, "jobs", identity)
    _set(draft, "pipelines", identity)


def _check(draft: Draft, run_as: Value, identity: dict[str, str]) -> None:
    places = run_as.places[:1]
    if not identity:
        draft.report.add(
            Severity.ERROR,
            "run_as section must specify exactly one identity. Neither service_principal_name nor user_name is "
            "specified",
            places=places,
        )
        return
    if len(identity) == 2:
        draft.report.add(
            Severity.ERROR, "run_as section cannot specify both user_name and service_principal_name", places=places
        )
    name = identity.get("service_principal_name") or identity["user_name"]
    me = draft.identity.user_name
    if name == me:
        return
    for plural in _UNABLE:
        if draft.root.entries("resources", plural):
            draft.report.add(
                Severity.ERROR,
                f"{plural} do not support a setting a run_as user that is different from the owner.\n"
                f"Current identity: {me}. Run as identity: {name}.\n"
                "See https://docs.databricks.com/dev-tools/bundles/run-as.html to learn more about the run_as "
                "property.",
                places=draft.places(f"resources.{plural}")[:1],
            )


def _set(draft: Draft, plural: str, identity: dict[str, str]) -> None:
    for resource in draft.resources(plural).values():
        held = resource.get("run_as")
        if held is None or held.data is None:
            resource.put(("run_as",), dict(identity))


def _own_pipelines(draft: Draft, identity: dict[str, str]) -> None:
    if draft.identity.user_name in identity.values():
        return
    for pipeline in draft.resources("pipelines").values():
        others = [
            permission
            for permission in pipeline.items("permissions")
            if not any(permission.text(name) == text for name, text in identity.items())
        ]
        owner = wrap({"level": "IS_OWNER", **identity})
        pipeline.put(("permissions",), Value([*others, owner]))


def override_compute(draft: Draft) -> None:
    """`bundle.cluster_id` takes the place of whatever compute a task asks for."""
    cluster = draft.root.text("bundle", "cluster_id")
    if cluster and draft.mode == "production":
        draft.warn(
            "Setting a cluster override for a target that uses 'mode: production' is not recommended",
            detail="It is recommended to always use the same compute for production target for consistency.",
        )
    if from_environment := draft.environ.get("DATABRICKS_CLUSTER_ID"):
        if draft.mode != "development":
            draft.warn(
                "The DATABRICKS_CLUSTER_ID variable is set but is ignored since the current target does not use "
                "'mode: development'"
            )
            return
        cluster = from_environment
    if not cluster:
        return
    for job in draft.resources("jobs").values():
        for task in job.items("tasks"):
            inner = task.get("for_each_task")
            if inner is not None and type(inner.data) is dict:
                task = inner.get("task") or inner.put(("task",), {})
            _override_task(task, cluster)


def _override_task(task: Value, cluster: str) -> None:
    own = task.get("new_cluster")
    if (own is None or own.data is None) and not any(
        task.text(name) for name in ("existing_cluster_id", "environment_key", "job_cluster_key")
    ):
        return
    for name in ("new_cluster", "environment_key", "job_cluster_key"):
        task.data.pop(name, None)
    task.put(("existing_cluster_id",), cluster)
