"""What a mode or the presets do to every resource: prefixes, tags, pauses."""

import posixpath
import re
import unicodedata

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.facts import normalize_name
from bundle.value import Value, wrap


def apply_mode(draft: Draft) -> None:
    """Development mode fills in presets that nobody set and gives up the lock."""
    if draft.mode != "development":
        return
    root, short_name = draft.root, draft.identity.short_name
    lock = root.get("bundle", "deployment", "lock", "enabled")
    if lock is None or lock.data is not True:
        root.put(("bundle", "deployment", "lock", "enabled"), False)
    if not root.text("presets", "name_prefix"):
        root.put(("presets", "name_prefix"), f"[dev {short_name}] ")
    if "dev" not in root.entries("presets", "tags"):
        root.put(("presets", "tags", "dev"), tag_text(short_name))
    if not _number(root, "presets", "jobs_max_concurrent_runs"):
        root.put(("presets", "jobs_max_concurrent_runs"), 4)
    if not root.text("presets", "trigger_pause_status"):
        root.put(("presets", "trigger_pause_status"), "PAUSED")
    development = root.get("presets", "pipelines_development")
    if development is None or development.data is not False:
        root.put(("presets", "pipelines_development"), True)


def _number(root: Value, *path: str) -> int:
    found = root.get(*path)
    return found.data if found is not None and type(found.data) is int else 0


def tag_text(text: str) -> str:
    """A tag's key or value as AWS takes it: the CLI asks the workspace's cloud, this reads offline."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    plain = unicodedata.normalize("NFC", plain)
    return "".join(
        char if ord(char) < 256 and (char.isalpha() or char.isdigit() or char.isspace() or char in "+-=.:/@_") else "_"
        for char in plain
    )


def schema_prefix(prefix: str) -> str:
    """`[dev jane] ` as a part of an identifier: `dev_jane_`."""
    prefix = prefix.replace("[", "").strip(" ")
    return normalize_name(prefix) + ("_" if prefix.endswith("]") else "")


def apply_presets(draft: Draft) -> None:
    """Applies presets to resources; what a resource says itself wins."""
    root = draft.root
    pause = root.text("presets", "trigger_pause_status")
    if pause not in ("", "PAUSED", "UNPAUSED"):
        draft.report.add(
            Severity.ERROR,
            "Invalid value for trigger_pause_status, should be PAUSED or UNPAUSED",
            places=draft.places("presets.trigger_pause_status")[:1],
        )
    prefix = root.text("presets", "name_prefix")
    tags = {key: str(value.data) for key, value in sorted(root.entries("presets", "tags").items())}
    for job in draft.resources("jobs").values():
        _job(job, prefix, tags, pause, _number(root, "presets", "jobs_max_concurrent_runs"))
    development = root.get("presets", "pipelines_development")
    for pipeline in draft.resources("pipelines").values():
        _prefix(pipeline, "name", prefix)
        if development is not None and development.data is True:
            pipeline.put(("development",), True)
        if pause == "PAUSED" and (continuous := pipeline.get("continuous")) is not None and continuous.data is True:
            del pipeline.data["continuous"]
        _add_tags(pipeline, "tags", tags)
    for model in draft.resources("models").values():
        _prefix(model, "name", prefix)
        _add_tag_list(model, "tags", tags)
    for experiment in draft.resources("experiments").values():
        _prefix_experiment(experiment, prefix)
        _add_tag_list(experiment, "tags", tags)
    for plural in ("model_serving_endpoints", "registered_models"):
        for resource in draft.resources(plural).values():
            _prefix(resource, "name", schema_prefix(prefix))
    if pause == "PAUSED":
        for monitor in draft.resources("quality_monitors").values():
            schedule = monitor.get("schedule")
            if schedule is not None and schedule.text("pause_status") != "UNPAUSED":
                del monitor.data["schedule"]
    unprefixed = root.get("experimental", "skip_name_prefix_for_schema")
    if unprefixed is None or unprefixed.data is not True:
        for schema in draft.resources("schemas").values():
            _prefix(schema, "name", schema_prefix(prefix))
    cloud_tags = {tag_text(key): tag_text(value) for key, value in tags.items()}
    for cluster in draft.resources("clusters").values():
        _prefix(cluster, "cluster_name", prefix)
        _add_tags(cluster, "custom_tags", cloud_tags, overwrite_empty=False)
    for plural in ("dashboards", "alerts"):
        for resource in draft.resources(plural).values():
            _prefix(resource, "display_name", prefix)
    for warehouse in draft.resources("sql_warehouses").values():
        _prefix(warehouse, "name", prefix)
        if cloud_tags:
            held = warehouse.get("tags")
            if held is None or held.data is None:
                warehouse.put(("tags",), {})
            _add_tag_list(warehouse, "custom_tags", cloud_tags, holder="tags")


def _job(job: Value, prefix: str, tags: dict[str, str], pause: str, runs: int) -> None:
    _prefix(job, "name", prefix)
    _add_tags(job, "tags", tags)
    held = job.get("max_concurrent_runs")
    if runs and (held is None or held.data == 0):
        job.put(("max_concurrent_runs",), runs)
    if pause:
        for trigger in ("schedule", "continuous", "trigger"):
            settings = job.get(trigger)
            if settings is not None and type(settings.data) is dict and not settings.text("pause_status"):
                settings.put(("pause_status",), "UNPAUSED" if pause == "UNPAUSED" else "PAUSED")


def _prefix(resource: Value, field: str, prefix: str) -> None:
    if prefix:
        resource.put((field,), prefix + resource.text(field))


def _prefix_experiment(experiment: Value, prefix: str) -> None:
    """Experiments are named by path: the last part gets the prefix. Go's path.Dir and path.Base clean on the way."""
    name = experiment.text("name")
    folder = posixpath.normpath(posixpath.dirname(name)) if "/" in name else "."
    folder = re.sub(r"^//+", "/", folder)
    base = posixpath.basename(name.rstrip("/")) or ("/" if name else ".")
    experiment.put(("name",), prefix + base if folder == "." else f"{folder}/{prefix}{base}")


def _add_tags(resource: Value, field: str, tags: dict[str, str], *, overwrite_empty: bool = True) -> None:
    if not tags:
        return
    held = resource.get(field)
    if held is None or held.data is None:
        held = resource.put((field,), {})
    if type(held.data) is not dict:
        return
    for key, text in tags.items():
        if key not in held.data or (overwrite_empty and not held.text(key)):
            held.data[key] = Value(text)


def _add_tag_list(resource: Value, field: str, tags: dict[str, str], *, holder: str = "") -> None:
    if not tags:
        return
    path = (holder, field) if holder else (field,)
    held = resource.get(*path)
    if held is None or held.data is None:
        held = resource.put(path, [])
    if type(held.data) is not list:
        return
    known = {tag.text("key") for tag in held.data}
    held.data += [wrap({"key": key, "value": text}) for key, text in tags.items() if key not in known]
