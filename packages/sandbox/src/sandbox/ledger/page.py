"""The ledger as a page: every bound, every refusal and every computed value, with how it is known."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sandbox.computed import Computed
from sandbox.databricks.routes import ROUTES as DATABRICKS
from sandbox.github.routes import ROUTES as GITHUB
from sandbox.ledger.refusals import Refusal, modules, refusals
from sandbox.limits import Limit, limits_of
from sandbox.route import Route
from sandbox.source import Kind, Source

COMMAND = "python -m sandbox ledger"
_HEAD = f"""# How each behaviour of the sandbox is known

Made by `{COMMAND} > docs/sandbox-ledger.md`; a test fails when it is stale. The source says why the sandbox behaves so.
A page of documentation is the one that speaks of the operation or of the right; it seldom says with which status and
code a request is refused, which only a real workspace tells (`python -m sandbox conformance`). The words of a refusal
are the service's own where a source quotes them, and ours elsewhere.
"""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD, _counts(), *_bounds(), *_refusals(), *_computed()]
    return "\n".join(parts).rstrip("\n") + "\n"


def sources() -> list[Source]:
    """The source of each behaviour, one for each row of the page."""
    return [
        *(row.source for _, _, row in bounds()),
        *(one.source for one in refusals() if one.source is not None),
        *(one.source for one in computed_values()),
    ]


def bounds() -> list[tuple[str, str, Limit]]:
    """The rows of handlers: the operation, the field and the row; an operation in several versions is listed once."""
    found: dict[tuple[str, str, str], tuple[str, str, Limit]] = {}
    for route in (*DATABRICKS, *GITHUB):
        for row in limits_of(route.handler):
            operation = f"{route.method} {_versionless(route)}"
            found.setdefault((operation, row.field, row.bound.describe()), (operation, row.field, row))
    return list(found.values())


def computed_values() -> list[Computed]:
    """What resources declare that they compute."""
    return [one for module in modules() for one in getattr(module, "COMPUTED", ())]


def ours() -> int:
    """How many behaviours no source but ourselves stands for."""
    return sum(source.kind is Kind.OURS for source in sources())


def _versionless(route: Route) -> str:
    path = route.path
    for version in ("2.0", "2.1", "2.2"):
        path = path.replace(f"/api/{version}/", "/api/…/")
    return path


def _counts() -> str:
    counted = Counter(source.kind for source in sources())
    lines = [f"| {kind.value} | {counted[kind]} |" for kind in Kind]
    return "\n".join(("| known from | behaviours |", "|---|---|", *lines, f"| together | {counted.total()} |", ""))


def _bounds() -> Iterator[str]:
    yield "## Bounds of values\n"
    yield "A request with a value outside of its bound is refused before it has an effect.\n"
    by_row: dict[tuple[str, str, Source], tuple[list[str], Limit]] = {}
    for operation, field, row in bounds():
        key = (field.removeprefix("new_settings."), row.bound.describe(), row.source)
        by_row.setdefault(key, ([], row))[0].append(operation)
    yield from _table(
        ("operation", "field", "bound", "answer", "known from"),
        (
            (
                "<br>".join(f"`{one}`" for one in operations),
                f"`{field}`" if field else "the body",
                bound,
                f"{row.status} {row.code}".strip(),
                _known(source),
            )
            for (field, bound, source), (operations, row) in by_row.items()
        ),
    )


def _refusals() -> Iterator[str]:
    by_module: dict[str, list[Refusal]] = {}
    for one in refusals():
        by_module.setdefault(one.module.removeprefix("sandbox."), []).append(one)
    yield "## Refusals\n"
    for module, found in by_module.items():
        yield f"### {module}\n"
        yield from _table(
            ("what it says", "kind", "known from"),
            ((_cell(one.says) or "…", one.kind, _known(one.source)) for one in found),
        )


def _computed() -> Iterator[str]:
    yield "## Computed values\n"
    rows = sorted(computed_values(), key=lambda one: (one.of, one.field))
    yield from _table(
        ("of", "field", "value", "known from"),
        ((one.of, f"`{one.field}`", _cell(one.value), _known(one.source)) for one in rows),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _known(source: Source | None) -> str:
    if source is None:
        return "**nothing**"
    if source.kind is Kind.OURS:
        return f"ours: {_cell(source.reference)}"
    return f"[{source.kind.value}]({source.reference})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
