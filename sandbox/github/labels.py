"""The labels of a repository.

https://docs.github.com/rest/issues/labels
"""

from typing import Any

from sandbox.github.bodies import optional, required
from sandbox.github.node_ids import LABEL, node_id
from sandbox.github.paging import page
from sandbox.github.refusals import NotFoundError, UnprocessableError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document

_KIND = "github.label"
_SECTION = "/issues/labels"
# What a label gets that nobody has given a colour.
_GREY = "ededed"


def list_labels(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/labels"""
    repository = repository_of(call)
    listed = [label for _, label in call.store.all(_KIND, prefix=f"{repository['id']}/")]
    return page(call, [shown_label(call, label) for label in listed])


def get_label(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/labels/{name}"""
    found = call.store.get(_KIND, _key(repository_of(call), call.params["name"]))
    if found is None:
        raise NotFoundError(documentation=f"{_SECTION}#get-a-label")
    return shown_label(call, found)


def create_label(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/labels"""
    repository, name = repository_of(call), required(call, "name", str)
    if call.store.get(_KIND, _key(repository, name)) is not None:
        error = {"resource": "Label", "code": "already_exists", "field": "name"}
        raise UnprocessableError("Validation Failed", documentation=f"{_SECTION}#create-a-label", errors=[error])
    colour = optional(call, "color", str, _GREY)
    label = _make(call, repository, name, colour, optional(call, "description", str, ""))
    return Answer(shown_label(call, label), 201)


def label_named(call: Call, name: str) -> Document:
    """The label of that name; made when there is none, as an issue's labels are."""
    repository = repository_of(call)
    return call.store.get(_KIND, _key(repository, name)) or _make(call, repository, name, _GREY, "")


def shown_label(call: Call, label: Document) -> dict[str, Any]:
    """A label as it stands by itself and in issues."""
    return label | {
        "url": f"{repository_url(repository_of(call), call.host)}/labels/{label['name']}",
        "default": False,
    }


def _make(call: Call, repository: Document, name: str, colour: str, description: str) -> Document:
    identity = call.store.next("github.label")
    label = {
        "id": identity,
        "node_id": node_id(LABEL, identity),
        "name": name,
        "color": colour,
        "description": description,
    }
    call.store.put(_KIND, _key(repository, name), label)
    return label


def _key(repository: Document, name: str) -> str:
    """Names of labels know no case."""
    return f"{repository['id']}/{name.lower()}"
