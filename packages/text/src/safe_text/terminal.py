"""What is said to people: the one way to standard output and standard error, in a terminal and in a CI log."""

import sys
import traceback
from types import TracebackType
from typing import NoReturn, TextIO

from safe_text.media import line, lines

# https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts, escapeData
_IN_COMMANDS = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}


def say(sentence: str, *, err: bool = False) -> None:
    """Write one line, whatever it holds: nothing in it moves a cursor or is a command to GitHub's runner."""
    _write(f"{line(sentence)}\n", err=err)


def show(document: str, *, err: bool = False, end: str = "") -> None:
    """Write lines that are put together already, each of its parts by a function of `foreign_text`."""
    _write(lines(document) + end, err=err)


def command_runner(name: str, value: str) -> None:
    """Give GitHub's runner a command, such as `add-mask`; nothing in the value ends it.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    _write(f"::{name}::{value.translate(_IN_COMMANDS)}\n", err=False)


def stop(text: str) -> NoReturn:
    """Show why there is no going on, and end with exit code 1."""
    show(text, err=True, end="\n")
    sys.exit(1)


def clean_tracebacks() -> None:
    """Let the text of an error that nobody has caught out by the same way."""
    sys.excepthook = _show_traceback


def _show_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    show("".join(traceback.format_exception(kind, error, trace)), err=True)


def _write(text: str, *, err: bool) -> None:
    stream = sys.stderr if err else sys.stdout
    stream.write(_encodable(text, stream))
    stream.flush()


def _encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream cannot encode as escapes."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
