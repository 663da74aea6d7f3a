"""What must hold before anything is resolved: resources are not null, scripts have content."""

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.value import ANY_KEY, matches


def check_declarations(draft: Draft) -> None:
    """Null resources are errors."""
    _refuse_null_sections(draft)
    for path, value in matches(draft.root, ("resources", ANY_KEY, ANY_KEY)):
        if value.data is None:
            draft.report.add(
                Severity.ERROR,
                f"{str(path[1]).removesuffix('s')} {path[2]} is not defined",
                paths=[path],
                places=value.places,
            )


def _refuse_null_sections(draft: Draft) -> None:
    resources = draft.root.get("resources")
    if resources is not None and type(resources.data) is not dict:
        raise StopError(
            f'expected a map at "resources", found {resources.kind}', origin=next(iter(resources.places), None)
        )


def check_scripts(draft: Draft) -> None:
    """Scripts have content, and none of it looks like a reference."""
    for name, script in sorted(draft.root.entries("scripts").items()):
        path = ("scripts", name, "content")
        content = script.get("content")
        if content is None or not content.data:
            draft.report.add(
                Severity.ERROR,
                f"Script {name} has no content",
                paths=[path],
                origin=next(iter(script.places), None),
            )
            continue
        found = _interpolation(str(content.data))
        if found:
            draft.report.add(
                Severity.ERROR,
                f"Found {found} in script {name}. Interpolation syntax ${{...}} is not allowed in scripts",
                detail="We do not support the ${...} interpolation syntax in scripts because\n"
                "it's ambiguous whether it's a variable reference or reference to an\n"
                "environment variable.",
                paths=[path],
                places=content.places,
            )


def _interpolation(text: str) -> str:
    """From the first ${ to the last } of the first line that has both."""
    for line in text.split("\n"):
        begin = line.find("${")
        end = line.rfind("}")
        if 0 <= begin < end:
            return line[begin : end + 1]
    return ""
