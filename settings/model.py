"""mlops.yaml as frozen, validated models: one class per section, one field per fact."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from settings.clouds import is_https_host
from settings.naming import DATABRICKS_CATALOGS, NAMES_OF_OTHER_STACKS
from settings.problem import problem

Cloud = Literal["aws", "gcp"]
AuthType = Literal["oauth-m2m", "pat", "databricks-cli", "github-oidc", "env-oidc", "file-oidc", "google-id"]
BackendType = Literal["local", "s3", "azurerm", "gcs", "http"]

# The keys without which a backend cannot work; all but the region say where a state lies, one tells the stacks apart
# (https://developer.hashicorp.com/terraform/language/backend).
BACKEND_KEYS: dict[str, tuple[str, ...]] = {
    "local": (),
    "s3": ("bucket", "key", "region"),
    "azurerm": ("storage_account_name", "container_name", "key"),
    "gcs": ("bucket", "prefix"),
    "http": ("address",),
}
_BACKEND_SECRET = re.compile(r"token|secret|password|credential|certificate(?!_path$)|private_key|_key$|conn_str")
_NO_BACKEND_SECRET = {
    "kms_encryption_key",
    "shared_credentials_file",
    "shared_credentials_files",
    "skip_credentials_validation",
}


def _matching(pattern: str, *, allowed: str, remedy: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise problem(allowed=allowed, remedy=remedy)
        return text

    return AfterValidator(check)


def _https_host(text: str) -> str:
    if not is_https_host(text):
        raise problem(
            allowed="https:// and a host name in lower case, without port, path or trailing slash",
            remedy="copy the address of the workspace up to the first slash after https://",
        )
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise problem(
            allowed="a name without characters that cannot be seen",
            remedy="type the name anew: what was pasted holds a character such as a zero-width space",
        )
    return text


# What is made of these names, folders and principals among them, may have 255 characters.
_SHORT = _matching(r".{1,100}", allowed="at most 100 characters", remedy="choose a shorter name")
ProjectName = Annotated[
    str,
    _matching(
        r"[a-z][a-z0-9]*([-_][a-z0-9]+)*",
        allowed="lower-case letters, digits and single - or _ between them, a letter first",
        remedy="choose a short name such as taxi-fare; it names the principals and the schema",
    ),
    _SHORT,
]
EnvironmentName = Annotated[
    str,
    _matching(
        rf"(?!{NAMES_OF_OTHER_STACKS})[a-z][a-z0-9]*(-[a-z0-9]+)*",
        allowed="lower-case letters, digits and single - between them; not repository, not bundle-...",
        remedy="rename the environment; its name is the name of its stack",
    ),
    _SHORT,
]
AccountId = Annotated[
    str,
    _matching(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        allowed="the account's UUID in lower case",
        remedy="copy it from the account console, behind the user menu",
    ),
]
HttpsHost = Annotated[str, AfterValidator(_https_host)]
GitHubOwner = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}",
        allowed="a GitHub organisation or user name: letters, digits and single hyphens",
        remedy="write only the part of the address between github.com/ and the repository",
    ),
]
GitHubRepository = Annotated[
    str,
    _matching(
        r"(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
        allowed="a GitHub repository name without owner and without .git",
        remedy="write only the last part of the repository's address",
    ),
]
BranchName = Annotated[
    str,
    _matching(
        # https://git-scm.com/docs/git-check-ref-format
        r"(?!(HEAD|@)$)(?!.*(//|/\.|\.lock/|\.\.|@\{|\\|\s|[~^:?*\[\"]))(?![-/.])[\x21-\x7e]+(?<![/.])(?<!\.lock)",
        allowed="a Git branch name without spaces and wildcards",
        remedy="write the branch as `git branch` shows it",
    ),
    _matching(
        r"(?!refs/).+",
        allowed="the branch's own name, without refs/heads/ before it",
        remedy="write the branch as `git branch` shows it",
    ),
]
SecretName = Annotated[
    str,
    _matching(
        r"(?!GITHUB_)[A-Z_][A-Z0-9_]*",
        allowed="capital letters, digits and _, no digit first, not beginning with GITHUB_",
        remedy="use the name that the workflows read, such as STAGING_WORKSPACE_TOKEN",
    ),
]
_UnityName = Annotated[
    str,
    _matching(
        r"[^\s./`\x00-\x1f\x7f]{1,255}",
        allowed="a catalog or schema name without dots, slashes, spaces and backquotes",
        remedy="write one level of the three-level name, as it is and without quotes of SQL",
    ),
    AfterValidator(_printable),
]
CatalogName = Annotated[
    _UnityName,
    _matching(
        rf"(?i)(?!({'|'.join(DATABRICKS_CATALOGS)})$).+",
        allowed="a catalog that privileges can be granted on, and no catalog of Databricks' own",
        remedy="name the catalog that the project works in; system tables that its jobs read are `input_tables`",
    ),
]
SchemaName = Annotated[
    _UnityName,
    # https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-information-schema
    _matching(
        r"(?i)(?!information_schema$).+",
        allowed="a schema of the project, not information_schema, which every catalog has by itself",
        remedy="name the schema that the project works in",
    ),
]
TableName = Annotated[
    str,
    _matching(
        r"[^\s./`\x00-\x1f\x7f]{1,255}(\.[^\s./`\x00-\x1f\x7f]{1,255}){2}",
        allowed="catalog.schema.table",
        remedy="write the table's full three-level name",
    ),
    AfterValidator(_printable),
    _matching(
        r"(?i)(?!hive_metastore\.).+",
        allowed="a table of Unity Catalog: on hive_metastore it grants nothing",
        remedy="upgrade the table to Unity Catalog, and write its name there",
    ),
]
TargetName = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9_-]+", allowed="the name of a target of databricks.yml", remedy="copy it from databricks.yml"
    ),
]
ResourceAddress = Annotated[
    str,
    _matching(
        r"(databricks|github)_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_.-]*",
        allowed="the address of a resource, such as databricks_service_principal.ci_identity_principal",
        remedy="copy it from a plan, or let `python -m checks preflight --write-adopt` write it",
    ),
]
Text = Annotated[str, _matching(r"\S(.*\S)?", allowed="text that is not blank", remedy="write a value or drop the key")]


class Section(BaseModel):
    """What all sections share: unknown keys are faults, nothing is converted, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Account(Section):
    """The Databricks account that holds the service principals."""

    id: AccountId = Field(description="The account's id, a UUID.")
    host: HttpsHost | None = Field(default=None, description="The account's address; by default that of the cloud.")
    auth_type: AuthType = Field(
        default="oauth-m2m",
        description="How Terraform authenticates; the credential itself comes from its environment.",
    )
    profile: Text | None = Field(default=None, description="A profile of the Databricks configuration file to use.")


class Actions(Section):
    """Which actions the repository's workflows may use."""

    allowed: Literal["all", "selected"] = Field(
        default="all", description="all, or selected: GitHub's own, those of this owner and those of `patterns`."
    )
    patterns: tuple[Text, ...] = Field(
        default=(), description="Further actions allowed when `allowed` is selected, such as databricks/setup-cli@*."
    )
    sha_pinned: bool = Field(
        default=False,
        description="Whether `checks preflight` reports workflows that name an action by anything but a full commit. "
        "GitHub's own switch for it, the provider at this version (6.9.0) does not know.",
    )

    @model_validator(mode="after")
    def _patterns_need_selected(self) -> Self:
        if self.patterns and self.allowed == "all":
            raise problem(
                at=("patterns",),
                allowed="patterns only together with `allowed: selected`",
                remedy="set `allowed: selected`, or remove the patterns, which would have no effect",
            )
        return self


class GitHub(Section):
    """The ML repository. It must exist, with a branch `main`."""

    owner: GitHubOwner = Field(description="The organisation or user that owns the repository.")
    repository: GitHubRepository = Field(description="The repository's name.")
    workflow_permissions: Literal["read", "write"] = Field(
        default="write", description="What a workflow's token may do by default; the template's workflows need write."
    )
    allow_pull_request_creation: bool = Field(
        default=False, description="Whether workflows may create, and with that also approve, pull requests."
    )
    actions: Actions = Field(default=Actions(), description="Which actions workflows may use.")
    protection: Literal["team", "solo"] = Field(
        default="team", description="team: approvals by somebody else; solo: pull requests without approvals."
    )
    approvals: int | None = Field(
        default=None, ge=1, le=6, description="How many approvals (profile team only); by default one."
    )
    code_owners: bool = Field(default=False, description="Whether a code owner must approve (profile team only).")
    required_checks: tuple[Text, ...] = Field(
        default=(), description="Status checks that must pass on `main`. One that never reports blocks every merge."
    )
    release_checks: tuple[Text, ...] = Field(
        default=(),
        description="Status checks that must pass before anything is merged into a branch that production runs from, "
        "such as docs/examples/release-from-main.yml.",
    )
    release_from_main: bool = Field(
        default=True,
        description="Whether `bundle.yml` deploys from such a branch only commits whose files were on `main` before.",
    )
    signed_commits: bool = Field(default=False, description="Whether protected branches take signed commits only.")
    other_secrets: tuple[SecretName, ...] = Field(
        default=(),
        description="Actions secrets that others keep there; `checks preflight` and `audit` report any further one.",
    )
    other_rulesets: tuple[Text, ...] = Field(
        default=(), description="Rulesets that others have made; `checks audit` reports any further one."
    )
    secret_scope: Literal["repository", "environment"] = Field(
        default="repository",
        description="Where tokens are stored: repository, or a GitHub environment per environment.",
    )

    @model_validator(mode="after")
    def _code_owners_need_approvals(self) -> Self:
        if self.code_owners and self.protection == "solo":
            raise problem(
                at=("code_owners",),
                allowed="true only with `protection: team`",
                remedy="remove code_owners: with no approvals required it would have no effect",
            )
        return self

    @model_validator(mode="after")
    def _approvals_need_somebody_else(self) -> Self:
        if self.approvals is not None and self.protection == "solo":
            raise problem(
                at=("approvals",),
                allowed="1 to 6, only with `protection: team`",
                remedy="remove approvals: alone, nobody can approve, and the branch would be locked",
            )
        return self

    @property
    def required_approvals(self) -> int:
        """Approvals that a pull request needs. Alone, nobody can approve their own: one would lock the branch."""
        return 0 if self.protection == "solo" else self.approvals or 1


class State(Section):
    """Where Terraform keeps its state, which holds the tokens in clear text."""

    type: BackendType = Field(default="local", description="A Terraform backend.")
    config: dict[str, str | int | bool] = Field(
        default_factory=dict,
        description="Passed to the backend as it is; {stack} stands for the stack's name. No credentials.",
    )

    @model_validator(mode="after")
    def _backend_can_work(self) -> Self:
        for key in self.config:
            if _BACKEND_SECRET.search(key) and key not in _NO_BACKEND_SECRET:
                raise problem(
                    at=("config", key),
                    hide_found=True,
                    allowed="no credentials in mlops.yaml",
                    remedy=f"remove `{key}` and give it to Terraform through the environment, as the {self.type} "
                    "backend's documentation says",
                )
        if self.type == "local" and self.config:
            raise problem(
                at=("config",),
                allowed="nothing for a local state, which lies in state/<stack>.tfstate",
                remedy="remove config, or choose another type",
            )
        missing = [key for key in BACKEND_KEYS[self.type] if key not in self.config]
        if missing:
            raise problem(
                at=("config",),
                allowed=f"for {self.type} at least {', '.join(BACKEND_KEYS[self.type])}",
                remedy=f"add {', '.join(missing)}",
            )
        places = [key for key in BACKEND_KEYS[self.type] if key != "region"]
        if self.type != "local" and not any("{stack}" in str(self.config[key]) for key in places):
            key = BACKEND_KEYS[self.type][0 if self.type == "http" else -2 if self.type == "s3" else -1]
            raise problem(
                at=("config",),
                allowed="{stack} in one of the values, so that no two stacks share a state",
                remedy=f"put {{stack}} into `{key}`",
            )
        return self

    def config_of(self, stack: str) -> dict[str, str | int | bool]:
        """The backend's configuration for one stack, {stack} replaced by its name."""
        return {
            key: value.replace("{stack}", stack) if isinstance(value, str) else value
            for key, value in self.config.items()
        }


class Token(Section):
    """How long the CI principal's tokens live and how often they are replaced."""

    lifetime_days: int = Field(
        default=90, ge=2, le=730, description="Days until a token expires by itself; every token made here does."
    )
    rotation_days: int | None = Field(
        default=None, ge=1, description="Days between rotations; by default a third of the lifetime."
    )
    generation: int = Field(
        default=1, ge=1, description="Raise it to replace both tokens at the next deploy, at once and without overlap."
    )

    @model_validator(mode="after")
    def _lives_through_two_periods(self) -> Self:
        if self.rotation_days is not None and 2 * self.rotation_days > self.lifetime_days:
            raise problem(
                at=("rotation_days",),
                allowed=f"1 to {self.lifetime_days // 2}, half of lifetime_days",
                remedy="rotate more often: a token serves one period as the current one and one as the previous one",
            )
        return self


class Entitlements(Section):
    """What the CI principal may do in the workspace besides having access to it."""

    allow_cluster_create: bool = Field(
        default=True, description="Whether it may create clusters; the guide's jobs use job clusters."
    )


class Catalog(Section):
    """A Unity Catalog catalog that the environment's targets use."""

    name_of_schema: SchemaName | None = Field(
        default=None,
        alias="schema",
        description="The project's schema in it; by default the project's name with _, unless `schemas` says more.",
    )
    schemas: tuple[SchemaName, ...] | None = Field(
        default=None,
        description="Its further schemas that the targets work in, or all of them where `schema` is left out; [] where "
        "the bundle makes its schemas itself.",
    )
    create: bool = Field(default=False, description="Whether the stack creates the catalog.")
    create_schema: bool | None = Field(
        default=None, description="Whether the stack creates the schema; by default as `create`."
    )
    storage_root: Text | None = Field(default=None, description="Managed storage of a catalog that is created.")
    owner: Text | None = Field(default=None, description="The group that owns what is created here.")
    may_create_schemas: bool = Field(
        default=False,
        description="Whether the CI principal gets CREATE_SCHEMA on the catalog, for bundles that declare schemas.",
    )
    may_create_volumes: bool = Field(
        default=False,
        description="Whether the CI principal gets CREATE_VOLUME on these schemas, for bundles that declare volumes.",
    )
    shared_with: tuple[EnvironmentName, ...] = Field(
        default=(),
        description="The environments whose catalog this is as well. Without it, no environment gets a catalog that "
        "another one lists or has a target named after.",
    )

    @model_validator(mode="after")
    def _belongs_to_creation(self) -> Self:
        creates_schema = self.create if self.create_schema is None else self.create_schema
        if self.create and not creates_schema:
            raise problem(
                at=("create_schema",),
                allowed="true with `create: true`: nobody else can have made a schema in a catalog that is not there",
                remedy="remove create_schema",
            )
        if creates_schema and self.schemas is not None and not (self.name_of_schema or self.schemas):
            raise problem(
                at=("schemas",),
                allowed="at least one schema with `create: true` or `create_schema: true`",
                remedy="name the schema that the stack is to create",
            )
        if self.storage_root is not None and not self.create:
            raise problem(
                at=("storage_root",),
                allowed="only with `create: true`",
                remedy="remove storage_root: an existing catalog keeps the storage that it has",
            )
        if self.owner is not None and not creates_schema:
            raise problem(
                at=("owner",),
                allowed="only with `create: true` or `create_schema: true`",
                remedy="remove owner: what exists keeps its owner",
            )
        return self


class Environment(Section):
    """One workspace as CI sees it: a service principal, its token and what it may do."""

    # Optional to the model alone: what is said of a missing host names that of databricks.yml, which is read later.
    model_config = ConfigDict(json_schema_extra={"required": ["host"]})

    host: HttpsHost | None = Field(
        default=None,
        description="The workspace's address. Required: credentials go there, so databricks.yml does not decide it.",
    )
    auth_type: AuthType = Field(
        default="oauth-m2m",
        description="How Terraform authenticates; the credential itself comes from its environment.",
    )
    profile: Text | None = Field(default=None, description="A profile of the Databricks configuration file to use.")
    branch: BranchName = Field(
        default="main", description="The branch whose code is deployed; the guide's production runs from `release`."
    )
    targets: tuple[TargetName, ...] | None = Field(
        default=None, description="The bundle targets that this environment's principal deploys; by default its name."
    )
    principal: Text | None = Field(
        default=None, description="The principal's display name; by default <project>-<environment>-ci."
    )
    secret: SecretName | None = Field(
        default=None, description="The Actions secret; by default <ENVIRONMENT>_WORKSPACE_TOKEN."
    )
    secret_on_branch_only: bool | None = Field(
        default=None,
        description="Whether only jobs of `branch` may read the secret (secret_scope: environment); "
        "by default for every branch but main, whose environment tests pull requests.",
    )
    token: Token = Field(default=Token(), description="Lifetime and rotation of the tokens.")
    entitlements: Entitlements = Field(default=Entitlements(), description="What it may do in the workspace.")
    token_users_group: Text | None = Field(
        default=None, description="An existing account group that may use tokens; the principal becomes a member."
    )
    catalogs: dict[CatalogName, Catalog] | None = Field(
        default=None,
        description="The catalogs that its targets use; by default one named as each target. A bundle that works in "
        "others is refused.",
    )
    input_tables: tuple[TableName, ...] = Field(default=(), description="Existing tables that its jobs read.")
    output_tables: tuple[TableName, ...] = Field(
        default=(), description="Tables that its jobs write and that exist before them."
    )


class MlProject(Section):
    """A checkout of the ML repository; each target of its databricks.yml becomes a stack `bundle-<target>`."""

    path: Text = Field(description="The folder with databricks.yml, relative to this file.")
    code: Literal["upload", "git"] = Field(
        default="upload",
        description="Where jobs find their code: uploaded beside them, or in the ML repository on the environment's "
        "branch. From a private repository the principal needs a Git credential in the workspace.",
    )
    git_metadata: Literal["commit", "none"] = Field(
        default="commit",
        description="What `${bundle.git...}` means: the commit, which changes every job that names it at every commit, "
        "or nothing.",
    )
    personal_hosts: tuple[HttpsHost, ...] = Field(
        default=(),
        description="Workspaces, besides those of the environments, in which people deploy targets of their own "
        "(MLOPS_DEPLOYER).",
    )


class Infrastructure(Section):
    """The repository that holds mlops.yaml, on GitHub."""

    owner: GitHubOwner = Field(description="The organisation or user that owns the repository.")
    repository: GitHubRepository = Field(description="The repository's name.")


class Config(Section):
    """Each section is described below."""

    project: ProjectName = Field(description="The project's name; names of what is created begin with it.")
    cloud: Cloud = Field(default="aws", description="The cloud of the Databricks account.")
    account: Account = Field(description="The Databricks account.")
    github: GitHub = Field(description="The ML repository.")
    infrastructure: Infrastructure | None = Field(
        default=None,
        description="This repository, whose protection `checks preflight` looks at; in its workflows GitHub says which "
        "it is.",
    )
    state: State = Field(default=State(), description="Where Terraform keeps its state.")
    ml_project: MlProject | None = Field(
        default=None, description="The ML project whose bundle is deployed, when its checkout is at hand."
    )
    adopt: dict[str, dict[ResourceAddress, Text]] = Field(
        default_factory=dict,
        description="What exists already and is taken over instead of made: by stack, the address of the resource and "
        "its import id. `python -m checks preflight --write-adopt` writes it; an entry has done its work after the "
        "next deploy.",
    )
    environments: dict[EnvironmentName, Environment] = Field(
        min_length=1, description="The environments; each becomes a stack of its name."
    )
