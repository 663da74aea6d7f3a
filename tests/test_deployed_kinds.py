"""A row of deployed_kinds.py and everything else that a kind needs: each test names what is still missing."""

import re
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from constructs.catalog_access import BATCH_INFERENCE, TRAINING, ProjectSchema, privileges_needed
from starlette.routing import compile_path

from bundle.schema import root_type
from checks.drift.findings.severity import Severity, severity_of
from checks.drift.findings.widening import TABLE
from checks.drift.findings.wording import Names, describe
from checks.drift.guard import OF_ADMINISTRATORS, PROTECTED
from checks.preflight.existing import FINDERS
from deployed_kinds import BY_TYPE, KINDS, REASONS, ResourceKind
from sandbox.databricks.routes import ROUTES
from sandbox.standins import schema
from sandbox.standins.databricks.provider import PROVIDER
from sandbox.standins.paths import fill
from sandbox.tampering.managed import WORDS
from sandbox.tampering.vocabulary import ACTS
from settings.model import Catalog
from stacks.bundle_conversion import SHAPES
from tests.ml_project import ASSETS
from tests.tampered_scene import FILES
from unity_catalog import PARENT, SecurableType, is_grantable

ROOT = Path(__file__).parent.parent
DRIFT, RIGHTS, DECISION = (
    (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("drift.md", "rights.md", "decisions/bundle-stack.md")
)
SAMPLES: Mapping[str, str] = {"tests/ml_project.py": ASSETS, "tests/tampered_scene.py": FILES["assets/all.yml"]}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_kind
def test_it_has_a_type_of_the_provider_with_the_attributes_that_its_row_names(kind: ResourceKind) -> None:
    blocks = schema.load("databricks").resources
    assert kind.type in blocks, "python -m sandbox.standins.derive makes it from the bindings, once there is a stand-in"
    # What the stand-in serves is all that the bindings know, lists and blocks among it.
    known = {*blocks[kind.type].attributes, *blocks[kind.type].nested}
    filled = set(re.findall(r"\{(\w+)\}", kind.words + kind.import_id))
    assert {*filled, *kind.full_names, kind.id_attribute, *filter(None, (kind.principal,))} <= known
    assert not kind.permissions or kind.permissions in blocks["databricks_permissions"].attributes
    assert not kind.grants or kind.grants in blocks["databricks_grants"].attributes


def test_every_kind_that_the_reader_knows_is_deployed() -> None:
    kinds = root_type().at("resources")
    assert kinds is not None
    assert set(KINDS) == set(kinds.fields)


@every_kind
def test_the_reader_knows_it_with_the_permissions_or_grants_of_its_row(kind: ResourceKind) -> None:
    kinds = root_type().at("resources")
    group = kinds.at(kind.kind) if kinds else None
    assert group is not None, f"bundle/types.json has no {kind.kind}"
    assert group.of is not None
    assert (group.of.at("permissions") is not None) == bool(kind.permissions or kind.acl)
    assert (group.of.at("grants") is not None) == bool(kind.grants)


@every_kind
def test_it_has_a_shape(kind: ResourceKind) -> None:
    assert kind.kind in SHAPES, "stacks/bundle_conversion.py: SHAPES"


def test_no_shape_and_no_finder_is_left_of_a_kind_that_is_gone() -> None:
    assert SHAPES.keys() - KINDS.keys() == set()
    assert FINDERS.keys() - BY_TYPE.keys() == {"databricks_catalog", "databricks_service_principal"}


@every_kind
def test_preflight_can_find_one_that_exists_already(kind: ResourceKind) -> None:
    assert kind.type in FINDERS, "checks/preflight/existing.py: FINDERS"


@every_kind
def test_it_has_a_stand_in(kind: ResourceKind) -> None:
    assert kind.type in PROVIDER.resources, "sandbox/standins/databricks/provider.py"


@every_kind
def test_the_sandbox_has_the_routes_that_it_needs(kind: ResourceKind) -> None:
    resource = PROVIDER.resources.get(kind.type)
    requests = [row for request in resource.requests for row in request.rows()] if resource else []
    assert requests, f"sandbox/databricks/routes.py: what is sent for a {kind.noun} is not known without its stand-in"
    for method, template, level in requests:
        path = fill(template, dict.fromkeys(re.findall(r"\{(\w+)", template), "a-1"))
        assert any(
            (route.method, route.host.value) == (method, level.value) and compile_path(route.path)[0].match(path)
            for route in ROUTES
        ), f"sandbox/databricks/routes.py: {method} {template}"


@every_kind
def test_somebody_can_delete_one_behind_terraform_s_back(kind: ResourceKind) -> None:
    assert kind.type in WORDS, "sandbox/tampering/managed.py: WORDS"
    acts = [
        act.name
        for act in ACTS.values()
        if kind.type in act.about and act.name.endswith("-deleted") and not act.attribute
    ]
    assert acts, f"sandbox/tampering: no act deletes a {kind.noun}"


@pytest.mark.parametrize("sample", SAMPLES)
@every_kind
def test_the_projects_of_the_tests_declare_one(kind: ResourceKind, sample: str) -> None:
    assert yaml.safe_load(SAMPLES[sample])["resources"].get(kind.kind), f"{sample} declares no {kind.kind}"


@every_kind
def test_the_guide_to_drift_has_its_attributes(kind: ResourceKind) -> None:
    assert re.search(rf"^\| `{kind.type}\.\w+` \|", DRIFT, re.MULTILINE), f"docs/drift.md has no row for {kind.type}"


def row_of_drift(kind: ResourceKind) -> str:
    severity = f"{kind.severity}{f'; `{kind.principal}` high' if kind.principal else ''}"
    lost = kind.loss.what if kind.protected else f"nothing: {kind.loss.why}"
    return (
        f"| {kind.kind.replace('_', ' ')} | `{kind.type}` | {severity} | {'stops' if kind.protected else 'passes'} | "
        f"[{lost}]({kind.loss.source}) |"
    )


def row_of_rights(kind: ResourceKind) -> str:
    right = kind.right
    option = f", with `{right.option}`" if right.option else ""
    needed = [f"{right.privilege} on the {right.on}{option}"] if right.privilege else []
    return f"| `{kind.kind}` | [{'; '.join([*needed, *filter(None, (right.workspace,))])}]({right.source}) |"


def assert_has_line(name: str, text: str, line: str) -> None:
    there = line in text.splitlines()
    assert there, f"docs/{name} lacks this line:\n{line}"


@every_kind
def test_the_guide_to_drift_says_what_its_loss_means(kind: ResourceKind) -> None:
    assert_has_line("drift.md", DRIFT, row_of_drift(kind))


@every_kind
def test_the_guide_to_rights_says_what_making_one_needs(kind: ResourceKind) -> None:
    assert_has_line("rights.md", RIGHTS, row_of_rights(kind))


@every_kind
def test_the_decision_on_bundles_names_it(kind: ResourceKind) -> None:
    deployed = re.search(r"kinds other than ([^;]+);", DECISION)
    assert deployed is not None
    assert kind.kind.replace("_", " ") in re.split(r", | and ", " ".join(deployed[1].split())), "bundle-stack.md"


def test_no_guide_has_a_row_for_a_kind_that_is_none() -> None:
    assert set(re.findall(r"^\| [a-z ]+ \| `(databricks_[a-z_0-9]+)` \|", DRIFT, re.MULTILINE)) <= BY_TYPE.keys()
    assert set(re.findall(r"^\| `([a-z_]+)` \| \[", RIGHTS, re.MULTILINE)) <= KINDS.keys()


# What a row says agrees with what is done -----------------------------------------------------------------------------


@every_kind
def test_what_is_lost_is_protected_and_has_a_reason_and_a_source(kind: ResourceKind) -> None:
    assert (kind.loss.why in REASONS) == kind.protected
    assert kind.loss.source.startswith("https://")
    assert PROTECTED.get(kind.type, "") == kind.loss.what


def test_one_place_says_whether_a_type_is_protected() -> None:
    assert not OF_ADMINISTRATORS.keys() & BY_TYPE.keys()
    assert PROTECTED.keys() == {*OF_ADMINISTRATORS, *(one.type for one in KINDS.values() if one.protected)}
    assert all(PROTECTED.values())


@every_kind
def test_its_severity_is_that_of_its_row(kind: ResourceKind) -> None:
    assert severity_of(kind.type) is Severity(kind.severity)
    if kind.principal:
        assert severity_of(kind.type, [kind.principal]) is Severity.HIGH


@every_kind
def test_who_else_owns_it_or_is_its_runs_gets_more(kind: ResourceKind) -> None:
    assert (kind.type in TABLE) == bool(kind.principal)
    if kind.principal:
        assert TABLE[kind.type].wider[kind.principal]("a", "b")


@every_kind
def test_its_words_are_filled_with_its_attributes(kind: ResourceKind) -> None:
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", kind.words), "x")
    assert describe(kind.type, names, Names()) == kind.words.format(**names)
    assert describe(kind.type, {}, Names()).startswith(f"{kind.noun} ?")
    if kind.permissions:
        assert (
            describe("databricks_permissions", {kind.permissions: "7"}, Names()) == f"the permissions on {kind.noun} 7"
        )
    if kind.grants:
        assert describe("databricks_grants", {kind.grants: "a.b"}, Names()) == f"all privileges on {kind.noun} a.b"


@every_kind
def test_what_making_one_needs_can_be_granted_and_is(kind: ResourceKind) -> None:
    right = kind.right
    assert right.source.startswith("https://")
    assert (right.privilege is None) == (right.on is None)
    assert right.privilege or right.workspace
    if right.privilege is None or right.on is None:
        return
    assert is_grantable(right.privilege, right.on)
    if kind.securable:
        assert right.on is PARENT[kind.securable]
    if not right.option:
        assert right.privilege in {*TRAINING, *BATCH_INFERENCE}, "constructs/catalog_access.py grants it to nobody"
        return
    assert right.option in Catalog.model_fields
    asked = {"may_create_schemas": False, "may_create_volumes": False, right.option: True}
    needed = privileges_needed(
        schemas=[ProjectSchema(catalog="c", schema="s", **asked)], input_tables=(), output_tables=()
    )
    assert [one.kind for one, privileges in needed.items() if right.privilege in privileges] == [right.on]


@every_kind
def test_what_names_a_securable_names_what_it_lies_in(kind: ResourceKind) -> None:
    if kind.securable:
        assert len(kind.name_parts) == len(kind.lies_in) + 1
        assert kind.lies_in == (SecurableType.CATALOG, SecurableType.SCHEMA)[: len(kind.lies_in)]
    else:
        assert bool(kind.lies_in) == bool(kind.full_names)


def test_no_name_of_permissions_or_grants_can_be_that_of_two_kinds() -> None:
    assert len(BY_TYPE) == len(KINDS)
    for one, other in permutations((kind for kind in KINDS.values() if kind.permissions or kind.grants), 2):
        assert not one.name_of("x").startswith(other.name_of("")), (one.kind, other.kind)
