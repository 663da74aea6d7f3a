"""The hashes of providers, put where Terraform looks for them: what it installs is what somebody has looked at."""

import json
from pathlib import Path

from settings import Settings

PROVIDER_LOCK = Path("locks") / "providers.lock.hcl"


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
    """The blocks of a lock file for some providers, such as `databricks/databricks`, of whatever registry.

    A block begins with a line of its own and ends with a bracket on one
    (https://developer.hashicorp.com/terraform/language/files/dependency-lock).
    """
    blocks: list[list[str]] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.startswith("provider "):
            address = line.split('"')[1] if line.count('"') > 1 else ""
            inside = address.partition("/")[2] in sources
            if inside:
                blocks.append([])
        if inside:
            blocks[-1].append(line)
        if line.startswith("}"):
            inside = False
    return "\n".join("".join(block) for block in blocks)
