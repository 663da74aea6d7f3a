"""What notebooks find in Databricks, as far as ours use it: tables, widgets, task values, a model registry."""

import runpy
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import training

ROOT = Path(__file__).parent.parent


class Row(dict[str, Any]):
    def asDict(self) -> dict[str, Any]:  # noqa: N802 - Spark's name
        return dict(self)


class Frame:
    """A data frame, and its own reader and writer."""

    def __init__(self, rows: list[Row], save: Callable[[str, list[Row]], None]) -> None:
        self.rows, self.save, self.write = rows, save, self

    def collect(self) -> list[Row]:
        return self.rows

    def mode(self, mode: str) -> "Frame":
        assert mode == "overwrite"
        return self

    def option(self, _name: str, _value: str) -> "Frame":
        return self

    def saveAsTable(self, name: str) -> None:  # noqa: N802 - Spark's name
        self.save(name, self.rows)


class Workspace:
    """Tables, task values, models and metrics, shared by the notebooks that run in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.paths: dict[str, list[Row]] = {}
        self.schemas: list[str] = []
        self.task_values: dict[tuple[str, str], str] = {}
        self.registry = Registry()
        self._monkeypatch = monkeypatch
        for name, module in self.registry.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
        # It holds on to the MLflow that it was imported with, and its package holds on to it.
        monkeypatch.delitem(sys.modules, "training.packaging", raising=False)
        monkeypatch.delattr(training, "packaging", raising=False)

    def run(self, notebook: str, *, task: str = "", **parameters: str) -> None:
        """Runs a notebook as a job's task: in its own folder, with its parameters."""
        file = ROOT / notebook
        path = list(sys.path)
        with self._monkeypatch.context() as context:
            context.chdir(file.parent)
            try:
                runpy.run_path(str(file), {"dbutils": self._dbutils(task, parameters), "spark": self._spark()})
            finally:
                sys.path[:] = path

    def _spark(self) -> SimpleNamespace:
        def create(values: list[tuple[Any, ...]], *, schema: str) -> Frame:
            self.schemas.append(schema)
            columns = [column.split()[0] for column in schema.split(", ")]
            return Frame([Row(zip(columns, one, strict=True)) for one in values], self.tables.__setitem__)

        def load(path: str) -> Frame:
            return Frame(self.paths[path], self.tables.__setitem__)

        return SimpleNamespace(
            table=lambda name: Frame(self.tables[name], self.tables.__setitem__),
            createDataFrame=create,
            read=SimpleNamespace(format=lambda _: SimpleNamespace(load=load)),
        )

    def _dbutils(self, task: str, parameters: Mapping[str, str]) -> SimpleNamespace:
        widgets: dict[str, str] = {}

        def declare(name: str, default: str, _choices: object = None) -> None:
            widgets[name] = parameters.get(name, default)

        def get(name: str) -> str:
            return widgets[name]

        def value_of(taskKey: str, key: str, debugValue: str) -> str:  # noqa: N803 - Databricks' names
            return self.task_values[taskKey, key]

        return SimpleNamespace(
            widgets=SimpleNamespace(text=declare, dropdown=declare, get=get),
            library=SimpleNamespace(restartPython=lambda: None),
            jobs=SimpleNamespace(
                taskValues=SimpleNamespace(
                    set=lambda key, value: self.task_values.__setitem__((task, key), value), get=value_of
                )
            ),
        )


class Registry:
    """As much of MLflow as the notebooks use: one model, its versions, aliases and tags."""

    def __init__(self) -> None:
        self.versions: dict[str, Any] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.aliases: dict[str, str] = {}
        self.metrics: dict[str, float] = {}
        self.run_tags: dict[str, str] = {}
        self.experiments: list[str] = []
        self.code: list[str] = []

    def modules(self) -> dict[str, ModuleType]:
        mlflow, pyfunc, models, types = (
            ModuleType(name) for name in ("mlflow", "mlflow.pyfunc", "mlflow.models", "mlflow.types")
        )
        run = SimpleNamespace(info=SimpleNamespace(run_id="run-1"))
        mlflow.__dict__.update(
            __version__="2.22.5",
            pyfunc=pyfunc,
            set_registry_uri=lambda uri: None,
            set_experiment=self.experiments.append,
            start_run=lambda run_id=None: nullcontext(run),
            set_tags=self.run_tags.update,
            log_params=lambda params: None,
            log_metrics=self.metrics.update,
            MlflowClient=lambda: self,
        )
        pyfunc.__dict__.update(PythonModel=object, log_model=self.log_model, load_model=self.load_model)
        models.__dict__.update(ModelSignature=SimpleNamespace)
        types.__dict__.update(ColSpec=lambda *spec: spec, Schema=list)
        return {module.__name__: module for module in (mlflow, pyfunc, models, types)}

    def log_model(self, _path: str, *, python_model: Any, artifacts: dict[str, str], **rest: Any) -> SimpleNamespace:
        assert rest["signature"].inputs
        assert rest["signature"].outputs
        self.code = rest["code_paths"]
        # What is logged is the artifact's content, not the model in memory.
        python_model.load_context(SimpleNamespace(artifacts=artifacts))
        version = str(len(self.versions) + 1)
        self.versions[version] = python_model
        self.tags[version] = {}
        return SimpleNamespace(registered_model_version=version)

    def load_model(self, uri: str) -> SimpleNamespace:
        python_model = self.versions[uri.rpartition("/")[2]]
        return SimpleNamespace(unwrap_python_model=lambda: python_model)

    def get_registered_model(self, _name: str) -> SimpleNamespace:
        return SimpleNamespace(aliases=self.aliases)

    def get_model_version(self, _name: str, version: str) -> SimpleNamespace:
        return SimpleNamespace(tags=self.tags[version])

    def set_model_version_tag(self, _name: str, version: str, key: str, value: str) -> None:
        self.tags[version][key] = value

    def set_registered_model_alias(self, _name: str, alias: str, version: str) -> None:
        self.aliases[alias] = version
