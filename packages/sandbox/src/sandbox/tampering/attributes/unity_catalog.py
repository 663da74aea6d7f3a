"""Attributes of securables of Unity Catalog, and of monitors."""

from sandbox.databricks.world.day_one import ADMIN_USER
from sandbox.tampering.attributes.forms import Attribute, Document, Form, Instead, More, Never, Rows, changed_names
from sandbox.tampering.console import Console, escaped
from sandbox.tampering.managed import Managed
from sandbox.tampering.securables import monitor_path, monitored

_API = "/api/2.1/unity-catalog"


def _securable(kind: str, collection: str) -> Form:
    def path(one: Managed) -> str:
        return f"{_API}/{collection}/{escaped(one['id'])}"

    def read(console: Console, one: Managed) -> Document:
        return dict(console.databricks("GET", one.host, path(one)))

    def write(console: Console, one: Managed, before: Document, after: Document) -> None:
        changes, gone = changed_names(before, after)
        console.databricks("PATCH", one.host, path(one), {**changes, **dict.fromkeys(gone, "")})

    return Form(type=kind, read=read, write=write)


def _replace_monitor(console: Console, one: Managed, _: Document, after: Document) -> None:
    console.databricks("PUT", one.host, monitor_path(one), after)


_COMMENT = Attribute(name="comment", added="made by hand")
_ALWAYS = Never("it always has one: another one is a change")
_SCHEDULE = {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC"}

CATALOGS = Rows(
    _securable("databricks_catalog", "catalogs"),
    (
        Attribute(name="comment", added="made by hand", only_added=True),
        Attribute(name="owner", removed=_ALWAYS, added=_ALWAYS),
    ),
)
MODELS = Rows(
    _securable("databricks_registered_model", "models"),
    (_COMMENT, Attribute(name="owner", added=Instead(ADMIN_USER), only_added=True)),
)
MONITORS = Rows(
    Form(type="databricks_quality_monitor", read=monitored, write=_replace_monitor),
    (
        Attribute(name="output_schema_name", removed=_ALWAYS, added=_ALWAYS),
        Attribute(name="schedule", added=_SCHEDULE, only_added=True),
        Attribute(name="slicing_exprs", changed=lambda held: [*held, "x > 1"], added=More("x > 1")),
        Attribute(
            name="snapshot",
            removed=Never("a monitor needs one of three: another one in its place is a change"),
            added=Never("a monitor has one of three: another one in its place is a change"),
        ),
    ),
)
SCHEMAS = Rows(
    _securable("databricks_schema", "schemas"),
    (_COMMENT, Attribute(name="owner", removed=_ALWAYS, added=Instead(ADMIN_USER))),
)
VOLUMES = Rows(
    _securable("databricks_volume", "volumes"),
    (_COMMENT, Attribute(name="owner", added=Instead(ADMIN_USER), only_added=True)),
)
