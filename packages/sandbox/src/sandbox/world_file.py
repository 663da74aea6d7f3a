"""The file that describes a world for the sandbox: its form, and the reading of it.

The models make world.schema.json (`python -m sandbox schema`), which is what others write such files by.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from sandbox.errors import SandboxError

_LONGEST_FOUND = 60

HostName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
        description="A host name in lower case, without https://, port and path.",
    ),
]
Name = Annotated[str, Field(pattern=r"^\S(.*\S)?$", description="A name that is not blank.")]
CatalogName = Annotated[
    str, Field(pattern=r"^[^\s./]{1,255}$", description="One level of a three-level name: no dots, slashes and spaces.")
]
TableName = Annotated[
    str, Field(pattern=r"^[^\s./]+(\.[^\s./]+){2}$", description="A full three-level name: catalog.schema.table.")
]


class _Section(BaseModel):
    """What all sections share: unknown keys are faults, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(_Section):
    """The file that the description was made from. While it is the same, so is the description."""

    file: str = Field(pattern=r"^/", description="The absolute path of the file.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="The SHA-256 of its bytes, in hexadecimal digits.")


class Account(_Section):
    """The Databricks account."""

    id: str = Field(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="The account's UUID in lower case."
    )
    host: HostName
    cloud: Literal["aws", "gcp"] = Field(description="The cloud that it is in.")


class WorkspaceOf(_Section):
    """A workspace of the account."""

    host: HostName


class Repository(_Section):
    """The ML repository on GitHub."""

    owner: str = Field(pattern=r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$", description="An organisation, by its login.")
    repository: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="The name of the repository.")


class Login(_Section):
    """How the configuration that is to be deployed logs in to a host."""

    host: HostName
    auth_type: Name
    profile: Name | None = Field(
        default=None, description="The profile of the Databricks configuration file that it names, if any."
    )


class Catalog(_Section):
    """A catalog that exists on day one."""

    name: CatalogName
    schemas: list[CatalogName] = Field(default=[], description="Its schemas, by their names without the catalog's.")
    tables: list[TableName] = Field(default=[], description="Its tables, by their full names.")


class OwnTargets(_Section):
    """The targets that a person deploys for themselves."""

    workspaces: list[WorkspaceOf] = Field(default=[], description="Where they are deployed.")
    catalogs: list[Catalog] = Field(default=[], description="What they work with.")


class WorldFile(_Section):
    """A Databricks account with its workspaces, a GitHub repository, and what exists in them on day one."""

    model_config = ConfigDict(title="World of the sandbox")

    version: Literal[1] = Field(description="The version of this form.")
    source: Source | None = None
    account: Account
    workspaces: list[WorkspaceOf] = Field(min_length=1, description="The workspaces of the account, one or more.")
    github: Repository
    logins: list[Login] = Field(default=[], description="How the account and the workspaces are logged in to.")
    catalogs: list[Catalog] = Field(default=[], description="The catalogs that no deployment makes.")
    groups: list[Name] = Field(default=[], description="The groups of the account that no deployment makes.")
    own_targets: OwnTargets = OwnTargets()


def schema() -> str:
    """The JSON Schema as the committed file holds it."""
    return json.dumps(WorldFile.model_json_schema(), indent=2) + "\n"


def read(path: Path) -> dict[str, Any]:
    """The description in a file; SandboxError with every fault of it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SandboxError(f"There is no world file {path}: name one that exists with --world.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SandboxError(f"The world file {path} cannot be read: {reason}.") from None
    return parse(text, name=str(path))


def parse(text: str, *, name: str) -> dict[str, Any]:
    """The description in a text that comes from `name`; SandboxError with every fault of it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SandboxError(f"{name} is not JSON: {error}.") from None
    try:
        return WorldFile.model_validate(document).model_dump()
    except ValidationError as error:
        lines = [_fault(one, name) for one in error.errors(include_url=False)]
        raise SandboxError("\n".join(["The world file does not have the form of world.schema.json.", *lines])) from None


def _fault(error: ErrorDetails, name: str) -> str:
    """One fault in a line: where, what was found, what is allowed, what to do."""
    place = ".".join(str(part) for part in error["loc"]) or "the file itself"
    match error["type"]:
        case "missing":
            found, remedy = "nothing", "write it"
        case "extra_forbidden":
            found, remedy = "an unknown key", "remove it, or correct its name"
        case _:
            found, remedy = _shown(error["input"]), "correct it"
    return f"{name}: {place}: found {found}; allowed: {_allowed(error)}; {remedy}."


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _LONGEST_FOUND else f"{text[:_LONGEST_FOUND]}..."


def _allowed(error: ErrorDetails) -> str:
    """What the schema says of the place."""
    root: dict[str, Any] = WorldFile.model_json_schema()
    node, keys = root, ""
    for part in error["loc"]:
        properties = node.get("properties", {})
        if isinstance(part, str) and part not in properties:
            keys = ", ".join(properties)
            break
        node = _inner(root, properties[part] if isinstance(part, str) else node["items"])
    described = str(node.get("description", "")).rstrip(".")
    if keys:
        return f"the keys {keys}"
    if choices := node.get("enum") or ([node["const"]] if "const" in node else None):
        return ", ".join(json.dumps(choice) for choice in choices)
    kind = {"object": "an object: ", "array": "a list: ", "string": ""}.get(node.get("type", ""), "")
    return f"{kind}{described[:1].lower()}{described[1:]}" if described else kind.rstrip(": ")


def _inner(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node of the schema with what it refers to; of several forms the one that is not null."""
    node = next((one for one in node.get("anyOf", ()) if one.get("type") != "null"), node)
    if "$ref" in node:
        return {**root["$defs"][node["$ref"].rpartition("/")[2]], **{key: node[key] for key in node if key != "$ref"}}
    return node
