"""A key names one resource or script, written in one place."""

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.value import ANY_KEY, Path, Places, exact_matches, path_text
from bundle.yaml_source import Position


def check_unique_keys(draft: Draft) -> None:
    """Reports each key that is used twice; target overrides are not merged yet and do not count."""
    paths: dict[str, list[Path]] = {}
    places: dict[str, Places] = {}
    for section, pattern in (("resources", (ANY_KEY, ANY_KEY)), ("scripts", (ANY_KEY,))):
        held = draft.root.get(section)
        if held is None or held.data is None:
            continue
        for path, value in exact_matches(held, pattern):
            key = str(path[-1])
            paths.setdefault(key, []).append((section, *path))
            places[key] = places.get(key, ()) + value.places
    for key, found in places.items():
        if len(found) > 1:
            draft.report.add(
                Severity.ERROR,
                f"multiple resources or scripts have been defined with the same key: {key}",
                paths=sorted(paths[key], key=path_text),
                places=sorted(found, key=_order),
            )


def _order(place: Position) -> tuple[str, int, int]:
    return place.file, place.line, place.column
