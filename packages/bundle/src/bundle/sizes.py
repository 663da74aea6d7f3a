"""What would grow out of hand: counts of resources and targets, and what is repeated for each of them."""

from bundle.diagnostics import StopError
from bundle.draft import Draft
from bundle.limits import FOLDER_CHARACTERS, MATCHES, RESOURCES, TARGETS

_FOLDERS = ("root_path", "file_path", "resource_path", "artifact_path", "state_path")


def check_counts(draft: Draft) -> None:
    """After all files are read: how many targets and resources there are, overrides included."""
    TARGETS.check(len(draft.root.entries("targets")), "{count} targets")
    _check_resources(draft)
    for name, target in draft.root.entries("targets").items():
        held = sum(len(target.entries("resources", kind)) for kind in target.entries("resources"))
        RESOURCES.check(held, f"target {name} with {{count}} resources")


def _check_resources(draft: Draft) -> int:
    held = sum(len(draft.root.entries("resources", kind)) for kind in draft.root.entries("resources"))
    RESOURCES.check(held, "{count} resources")
    return held


def check_repeated(draft: Draft) -> None:
    """Once everything is resolved: permissions, tags and prefixes are added to each resource, folders to each path."""
    resources = _check_resources(draft)
    for folder in _FOLDERS:
        path = draft.root.text("workspace", folder)
        if len(path) > FOLDER_CHARACTERS.most or "\0" in path:
            found = f"workspace.{folder} with {len(path):,} characters"
            error = FOLDER_CHARACTERS.refusal(found)
            raise StopError(
                str(error), origin=next(iter(draft.places(f"workspace.{folder}")), None), detail=error.remedy
            )
    prefix = draft.root.text("presets", "name_prefix")
    FOLDER_CHARACTERS.check(len(prefix), "presets.name_prefix with {count} characters")
    tags = draft.root.entries("presets", "tags").values()
    sizes = {
        "permissions": 4 * len(draft.root.items("permissions")),
        "presets.tags": sum(3 + len(str(tag.data)) // 100 for tag in tags),
    }
    for what, size in sizes.items():
        draft.values.add(resources * size, f"{what} for each of {resources:,} resources")


def check_matches(patterns: int, files: int) -> None:
    """Each pattern of sync is held against each file. Raises RefusedError."""
    if patterns * files > MATCHES.most:
        raise MATCHES.refusal(f"{patterns:,} patterns of sync for {files:,} files")
