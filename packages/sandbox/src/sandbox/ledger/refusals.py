"""Every refusal in the code of the services, read from the code itself.

A refusal is a call of a refusal's class, or of a function that takes the keyword `source` on behalf of one. Where the
source is an argument of the function around it, the callers are what is listed. What the sandbox has not built, and
its own faults, are no refusals of a service.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import sandbox.source
from sandbox.context import RefusalError
from sandbox.databricks.world import refusals as databricks
from sandbox.github.world import refusals as github
from sandbox.source import Source

_NOT_THE_SERVICE = (
    databricks.InternalError,
    databricks.NotBuiltError,
    github.InternalError,
    github.NotBuiltError,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place that refuses: its module, its line, what it is, what it says (`…` for what varies), how it is known."""

    module: str
    line: int
    kind: str
    says: str
    source: Source | None


def modules() -> Iterator[ModuleType]:
    """The modules of both services, in order of their names."""
    root = Path(sandbox.source.__file__).parent
    for service in ("databricks", "github"):
        for path in sorted((root / service).rglob("*.py")):
            yield importlib.import_module(".".join(("sandbox", *path.relative_to(root).with_suffix("").parts)))


def refusals() -> list[Refusal]:
    """All of them, in order of their modules and lines."""
    return [refusal for module in modules() for refusal in refusals_in(module)]


def refusals_in(module: ModuleType) -> list[Refusal]:
    """Those of one module."""
    tree = ast.parse(inspect.getsource(module))
    arguments = dict(_arguments(tree, frozenset()))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and _refuses(_named(module, node.exc)):
            found.append(Refusal(module.__name__, node.lineno, node.exc.id, "", None))
        if isinstance(node, ast.Call) and _refuses(made := _named(module, node.func)):
            source = next((one.value for one in node.keywords if one.arg == "source"), None)
            if source is not None and _names(source) & arguments[node]:
                continue
            code = next((ast.unparse(one.value) for one in node.keywords if one.arg in ("code", "kind")), "")
            kind = code.strip("'\"") or getattr(made, "code", "") or ast.unparse(node.func)
            says = _says(node.args[-1]) if node.args else ""
            found.append(Refusal(module.__name__, node.lineno, kind, says, _value(module, source)))
    return sorted(found, key=lambda one: one.line)


def _named(module: ModuleType, function: ast.expr) -> object:
    return getattr(module, function.id, None) if isinstance(function, ast.Name) else None


def _refuses(made: object) -> bool:
    if isinstance(made, type):
        return issubclass(made, RefusalError) and not issubclass(made, _NOT_THE_SERVICE)
    return inspect.isfunction(made) and _returns_refusal(made) and "source" in inspect.signature(made).parameters


def _returns_refusal(made: object) -> bool:
    returned = inspect.signature(made).return_annotation  # type: ignore[arg-type]
    return isinstance(returned, type) and issubclass(returned, RefusalError)


def _arguments(node: ast.AST, around: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Each node, with the names of the arguments of the functions around it."""
    yield node, around
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        given = node.args
        around |= {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    for child in ast.iter_child_nodes(node):
        yield from _arguments(child, around)


def _names(node: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _value(module: ModuleType, source: ast.expr | None) -> Source | None:
    """What the expression is in its module: a constant there, or a call of a function of `sandbox.source`."""
    if source is None:
        return None
    value = eval(compile(ast.Expression(source), module.__name__, "eval"), vars(module))  # noqa: S307 - our own code
    assert isinstance(value, Source), value
    return value


def _says(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values)
        case ast.IfExp():
            return f"{_says(node.body)} / {_says(node.orelse)}"
        case _:
            return "…"
