"""Every request that a stand-in can send meets a route of the sandbox; the two know nothing of each other."""

import ast
import importlib
import re
from typing import Any

import pytest
from starlette.routing import compile_path

from sandbox.databricks.routes import ROUTES as DATABRICKS_ROUTES
from sandbox.folder import PROJECT
from sandbox.github.routes import ROUTES as GITHUB_ROUTES
from sandbox.standins.behaviour import Level, Provider, Request
from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from sandbox.standins.paths import fill

ROWS = [*DATABRICKS.rows(), *GITHUB.rows()]
STANDINS = PROJECT / "sandbox" / "standins"


@pytest.mark.parametrize(("method", "template", "level"), ROWS, ids=[f"{m} {t} {level.value}" for m, t, level in ROWS])
def test_a_route_answers(method: str, template: str, level: Level) -> None:
    path = fill(template, dict.fromkeys(re.findall(r"\{(\w+)", template), "a-1"))
    answered = [
        route.path
        for route in (*DATABRICKS_ROUTES, *GITHUB_ROUTES)
        if route.method == method and route.host.value == level.value and compile_path(route.path)[0].match(path)
    ]
    assert answered


@pytest.mark.parametrize("provider", [DATABRICKS, GITHUB], ids=lambda provider: provider.name)
def test_the_table_has_every_request_that_a_module_defines(provider: Provider[Any]) -> None:
    """A request that a handler sends and no resource lists would escape the table."""
    defined = {
        row
        for path in (STANDINS / provider.name).glob("*.py")
        for value in vars(importlib.import_module(f"sandbox.standins.{provider.name}.{path.stem}")).values()
        if isinstance(value, Request)
        for row in value.rows()
    }
    assert defined <= set(provider.rows())


def test_stand_ins_import_nothing_of_the_server() -> None:
    for path in STANDINS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [module] if module else [alias.name for alias in getattr(node, "names", [])]
            for name in names if isinstance(node, ast.Import | ast.ImportFrom) else []:
                assert not name.startswith("sandbox") or name.startswith("sandbox.standins"), f"{path}: {name}"
