"""A resource that somebody else has declared."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import TerraformResource
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct


class DeclaredResource(TerraformResource):
    """A resource given as data that is written for Terraform (`terraform_text.written`), at the address `kind.name`.

    Not a typed binding: those refuse data in Terraform's own spelling inside lists, and silently drop keys that they do
    not know.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        kind: str,
        name: str,
        body: Mapping[str, Any],
        depends_on: Sequence[str],
    ) -> None:
        super().__init__(scope, id_, terraform_resource_type=kind, provider=workspace)
        self.override_logical_id(name)
        for attribute, value in body.items():
            self.add_override(attribute, value)
        if depends_on:
            self.add_override("depends_on", list(depends_on))
