"""Which tests start other programs, and are therefore not among the quick ones.

A test is slow when what it calls, fixtures included, comes to `subprocess` inside of the folders of tests; it need not
say so.
Of what it starts through the code under test nothing is known here: `only_quick_programs` fails a test that is taken
for quick and does start one.
"""

import functools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

_ROOT = Path(__file__).parent.parent
# Where tests lie, with what they share beside them.
_FOLDERS = (_ROOT / "tests", *_ROOT.glob("packages/*/tests"))
# A commit takes milliseconds, and jsii's kernel is started once in a worker.
QUICK = {"git", "node"}
# They start Git and nothing else.
_OF_GIT = {"check_out", "git", "make_repository", "write_project"}
_watched: list[str] = []


def is_slow(item: pytest.Item) -> bool:
    """Whether a test, or a fixture that it needs, comes to `subprocess`."""
    if item.get_closest_marker("slow"):
        return True
    info = getattr(item, "_fixtureinfo", None)
    fixtures = [one.func for found in info.name2fixturedefs.values() for one in found] if info else []
    return any(starts_programs(one) for one in (getattr(item, "function", None), *fixtures) if one is not None)


@contextmanager
def only_quick_programs(name: str) -> Iterator[None]:
    """Inside, to start another program than a quick one fails the test of that name."""
    _watched.append(name)
    try:
        yield
    finally:
        _watched.remove(name)


@functools.cache
def starts_programs(what: Any) -> bool:
    """Whether a function or a class refers to `subprocess`, or to what in the folders of tests does."""
    seen: set[Any] = set()
    left = [what]
    while left:
        one = left.pop()
        one = getattr(one, "__wrapped__", one)
        if one is subprocess or getattr(one, "__module__", "") == "subprocess":
            return True
        if not _is_ours(one) or one in seen:
            continue
        seen.add(one)
        left += _reached(one)
    return False


def _is_ours(one: Any) -> bool:
    """Whether it is a function, class or method of a module in a folder of tests."""
    if not isinstance(one, FunctionType | type) or one.__name__ in _OF_GIT or one.__module__ == __name__:
        return False
    file = getattr(sys.modules.get(one.__module__), "__file__", None)
    return file is not None and any(Path(file).is_relative_to(folder) for folder in _FOLDERS)


def _reached(one: Any) -> list[Any]:
    """What a function refers to, or what a class is made of."""
    if isinstance(one, type):
        members = [getattr(member, "fget", member) for member in vars(one).values()]
        return [getattr(member, "__func__", member) for member in members]
    names = {name for code in _codes(one.__code__) for name in code.co_names}
    found = [one.__globals__[name] for name in names if name in one.__globals__]
    modules = [value for value in found if isinstance(value, ModuleType) and value is not subprocess]
    return [*found, *(getattr(module, name) for module in modules for name in names if hasattr(module, name))]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen" and _watched:
        program = Path(str(arguments[0])).name
        if program not in QUICK:
            pytest.fail(f"{_watched[-1]} is taken for quick and starts {program}: mark it with pytest.mark.slow")


sys.addaudithook(_watch)
