"""Terraform's filesystem mirror with the stand-ins in it, at the addresses and versions of the real providers."""

import os
import platform
import sys
from pathlib import Path

# OpenTofu resolves the same short addresses at its own registry.
REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
PROVIDERS = {"databricks/databricks": "1.99.0", "integrations/github": "6.9.0"}

# The sandbox's environment says where the interpreter and the package `sandbox` are.
_LAUNCHER = """\
#!/bin/sh
# A stand-in provider of the sandbox. These bytes never change: lock files hold their hash.
export PYTHONPATH="${SANDBOX_PROJECT:?only python -m sandbox run sets what a stand-in needs}"
exec "${SANDBOX_PYTHON:?}" -I -S "$SANDBOX_PROJECT/sandbox/standins/launch.py" %s
"""
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def write_mirror(directory: Path) -> Path:
    """Write the mirror, changing nothing that is already so; returns `directory`."""
    for registry in REGISTRIES:
        for address, version in PROVIDERS.items():
            name = address.partition("/")[2]
            launcher = directory / registry / address / version / target() / f"terraform-provider-{name}_v{version}"
            _write(launcher, _LAUNCHER % name, directory)
    return directory


def target() -> str:
    """This machine as Terraform names it, such as linux_amd64."""
    return f"{sys.platform}_{_MACHINES[platform.machine().lower()]}"


def _write(launcher: Path, text: str, directory: Path) -> None:
    if launcher.exists() and launcher.read_text(encoding="utf-8") == text and os.access(launcher, os.X_OK):
        return
    launcher.parent.mkdir(parents=True, exist_ok=True)
    partial = directory / f".{launcher.name}.{os.getpid()}"  # not in the folder whose content is hashed
    partial.write_text(text, encoding="utf-8")
    partial.chmod(0o755)
    partial.replace(launcher)
