"""The labels of a repository.

https://docs.github.com/rest/issues/labels
"""

import re
from typing import Any

from sandbox.github.rest.bodies import optional, required
from sandbox.github.rest.limits import limit
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
from sandbox.limits import Length, Spelling, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs, ours

_SOURCE = github_docs("rest/issues/labels")
_LENGTHS = ours("GitHub refuses longer ones; the reference names no length")

_SECTION = "/issues/labels"

_LIMITS = (
    limit("name", Length(50), _LENGTHS, resource="Label", says="name is too long (maximum is 50 characters)"),
    limit(
        "description",
        Length(100),
        _SOURCE,
        resource="Label",
        says="description is too long (maximum is 100 characters)",
    ),
    limit(
        "color",
        Spelling(re.compile(r"[0-9a-fA-F]{6}"), "six hexadecimal digits", "d73a4a", "#d73a4"),
        _SOURCE,
        resource="Label",
        says="color is invalid",
    ),
)


def list_labels(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/labels"""
    return page(call, [shown_label(call, label) for label in labels_of(call.store, repository_of(call))])


def get_label(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/labels/{name}"""
    found = find_label(call.store, repository_of(call), call.params["name"])
    if found is None:
        raise NotFoundError(documentation=f"{_SECTION}#get-a-label", source=_SOURCE)
    return shown_label(call, found)


@limited(*_LIMITS)
def create_label(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/labels"""
    repository, name = repository_of(call), required(call, "name", str)
    if find_label(call.store, repository, name) is not None:
        error = {"resource": "Label", "code": "already_exists", "field": "name"}
        raise UnprocessableError(
            "Validation Failed", documentation=f"{_SECTION}#create-a-label", errors=[error], source=_SOURCE
        )
    colour, description = optional(call, "color", str, GREY), optional(call, "description", str, "")
    label = make_label(call.store, repository, name, colour=colour, description=description)
    return Answer(shown_label(call, label), 201)
