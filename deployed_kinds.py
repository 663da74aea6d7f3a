"""The kinds of bundle resources that a stack deploys: one row for each, from which everything else takes its facts.

A kind is added here. The tests then name what is still missing: tests/test_deployed_kinds.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from unity_catalog import PARENT, Privilege, SecurableType

_CLI = "https://github.com/databricks/cli/blob/v0.280.0"
_API = "https://docs.databricks.com/api/workspace"
_DOCS = "https://docs.databricks.com/aws/en"


REASONS: Final = ("holds data", "keeps history", "serves traffic")
"""Why the loss of an object stops a deploy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What goes for good when an object of a kind is destroyed, or made anew in its place.

    `what` completes "with it go ..."; it is empty where nothing is lost. `why` says what such an object is for, one of
    `REASONS`, or how it comes that nothing is lost. `source` is the address of the page that says it.
    """

    what: str
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What a principal needs to make an object of a kind.

    `privilege` of Unity Catalog is one on what the object lies in, which is `on`; `option` is the key of a catalog in
    mlops.yaml that grants it, empty where it is granted in any case. `workspace` is what the workspace has to allow, in
    words; `entitlement`, where a policy cannot do instead, the key in `entitlements` of mlops.yaml that decides it.
    """

    privilege: Privilege | None = None
    on: SecurableType | None = None
    option: str = ""
    workspace: str = ""
    entitlement: str = ""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKind:
    """One kind under `resources` of databricks.yml.

    `type`: Terraform's. `prefix`: what begins the names of its databricks_permissions and databricks_grants.
    `words`: what people call one, filled with its attributes; what stands before the first of them is the noun.
    `permissions`, `grants`: by which attribute those two types name it; empty where they do not. `acl`: the type that
    each entry of its permissions is one of, where it has an access list of its own.
    `id_attribute`: its attribute that such a name refers to.
    `import_id`: by what Terraform imports one, filled with its attributes; empty where only the workspace knows.
    `securable`: what it is to Unity Catalog. `full_names`: attributes that hold the dotted name of something else that
    it works on there, with the number of parts.
    `severity`: of a difference. `principal`: the attribute whose other value gives somebody else what the object has:
    an owner every privilege on it, `run_as` its runs.
    """

    kind: str
    type: str
    prefix: str
    words: str
    permissions: str = ""
    grants: str = ""
    acl: str = ""
    id_attribute: str = "id"
    import_id: str = ""
    securable: SecurableType | None = None
    full_names: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    severity: Literal["high", "medium", "low"] = "medium"
    principal: Literal["", "owner", "run_as"] = ""
    loss: Loss
    right: Right

    @property
    def noun(self) -> str:
        """What one is called."""
        return self.words.partition(" {")[0]

    @property
    def protected(self) -> bool:
        """Whether the guard stops a deploy that destroys one."""
        return bool(self.loss.what)

    @property
    def name_parts(self) -> tuple[str, ...]:
        """The attributes of a securable that make up its full name, the catalog's first; none for other kinds."""
        if self.securable is None:
            return ()
        return tuple(part.strip("{}") for part in self.import_id.split("."))

    @property
    def lies_in(self) -> tuple[SecurableType, ...]:
        """What else of Unity Catalog takes it along when it goes."""
        if self.full_names:
            return (SecurableType.CATALOG, SecurableType.SCHEMA)
        found: list[SecurableType] = []
        above = PARENT[self.securable] if self.securable else None
        while above is not None and above is not SecurableType.METASTORE:
            found.append(above)
            above = PARENT[above]
        return tuple(reversed(found))

    def key_of(self, key: str, made: Literal["", "permissions", "grants"] = "") -> str:
        """Where databricks.yml says so: `resources.jobs.train.permissions`."""
        return ".".join(("resources", self.kind, key, *filter(None, (made,))))

    def name_of(self, key: str) -> str:
        """The Terraform name of the permissions or grants of one."""
        return f"{self.prefix}_{key}"

    def name_of_entry(self, key: str, index: int) -> str:
        """The Terraform name of an entry in the access list of one, the CLI's own."""
        return f"{self.acl.removeprefix('databricks_')}_{key}_{index}"


_ROWS = (
    ResourceKind(
        kind="clusters",
        type="databricks_cluster",
        prefix="cluster",
        words="cluster {cluster_name}",
        permissions="cluster_id",
        loss=Loss(
            what="",
            why="databricks.yml is all of a cluster",
            source=f"{_API}/clusters/permanentdelete",
        ),
        right=Right(
            workspace="workspace access; cluster creation, or a policy that allows for it",
            entitlement="allow_cluster_create",
            source=f"{_DOCS}/compute/configure",
        ),
    ),
    ResourceKind(
        kind="experiments",
        type="databricks_mlflow_experiment",
        prefix="mlflow_experiment",
        words="experiment {name}",
        permissions="experiment_id",
        loss=Loss(
            what="its runs, with their parameters, metrics and tags",
            why="keeps history",
            source=f"{_API}/experiments/deleteexperiment",
        ),
        right=Right(
            workspace="CAN_EDIT on the folder that it lies in",
            source=f"{_DOCS}/security/auth/access-control#folder-acls",
        ),
    ),
    ResourceKind(
        kind="jobs",
        type="databricks_job",
        prefix="job",
        words="job {name}",
        permissions="job_id",
        principal="run_as",
        loss=Loss(
            what="",
            why="databricks.yml is all of a job, and what ran stays in system.lakeflow",
            source=f"{_DOCS}/admin/system-tables/jobs",
        ),
        right=Right(
            workspace="workspace access; cluster creation, for clusters of its own",
            source=f"{_DOCS}/security/auth/entitlements",
        ),
    ),
    ResourceKind(
        kind="model_serving_endpoints",
        type="databricks_model_serving",
        prefix="model_serving",
        words="serving endpoint {name}",
        permissions="serving_endpoint_id",
        id_attribute="serving_endpoint_id",
        import_id="{name}",
        loss=Loss(
            what="its address, and whatever asks it for predictions",
            why="serves traffic",
            source=f"{_API}/servingendpoints/delete",
        ),
        right=Right(
            privilege=Privilege.EXECUTE,
            on=SecurableType.MODEL,
            workspace="workspace access",
            source=f"{_DOCS}/machine-learning/model-serving/create-manage-serving-endpoints",
        ),
    ),
    ResourceKind(
        kind="models",
        type="databricks_mlflow_model",
        prefix="mlflow_model",
        words="workspace model {name}",
        permissions="registered_model_id",
        id_attribute="registered_model_id",
        import_id="{name}",
        loss=Loss(
            what="its versions, with their stages and comments",
            why="keeps history",
            source=f"{_DOCS}/machine-learning/manage-model-lifecycle/workspace-model-registry",
        ),
        right=Right(
            workspace="workspace access",
            source=f"{_DOCS}/security/auth/entitlements",
        ),
    ),
    ResourceKind(
        kind="pipelines",
        type="databricks_pipeline",
        prefix="pipeline",
        words="pipeline {name}",
        permissions="pipeline_id",
        principal="run_as",
        loss=Loss(
            what="its streaming tables and materialized views",
            why="holds data",
            source=f"{_CLI}/bundle/phases/messages.go",
        ),
        right=Right(
            privilege=Privilege.CREATE_TABLE,
            on=SecurableType.SCHEMA,
            workspace="workspace access; cluster creation, unless it is serverless",
            source=f"{_DOCS}/ldp/unity-catalog",
        ),
    ),
    ResourceKind(
        kind="quality_monitors",
        type="databricks_quality_monitor",
        prefix="quality_monitor",
        words="the monitor of table {table_name}",
        import_id="{table_name}",
        full_names=MappingProxyType({"output_schema_name": 2, "table_name": 3}),
        loss=Loss(
            what="",
            why="its metric tables and its dashboard stay",
            source=f"{_API}/qualitymonitors/delete",
        ),
        right=Right(
            privilege=Privilege.CREATE_TABLE,
            on=SecurableType.SCHEMA,
            workspace="to own the table",
            source=f"{_API}/qualitymonitors/create",
        ),
    ),
    ResourceKind(
        kind="registered_models",
        type="databricks_registered_model",
        prefix="registered_model",
        words="model {catalog_name}.{schema_name}.{name}",
        grants="function",
        import_id="{catalog_name}.{schema_name}.{name}",
        securable=SecurableType.MODEL,
        principal="owner",
        loss=Loss(
            what="its versions, with their files and aliases",
            why="keeps history",
            source=f"{_API}/registeredmodels/delete",
        ),
        right=Right(
            privilege=Privilege.CREATE_MODEL,
            on=SecurableType.SCHEMA,
            source=f"{_API}/registeredmodels/create",
        ),
    ),
    ResourceKind(
        kind="schemas",
        type="databricks_schema",
        prefix="schema",
        words="schema {catalog_name}.{name}",
        grants="schema",
        import_id="{catalog_name}.{name}",
        securable=SecurableType.SCHEMA,
        severity="high",
        principal="owner",
        loss=Loss(
            what="its tables, volumes and models",
            why="holds data",
            source=f"{_CLI}/bundle/phases/messages.go",
        ),
        right=Right(
            privilege=Privilege.CREATE_SCHEMA,
            on=SecurableType.CATALOG,
            option="may_create_schemas",
            source=f"{_API}/schemas/create",
        ),
    ),
    ResourceKind(
        kind="secret_scopes",
        type="databricks_secret_scope",
        prefix="secret_scope",
        words="secret scope {name}",
        acl="databricks_secret_acl",
        import_id="{name}",
        loss=Loss(
            what="its secrets, which databricks.yml does not have",
            why="holds data",
            source=f"{_API}/secrets/deletescope",
        ),
        right=Right(
            workspace="workspace access",
            source=f"{_DOCS}/security/secrets/",
        ),
    ),
    ResourceKind(
        kind="sql_warehouses",
        type="databricks_sql_endpoint",
        prefix="sql_endpoint",
        words="SQL warehouse {name}",
        permissions="sql_endpoint_id",
        loss=Loss(
            what="its id, by which queries, dashboards and clients name it",
            why="serves traffic",
            source=f"{_API}/warehouses/delete",
        ),
        right=Right(
            workspace="Databricks SQL access; cluster creation",
            entitlement="allow_cluster_create",
            source=f"{_DOCS}/compute/sql-warehouse/create",
        ),
    ),
    ResourceKind(
        kind="volumes",
        type="databricks_volume",
        prefix="volume",
        words="volume {catalog_name}.{schema_name}.{name}",
        grants="volume",
        import_id="{catalog_name}.{schema_name}.{name}",
        securable=SecurableType.VOLUME,
        severity="high",
        principal="owner",
        loss=Loss(
            what="its files, where it is a managed one",
            why="holds data",
            source=f"{_CLI}/bundle/phases/messages.go",
        ),
        right=Right(
            privilege=Privilege.CREATE_VOLUME,
            on=SecurableType.SCHEMA,
            option="may_create_volumes",
            source=f"{_API}/volumes/create",
        ),
    ),
)

KINDS: Final[Mapping[str, ResourceKind]] = MappingProxyType({row.kind: row for row in _ROWS})
"""The rows by what databricks.yml calls them."""

BY_TYPE: Final[Mapping[str, ResourceKind]] = MappingProxyType({row.type: row for row in _ROWS})
"""The rows by Terraform's type."""
