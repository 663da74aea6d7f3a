"""The labels of a repository.

https://docs.github.com/rest/issues/labels
"""

from typing import Any

from sandbox.github.rest.bodies import optional, required
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    shown_label,
)
from sandbox.github.world.issues.labels import GREY, find_label, labels_of, make_label
from sandbox.github.world.refusals import (
    NotFoundError,
    UnprocessableError,
)
from sandbox.route import Answer, Call

_SECTION = "/issues/labels"


def list_labels(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/labels"""
    return page(call, [shown_label(call, label) for label in labels_of(call.store, repository_of(call))])


def get_label(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/labels/{name}"""
    found = find_label(call.store, repository_of(call), call.params["name"])
    if found is None:
        raise NotFoundError(documentation=f"{_SECTION}#get-a-label")
    return shown_label(call, found)


def create_label(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/labels"""
    repository, name = repository_of(call), required(call, "name", str)
    if find_label(call.store, repository, name) is not None:
        error = {"resource": "Label", "code": "already_exists", "field": "name"}
        raise UnprocessableError("Validation Failed", documentation=f"{_SECTION}#create-a-label", errors=[error])
    colour, description = optional(call, "color", str, GREY), optional(call, "description", str, "")
    label = make_label(call.store, repository, name, colour=colour, description=description)
    return Answer(shown_label(call, label), 201)
