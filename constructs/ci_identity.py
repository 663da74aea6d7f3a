"""The service principal that a CI pipeline runs as."""

from cdktf import Token
from cdktf_cdktf_provider_databricks.permission_assignment import PermissionAssignment
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_databricks.service_principal import ServicePrincipal
from constructs import Construct


class CiIdentity(Construct):
    """A service principal of the account and its place, as a user, in one workspace.

    `application_id` is the name that grants and tokens know it by.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        account: DatabricksProvider,
        workspace: DatabricksProvider,
        display_name: str,
    ) -> None:
        super().__init__(scope, id_)
        principal = ServicePrincipal(
            self,
            "principal",
            provider=account,
            display_name=display_name,
            # An account-level destroy only deactivates by default and leaves the name behind
            # (terraform-provider-databricks, scim/resource_service_principal.go).
            disable_as_user_deletion=False,
        )
        # The workspace-level assignment updates in place. The account-level one has no update: every change would
        # throw the principal out of the workspace (mws/resource_mws_permission_assignment.go).
        self.workspace_assignment = PermissionAssignment(
            self,
            "workspace_assignment",
            provider=workspace,
            principal_id=Token.as_number(principal.id),
            permissions=["USER"],
        )
        self.principal_id = principal.id
        self.application_id = principal.application_id
