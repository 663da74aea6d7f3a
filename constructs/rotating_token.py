"""A token that is replaced on schedule while its predecessor lives on for one more period."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_databricks.obo_token import OboToken
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from rotation import SLOTS, TokenPeriod, rotation_at
from terraform_text import TerraformText


class RotatingToken(Construct):
    """Two on-behalf-of tokens of one service principal that take turns.

    A slot's comment names its period and generation. The comment cannot be changed in place, so a new period replaces
    the slot whose turn it is and leaves the other alone: what was started with the previous token can finish.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        application_id: str,
        label: TerraformText,
        lifetime: timedelta,
        period: timedelta,
        generation: int,
        now: datetime,
        depends_on: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        rotation = rotation_at(now, period=period)
        tokens = [
            OboToken(
                self,
                slot,
                provider=workspace,
                application_id=application_id,
                comment=TokenPeriod(label, slot, since.date(), str(generation)).comment,
                lifetime_seconds=int(lifetime.total_seconds()),
                depends_on=list(depends_on),
            )
            for slot, since in zip(SLOTS, rotation.since, strict=True)
        ]
        self.current_value = tokens[rotation.current].token_value
