"""Bundles of our own, what the Databricks CLI made of them, and what is made of them here.

The README says what the files hold and how the CLI's answers were captured.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bundle import Identity, ResolvedBundle, resolve

FOLDER = Path(__file__).parent
FOLLOWED = "0.280.0"
LATER = "1.13.0"
HERE = "here"
PLAIN = "plain"
AS_NOTHING = "="
# What an answer calls the resources that are deployed.
TERRAFORM = "terraform"
USER = Identity.user("jane.doe@example.com")
PRINCIPAL = Identity.service_principal("5f0c1d7e-2b3a-4c4d-8e5f-60718293a4b5", display_name="ci-bot")
NO_WORKSPACE = "http://127.0.0.1:9"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One bundle and how it is read; {host} in a file stands for the workspace's address."""

    theme: str
    table: str
    row: str
    files: Mapping[str, str]
    target: str = ""
    directory: str = "."
    var: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    principal: bool = False
    deploy: bool = False
    differs: str = ""

    @property
    def name(self) -> str:
        """What the case is called among the answers."""
        return f"{self.table}-{self.row}" if self.row else self.table

    @property
    def identity(self) -> Identity:
        return PRINCIPAL if self.principal else USER

    def write(self, folder: Path, host: str = NO_WORKSPACE) -> Path:
        """The bundle's folder, written below `folder`."""
        for name, text in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.replace("{host}", host).encode())
        return folder / self.directory


def themes() -> list[str]:
    """The names of the files with cases."""
    return sorted(file.stem for file in (FOLDER / "cases").glob("*.yml"))


@cache
def cases(theme: str) -> tuple[Case, ...]:
    """The cases of one file; one with `rows` is as many cases, each with its text where the files say @@.

    One with `like` has what another one has, and what it says itself.
    """
    text = (FOLDER / "cases" / f"{theme}.yml").read_text(encoding="utf-8")
    # Every scalar stays as it is written: rows are pieces of YAML themselves.
    written = yaml.load(text, yaml.BaseLoader)
    filled = {name: {**written.get(body.pop("like", ""), {}), **body} for name, body in written.items()}
    found = tuple(case for name, body in filled.items() for case in _of(theme, name, body))
    assert len({case.name for case in found}) == len(found), f"{theme} has a name twice"
    return found


def _of(theme: str, name: str, body: dict[str, Any]) -> Iterator[Case]:
    rows = body.pop("rows", {"": ""})
    body["var"] = tuple(body.get("var", ()))
    body |= {flag: body[flag] == "true" for flag in ("principal", "deploy") if flag in body}
    reasons = body.pop("differs", {})
    files = body.pop("files", {})
    if "bundle" in body:
        files["databricks.yml"] = body.pop("bundle")
    for row, text in rows.items():
        filled = {file: content.replace("@@", text) for file, content in files.items()}
        differs = reasons if isinstance(reasons, str) else reasons.get(row, "")
        yield Case(theme, name, row, filled, differs=differs, **body)


@cache
def answers(theme: str) -> dict[str, dict[str, Answer]]:
    """By case, the CLI's answer of the release that is followed, and what differs in the later one and here."""
    document: dict[str, dict[str, Answer]] = json.loads(
        (FOLDER / "expected" / f"{theme}.json").read_text(encoding="utf-8")
    )
    for told in document.values():
        for name, value in told[FOLLOWED].items():
            if value == AS_NOTHING:
                told[FOLLOWED][name] = answers(PLAIN)["nothing"][FOLLOWED][name]
    return document


def expected(case: Case, source: str = FOLLOWED) -> Answer:
    """What a release of the CLI answers to a case, or what is known to be answered here."""
    told = answers(case.theme)[case.name]
    return told[FOLLOWED] if source == FOLLOWED else changed(told[FOLLOWED], told.get(source, {}))


def changed(answer: Answer, changes: Answer) -> Answer:
    """An answer with another's changes, as `difference` writes them."""
    return {name: value for name, value in {**answer, **changes}.items() if value is not None}


def difference(answer: Answer, other: Answer) -> Answer:
    """What the other answer says differently; null for what it does not say."""
    return {name: other.get(name) for name in sorted({*answer, *other}) if answer.get(name) != other.get(name)}


def unified(wanted: Any, found: Any) -> str:
    """Two answers that should be one, as a diff to read; empty when they are."""
    sides = (wanted, found)
    # Text with references in it prints as the CLI writes it.
    told, here = (
        json.dumps(side, indent=1, sort_keys=True, ensure_ascii=False, default=str).splitlines() for side in sides
    )
    return "\n".join(difflib.unified_diff(told, here, "the CLI", "here", lineterm="", n=2))


def assert_same(wanted: Any, found: Any) -> None:
    """Fails with the difference to read."""
    shown = unified(wanted, found)
    assert not shown, f"\n{shown}"


def read(case: Case, directory: Path) -> ResolvedBundle:
    """A case, whose files are in their folder, as this package reads it."""
    return resolve(directory, target=case.target, identity=case.identity, variables=case.var, environ=case.env)


def answered_here(case: Case, folder: Path) -> Answer:
    """What this package makes of a case, in the form of the CLI's answers; Terraform is for others to say."""
    directory = case.write(folder)
    resolved = read(case, directory)
    text = "\n\n".join(map(str, resolved.diagnostics))
    answer = answer_of(0 if resolved.ok else 1, resolved.to_json(), text, directory, NO_WORKSPACE)
    if case.deploy and resolved.ok:
        answer["files"] = sorted(resolved.files)
    return answer


def answer_of(code: int, output: str, messages: str, directory: Path, host: str) -> Answer:
    """Exit code, messages in alphabetical order, and the configuration section by section."""
    names = {str(directory): "{root}", str(directory.parent): "{parent}", host: "{host}"}

    def general(text: str) -> str:
        for name, instead in names.items():
            text = text.replace(name, instead)
        return text

    # These are lines of the log, not about the bundle.
    said = re.sub(r"(?m)^(?:Warn: |Error: cannot list files: ).*\n+", "", general(messages))
    split = re.split(r"(?m)^(?=(?:Error|Warning|Recommendation): )", said)
    answer: Answer = {"exit": code, "messages": sorted(found for part in split if (found := part.strip()))}
    if output.strip():
        answer |= {f"output.{name}": value for name, value in json.loads(general(output)).items()}
    return answer


def rendered(theme: dict[str, dict[str, Answer]]) -> str:
    """The file of a theme's answers: a line for each part of an answer, = for what a bundle of nothing has as well."""
    plain = {} if "nothing" in theme else answers(PLAIN)["nothing"][FOLLOWED]
    for told in theme.values():
        for name, value in told[FOLLOWED].items():
            if name.startswith("output.") and name in plain and value == plain[name]:
                told[FOLLOWED][name] = AS_NOTHING
    return "{" + ",".join(f"\n {json.dumps(name)}: {_sources(told)}" for name, told in theme.items()) + "\n}\n"


def _sources(told: dict[str, Answer]) -> str:
    parts = (f"\n  {json.dumps(source)}: {_parts(answer)}" for source, answer in told.items())
    return "{" + ",".join(parts) + "}"


def _parts(answer: Answer) -> str:
    parts = (
        f"\n   {json.dumps(name)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"
        for name, value in sorted(answer.items())
    )
    return "{" + ",".join(parts) + "}"
