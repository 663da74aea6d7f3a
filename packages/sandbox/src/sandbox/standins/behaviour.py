"""The vocabulary in which the stand-ins say what a provider does: requests, resources, data sources, providers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from sandbox.standins.plan import Rules, Values


class Level(Enum):
    """Which kind of host a request goes to."""

    ACCOUNT = "account"
    WORKSPACE = "workspace"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Request:
    """One row of what a stand-in can send: `paths` has the template ("/repos/{owner}/{repository}") per level."""

    method: str
    paths: Mapping[Level, str]

    def rows(self) -> Iterator[tuple[str, str, Level]]:
        """(method, path template, level) for the table that is tested against the sandbox's routes."""
        for level, path in self.paths.items():
            yield self.method, path, level


class RefusedError(Exception):
    """Why a provider cannot go on, in the words of the real one."""


class MissingError(RefusedError):
    """The object that a request names does not exist."""


class PartlyCreatedError(Exception):
    """A create that failed after the object existed: `values` go to the state, tainted; the cause is reported."""

    def __init__(self, values: Values) -> None:
        super().__init__("partly created")
        self.values = values


@contextmanager
def partly(values: Values) -> Iterator[None]:
    """What fails inside leaves the object `values` in the state, as the SDK does once SetId was called."""
    try:
        yield
    except Exception as error:
        raise PartlyCreatedError(values) from error


S = TypeVar("S")


def answered(found: Mapping[str, Any], names: Iterable[str]) -> Values:
    """Those of the attributes that an answer has."""
    return {name: found[name] for name in names if name in found}


def by_id(_session: Any, id_: str) -> Values:
    """The importer that hands the id to the first read."""
    return {"id": id_}


@dataclass(frozen=True, slots=True)
class Resource(Generic[S]):
    """A resource type: its requests, and what it makes of their answers.

    Handlers get the known part of the planned state (null for what is unknown). `create` returns the id and what only a
    create tells; `read` is called after create and update too and returns None for an object that is gone; without
    `update` every change must be in `rules.replace`.
    """

    requests: tuple[Request, ...]
    create: Callable[[S, Values], Values]
    read: Callable[[S, Values], Values | None]
    delete: Callable[[S, Values], None]
    update: Callable[[S, Values, Values], Values] | None = None
    validate: Callable[[Values], str | None] | None = None
    importer: Callable[[S, str], Values] | None = by_id
    rules: Rules = field(default_factory=Rules)
    sensitive: frozenset[str] = frozenset()
    reads_back: bool = True
    answers_win: frozenset[str] = (
        frozenset()
    )  # what the state keeps as the server answered it, though it was configured
    drops_unasked: bool = False  # a refresh keeps to what is configured or computed, see plan.observe_configured
    gone_on_404: bool = True  # a refresh that finds nothing takes the object out of the state, else it fails
    delete_on_404: bool = True  # a delete that finds nothing is done, else it fails
    legacy_type_system: bool = True  # false for what the real provider serves from the plugin framework
    version: int = 0  # of the schema


@dataclass(frozen=True, slots=True)
class DataSource(Generic[S]):
    """A data source: its requests, and the state that they lead to."""

    requests: tuple[Request, ...]
    read: Callable[[S, Values], Values]


@dataclass(frozen=True, slots=True)
class Provider(Generic[S]):
    """All that a stand-in serves."""

    name: str
    address: str  # in the registry, without its host
    requests: tuple[Request, ...]  # that authentication and configuration send
    configure: Callable[[Values], S]
    explain: Callable[[str, str, Exception], str]  # (operation, type name, error), as the real provider words it
    resources: Mapping[str, Resource[S]]
    data_sources: Mapping[str, DataSource[S]]
    sensitive: frozenset[str] = frozenset()

    def rows(self) -> list[tuple[str, str, Level]]:
        """Every (method, path template, level) that this stand-in can send."""
        of_resources = (request for resource in self.resources.values() for request in resource.requests)
        of_data_sources = (request for source in self.data_sources.values() for request in source.requests)
        requests = (*self.requests, *of_resources, *of_data_sources)
        return sorted({row for request in requests for row in request.rows()}, key=lambda row: (row[1], row[0]))
