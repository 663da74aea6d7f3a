"""Where a stack keeps its state."""

from collections.abc import Mapping

from cdktf import AzurermBackend, GcsBackend, HttpBackend, LocalBackend, S3Backend, TerraformBackend, TerraformStack

from settings import State


def configure_state(stack: TerraformStack, name: str, state: State) -> None:
    """Give `stack` its backend: the values of mlops.yaml as they stand, {stack} replaced by the stack's name."""
    config = state.config_of(name)
    backend = _backend(stack, name, state.type, config)
    for key, value in config.items():
        backend.add_override(key, value)


def _backend(stack: TerraformStack, name: str, kind: str, config: Mapping[str, str | int | bool]) -> TerraformBackend:
    def text(key: str) -> str:
        return str(config[key])

    match kind:
        case "s3":
            return S3Backend(stack, bucket=text("bucket"), key=text("key"))
        case "azurerm":
            return AzurermBackend(
                stack,
                storage_account_name=text("storage_account_name"),
                container_name=text("container_name"),
                key=text("key"),
            )
        case "gcs":
            return GcsBackend(stack, bucket=text("bucket"))
        case "http":
            return HttpBackend(stack, address=text("address"))
        case _:
            # Relative to cdktf.out/stacks/<stack>, where Terraform runs: the same on every machine, and outside the
            # folders that cdktf deletes when a stack leaves the app.
            return LocalBackend(stack, path=f"../../../state/{name}.tfstate")
