"""The one way of reports to a terminal: lines with colours, in which nothing else is anything but text."""

from rich.console import Console
from rich.text import Text

from safe_text.media import line


def put(console: Console, *parts: str | tuple[str, str]) -> None:
    """Write a line of parts, each a text or a text and its style."""
    styled = [(part, "") if isinstance(part, str) else part for part in parts]
    console.print(Text.assemble(*((line(text), style) for text, style in styled)), soft_wrap=True)
