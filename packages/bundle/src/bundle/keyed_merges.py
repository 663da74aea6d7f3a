"""Lists whose elements have a key; elements with one key become one."""

from bundle.draft import Draft
from bundle.merge import merge_by_key, override


def merge_keyed_lists(draft: Draft) -> None:
    """Job clusters, parameters and tasks, pipeline clusters, resources of apps. Tasks are sorted."""
    for job in draft.resources("jobs").values():
        for name, key in (("job_clusters", "job_cluster_key"), ("parameters", "name"), ("tasks", "task_key")):
            elements = job.get(name)
            if elements is not None and type(elements.data) is list:
                elements.data = merge_by_key(elements.data, key)
        tasks = job.get("tasks")
        if tasks is not None and type(tasks.data) is list:
            tasks.data.sort(key=lambda task: task.text("task_key").encode())
    for pipeline in draft.resources("pipelines").values():
        clusters = pipeline.get("clusters")
        if clusters is not None and type(clusters.data) is list:
            clusters.data = merge_by_key(clusters.data, "label", name=str.lower, missing="default")
    for app in draft.resources("apps").values():
        resources = app.get("resources")
        if resources is not None and type(resources.data) is list:
            resources.data = merge_by_key(resources.data, "name", combine=override)
