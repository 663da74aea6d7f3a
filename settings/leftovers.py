"""What a sandbox has left in this shell, or among what was synthesized, where a real run would meet it.

A real run that writes into the sandbox's output would find its stand-in providers and its state; one that uses the
sandbox's Terraform would keep its state there. Neither may happen unnoticed.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from settings.faults import Fault
from settings.invocation import OUTPUT_VARIABLE, Invocation, variable_fault

MARK = ".mlops-sandbox"  # every sandbox folder has it
OVERRIDE = "backend_override.tf.json"  # its Terraform writes one for each stack
_PROXY = "HTTPS_PROXY"
# These are paths, relative ones too. Of all others, what begins with a slash may be one.
_PATHS = frozenset({OUTPUT_VARIABLE, "CDKTF_OUTPUT", "TERRAFORM_BINARY_NAME", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR"})
# These may lead there: the first says which sandbox to use, the others where one stands.
_ALLOWED = frozenset({"SANDBOX_DIR", "PWD", "OLDPWD"})


def leftovers(environ: Mapping[str, str], invocation: Invocation) -> list[Fault]:
    """The faults of a run that is not in the sandbox; a run inside has none."""
    if invocation.sandbox and _is_led_to_the_sandbox(environ.get(_PROXY, "")):
        return []
    return [*_variables(environ), *_overrides(Path(invocation.output))]


def _is_led_to_the_sandbox(proxy: str) -> bool:
    return re.fullmatch(r"http://(?:[^/@]*@)?127\.0\.0\.1:\d+/?", proxy) is not None


def _variables(environ: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in sorted({OUTPUT_VARIABLE: "cdktf.out", **environ}.items()):
        for part in re.split("[:=]", value.strip("'\"")):
            if name not in _ALLOWED and (part.startswith("/") or (part and name in _PATHS)) and _is_of_a_sandbox(part):
                yield variable_fault(
                    name,
                    found=f"{part}, which is the sandbox's, outside of the sandbox",
                    allowed="nothing of the sandbox in a run against real services",
                    remedy=f"unset {name}, or start a new shell: these were left over from `python -m sandbox run`",
                )
                break


def _is_of_a_sandbox(text: str) -> bool:
    path = Path(os.path.realpath(text))  # of what need not exist any more, too
    return any(os.path.lexists(folder / MARK) for folder in (path, *path.parents))


def _overrides(output: Path) -> Iterator[Fault]:
    for path in sorted(output.glob(f"stacks/*/{OVERRIDE}")):
        try:
            backends = json.loads(path.read_text(encoding="utf-8"))["terraform"]["backend"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if list(backends) == ["local"]:
            yield Fault.of_file(
                str(path),
                found="a backend of the sandbox's, which would keep the state of a real deployment",
                allowed="nothing of the sandbox in a run against real services",
                remedy=f"remove {output}: it is synthesized anew",
            )
