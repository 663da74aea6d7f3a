"""What a task's parameters name: tables, models and experiments, told by the names of the guide's parameters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sandbox.store import Document

_THREE_PARTS = re.compile(r"[^\s./`:*()]+\.[^\s./`:*()]+\.[^\s./`:*()]+")
_REFERENCE = re.compile(r"\{\{\s*job\.parameters\.(?:\[?)([\w.-]+)\]?\s*\}\}")
_MODEL, _EXPERIMENT = "model_name", "experiment_name"
_TRAINING_DATA = "training_data_path"
_VALIDATING = ("run_mode", "enable_baseline_comparison")


class Action(Enum):
    """What a task does to what a parameter names."""

    READ = "reads table"
    WRITE = "writes table"
    TRAIN = "registers model"
    LOAD = "loads model"
    LOG = "logs to experiment"


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One thing that a task does: to a three-level name, or to the path of an experiment."""

    action: Action
    name: str

    def __str__(self) -> str:
        return f"{self.action.value} {self.name}"


def uses(parameters: Mapping[str, str]) -> Iterator[Use]:
    """What a task with these parameters does.

    `output_table_name` is written; `input_table_name`, `training_data_path`, `pickup_features_table` and the like are
    read.
    A model is registered by what trains it, which has training data or an experiment, and loaded by everything else:
    by validation, which has settings of its own.
    """
    validates = any(name in _VALIDATING or name.startswith("validation_") for name in parameters)
    trains = not validates and (_TRAINING_DATA in parameters or _EXPERIMENT in parameters)
    for name, value in parameters.items():
        if name == _EXPERIMENT and value.startswith("/"):
            yield Use(Action.LOG, value)
        if not _THREE_PARTS.fullmatch(value):
            continue
        if name == _MODEL:
            yield Use(Action.TRAIN if trains else Action.LOAD, value)
        elif name.startswith("output") or "_output_" in name:
            yield Use(Action.WRITE, value)
        elif "table" in name or name == _TRAINING_DATA:
            yield Use(Action.READ, value)


def parameters_of(task: Document, job: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """A task's parameters: its own, over them those of the job, over them those of the run."""
    merged = {**_own(task), **job, **overrides}
    return {name: _REFERENCE.sub(lambda found: job.get(found[1], found[0]), value) for name, value in merged.items()}


def job_parameters(settings: Document, given: Mapping[str, str]) -> dict[str, str]:
    """The job's parameters: their defaults, and what the run says instead."""
    defaults = {str(one.get("name")): str(one.get("default", "")) for one in settings.get("parameters") or ()}
    return {**defaults, **strings(given)}


def strings(values: Any) -> dict[str, str]:
    """A JSON object as a map of strings."""
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _own(task: Document) -> dict[str, str]:
    notebook, wheel = task.get("notebook_task") or {}, task.get("python_wheel_task") or {}
    script = task.get("spark_python_task") or {}
    listed = [*(wheel.get("parameters") or ()), *(script.get("parameters") or ())]
    return {**_flags(listed), **strings(wheel.get("named_parameters")), **strings(notebook.get("base_parameters"))}


def _flags(arguments: list[str]) -> dict[str, str]:
    """`--name value` and `--name=value`."""
    found = {}
    for position, argument in enumerate(arguments):
        name, equals, value = str(argument).removeprefix("--").partition("=")
        if str(argument).startswith("--"):
            following = arguments[position + 1 : position + 2]
            found[name.replace("-", "_")] = value if equals else str(following[0]) if following else ""
    return found
