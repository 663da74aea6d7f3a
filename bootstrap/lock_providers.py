"""Makes locks/providers.lock.hcl: the hashes of every provider that the synthesized stacks need.

`python bootstrap/lock_providers.py cdktf.out FILE PLATFORM...`, where Terraform reaches the registry or a mirror.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def required_providers(output: Path) -> dict[str, dict[str, str]]:
    """What the stacks of an output folder need, by local name; SystemExit where two of them disagree."""
    found: dict[str, dict[str, str]] = {}
    for synthesized in sorted(output.glob("stacks/*/cdk.tf.json")):
        document = json.loads(synthesized.read_text(encoding="utf-8"))
        for name, one in document["terraform"]["required_providers"].items():
            if found.setdefault(name, one) != one:
                sys.exit(f"{synthesized} needs another version of {name}: synthesize all stacks anew.")
    if not found:
        sys.exit(f"{output} holds no stacks: run `cdktf synth`.")
    return found


def lock(output: Path, target: Path, platforms: Sequence[str]) -> None:
    """Let Terraform ask for the hashes, and keep them; SystemExit with its exit code when it cannot."""
    binary = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    with tempfile.TemporaryDirectory(prefix="providers-") as folder:
        needed = {"terraform": {"required_providers": required_providers(output)}}
        (Path(folder) / "main.tf.json").write_text(json.dumps(needed), encoding="utf-8")
        done = subprocess.run(
            [binary, "providers", "lock", *(f"-platform={one}" for one in platforms)], cwd=folder, check=False
        )
        if done.returncode:
            sys.exit(done.returncode)
        target.write_text((Path(folder) / ".terraform.lock.hcl").read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    lock(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
