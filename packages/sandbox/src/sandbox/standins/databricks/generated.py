"""Resources that the real provider serves from the plugin framework, in code that is generated from the API.

tpd/internal/providers/pluginfw/products: each sends all that is known of a plan, changes by a mask of every field, and
takes the answer for the state. What is "input only" is in no answer, and stays as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.standins import framework, schema
from sandbox.standins.behaviour import MissingError, RefusedError, Request, Resource
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import conform, known


@dataclass(frozen=True, slots=True)
class Generated:
    """One such type: its paths, the attribute that names an object there, and what its code says of attributes.

    `mask` is what an update names. `local` is no part of the API. `input_only` are attributes, those of nested ones
    as "spec.timeseries_key".
    """

    type_name: str
    collection: str
    key: str
    mask: str
    keeps: frozenset[str]
    input_only: frozenset[str] = frozenset()
    local: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()
    ready: Callable[[dict[str, Any]], bool] = lambda _answer: True
    delete_query: Callable[[Values], dict[str, str]] = lambda _state: {}

    @property
    def noun(self) -> str:
        """What messages call it."""
        return self.type_name.removeprefix("databricks_")

    def one(self, method: str) -> Request:
        """The request for one object."""
        return workspace(method, f"{self.collection}/{{key}}")

    @property
    def create(self) -> Request:
        """The request that makes one."""
        return workspace("POST", self.collection)

    def resource(self) -> Resource[Session]:
        """What the stand-in does."""
        return Resource(
            requests=(self.create, *(self.one(method) for method in ("GET", "PATCH", "DELETE"))),
            create=self._create,
            read=self._read,
            update=self._update,
            delete=self._delete,
            importer=lambda _session, id_: {self.key: id_},
            reads_back=False,
            legacy_type_system=False,
            rules=Rules(strict=True, replace=self.replace, customize=framework.planned(self._block, self.keeps)),
        )

    def _create(self, session: Session, planned: Values) -> Values:
        with _named(f"failed to create {self.noun}"):
            made = session.send(self.create, body=self._body(planned))
            while not self.ready(made):
                made = session.send(self.one("GET"), key=made[self.key])
        return self._state(made, planned)

    def _update(self, session: Session, prior: Values, planned: Values) -> Values:
        with _named(f"failed to update {self.noun}"):
            changed = session.send(
                self.one("PATCH"), key=prior[self.key], query={"update_mask": self.mask}, body=self._body(planned)
            )
        return self._state(changed, planned)

    def _read(self, session: Session, state: Values) -> Values | None:
        with _named(f"failed to get {self.noun}"):
            found = session.send(self.one("GET"), key=state[self.key])
        return self._state(found, state)

    def _delete(self, session: Session, state: Values) -> None:
        with _named(f"failed to delete {self.noun}"):
            session.send(self.one("DELETE"), key=state[self.key], query=self.delete_query(state) or None)

    def _body(self, planned: Values) -> Any:
        return framework.sent({name: value for name, value in planned.items() if name not in self.local})

    def _state(self, found: dict[str, Any], held: Values) -> Values:
        state: Values = conform(self._block().type, found)
        state |= {name: held[name] for name in self.local}
        return _keeping(state, known(held), self.input_only)

    def _block(self) -> schema.Block:
        return schema.load("databricks").resources[self.type_name]


def _keeping(state: Values, held: Values, names: frozenset[str]) -> Values:
    kept = {name: held[name] for name in names if "." not in name and held.get(name) is not None}
    for outer in {name.partition(".")[0] for name in names if "." in name}:
        if isinstance(state.get(outer), dict) and isinstance(held.get(outer), dict):
            inner = frozenset(name.partition(".")[2] for name in names if name.startswith(f"{outer}."))
            kept[outer] = _keeping(state[outer], held[outer], inner)
    return state | kept


class _named:  # noqa: N801 - a context manager
    """What goes wrong inside, as the provider heads it; that something is missing is told as such."""

    def __init__(self, heading: str) -> None:
        self._heading = heading

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, RefusedError) and not isinstance(error, MissingError):
            raise RefusedError(f"{self._heading}: {error}") from error


ALERT = Generated(
    type_name="databricks_alert_v2",
    collection="/api/2.0/alerts",
    key="id",
    mask="custom_description,custom_summary,display_name,evaluation,parent_path,query_text,run_as,run_as_user_name,"
    "schedule,warehouse_id",
    keeps=frozenset({"id"}),
).resource()

_OF_INSTANCES = frozenset(
    {
        "custom_tags",
        "enable_pg_native_login",
        "enable_readable_secondaries",
        "node_count",
        "retention_window_in_days",
        "stopped",
        "usage_policy_id",
    }
)
DATABASE_INSTANCE = Generated(
    type_name="databricks_database_instance",
    collection="/api/2.0/database/instances",
    key="name",
    mask="capacity,custom_tags,enable_pg_native_login,enable_readable_secondaries,node_count,"
    "retention_window_in_days,stopped,usage_policy_id",
    keeps=_OF_INSTANCES,
    input_only=_OF_INSTANCES,
    local=frozenset({"purge_on_delete"}),
    replace=frozenset({"parent_instance_ref"}),
    ready=lambda answer: answer.get("state") in ("AVAILABLE", "STOPPED"),
    delete_query=lambda state: {"purge": "true"} if state["purge_on_delete"] else {},
).resource()

DATABASE_CATALOG = Generated(
    type_name="databricks_database_database_catalog",
    collection="/api/2.0/database/catalogs",
    key="name",
    mask="create_database_if_not_exists,database_instance_name,database_name",
    keeps=frozenset({"create_database_if_not_exists"}),
    input_only=frozenset({"create_database_if_not_exists"}),
).resource()

_OF_SYNCED_TABLES = frozenset(
    {
        "database_instance_name",
        "logical_database_name",
        "spec.create_database_objects_if_missing",
        "spec.existing_pipeline_id",
        "spec.new_pipeline_spec",
    }
)
SYNCED_TABLE = Generated(
    type_name="databricks_database_synced_database_table",
    collection="/api/2.0/database/synced_tables",
    key="name",
    mask="database_instance_name,logical_database_name,spec",
    keeps=_OF_SYNCED_TABLES,
    input_only=_OF_SYNCED_TABLES,
).resource()
