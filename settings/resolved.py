"""What the rest of the program gets: every default filled in, nothing optional that has an answer."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from bundle import ResolvedBundle, Severity
from bundle.yaml_source import Position
from settings import model
from settings.clouds import CLOUDS
from settings.implied import catalogs_of, schemas_of, targets_of
from settings.invocation import Invocation
from settings.ml_project import MlProject, Target
from settings.naming import REPOSITORY_STACK, bundle_stack, own_state, principal_name, secret_name
from settings.placeholder import PLACEHOLDER_PRINCIPAL
from settings.reading import Source, dotted

MAIN_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class ProviderAuth:
    """How a Databricks provider configuration authenticates; the credential itself is Terraform's to find."""

    host: str
    auth_type: str
    profile: str | None


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """A catalog and the project's schema in it, and what of the two the stack creates.

    `schema` is None where mlops.yaml says that the bundle makes its schemas itself.
    """

    name: str
    schema: str | None
    create: bool
    create_schema: bool
    storage_root: str | None
    owner: str | None
    may_create_schemas: bool
    may_create_volumes: bool


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
class GitCode:
    """Code that jobs take from the ML repository; `folder` is where the bundle's files lie in it."""

    url: str
    provider: str
    branch: str
    folder: str


@dataclass(frozen=True, slots=True)
class BundleSettings:
    """One target of databricks.yml; `stack` is the name of its stack, `state` what tells its state apart.

    `environment` is whose principal deploys it, or None where a person does. `checked_out` is the branch at hand, or an
    empty string. Without `git_code` the files are uploaded. In what the target resolves to, `placeholder_principal`
    stands for the deployer wherever only the workspace knows who that is. `schemas` are catalog and schema of what it
    works with and does not make itself. `notebooks` are those of its files that become notebooks.
    """

    target: str
    stack: str
    state: str
    environment: EnvironmentSettings | None
    workspace: ProviderAuth
    checked_out: str
    checkout: str
    git_code: GitCode | None
    placeholder_principal: str | None
    schemas_may_lose_data: bool
    schemas: tuple[tuple[str, str], ...]
    resolved: ResolvedBundle
    notebooks: frozenset[str]
    warnings: tuple[str, ...]

    @property
    def branch(self) -> str | None:
        """The only branch that it is deployed from; None where a person deploys it from any."""
        return self.environment.branch if self.environment else None


@dataclass(frozen=True, slots=True)
class StackSettings:
    """A stack: an environment's, or a bundle's, or with neither the repository's."""

    name: str
    environment: EnvironmentSettings | None = None
    bundle: BundleSettings | None = None

    @property
    def branch(self) -> str | None:
        """The branch of the ML repository that it is deployed from; None where a person deploys it from any."""
        if self.bundle is not None:
            return self.bundle.branch
        return self.environment.branch if self.environment else MAIN_BRANCH

    @property
    def personal(self) -> bool:
        """Whether a person deploys it, as a target of their own."""
        return self.bundle is not None and self.bundle.environment is None


@dataclass(frozen=True, slots=True)
class Project:
    """The checkout of the ML repository: the folder of databricks.yml, Git's folder around it or None, all targets."""

    folder: Path
    worktree: Path | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """Something that exists and becomes the resource at `address`, by its import id; `place` is where that is said."""

    address: str
    id: str
    key: str
    place: Position


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the stacks are made from; `adoptions` by the names of stacks."""

    path: Path
    project: str
    account_id: str
    account: ProviderAuth
    github: model.GitHub
    infrastructure: model.Infrastructure | None
    state: model.State
    environments: tuple[EnvironmentSettings, ...]
    bundles: tuple[BundleSettings, ...]
    ml_project: Project | None
    adoptions: Mapping[str, tuple[Adoption, ...]]
    invocation: Invocation

    @property
    def stacks(self) -> Mapping[str, StackSettings]:
        """Every stack by name, in the order in which a setup deploys them: repository, environments, bundles."""
        stacks = (
            StackSettings(REPOSITORY_STACK),
            *(StackSettings(one.name, environment=one) for one in self.environments),
            *(StackSettings(one.stack, bundle=one) for one in self.bundles),
        )
        return MappingProxyType({one.name: one for one in stacks})

    @property
    def release_branches(self) -> tuple[str, ...]:
        """The branches besides main that environments deploy from, in the order of the file."""
        branches = (environment.branch for environment in self.environments)
        return tuple(dict.fromkeys(branch for branch in branches if branch != MAIN_BRANCH))


def resolve(
    config: model.Config, *, source: Source, path: Path, invocation: Invocation, ml_project: MlProject | None
) -> Settings:
    """Fill in every default."""
    account = config.account
    environments = {
        name: _environment(name, section, project=config.project) for name, section in config.environments.items()
    }
    return Settings(
        path=path,
        project=config.project,
        account_id=account.id,
        account=ProviderAuth(
            host=account.host or CLOUDS[config.cloud].account_host,
            auth_type=account.auth_type,
            profile=account.profile,
        ),
        github=config.github,
        infrastructure=config.infrastructure,
        state=config.state,
        environments=tuple(environments.values()),
        bundles=_bundles(config, ml_project, environments) if ml_project else (),
        ml_project=_project(ml_project) if ml_project else None,
        adoptions=MappingProxyType(
            {
                stack: tuple(
                    Adoption(address, import_id, dotted(key), source.position(key))
                    for address, import_id in adopted.items()
                    for key in [("adopt", stack, address)]
                )
                for stack, adopted in config.adopt.items()
            }
        ),
        invocation=invocation,
    )


def _environment(name: str, section: model.Environment, *, project: str) -> EnvironmentSettings:
    token = section.token
    on_branch_only = section.secret_on_branch_only
    if on_branch_only is None:
        on_branch_only = section.branch != MAIN_BRANCH
    rotation = token.rotation_days or max(1, token.lifetime_days // 3)
    return EnvironmentSettings(
        name=name,
        workspace=ProviderAuth(
            host=_host(section),
            auth_type=section.auth_type,
            profile=section.profile,
        ),
        branch=section.branch,
        targets=targets_of(name, section),
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
        catalogs=tuple(
            settled
            for catalog, options in catalogs_of(name, section).items()
            for settled in _catalogs(catalog, options, project=project)
        ),
        input_tables=section.input_tables,
        output_tables=section.output_tables,
    )


def _host(section: model.Environment) -> str:
    assert section.host is not None, "an environment without host is a fault"
    return section.host


def _catalogs(name: str, options: model.Catalog, *, project: str) -> Iterator[CatalogSettings]:
    """One for each schema; a catalog is made once, with its first schema: in the others the principal only works."""
    for index, schema in enumerate(schemas_of(options, project) or (None,)):
        made = options if index == 0 else model.Catalog(may_create_volumes=options.may_create_volumes)
        yield CatalogSettings(
            name=name,
            schema=schema,
            create=made.create,
            create_schema=made.create if made.create_schema is None else made.create_schema,
            storage_root=made.storage_root,
            owner=made.owner,
            may_create_schemas=made.may_create_schemas,
            may_create_volumes=made.may_create_volumes,
        )


def _bundles(
    config: model.Config, project: MlProject, environments: Mapping[str, EnvironmentSettings]
) -> tuple[BundleSettings, ...]:
    bundles = []
    for target in project.targets:
        environment = environments[target.environment] if target.environment else None
        branch = environment.branch if environment else None
        stack = bundle_stack(target.name)
        bundles.append(
            BundleSettings(
                target=target.name,
                stack=stack,
                # What a person deploys is theirs: a state of its own keeps two people apart.
                state=stack if environment else own_state(stack, target.resolved.identity.short_name),
                environment=environment,
                # The token of the environment's principal, or of the person: DATABRICKS_TOKEN, and nothing else.
                workspace=ProviderAuth(
                    host=environment.workspace.host if environment else target.host, auth_type="pat", profile=None
                ),
                checked_out=project.checkout.branch,
                checkout=project.checkout.name,
                git_code=_git_code(config, project, target, branch),
                placeholder_principal=PLACEHOLDER_PRINCIPAL if environment else None,
                schemas_may_lose_data=target.resolved.mode != "production" and branch in (None, MAIN_BRANCH),
                schemas=target.schemas,
                resolved=target.resolved,
                notebooks=target.notebooks,
                warnings=(
                    *(
                        project.checkout.says(item)
                        for item in target.resolved.diagnostics
                        if item.severity is not Severity.ERROR
                    ),
                    *_beyond_settings(target.resolved),
                ),
            )
        )
    return tuple(bundles)


def _beyond_settings(resolved: ResolvedBundle) -> Iterator[str]:
    """What a bundle's principal needs and no settings give."""
    catalogs = sorted(resource.key for resource in resolved.of("database_catalogs"))
    if catalogs:
        yield (
            f"{', '.join(f'resources.database_catalogs.{key}' for key in catalogs)}: who deploys needs CREATE_CATALOG "
            "on the metastore, which mlops.yaml gives to nobody. A metastore admin grants it: GRANT CREATE CATALOG ON "
            "METASTORE TO `<application id>`"
        )


def _project(project: MlProject) -> Project:
    worktree = project.checkout.git.worktree
    return Project(project.folder, Path(worktree) if worktree else None, project.declared)


def _git_code(config: model.Config, project: MlProject, target: Target, branch: str | None) -> GitCode | None:
    if config.ml_project is None or config.ml_project.code != "git":
        return None
    folder = os.path.relpath(target.resolved.sync_root, project.checkout.git.worktree).replace(os.sep, "/")
    return GitCode(
        url=f"https://github.com/{config.github.owner}/{config.github.repository}",
        provider="gitHub",
        branch=branch or project.checkout.branch,
        folder="" if folder == "." else folder,
    )
