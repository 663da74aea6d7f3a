"""Terraform inside the sandbox: a shim that keeps its state here, and a configuration that knows one mirror only."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.folder import Folder, make_private, write_private

BINARY_VARIABLE = "TERRAFORM_BINARY_NAME"  # cdktf's name for it
REAL_BINARY_VARIABLE = "SANDBOX_TERRAFORM"
STATE_VARIABLE = "SANDBOX_TERRAFORM_STATE"
_NAMES = ("terraform", "tofu")

# `backend_override.tf.json` replaces whatever backend the synthesized JSON names, and leaves that file as it is. It is
# written into the sandbox's own output only: elsewhere it would move the state of a real deployment here.
SHIM = """\
#!/bin/sh
# Stands before Terraform in the sandbox: the state of synthesized stacks stays in the sandbox folder.
umask 077
directory=.
for argument do
  case $argument in
    -chdir=*) directory=${argument#-chdir=} ;;
    -*) ;;
    *) break ;;
  esac
done
if [ -f "$directory/cdk.tf.json" ] || [ -f "$directory/cdk.tf" ]; then
  # From the shim's own place: what CMD does to its environment changes nothing.
  sandbox=$(CDPATH= cd -P -- "${0%/*}/.." && pwd) || exit
  directory=$(CDPATH= cd -P -- "$directory" && pwd) || exit
  stack=${directory##*/}
  case $directory in
    "$sandbox"/cdktf.out/*) ;;
    *)
      echo "sandbox: $directory was synthesized outside the sandbox:" \\
        "\\`python -m sandbox run -- cdktf deploy $stack\\` synthesizes it inside and deploys that." >&2
      exit 1
      ;;
  esac
  relay=${HTTPS_PROXY##*[/@]}
  case $relay in
    127.0.0.1:*) ;;
    *)
      echo "sandbox: HTTPS_PROXY does not lead to the sandbox, but this is its Terraform:" \\
        "start a new shell, in which nothing is left over from \\`python -m sandbox run\\`." >&2
      exit 1
      ;;
  esac
  printf '{"terraform":{"backend":{"local":{"path":"%s/%s.tfstate"}}}}\\n' \\
    "${SANDBOX_TERRAFORM_STATE:?set by the sandbox}" "$stack" >"$directory/backend_override.tf.json"
  # The relay learns whose requests these are from the user name in the proxy's address.
  HTTPS_PROXY="http://$stack@$relay"
  https_proxy=$HTTPS_PROXY
fi
if [ -z "$SANDBOX_TERRAFORM" ]; then
  echo "Terraform is not installed: install it or OpenTofu (https://developer.hashicorp.com/terraform/install)." >&2
  exit 127
fi
exec "$SANDBOX_TERRAFORM" "$@"
"""


@dataclass(frozen=True, slots=True)
class Providers:
    """Where Terraform finds its providers, and what a user is told about it."""

    mirror: Path
    told: str


def stand_in_providers(folder: Folder) -> Providers:
    """The stand-ins, written to the sandbox's own mirror."""
    from sandbox.standins.mirror import write_mirror

    return Providers(write_mirror(folder.mirror), "stand-in providers")


def real_providers(mirror: Path) -> Providers:
    """The real providers, from a mirror that `terraform providers mirror` has made."""
    if sys.platform == "darwin":
        raise SandboxError(
            "On macOS the real providers do not trust the sandbox's certificate: leave out --provider-mirror."
        )
    if not any((mirror / registry).is_dir() for registry in ("registry.terraform.io", "registry.opentofu.org")):
        raise SandboxError(
            f"{mirror} is no provider mirror: make one with `terraform providers mirror {mirror}` in a stack's folder."
        )
    return Providers(mirror.absolute(), f"the providers of {mirror}")


def real_binary(outer: Mapping[str, str]) -> str | None:
    """The user's Terraform or OpenTofu, also from within the sandbox; None when there is none."""
    if REAL_BINARY_VARIABLE in outer:
        return outer[REAL_BINARY_VARIABLE] or None
    chosen = outer.get(BINARY_VARIABLE)
    for name in (chosen,) if chosen else _NAMES:
        if found := shutil.which(name, path=outer.get("PATH")):
            return str(Path(found).absolute())
    return None


def equip(folder: Folder, providers: Providers, *, state: Path) -> dict[str, str]:
    """Write the shim and Terraform's configuration; the variables that make CDKTF and Terraform use them.

    `state` is the folder of Terraform's states.
    """
    folder.create()
    for directory in (folder.shims, folder.clients, folder.terraform_state, state):
        make_private(directory)
    for name in _NAMES:
        _write_shim(folder.shims / name)
    configuration = folder.clients / "terraform.tfrc"
    text = (
        "disable_checkpoint = true\n"
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(providers.mirror))}\n  }}\n}}\n"
    )
    if not configuration.exists() or configuration.read_text(encoding="utf-8") != text:
        # Lock files and plugin links of the other mirror hold other hashes. What is synthesized is made anew.
        shutil.rmtree(folder.output, ignore_errors=True)
        write_private(configuration, text)
    make_private(folder.output)
    return {
        BINARY_VARIABLE: str(folder.shims / "terraform"),
        STATE_VARIABLE: json.dumps(str(state))[1:-1],
        "TF_CLI_CONFIG_FILE": str(configuration),
        # cdktf locks providers before every plan, and would ask the registry.
        "TF_CLI_ARGS_providers_lock": shlex.quote(f"-fs-mirror={providers.mirror}"),
        "CHECKPOINT_DISABLE": "1",
        # A stand-in in a shared cache would run against production.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "CDKTF_OUTPUT": str(folder.output),
        "CDKTF_OUTDIR": str(folder.output),
    }


def _write_shim(path: Path) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == SHIM:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(SHIM, encoding="utf-8")
    draft.chmod(0o700)
    draft.replace(path)
