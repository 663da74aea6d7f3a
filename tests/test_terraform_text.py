"""What is written for Terraform arrives as itself: through jsii, CDKTF and a real Terraform."""

import json
import random
import time
from pathlib import Path
from typing import Any

import cdktf
import pytest
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs.declared_resource import DeclaredResource

from terraform_text import Reference, Template, filled, literal, quoted, written
from tests.hostile_text import HOSTILE, REFERENCE, as_terraform_keeps_it, evaluated, mapped

USER = Reference("data.databricks_current_user.deployer.user_name")
ALPHABET = ("$", "%", "{", "}", '"', "\\", "#", "&", "TfToken[", "]", "a", "-8.2e", "298", "\n", "e", "${", "%{", "é")
NUMBERS = (0, -1, 2**53, 2**53 + 1, -(2**63), 2**63 - 1, -123456789, 1.5, -8.2e298, -1.9e289, 1e300, 5e-324)


def mixtures() -> list[str]:
    """Random texts of what is special, the same in every run."""
    dice = random.Random(7)
    return ["".join(dice.choices(ALPHABET, k=dice.randrange(1, 9))) for _ in range(300)]


# No two that would be one key.
TEXTS = tuple({as_terraform_keeps_it(text): text for text in (*HOSTILE, *mixtures())}.values())


def through_cdktf(values: dict[str, Any]) -> dict[str, Any]:
    """Values as a resource of CDKTF has them in its JSON."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(fake_cdktf_json_path=False), "stack")
    provider = DatabricksProvider(stack, "databricks")
    DeclaredResource(stack, "x", workspace=provider, kind="databricks_job", name="x", body=values, depends_on=())
    found: dict[str, Any] = json.loads(cdktf.Testing.synth(stack, True))["resource"]["databricks_job"]["x"]
    return {name: value for name, value in found.items() if name in values}


def test_every_text_key_and_number_arrives_as_itself(tmp_path: Path) -> None:
    job = Reference("databricks_job.x.id")
    same = [f'${{{quoted(text)} == local.texts[{index}] ? "same" : "other"}}' for index, text in enumerate(TEXTS)]
    values = {
        "texts": written(TEXTS),
        "keys": written({text: index for index, text in enumerate(TEXTS)}),
        "nested": written([{text: {text: [text, True]}} for text in TEXTS]),
        "alone": written([[text] for text in TEXTS]),
        "around": written({text: Template(("a", job, text, job, text)) for text in TEXTS}),
        "filled": [filled(f"{text}<me>{text}<me>", {"<me>": USER}) for text in TEXTS],
        "numbers": written(NUMBERS),
        "single": written([[number] for number in NUMBERS]),
        "quoted": same,
    }
    arrived = evaluated(tmp_path, through_cdktf(values), texts=written(TEXTS))
    expected = {
        "texts": TEXTS,
        "keys": {text: index for index, text in enumerate(TEXTS)},
        "nested": [{text: {text: [text, True]}} for text in TEXTS],
        "alone": [[text] for text in TEXTS],
        "around": {text: f"a{REFERENCE}{text}{REFERENCE}{text}" for text in TEXTS},
        "filled": [f"{text}{REFERENCE}{text}{REFERENCE}" for text in TEXTS],
        "quoted": ["same"] * len(TEXTS),
    }
    for name, value in mapped(expected, as_terraform_keeps_it).items():
        assert arrived[name] == value, name
    # Terraform writes large numbers with all their digits.
    assert [type(number)(found) for number, found in zip(NUMBERS, arrived["numbers"], strict=True)] == list(NUMBERS)
    assert arrived["single"] == [[found] for found in arrived["numbers"]]


def test_plain_text_is_written_as_it_stands() -> None:
    for text in (
        "main",
        "s3://acme-prod",
        "https://x.cloud.databricks.com",
        "8abca4e255e6",
        "1.5e3",
        "a$b%c",
        "é",
        "100 %",
    ):
        assert literal(text) == text
    assert written({"a": [1, 1.5, True, None]}) == {"a": [1, 1.5, True, None]}
    assert quoted("feature/x-1.2") == '"feature/x-1.2"'


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "databricks_job.x",
        "databricks_job",
        "data.databricks_job.x",
        "var.x.y",
        "local.x.y",
        "path.root.x",
        'file("/etc/passwd")',
        "databricks_job.x.id}${path.root}",
        "databricks_job.x.id + 1",
        "databricks_job.x[*].id",
        'databricks_job.x["a"].id',
        "databricks_job.x.id-82e297",
        "databricks_job.x.id\n",
    ],
)
def test_only_the_attribute_of_something_is_a_reference(expression: str) -> None:
    with pytest.raises(ValueError, match="not a reference"):
        Reference(expression)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_what_json_cannot_say_is_no_number(number: float) -> None:
    with pytest.raises(ValueError, match="not a number of JSON"):
        written({"a": [number]})


@pytest.mark.parametrize("text", ["1" * 10**6, "-8.2e" * 200_000, "$" * 10**6, "${" * 500_000, "1e" * 500_000])
def test_a_long_text_takes_its_length(text: str) -> None:
    begin = time.process_time()
    literal(text)
    assert time.process_time() - begin < 3
