"""Text that somebody writes to have Terraform, CDKTF or JavaScript take it for more than text."""

import json
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from settings.placeholder import PLACEHOLDER_PRINCIPAL

HOSTILE = (
    '${file("/etc/passwd")}',
    "${base64encode(file(\"/proc/self/environ\"))}",
    '${join("", [for key, value in {a = "b"} : "${key}"])}',
    "\r${x}",
    "a$\r%\r$${x}\r",
    "\r\n${x}",
    "%{ for }",
    "%{ if true }yes%{ endif }",
    "%{~ for x in [1, 2] ~}${x}%{~ endfor ~}",
    "$${x}",
    "$${",
    "%%{",
    "%%{ if true }",
    "$$${a}",
    "$$$${a}",
    "%$%{a}",
    "%${a}",
    "$%{a}",
    '${"${"}',
    "${",
    "${}",
    "$",
    "%",
    "$$",
    "}",
    "${TfToken[TOKEN.0]}",
    "$${TfToken[TOKEN.0]}",
    "a ${TfToken[TOKEN.1]} b ${x}",
    "#{TfToken[TOKEN.1]}",
    "##{TfToken[TOKEN.1]}",
    "&{TfToken[TOKEN.1]}",
    "$#{TfToken[TOKEN.1]}",
    "String Map Token Value",
    "Any Map Token Value",
    "-8.2e298",
    "-8.2e+298",
    "-8.2e298|",
    "id-82e297.x",
    "1-82e297-82e297",
    f"-8{'2' * 298}e0",
    "-1.9e289",
    "1" * 3000,
    "${databricks_obo_token.x.token_value}",
    "${databricks_job.a.id}",
    "${data.databricks_current_user.deployer.user_name}",
    "$${resources.jobs.a.id}",
    "${resources.jobs.a_.id}",
    "${var.x}",
    "${local.branch}",
    "${data.external.x.result}",
    "${path.root}",
    "${terraform.workspace}",
    "${each.value}",
    "${self.triggers}",
    "{stack}",
    "__proto__",
    "constructor",
    "toString",
    "toJSON",
    "_children",
    "_metadata",
    "withinArray",
    "interpolationAsList",
    "$jsii.byref",
    "$jsii.map",
    "//",
    "",
    " ",
    '"',
    "\\",
    "\\${x}",
    '\\"${x}\\"',
    "\n${x}\n",
    "\t\r\n",
    "\u0000${x}",
    "\u001b[31m",
    "<<EOT\n${x}\nEOT\n",
    "é${é}",
    "e\u0301",
    "\U0001f600${x}\U0001f600",
    "\u2028",
    "::add-mask::x",
)  # fmt: skip
# What the reader of databricks.yml replaces in keys never, and in other text by who deploys.
PLACEHOLDER = PLACEHOLDER_PRINCIPAL

REFERENCE = "the deployer"
_REFERENCE = re.compile(r"(?<!\$)\$\{(data\.)?(databricks|github)_\w+\.[\w-]+(\.\w+|\[\d+\])+\}")
_OURS = frozenset(("//", "provider", "depends_on", "lifecycle"))


def as_terraform_keeps_it(text: str) -> str:
    """Terraform composes the characters of every string."""
    return unicodedata.normalize("NFC", text)


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A value with every string in it changed, keys included."""
    if isinstance(value, Mapping):
        return {change(key): mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def bodies(stack: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What a stack asks for, by type of resource, without what says where it stands."""
    return {
        kind: [{name: value for name, value in body.items() if name not in _OURS} for _, body in sorted(named.items())]
        for kind, named in stack.get("resource", {}).items()
    }


def evaluated(folder: Path, values: Mapping[str, Any], **locals_: Any) -> dict[str, Any]:
    """What Terraform makes of values of a configuration, in one run; every reference to a resource is `REFERENCE`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _REFERENCE.sub("${local.reference}", json.dumps(values))
    document = {
        "locals": {"reference": REFERENCE, **locals_},
        "output": {name: {"value": value} for name, value in json.loads(text).items()},
    }
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-1000:]
    state = json.loads((folder / "terraform.tfstate").read_text(encoding="utf-8"))
    return {name: output["value"] for name, output in state["outputs"].items()}


def texts(count: int) -> Iterator[str]:
    """As many hostile texts, each different: what is hostile in turn, behind a number."""
    for index in range(count):
        yield f"{index}:{HOSTILE[index % len(HOSTILE)]}"
