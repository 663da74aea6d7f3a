"""Runs the acts of the demo: shows what is going on, keeps the output, stops at the first failure."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BOX = re.compile(r"[│╷╵]")
_SPINNER = re.compile(r"[\u2800-\u28ff] |\d+ Stacks? ")
_LINES_OF_A_FAILURE = 25


class ActFailedError(Exception):
    """A command failed; the text is the part of its output that says why."""


class Stage:
    """A terminal to play on and a file for everything that is said behind it."""

    def __init__(self, *, console: Console, log: Path) -> None:
        self.console = console
        self.log = log
        self._began = time.monotonic()
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.touch(mode=0o600)
        log.write_text("", encoding="utf-8")

    @property
    def seconds(self) -> float:
        """Seconds since the curtain rose."""
        return time.monotonic() - self._began

    def say(self, text: str = "") -> None:
        """One line for the audience."""
        self.console.print(text, highlight=False)

    def run(self, title: str, command: Sequence[str], *, watch: Callable[[str], str | None] | None = None) -> list[str]:
        """Run a command and return its lines; `watch` may turn a line into a note on what is going on.

        Raises ActFailedError when the command fails.
        """
        began = time.monotonic()
        lines: list[str] = []
        with (
            self.console.status(title) as status,
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
            ) as process,
        ):
            assert process.stdout is not None
            log.write(f"$ {' '.join(command)}\n")
            for raw in process.stdout:
                line = _ESCAPES.sub("", raw.rstrip("\n"))
                log.write(line + "\n")
                log.flush()
                lines.append(line)
                note = watch(line) if watch else None
                if note:
                    status.update(f"{title}: {note}")
        if process.returncode:
            raise ActFailedError(_why(lines) or f"exit code {process.returncode}")
        self.say(f"  {title:<44}{time.monotonic() - began:6.1f} s")
        return lines


def _why(lines: Sequence[str]) -> str:
    """The lines from the first error on, without cdktf's frames and prefixes."""
    start = next((index for index, line in enumerate(lines) if "Error" in line or "error:" in line), None)
    said = [text for line in lines[start or 0 :] if (text := _BOX.sub("", line).rstrip()) and not _SPINNER.match(text)]
    return "\n".join(said[-_LINES_OF_A_FAILURE:] if start is None else said[:_LINES_OF_A_FAILURE])


def plain_console() -> Console:
    """A console that draws on a terminal and writes plain lines elsewhere."""
    return Console(file=sys.stdout, soft_wrap=True)
