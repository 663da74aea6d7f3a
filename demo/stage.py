"""Runs the acts of the demo: shows what is going on, keeps the output, stops at the first failure."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from safe_text import media

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

    def say(self, text: str = "", *, style: str = "") -> None:
        """Lines for the audience, in which nothing is markup."""
        self.console.print(Text(media.lines(text), style=style))

    def run(
        self,
        title: str,
        command: Sequence[str],
        *,
        watch: Callable[[str], str | None] | None = None,
        code: int = 0,
    ) -> list[str]:
        """Run a command and return its lines; `watch` may turn a line into a note on what is going on.

        Raises ActFailedError when the command ends with another exit code than `code`.
        """
        with self.console.status(_on_one_line(title)) as status:

            def note(line: str) -> None:
                if watch and (text := watch(line)):
                    status.update(_on_one_line(f"{title}: {text}"))

            return self._finish(title, _execute(command, note), code)

    def run_together(self, commands: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Run several commands at once, by title, and return the lines of each; raises as `run` does."""
        with self.console.status(_on_one_line(", ".join(commands))), ThreadPoolExecutor(len(commands)) as pool:
            running = {title: pool.submit(_execute, command) for title, command in commands.items()}
            return {title: self._finish(title, done.result()) for title, done in running.items()}

    def _finish(self, title: str, execution: "_Execution", code: int = 0) -> list[str]:
        with self.log.open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in (f"$ {' '.join(execution.command)}", *execution.lines))
        if execution.code != code:
            raise ActFailedError(_why(execution.lines) or f"exit code {execution.code}")
        self.say(f"  {title:<44}{execution.seconds:6.1f} s")
        return execution.lines


@dataclass(frozen=True, slots=True)
class _Execution:
    """A command that has ended."""

    command: Sequence[str]
    lines: list[str]
    code: int
    seconds: float


def _execute(command: Sequence[str], note: Callable[[str], None] = lambda _: None) -> _Execution:
    began = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            lines.append(_ESCAPES.sub("", raw.rstrip("\n")))
            note(lines[-1])
    return _Execution(command, lines, process.returncode, time.monotonic() - began)


def _why(lines: Sequence[str]) -> str:
    """The lines from the first error on, without cdktf's frames and prefixes."""
    start = next((index for index, line in enumerate(lines) if "Error" in line or "error:" in line), None)
    said = [text for line in lines[start or 0 :] if (text := _BOX.sub("", line).rstrip()) and not _SPINNER.match(text)]
    return "\n".join(said[-_LINES_OF_A_FAILURE:] if start is None else said[:_LINES_OF_A_FAILURE])


def _on_one_line(text: str) -> Text:
    return Text(media.line(text))


def plain_console() -> Console:
    """A console that draws on a terminal and writes plain lines elsewhere."""
    return Console(file=sys.stdout, soft_wrap=True)
