"""The report in the form that was asked for."""

from checks.drift.markdown import markdown
from checks.drift.report import DriftReport
from checks.drift.text import text
from safe_text.media import json_document


def written(report: DriftReport, form: str) -> str:
    """The report as text, markdown or json."""
    match form:
        case "markdown":
            return markdown(report)
        case "json":
            return json_document(report.model_dump_json(indent=2)) + "\n"
        case _:
            return text(report)
