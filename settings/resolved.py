"""What the rest of the program gets: every default filled in, nothing optional that has an answer."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from settings import model
from settings.invocation import Invocation
from settings.naming import principal_name, schema_name, secret_name

MAIN_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class ProviderAuth:
    """How a Databricks provider configuration authenticates; the credential itself is Terraform's to find."""

    host: str
    auth_type: str
    profile: str | None


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """A catalog and the project's schema in it, and what of the two the stack creates."""

    name: str
    schema: str
    create: bool
    create_schema: bool
    storage_root: str | None
    owner: str | None
    may_create_schemas: bool


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """How long tokens live and how often they rotate."""

    lifetime: timedelta
    rotation: timedelta
    generation: int


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """One environment; `name` is the name of its stack, `secret_branch` the only branch that may read the secret."""

    name: str
    workspace: ProviderAuth
    branch: str
    targets: tuple[str, ...]
    principal: str
    secret: str
    secret_branch: str | None
    token: TokenSettings
    allow_cluster_create: bool
    token_users_group: str | None
    catalogs: tuple[CatalogSettings, ...]
    input_tables: tuple[str, ...]
    output_tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the stacks are made from."""

    path: Path
    project: str
    account_id: str
    account: ProviderAuth
    github: model.GitHub
    state: model.State
    environments: tuple[EnvironmentSettings, ...]
    invocation: Invocation

    @property
    def release_branches(self) -> tuple[str, ...]:
        """The branches besides main that environments deploy from, in the order of the file."""
        branches = (environment.branch for environment in self.environments)
        return tuple(dict.fromkeys(branch for branch in branches if branch != MAIN_BRANCH))


def resolve(config: model.Config, *, path: Path, invocation: Invocation) -> Settings:
    """Fill in every default."""
    account = config.account
    return Settings(
        path=path,
        project=config.project,
        account_id=account.id,
        account=ProviderAuth(
            host=account.host or model.ACCOUNT_HOSTS[config.cloud],
            auth_type=account.auth_type,
            profile=account.profile,
        ),
        github=config.github,
        state=config.state,
        environments=tuple(
            _environment(name, section, project=config.project) for name, section in config.environments.items()
        ),
        invocation=invocation,
    )


def _environment(name: str, section: model.Environment, *, project: str) -> EnvironmentSettings:
    targets = (name,) if section.targets is None else section.targets
    catalogs = {target: model.Catalog() for target in targets} if section.catalogs is None else section.catalogs
    token = section.token
    on_branch_only = section.secret_on_branch_only
    if on_branch_only is None:
        on_branch_only = section.branch != MAIN_BRANCH
    rotation = token.rotation_days or max(1, token.lifetime_days // 3)
    return EnvironmentSettings(
        name=name,
        workspace=ProviderAuth(host=section.host, auth_type=section.auth_type, profile=section.profile),
        branch=section.branch,
        targets=targets,
        principal=section.principal or principal_name(project, name),
        secret=section.secret or secret_name(name),
        secret_branch=section.branch if on_branch_only else None,
        token=TokenSettings(
            lifetime=timedelta(days=token.lifetime_days),
            rotation=timedelta(days=rotation),
            generation=token.generation,
        ),
        allow_cluster_create=section.entitlements.allow_cluster_create,
        token_users_group=section.token_users_group,
        catalogs=tuple(_catalog(catalog, options, project=project) for catalog, options in catalogs.items()),
        input_tables=section.input_tables,
        output_tables=section.output_tables,
    )


def _catalog(name: str, options: model.Catalog, *, project: str) -> CatalogSettings:
    return CatalogSettings(
        name=name,
        schema=options.name_of_schema or schema_name(project),
        create=options.create,
        create_schema=options.create if options.create_schema is None else options.create_schema,
        storage_root=options.storage_root,
        owner=options.owner,
        may_create_schemas=options.may_create_schemas,
    )
