"""Each kind of a bundle's resources in one deployment: made, settled, taken over, and gone without a trace."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from deployed_kinds import KINDS, ResourceKind
from tests.deployments import Deployment, as_ci, deployment_in
from tests.ml_project import project_config, write_project
from tests.tampered_scene import MAKE_TABLE

STACK = "bundle-staging"

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

Store = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of a deployment: each plan's changes by address, and everything that existed, by kind and key."""

    ids: dict[str, str]  # by address, as the first deploy has made them
    settled: dict[str, list[str]]
    adopted: dict[str, str]
    adopting: dict[str, list[str]]
    settled_again: dict[str, list[str]]
    before: Store
    deployed: Store
    taken_over: Store
    destroyed: Store


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("kinds") / "project"
    write_project(folder)
    data = project_config()
    with deployment_in(folder, data) as deployment:
        deployment.configuration.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        deployment.synth()
        deployment.apply("staging")
        ci = as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main")
        # A monitor needs a table of the principal's own, which a job of its makes.
        ci.run(sys.executable, "-c", MAKE_TABLE)
        before = deployment.dump()
        ci.apply(STACK)
        settled, ids, deployed = changes(ci), held(ci), deployment.dump()

        state = deployment.sandbox.folder.terraform_state / f"{STACK}.tfstate"
        state.unlink()
        ci.checks("preflight", STACK, "--write-adopt", code=2)
        adopted = yaml.safe_load(deployment.configuration.read_text(encoding="utf-8"))["adopt"][STACK]
        ci.synth()
        adopting = changes(ci)
        ci.apply(STACK)
        settled_again, taken_over = changes(ci), deployment.dump()
        ci.destroy(STACK)
        yield Life(
            ids=ids,
            settled=settled,
            adopted=adopted,
            adopting=adopting,
            settled_again=settled_again,
            before=before,
            deployed=deployed,
            taken_over=taken_over,
            destroyed=deployment.dump(),
        )


def changes(ci: Deployment) -> dict[str, list[str]]:
    """What an apply would do, by address."""
    return {
        change["address"]: change["change"]["actions"]
        for change in ci.plan(STACK)["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }


def held(ci: Deployment) -> dict[str, str]:
    """The ids in the plan's state, by address."""
    prior = ci.plan(STACK)["prior_state"]["values"]["root_module"]["resources"]
    return {one["address"]: str(one["values"]["id"]) for one in prior if one["mode"] == "managed"}


def of(kind: ResourceKind, found: dict[str, Any]) -> dict[str, Any]:
    """What is about resources of a kind, or about who may use them."""
    made = (kind.type, f"databricks_permissions.{kind.name_of('')}", f"databricks_grants.{kind.name_of('')}", kind.acl)
    return {address: value for address, value in found.items() if address.startswith(tuple(filter(None, made)))}


@every_kind
def test_it_is_made_and_the_next_plan_is_empty(kind: ResourceKind, life: Life) -> None:
    assert of(kind, life.ids)
    assert of(kind, life.settled) == {}


@every_kind
def test_what_exists_is_taken_over_and_made_no_second_time(kind: ResourceKind, life: Life) -> None:
    mine = {address: id_ for address, id_ in life.ids.items() if address.startswith(f"{kind.type}.")}
    adopted = {address: id_ for address, id_ in life.adopted.items() if address in mine}
    assert adopted.keys() == mine.keys()
    # A plugin-framework type has no id of its own in the state.
    assert all(id_ in (mine[address], life.adopted[address]) for address, id_ in adopted.items())
    assert not any(
        "delete" in actions or "create" in actions for address, actions in life.adopting.items() if address in mine
    )
    assert of(kind, life.settled_again) == {}


def test_nothing_of_the_life_is_there_twice_or_left(life: Life) -> None:
    def new(store: Store) -> dict[str, set[str]]:
        found = {kind: set(documents) - set(life.before.get(kind, {})) for kind, documents in store.items()}
        # Folders that were made for what was in them stay, as the Databricks CLI leaves them.
        kept = {
            kind: {key for key in keys if "DIRECTORY" not in store[kind][key].values()} for kind, keys in found.items()
        }
        return {kind: keys for kind, keys in kept.items() if keys}

    assert new(life.taken_over) == new(life.deployed)
    assert new(life.destroyed) == {}
