"""Where Terraform keeps its state: whether it opens, is locked while somebody deploys, and is closed to others."""

from collections.abc import Mapping

from checks.check import Check, Finding, Outcome, Remedy, Skipped
from checks.terraform import Terraform, TerraformError
from settings import Settings, State

# What has to be set for two deploys not to meet (https://developer.hashicorp.com/terraform/language/backend).
_LOCKS: Mapping[str, tuple[str, ...]] = {"s3": ("use_lockfile", "dynamodb_table"), "http": ("lock_address",)}


def state_checks(settings: Settings, terraform: Terraform) -> list[Check]:
    """The checks of the state backend."""
    kind = settings.state.type
    return [
        Check(
            id="state.opens",
            about=f"Terraform opens its state ({kind})",
            needs=(),
            run=lambda: _opens(settings, terraform),
            remedy=Remedy(
                f"create what the {kind} backend needs, correct state.config in mlops.yaml, and give Terraform its "
                "credentials through the environment"
            ),
            docs="state",
        ),
        Check(
            id="state.encrypted",
            about="the state, which holds the tokens, does not travel unencrypted",
            needs=(),
            run=lambda: _encrypted(settings.state),
            remedy=Remedy("write an https:// address into state.config.address of mlops.yaml"),
            docs="state",
        ),
        Check(
            id="state.locked",
            about="two deploys at the same time cannot overwrite each other's state",
            needs=(),
            run=lambda: _locked(settings.state),
            remedy=_locking(kind),
            docs="state",
        ),
    ]


def _opens(settings: Settings, terraform: Terraform) -> Outcome:
    state = settings.state
    if state.type == "local":
        return "on this machine, in state/: good for trying things out"
    if settings.invocation.sandbox:
        return Skipped("not looked at: inside the sandbox, states are kept there")
    # Any stack's name does: opening creates nothing.
    any_stack = next(iter(settings.stacks))
    try:
        terraform.opens({state.type: state.config_of(any_stack)})
    except TerraformError as error:
        return Finding(str(error))
    return "Terraform opened it as mlops.yaml configures it"


def _encrypted(state: State) -> Outcome:
    match state.type:
        case "http":
            address = str(state.config["address"])
            return (
                "by https; how the server stores it was not looked at"
                if address.startswith("https://")
                else Finding(f"{address} is not encrypted in transit")
            )
        case "local":
            return "it stays on this machine, in state/; whether the disk is encrypted was not looked at"
        case "s3":
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
            stored = "with state.config.kms_key_id" if "kms_key_id" in state.config else "with a key of AWS's"
            return f"by https; S3 encrypts what it stores, {stored}"
        case _:
            return f"by https, which the {state.type} backend uses; how the service stores it was not looked at"


def _locked(state: State) -> Outcome:
    keys = _LOCKS.get(state.type)
    if keys is None:
        return f"the {state.type} backend locks by itself"
    if found := [key for key in keys if state.config.get(key)]:
        return f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set"
    return Finding(f"{' and '.join(keys)} {'is' if len(keys) == 1 else 'are'} not set")


def _locking(kind: str) -> Remedy:
    if kind == "s3":
        return Remedy("write use_lockfile: true into state.config of mlops.yaml (Terraform 1.10 or later)")
    return Remedy("write lock_address and unlock_address into state.config of mlops.yaml")
