"""The report of `drift` in its forms."""

from checks.drift.report.markdown import markdown
from checks.drift.report.text import print_text
from checks.forms import Writer

WRITER = Writer(print_text, markdown)
