"""Artifacts: where they are built, with which command, which files they are. Nothing is built."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH117, PTH118, PTH120

import os
from collections.abc import Iterator

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.includes import glob
from bundle.libraries import is_local_library
from bundle.limits import DIGITS
from bundle.value import Value, path_text, wrap


def prepare_artifacts(draft: Draft) -> None:
    """Completes every artifact; a setup.py makes one when a task needs a local wheel."""
    dynamic = draft.root.get("presets", "artifacts_dynamic_version")
    if dynamic is not None and dynamic.data is True:
        for artifact in draft.root.entries("artifacts").values():
            if artifact.text("type") == "whl":
                artifact.put(("dynamic_version",), True)
    _detect_wheel(draft)
    for name, artifact in sorted(draft.root.entries("artifacts").items()):
        if artifact.data is None:
            draft.report.add(
                Severity.ERROR,
                "Artifact not properly configured",
                detail="please specify artifact properties",
                places=artifact.places[:1],
            )
            continue
        _complete(draft, name, artifact)
        if draft.report.errors:
            return


def _detect_wheel(draft: Draft) -> None:
    held = draft.root.get("artifacts")
    if held is not None and held.data is not None:
        return
    if any(tasks_with_local_libraries(draft)) and os.path.exists(os.path.join(draft.directory, "setup.py")):
        draft.root.put(("artifacts", "python_artifact"), {"path": draft.directory, "type": "whl"})


def tasks_with_local_libraries(draft: Draft) -> Iterator[tuple[Value, Value]]:
    """Pairs of job and task whose libraries or environments name local files."""
    for job in draft.resources("jobs").values():
        tasks = job.items("tasks")
        for task in tasks:
            if any(is_local_library(_library(library)) for library in task.items("libraries")):
                yield job, task
        dependencies = [
            str(dependency.data)
            for environment in job.items("environments")
            for dependency in environment.items("spec", "dependencies")
        ]
        if any(is_local_library(dependency) for dependency in dependencies):
            yield from ((job, task) for task in tasks)


def _library(library: Value) -> str:
    return next((text for kind in ("whl", "jar", "egg", "requirements") if (text := library.text(kind))), "")


def _complete(draft: Draft, name: str, artifact: Value) -> None:
    folder = os.path.dirname(artifact.places[0].file) if artifact.places else draft.directory
    for file in artifact.items("files"):
        source = file.text("source")
        if not os.path.isabs(source):
            file.put(("source",), os.path.normpath(os.path.join(folder, source)))
    if not artifact.text("path"):
        artifact.put(("path",), draft.directory)
    files = artifact.items("files")
    if artifact.text("type") == "whl":
        if not artifact.text("build") and not files:
            artifact.put(("build",), "python3 setup.py bdist_wheel")
        if not files:
            artifact.put(("files",), [{"source": os.path.join(artifact.text("path"), "dist", "*.whl")}])
            files = artifact.items("files")
    if not os.path.isabs(artifact.text("path")):
        artifact.put(("path",), os.path.normpath(os.path.join(folder, artifact.text("path"))))
    if not artifact.text("build") and not files:
        draft.report.add(
            Severity.ERROR,
            "misconfigured artifact: please specify 'build' or 'files' property",
            origin=next(iter(artifact.places), None),
        )
    if files and not artifact.text("build"):
        _expand(draft, name, artifact, files)


def _expand(draft: Draft, name: str, artifact: Value, files: list[Value]) -> None:
    expanded: list[Value] = []
    for index, file in enumerate(files):
        source = file.get("source")
        assert source is not None
        found = glob(source.data, draft.confinement)
        if found == [source.data]:
            expanded.append(file)
            continue
        if not found:
            shown = source.data
            if source.places:
                shown = os.path.relpath(source.data, os.path.dirname(source.places[0].file))
            draft.report.add(
                Severity.ERROR,
                f"{shown}: {'syntax error in pattern' if found is None else 'no matching files'}",
                paths=[("artifacts", name, "files", index, "source")],
                places=source.places[:1],
            )
            continue
        draft.values.add(2 * len(found), f"{source.data} matches {len(found):,} files")
        expanded += [wrap({"source": Value(match, source.places)}) for match in found]
    if not draft.report.errors:
        artifact.data["files"] = Value(expanded)


def check_python_wheels(draft: Draft) -> None:
    """Local wheels need a runtime of 13.1 or later, unless the bundle wraps them (bundle/trampoline)."""
    wrapper = draft.root.get("experimental", "python_wheel_wrapper")
    if wrapper is not None and wrapper.data is True:
        return
    found = list(_incompatible(draft))
    for summary, task in found:
        draft.report.add(Severity.ERROR, summary, origin=next(iter(task.places), None))
    if found:
        draft.error(
            "Python wheel tasks require compute with DBR 13.3+ to include local libraries. Please change your cluster "
            "configuration or use the experimental 'python_wheel_wrapper' setting. See "
            "https://docs.databricks.com/dev-tools/bundles/python-wheel.html for more information."
        )


def _incompatible(draft: Draft) -> Iterator[tuple[str, Value]]:
    clusters: dict[str, list[str]] = {}
    for job in draft.resources("jobs").values():
        for cluster in job.items("job_clusters"):
            version = cluster.text("new_cluster", "spark_version")
            if _is_old(version):
                clusters.setdefault(cluster.text("job_cluster_key"), []).append(version)
    for _, task in tasks_with_local_libraries(draft):
        name = task.text("task_key")
        version = task.text("new_cluster", "spark_version")
        if _is_old(version):
            yield f"task {name} uses cluster with incompatible DBR version {version}", task
            continue
        shared = task.text("job_cluster_key")
        for version in clusters.get(shared, ()) if shared else ():
            yield f"job cluster {shared} uses incompatible DBR version {version}", task
        existing = task.text("existing_cluster_id")
        if existing.startswith("${resources.clusters."):
            cluster_key = existing.split(".")[2].rstrip("}")
            held = draft.root.get("resources", "clusters", cluster_key)
            version = held.text("spark_version") if held is not None else ""
            if _is_old(version):
                yield f"task {name} uses cluster with incompatible DBR version {version}", task


def _is_old(version: str) -> bool:
    parts = version.split(".")
    if len(parts) < 2:
        return False
    minor = "99" if parts[1].startswith("x") else parts[1]
    if not all(number.isdecimal() and len(number) <= DIGITS for number in (parts[0], minor)):
        return False
    return (int(parts[0]), int(minor)) < (13, 1)


def check_apps(draft: Draft) -> None:
    """An app has a folder of its own."""
    users: dict[str, str] = {}
    for key, app in draft.resources("apps").items():
        folder = app.text("source_code_path")
        if not folder:
            draft.error(
                "Missing app source code path",
                detail=f"app resource '{key}' is missing required source_code_path field",
                at=path_text(("resources", "apps", key)),
            )
            continue
        if folder in users:
            draft.error(
                "Duplicate app source code path",
                detail=f"app resource '{key}' has the same source code path as app resource '{users[folder]}', this "
                "will lead to the app configuration being overriden by each other",
                at=path_text(("resources", "apps", key, "source_code_path")),
            )
        users[folder] = key
