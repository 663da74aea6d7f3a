"""The hashes of providers, put where Terraform looks for them: what it installs is what somebody has looked at."""

import json
import re
from pathlib import Path

from settings import Settings

PROVIDER_LOCK = Path("locks") / "providers.lock.hcl"
# The blocks of a dependency lock file, indented as Terraform writes them (https://developer.hashicorp.com/terraform/language/files/dependency-lock).
_BLOCK = re.compile(r'^provider "(?P<address>[^"\n]+)" \{\n(?:[ \t][^\n]*\n|\n)*\}\n', re.MULTILINE)


def put_provider_locks(outdir: str, settings: Settings, *, project: Path) -> None:
    """Write each stack's lock file from that of the project, if there is one.

    Never in the sandbox, whose stand-ins have other hashes. A stack's own file names its own providers alone: with
    `-lockfile=readonly`, Terraform refuses one that names more.
    """
    source = project / PROVIDER_LOCK
    if settings.invocation.sandbox or not source.exists():
        return
    text = source.read_text(encoding="utf-8")
    for synthesized in sorted(Path(outdir).glob("stacks/*/cdk.tf.json")):
        document = json.loads(synthesized.read_text(encoding="utf-8"))
        required = document.get("terraform", {}).get("required_providers", {}).values()
        (synthesized.parent / ".terraform.lock.hcl").write_text(
            lock_of(text, {str(one["source"]) for one in required}), encoding="utf-8"
        )


def lock_of(text: str, sources: set[str]) -> str:
    """The blocks of a lock file for some providers, such as `databricks/databricks`, of whatever registry."""
    blocks = [
        found[0] for found in _BLOCK.finditer(text) if any(found["address"].endswith(f"/{one}") for one in sources)
    ]
    return "\n".join(blocks)
