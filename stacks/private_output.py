"""Keeps what Terraform writes from other users of the machine: plans and local states hold tokens in clear text."""

from pathlib import Path

from settings import Settings


def keep_private(outdir: str, settings: Settings) -> None:
    """Close the output folder, and the folder of local states (see state_backend.py), to everybody but their owner."""
    output = Path(outdir).absolute()
    output.chmod(0o700)
    if settings.state.type == "local" and not settings.invocation.sandbox:
        states = output.parent / "state"
        states.mkdir(exist_ok=True)
        states.chmod(0o700)
