"""Terraform killed at every changing request of a deploy, just before and just after its effect."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from packages.sandbox.tests.sandbox_processes import struck
from sandbox import audit
from tests.deployments import Deployment, deployment_in
from tests.existing_objects import Objects, begin_anew, objects
from tests.synthesis import config

# What has no name of its own: a second one can be made, and nobody can tell whose the first one was.
NAMELESS = {
    "/ServicePrincipals": ("databricks.service_principal", "created_at"),
    "/on-behalf-of/tokens": ("databricks.token", "creation_time"),
}


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("interrupted"), config()) as deployment:
        deployment.sandbox.ask("save")
        deployment.synth()
        yield deployment


def lost_object(request: audit.Entry, dump: dict[str, dict[str, Any]]) -> Objects:
    """The nameless object that a request has just made, whose answer was lost."""
    for ending, (kind, born) in NAMELESS.items():
        if request.method == "POST" and request.path.endswith(ending):
            key = max(dump[kind], key=lambda key: int(dump[kind][key][born]))
            return objects(dump) - objects(dump | {kind: without(dump[kind], key)})
    return Counter()


def without(documents: dict[str, Any], key: str) -> dict[str, Any]:
    return {other: body for other, body in documents.items() if other != key}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("stack", ["repository", "staging"])  # prod is staging with fewer grants
def test_the_next_deploy_converges_and_leaves_at_most_the_object_of_the_lost_answer(
    stack: str, moment: str, deployment: Deployment
) -> None:
    begin_anew(deployment)
    deployment.apply(stack)
    undisturbed = objects(deployment.dump())

    terraform = deployment.environ["TERRAFORM_BINARY_NAME"]
    # One resource at a time: what was answered before request n is in the state when request n is sent.
    command = [terraform, "apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=1"]
    cwd = deployment.output / "stacks" / stack
    request = 0
    while True:
        request += 1
        begin_anew(deployment)
        if not struck(deployment.sandbox, command, request=request, moment=moment, environ=deployment.environ, cwd=cwd):
            break
        lost = deployment.requests()[-1]
        left_over = lost_object(lost, deployment.dump()) if moment == "after" else Counter()
        deployment.apply(stack)
        now = objects(deployment.dump())
        assert now - undisturbed == left_over, f"request {request} was {lost.method} {lost.path}"
        assert not undisturbed - now
    assert request > 5
