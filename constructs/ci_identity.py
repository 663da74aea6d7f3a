"""The service principal that a CI pipeline runs as."""

from cdktf import ITerraformDependable, Token
from cdktf_cdktf_provider_databricks.data_databricks_group import DataDatabricksGroup
from cdktf_cdktf_provider_databricks.entitlements import Entitlements
from cdktf_cdktf_provider_databricks.group_member import GroupMember
from cdktf_cdktf_provider_databricks.permission_assignment import PermissionAssignment
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_databricks.service_principal import ServicePrincipal
from constructs import Construct

from terraform_text import TerraformText


class CiIdentity(Construct):
    """A service principal of the account and its place in one workspace: as a user, with entitlements.

    `application_id` is the name that grants and tokens know it by; `in_workspace` is what must exist before it can be
    given anything in the workspace, `may_use_tokens` what must exist before it can have a token.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        account: DatabricksProvider,
        workspace: DatabricksProvider,
        display_name: TerraformText,
        allow_cluster_create: bool,
        token_users_group: TerraformText | None,
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
        assignment = PermissionAssignment(
            self,
            "workspace_assignment",
            provider=workspace,
            principal_id=Token.as_number(principal.id),
            permissions=["USER"],
        )
        entitlements = Entitlements(
            self,
            "entitlements",
            provider=workspace,
            service_principal_id=principal.id,
            # To call the workspace's API at all.
            workspace_access=True,
            # To run jobs on job clusters, as the guide's do.
            allow_cluster_create=allow_cluster_create,
            depends_on=[assignment],
        )
        self.application_id = principal.application_id
        self.in_workspace: list[ITerraformDependable] = [assignment]
        self.may_use_tokens: list[ITerraformDependable] = [assignment, entitlements]

        # The right to use tokens is one list for the whole workspace, which the provider would replace as a whole
        # (databricks_permissions, authorization = tokens). A group that holds it already is joined instead.
        if token_users_group is not None:
            group = DataDatabricksGroup(self, "token_users", provider=account, display_name=token_users_group)
            self.may_use_tokens.append(
                GroupMember(
                    self, "token_user", provider=account, group_id=Token.as_string(group.id), member_id=principal.id
                )
            )
