"""Required fields and allowed values, warned about once everything is resolved."""

from collections.abc import Iterator
from typing import NamedTuple

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.schema import Type, root_type
from bundle.value import Path, Value, path_text
from bundle.yaml_source import Position


class _Finding(NamedTuple):
    summary: str
    path: Path
    value: Value


def check_fields(draft: Draft) -> None:
    """Warns about missing required fields, then about values that an enumeration does not have."""
    _check_dashboards(draft)
    if draft.report.errors:
        return
    missing: list[_Finding] = []
    invalid: list[_Finding] = []
    _collect(draft.root, root_type(), (), missing, invalid)
    for findings in (missing, invalid):
        for finding in sorted(findings, key=_order):
            draft.report.add(Severity.WARNING, finding.summary, paths=[finding.path], places=finding.value.places)
    for key, dashboard in draft.resources("dashboards").items():
        if dashboard.text("etag"):
            name = dashboard.text("display_name")
            draft.error(
                f'dashboard "{name}" has an etag set. Etags must not be set in bundle configuration',
                at=f"resources.dashboards.{key}",
                paths=(("resources", "dashboards", key),),
            )


def _collect(value: Value, kind: Type, path: Path, missing: list[_Finding], invalid: list[_Finding]) -> None:
    for name in kind.required:
        field = value.get(name)
        if field is None or field.data is None:
            missing.append(_Finding(f'required field "{name}" is not set', path, value))
    if kind.allowed and type(value.data) is str and value.data not in kind.allowed:
        summary = f'invalid value "{value.data}" for enum field. Valid values are [{" ".join(kind.allowed)}]'
        invalid.append(_Finding(summary, path, value))
    for step, inner, inner_kind in _children(value, kind):
        _collect(inner, inner_kind, (*path, step), missing, invalid)


def _children(value: Value, kind: Type) -> Iterator[tuple[str | int, Value, Type]]:
    if type(value.data) is dict:
        for key, inner in value.data.items():
            if (inner_kind := kind.at(key)) is not None:
                yield key, inner, inner_kind
    elif type(value.data) is list and kind.item is not None:
        for index, inner in enumerate(value.data):
            yield index, inner, kind.item


def _order(finding: _Finding) -> tuple[str, str]:
    return finding.summary, f"[{' '.join(_text(place) for place in finding.value.places)}]"


def _text(place: Position) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def _check_dashboards(draft: Draft) -> None:
    for field in ("display_name", "warehouse_id"):
        lacking = [key for key, dashboard in draft.resources("dashboards").items() if not dashboard.text(field)]
        if lacking:
            draft.report.add(
                Severity.ERROR,
                f"dashboard {field} is required",
                paths=[("resources", "dashboards", key) for key in lacking],
                places=[
                    place for key in lacking for place in draft.places(path_text(("resources", "dashboards", key)))
                ],
            )
