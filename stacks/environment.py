"""One environment: who its CI pipeline is, what it may do, and the token that it deploys with."""

from datetime import datetime

from cdktf import ITerraformDependable, TerraformStack
from constructs import Construct
from constructs.catalog_access import CatalogAccess, ProjectSchema
from constructs.ci_identity import CiIdentity
from constructs.deployment_environment import DeploymentEnvironment
from constructs.deployment_secret import DeploymentSecret
from constructs.managed_catalog import ManagedCatalog
from constructs.rotating_token import RotatingToken

from settings import EnvironmentSettings, Settings
from stacks.adoption import take_over
from stacks.provider_configuration import databricks_provider, github_provider
from stacks.state_backend import configure_state
from terraform_text import literal, literal_or_none


class EnvironmentStack(TerraformStack):
    """The principal of one environment, its place in the workspace, its grants, its tokens and its Actions secret."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, environment: EnvironmentSettings, now: datetime
    ) -> None:
        super().__init__(scope, id_)
        self.expressions: frozenset[str] = frozenset()
        configure_state(self, id_, settings.state)
        account = databricks_provider(self, "account", auth=settings.account, account_id=settings.account_id)
        workspace = databricks_provider(self, "workspace", auth=environment.workspace)
        github = github_provider(self, owner=literal(settings.github.owner))
        repository = literal(settings.github.repository)

        # Who the pipeline is.
        identity = CiIdentity(
            self,
            "ci_identity",
            account=account,
            workspace=workspace,
            display_name=literal(environment.principal),
            allow_cluster_create=environment.allow_cluster_create,
            token_users_group=literal_or_none(environment.token_users_group),
        )

        # What it works on, where that is ours to make.
        created: list[ITerraformDependable] = []
        for catalog in environment.catalogs:
            if catalog.create_schema and catalog.schema is not None:
                managed = ManagedCatalog(
                    self,
                    literal(f"catalog-{catalog.name}"),
                    workspace=workspace,
                    catalog=literal(catalog.name),
                    schema=literal(catalog.schema),
                    create_catalog=catalog.create,
                    storage_root=literal_or_none(catalog.storage_root),
                    owner=literal_or_none(catalog.owner),
                    prevent_destroy=id_ not in settings.invocation.allow_destroy,
                )
                created += managed.created

        # What it may do there: in every catalog that one of its targets uses.
        access = CatalogAccess(
            self,
            "catalog_access",
            workspace=workspace,
            application_id=identity.application_id,
            schemas=[
                ProjectSchema(
                    catalog=catalog.name,
                    schema=catalog.schema,
                    may_create_schemas=catalog.may_create_schemas,
                    may_create_volumes=catalog.may_create_volumes,
                )
                for catalog in environment.catalogs
            ],
            input_tables=environment.input_tables,
            output_tables=environment.output_tables,
            depends_on=[*identity.in_workspace, *created],
        )

        # What it proves itself with. A token that exists can be used, so everything else comes first.
        token = RotatingToken(
            self,
            "token",
            workspace=workspace,
            application_id=identity.application_id,
            label=literal(environment.principal),
            lifetime=environment.token.lifetime,
            period=environment.token.rotation,
            generation=environment.token.generation,
            now=now,
            depends_on=[*identity.may_use_tokens, *access.grants],
        )

        # Where its workflows find the token.
        deployment_environment = None
        if settings.github.secret_scope == "environment":
            deployment_environment = DeploymentEnvironment(
                self,
                "deployment_environment",
                github=github,
                repository=repository,
                name=literal(environment.name),
                only_branch=literal_or_none(environment.secret_branch),
            )
        DeploymentSecret(
            self,
            "deployment_secret",
            github=github,
            repository=repository,
            environment=deployment_environment,
            name=literal(environment.secret),
            value=token.current_value,
        )

        take_over(self, settings.adoptions.get(id_, ()))
