"""A catalog and the project's schema in it, as far as they are ours to create."""

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.catalog import Catalog
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_databricks.schema import Schema
from constructs import Construct

from terraform_text import TerraformText


class ManagedCatalog(Construct):
    """Creates the schema, and before it the catalog when asked to. `created` is what grants must wait for.

    Neither is ever destroyed together with what others have put into it: force_destroy stays off, and
    `prevent_destroy` refuses earlier, by name.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        catalog: TerraformText,
        schema: TerraformText,
        create_catalog: bool,
        storage_root: TerraformText | None,
        owner: TerraformText | None,
        prevent_destroy: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.created: list[ITerraformDependable] = []
        lifecycle = TerraformResourceLifecycle(prevent_destroy=prevent_destroy)
        if create_catalog:
            self.created.append(
                Catalog(
                    self,
                    "catalog",
                    provider=workspace,
                    name=catalog,
                    storage_root=storage_root,
                    owner=owner,
                    lifecycle=lifecycle,
                )
            )
        self.created.append(
            Schema(
                self,
                "schema",
                provider=workspace,
                catalog_name=catalog,
                name=schema,
                owner=owner,
                lifecycle=lifecycle,
                depends_on=list(self.created),
            )
        )
