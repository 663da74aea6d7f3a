"""What development and production mode demand, and the marks that deployed jobs and pipelines bear."""

import posixpath

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft

_FOLDERS = ("root_path", "file_path", "resource_path", "artifact_path", "state_path")


def check_mode(draft: Draft) -> None:
    """Checks what the target's mode promises."""
    if draft.mode == "development":
        _check_development(draft)
    elif draft.mode == "production":
        _check_production(draft)
    elif draft.mode:
        raise StopError(
            f"unsupported value '{draft.mode}' specified for 'mode': must be either 'development' or 'production'",
            origin=next(iter(draft.places("bundle.mode")), None),
        )


def _names_deployer(draft: Draft, text: str) -> bool:
    return draft.identity.user_name in text or draft.identity.short_name in text


def _check_development(draft: Draft) -> None:
    root = draft.root
    if root.text("presets", "trigger_pause_status") == "UNPAUSED":
        draft.report.add(
            Severity.ERROR,
            "target with 'mode: development' cannot set trigger pause status to UNPAUSED by default",
            places=draft.places("presets.trigger_pause_status")[:1],
        )
    shared = next(
        (
            folder
            for folder in _FOLDERS
            if (path := root.text("workspace", folder)) and not _names_deployer(draft, path)
        ),
        None,
    )
    if shared:
        in_volume = shared == "artifact_path" and root.text("workspace", shared).startswith("/Volumes")
        demand = (
            "should contain the current username or ${workspace.current_user.short_name}"
            if in_volume
            else "must start with '~/' or contain the current username"
        )
        draft.report.add(
            Severity.ERROR,
            f"{shared} {demand} to ensure uniqueness when using 'mode: development'",
            origin=next(iter(draft.places(f"workspace.{shared}")), None),
        )
    prefix = root.text("presets", "name_prefix")
    if prefix and not _names_deployer(draft, prefix):
        draft.report.add(
            Severity.ERROR,
            "prefix should contain the current username or ${workspace.current_user.short_name} to ensure uniqueness "
            "when using 'mode: development'",
            places=draft.places("presets.name_prefix")[:1],
        )


def _check_production(draft: Draft) -> None:
    for pipeline in draft.resources("pipelines").values():
        development = pipeline.get("development")
        if development is not None and development.data is True:
            raise StopError(
                "target with 'mode: production' cannot include a pipeline with 'development: true'",
                origin=next(iter(development.places or pipeline.places), None),
            )
    if draft.explicit_root_path:
        return
    # A run_as that was copied from the bundle has no place of its own: it does not say that one copy is meant.
    all_run_as = all(
        (run_as := job.get("run_as")) is not None and run_as.places for job in draft.resources("jobs").values()
    )
    lenient = all_run_as or draft.identity.is_service_principal
    draft.report.add(
        Severity.RECOMMENDATION if lenient else Severity.ERROR,
        f"target with 'mode: production' {'should' if lenient else 'must'} set 'workspace.root_path' to make sure only "
        "one copy is deployed",
        detail="A common practice is to use a username or principal name in this path, i.e. use\n\n"
        f"  root_path: /Workspace/Users/{draft.identity.user_name}/.bundle/${{bundle.name}}/${{bundle.target}}",
        origin=next(iter(draft.places("bundle.mode")), None),
    )


def annotate(draft: Draft) -> None:
    """Jobs and pipelines say that a bundle made them and where its metadata are."""
    metadata = posixpath.join(draft.root.text("workspace", "state_path"), "metadata.json")
    deployment = {"kind": "BUNDLE", "metadata_file_path": metadata}
    for job in draft.resources("jobs").values():
        job.put(("deployment",), deployment)
        job.put(("edit_mode",), "UI_LOCKED")
        job.put(("format",), "MULTI_TASK")
    for pipeline in draft.resources("pipelines").values():
        pipeline.put(("deployment",), deployment)
