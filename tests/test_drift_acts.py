"""Each act behind Terraform's back: what `drift` tells of it, as docs/drift.md has it, and that a deploy undoes it."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from checks.drift.findings.classify import About, Classified, classify
from checks.drift.findings.severity import severity_of
from checks.drift.live.clients import Clients
from checks.drift.live.look import look
from checks.drift.live.table import ROWS as LOOKED_AT
from checks.drift.live.table import SHOWN_BY_PLANS
from checks.drift.plan.difference import attribute_of
from checks.drift.plan.document import read_plan
from checks.synthesized import PROJECT, read_stack
from sandbox.errors import SandboxError
from sandbox.tampering import choosing
from sandbox.tampering.acts import Act, Way, name_of
from sandbox.tampering.choosing import Choice
from sandbox.tampering.managed import Managed
from sandbox.tampering.unchangeable import NEVER
from sandbox.tampering.vocabulary import ACTS
from settings import load
from tests.deployments import Deployment
from tests.followed_advice import follow, tools
from tests.tampered_scene import MAKE_TABLE, STACKS, console_of, deployed_with_everything, every_pair, runner

# What takes other objects along, or makes them unreachable: alone in its stack, each in a round of its own.
WIDE = {
    "catalog-deleted",
    "environment-removed",
    "folder-deleted",
    "principal-deactivated",
    "principal-left-workspace",
    "principal-removed",
    "schema-deleted",
}
# With these go tables, which jobs have made and Terraform does not know.
TAKES_DATA = {"catalog-deleted", "schema-deleted"}
# What no deploy undoes before somebody has followed that line of preflight.
ADVISED = {"catalog-isolated": "staging.catalog.staging", "tokens-forbidden": "prod.token-use"}
# After it every plan fails, until the state knows nothing of the object any more.
FORGOTTEN = "app-deleted"
OWNERSHIP = {"owner-changed", "databricks_schema.owner", "databricks_catalog.owner"}
BUNDLE = "bundle-staging"
PARTS = 6
# All twenty take minutes: TAMPER_MIXES=20.
MIXES = int(os.environ.get("TAMPER_MIXES", "4"))
DOCUMENT = (PROJECT / "docs" / "drift.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<name>[a-z-]+)` \| (?P<said>[^|]+?) \|$", re.MULTILINE)
ROWS = {row["name"]: row["said"] for row in ROW.finditer(DOCUMENT)}
# Of each attribute, what is told when it is changed, removed and added.
CELLS = re.compile(
    r"^\| `(?P<kind>[a-z0-9_]+)\.(?P<attribute>[a-z0-9_]+)` "
    r"\| (?P<changed>[^|]+?) \| (?P<removed>[^|]+?) \| (?P<added>[^|]+?) \|$",
    re.MULTILINE,
)
ATTRIBUTES = {name_of(row["kind"], row["attribute"], way): row[way] for row in CELLS.finditer(DOCUMENT) for way in Way}
LIVE = "; live"
ERRORS = sorted(name for name, said in ATTRIBUTES.items() if said.startswith("an error: "))
BESIDE = {
    name: found[1] for name, said in ROWS.items() if (found := re.match(r"nothing; `audit`: `([a-z_.-]+)`", said))
}


@dataclass(slots=True)
class Life:
    """A deployment with everything, how to return to it, and who deploys each of its stacks."""

    deployment: Deployment
    ci: Deployment
    kept: Mapping[Path, bytes] = field(repr=False)
    clients: Clients = field(init=False)

    def settle(self) -> None:
        """As it was deployed."""
        self.deployment.sandbox.ask("restore")
        self._put_back()
        self.ci.environ["DATABRICKS_TOKEN"] = self.deployment.secret("STAGING_WORKSPACE_TOKEN")

    def drift(self, stacks: Sequence[str]) -> dict[str, Classified]:
        """What differs, by stack."""
        environ = {**self.deployment.environ, "MLOPS_BRANCH": "main"}
        with patch.dict(os.environ, environ, clear=True), ThreadPoolExecutor(2) as workers:
            token = {"STAGING_WORKSPACE_TOKEN": self.ci.environ["DATABRICKS_TOKEN"]}
            self.clients = Clients(load(folder=PROJECT), {**environ, **token})
            return dict(zip(stacks, workers.map(self._look, stacks), strict=True))

    def deploy(self, stacks: Sequence[str]) -> None:
        """As the last look has planned it."""
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(self._apply, stacks))

    def lives_through(self, choices: Sequence[Choice]) -> dict[str, Classified]:
        """What `drift` tells after these acts; then everything is deployed that differs.

        Environments come first: a bundle is deployed with the token of one.
        """
        touched = {choice.one.stack for choice in choices}
        if "staging" in touched:
            touched.add(BUNDLE)
        told: dict[str, Classified] = {}
        for stacks in (sorted(touched - {BUNDLE}), sorted(touched & {BUNDLE})):
            self.ci.environ["DATABRICKS_TOKEN"] = self.deployment.secret("STAGING_WORKSPACE_TOKEN")
            told |= self.drift(stacks)
            self.deploy([stack for stack in stacks if told[stack].findings])
            if any(choice.act.name in TAKES_DATA and choice.one.stack in stacks for choice in choices):
                self.ci.run(sys.executable, "-c", MAKE_TABLE)  # a job makes it again; Terraform never did
        return told

    def looked(self, *command: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """The exit code and words of a command of `checks`."""
        environ = {"MLOPS_BRANCH": "main", **(environ or {})}
        states = {file: file.read_bytes() for file in self.kept}
        outcome = self.deployment.checks_outcome(*command, environ=environ)
        # It has synthesized, and staging's stack is made from another file.
        self._put_back(suffix=".json")
        assert {file: file.read_bytes() for file in self.kept} == states
        return outcome

    def report(self, command: str, *arguments: str) -> dict[str, Any]:
        """The lines of a command of `checks` by their ids."""
        file = self.deployment.sandbox.root.parent / "report.json"
        _, said = self.looked(command, *arguments, "--format", "json", "--output", str(file))
        assert file.exists(), said
        return {line["id"]: line for line in json.loads(file.read_text(encoding="utf-8"))["lines"]}

    def _put_back(self, suffix: str = "") -> None:
        for file, content in self.kept.items():
            if file.name.endswith(suffix):
                file.write_bytes(content)

    def folder(self, stack: str) -> Path:
        """Where Terraform runs."""
        return self.deployment.output / "stacks" / stack

    def _who(self, stack: str) -> Deployment:
        return self.ci if stack == BUNDLE else self.deployment

    def _look(self, stack: str) -> Classified:
        document = self._who(stack).plan(stack)
        looked = look(read_stack(self.deployment.output, stack), read_plan(document), lambda: self.clients.of(stack))
        assert not looked.problems
        return classify(document, stack=stack, about=About(live=looked.leaves))

    def _apply(self, stack: str) -> None:
        self._who(stack).terraform(stack, "apply", "-input=false", "plan")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with deployed_with_everything(tmp_path_factory.mktemp("acts") / "project") as deployment:
        kept = [
            *deployment.sandbox.folder.terraform_state.glob("*.tfstate"),
            deployment.output / "stacks" / "staging" / "cdk.tf.json",
        ]
        yield Life(deployment, runner(deployment), {file: file.read_bytes() for file in kept})


def rounds(life: Life, acts: Sequence[Act]) -> Iterator[list[Choice]]:
    """The acts in groups, each done: within a group no two touch the same object, and what is wide is alone."""
    left = list(acts)
    while left:
        done: list[Choice] = []
        with console_of(life.deployment) as (console, objects):
            for act in list(left):
                candidates = [one for one in objects if act.can_be_done_to(one) and is_undone_alone(Choice(act, one))]
                # Staging's principal deploys the bundle: what is done to principals is done to production's.
                free = [one for one in candidates if one.stack == candidates[0].stack and is_free(act, one, done)]
                try:
                    done += choosing.do_named(console, free[:1], [act.name])
                except SandboxError:  # later, when nothing else has changed what it is about
                    continue
                left.remove(act)
        assert done, [act.name for act in left]
        yield done


def is_free(act: Act, one: Managed, done: Sequence[Choice]) -> bool:
    there = [choice for choice in done if choice.one.stack == one.stack]
    if act.name in WIDE:
        return not there
    return all(choice.one != one and choice.act.name not in WIDE for choice in there)


@pytest.mark.parametrize("part", range(PARTS))
def test_each_act_is_told_as_documented_and_undone_by_a_deploy(part: int, life: Life) -> None:
    life.settle()
    apart = {*ADVISED, FORGOTTEN}
    acts = [act for act in ACTS.values() if not act.attribute and act.name not in apart][part::PARTS]
    measured: dict[str, str] = {}
    for choices in rounds(life, acts):
        told = life.lives_through(choices)
        measured |= {choice.act.name: of(choice, told[choice.one.stack]) for choice in choices}
        assert_clean(life.drift(sorted(told)), choices)
    assert_clean(life.drift(STACKS), choices)
    documented = {name: said.partition(";")[0] for name, said in ROWS.items() if ACTS.get(name) in acts}
    assert measured == documented, "\n".join(f"| `{name}` | {said} |" for name, said in sorted(measured.items()))


def of(choice: Choice, told: Classified) -> str:
    """What was told of the object of an act, or which object's finding it is told with."""
    for finding in told.findings:
        if finding.address == choice.one.address:
            return f"{finding.what}, {finding.severity}"
    return "listed" if any(one.address == choice.one.address for one in told.absorbed) else "nothing"


def assert_clean(told: Mapping[str, Classified], after: Sequence[Choice]) -> None:
    left = [
        f"{stack}: {finding.what} {finding.address} {[one.attribute for one in finding.differences]}"
        for stack, one in told.items()
        for finding in one.findings
    ]
    assert not left, "\n".join([*left, "after", *(choice.line() for choice in after)])


@pytest.mark.parametrize("seed", range(MIXES))
def test_after_three_acts_at_random_a_deploy_restores_what_is_wanted(seed: int, life: Life) -> None:
    choices = undoable(life, seed)
    life.lives_through(choices)
    assert_clean(life.drift(STACKS), choices)


def undoable(life: Life, seed: int) -> list[Choice]:
    """Three acts, done: the first ones from this seed on that a deploy can undo alone."""
    for further in range(seed, 1000, 20):
        life.settle()
        with console_of(life.deployment) as (console, objects):
            choices = choosing.do_random(console, objects, 3, further)
        if all(map(is_undone_alone, choices)):
            return choices
    raise AssertionError("no such mix")


def is_undone_alone(choice: Choice) -> bool:
    """Whether neither an administrator nor a former owner has to help."""
    name, stack = choice.act.name, choice.one.stack
    if name in ADVISED or name == FORGOTTEN:
        return False
    if name in ERRORS or ATTRIBUTES.get(name, "").endswith(LIVE):
        return False
    # What the bundle's principal owned is nobody's then, or somebody else's.
    return not (name == "principal-removed" and stack == "staging") and not (name in OWNERSHIP and stack == BUNDLE)


@pytest.mark.parametrize("act", ADVISED)
def test_what_a_deploy_cannot_undo_alone_is_undone_after_the_advice_of_preflight(
    act: str, life: Life, tmp_path: Path
) -> None:
    life.settle()
    with console_of(life.deployment) as (console, objects):
        (choice,) = choosing.do_named(console, objects, [act])
    stack = choice.one.stack
    if act == "catalog-isolated":
        code, said = life.looked("drift", stack)
        assert code == 1, said
    lines = life.report("preflight", stack)
    assert lines[ADVISED[act]]["status"] == "finding"
    follow(lines[ADVISED[act]]["remedy"]["commands"], environ=life.deployment.environ, path=tools(tmp_path))
    life.lives_through([choice])
    assert_clean(life.drift(STACKS), [choice])


def test_an_app_that_is_gone_stops_every_plan_until_its_state_is_removed(life: Life) -> None:
    life.settle()
    with console_of(life.deployment) as (console, objects):
        (choice,) = choosing.do_named(console, objects, [FORGOTTEN])
    token = {"STAGING_WORKSPACE_TOKEN": life.ci.environ["DATABRICKS_TOKEN"]}
    code, said = life.looked("drift", BUNDLE, environ=token)
    assert code == 1
    assert "does not exist or is deleted" in said
    life.ci.terraform(BUNDLE, "state", "rm", choice.one.address)
    life.drift([BUNDLE])
    life.deploy([BUNDLE])
    assert_clean(life.drift(STACKS), [choice])


@pytest.mark.parametrize(("act", "on"), [("principal-removed", "staging"), ("owner-changed", BUNDLE)])
def test_what_a_bundle_has_lost_is_handed_over_and_then_deployed(act: str, on: str, life: Life) -> None:
    life.settle()
    with console_of(life.deployment) as (console, objects):
        (choice,) = choosing.do_named(console, [one for one in objects if one.stack == on], [act])
    jobs = life.deployment.dump()["databricks.job"].keys()
    if on == "staging":
        life.deploy([stack for stack, told in life.drift([on]).items() if told.findings])
    life.ci.environ["DATABRICKS_TOKEN"] = life.deployment.secret("STAGING_WORKSPACE_TOKEN")
    code, said = life.ci.outcome(life.ci.environ["TERRAFORM_BINARY_NAME"], "plan", cwd=life.folder(BUNDLE))
    assert code == 1, said
    hand_over(life, moved=on == "staging")
    told = life.drift([BUNDLE])
    life.deploy([stack for stack in told if told[stack].findings])
    assert_clean(life.drift(STACKS), [choice])
    assert life.deployment.dump()["databricks.job"].keys() == jobs


def hand_over(life: Life, *, moved: bool) -> None:
    """What docs/drift.md has an administrator do for a bundle's principal; `moved` where it is another one."""
    with console_of(life.deployment) as (console, objects):
        ours = [one for one in objects if one.stack == BUNDLE]
        (principal,) = [
            str(one["application_id"])
            for one in objects
            if (one.stack, one.type) == ("staging", "databricks_service_principal")
        ]

        def ask(method: str, url: str, body: Any = None, **query: str) -> Any:
            return console.databricks(method, ours[0].host, url, body, query=query)

        def admit(path: str, level: str) -> None:
            entry = {"service_principal_name": principal, "permission_level": level}
            ask("PATCH", f"/api/2.0/permissions{path}", {"access_control_list": [entry]})

        for one in ours:
            match one.type:
                case "databricks_directory":
                    above = f"{str(one['path']).partition('/.bundle')[0]}/.bundle"
                    folder = ask("GET", "/api/2.0/workspace/get-status", path=above)["object_id"]
                    admit(f"/directories/{folder}", "CAN_MANAGE")
                case "databricks_permissions":
                    path = str(one["id"])
                    admit(path, "IS_OWNER" if path.startswith(("/jobs/", "/pipelines/", "/sql/")) else "CAN_MANAGE")
                case "databricks_secret_scope":
                    entry = {"scope": one["name"], "principal": principal, "permission": "MANAGE"}
                    ask("POST", "/api/2.0/secrets/acls/put", entry)
                case "databricks_alert_v2" if moved:
                    life.ci.terraform(BUNDLE, "state", "rm", one.address)
                case "databricks_database_database_catalog":
                    ask("PATCH", f"/api/2.1/unity-catalog/catalogs/{one['name']}", {"owner": principal})
                case "databricks_schema" | "databricks_volume" | "databricks_registered_model":
                    kind = {"databricks_registered_model": "models"}.get(one.type, f"{one.type.split('_')[1]}s")
                    ask("PATCH", f"/api/2.1/unity-catalog/{kind}/{one['id']}", {"owner": principal})


def test_what_is_done_beside_terraform_is_seen_by_audit(life: Life) -> None:
    life.settle()
    assert BESIDE.keys() == {name for name, said in ROWS.items() if name in ACTS and said.startswith("nothing")}
    before = life.report("audit")
    with console_of(life.deployment) as (console, objects):
        # On what others have made, their grants are none of ours.
        ours = sorted(objects, key=lambda one: (one.stack != "staging", one.attributes.get("catalog") != "staging"))
        choosing.do_named(console, ours, list(BESIDE))
    after = life.report("audit")
    for act, line in BESIDE.items():
        assert before[line]["status"] == "passed", line
        assert after[line]["status"] == "finding", f"{act}: {after[line]}"


def test_there_is_a_row_for_each_act_and_three_cells_for_each_attribute_that_a_stack_sets(tmp_path: Path) -> None:
    pairs = every_pair(tmp_path)
    on_attributes = {act.name for act in ACTS.values() if act.attribute}
    configured = {name_of(*pair, way) for pair, way in product(pairs, Way)}
    assert ROWS.keys() == ACTS.keys() - on_attributes
    assert configured | on_attributes <= ATTRIBUTES.keys()
    for name, said in ATTRIBUTES.items():
        # The act that takes the whole object away, or the one that changes it unseen; or nothing, and why.
        other = re.fullmatch(r"(?:as with )?`([a-z-]+)`", said)
        if other is not None:
            assert other[1] in ACTS, name
        elif name in NEVER:
            assert said in ("-", f"cannot: {NEVER[name]}") or re.fullmatch(r"nothing: .+", said), name
        else:
            assert name in on_attributes or said == "not tried" or name not in configured, name
    for pair, way in product(pairs, Way):
        assert ATTRIBUTES[name_of(*pair, way)] != "not tried", pair
    assert {kind for kind, _ in pairs} <= LOOKED_AT.keys() | SHOWN_BY_PLANS.keys()


def test_each_attribute_that_is_changed_removed_or_added_is_told_as_documented(life: Life) -> None:
    left = [act for act in ACTS.values() if act.attribute and act.name not in ERRORS]
    measured: dict[str, str] = {}
    while left:
        life.settle()
        choices = done_at_once(life, left)
        assert choices, [act.name for act in left]
        left = [act for act in left if act not in [choice.act for choice in choices]]
        told = life.drift(sorted({choice.one.stack for choice in choices}))
        touched = {(choice.one.stack, choice.one.address) for choice in choices}
        found = {(stack, one.address) for stack, classified in told.items() for one in classified.findings}
        assert not {one for one in found - touched if one[1].partition(".")[0] in LOOKED_AT}
        for choice in choices:
            others = {one.act.attribute for one in choices if one.one == choice.one and one is not choice}
            measured[choice.act.name] = of_attribute(choice, told[choice.one.stack], others)
    documented = {name: said for name, said in ATTRIBUTES.items() if name in ACTS and name not in ERRORS}
    assert measured == documented, "\n".join(table_of(measured))


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_given_away_so_that_nobody_can_look_is_an_error(name: str, life: Life) -> None:
    life.settle()
    with console_of(life.deployment) as (console, objects):
        (choice,) = choosing.do_named(console, [one for one in objects if one.stack == BUNDLE], [name])
    token = life.deployment.secret("STAGING_WORKSPACE_TOKEN")
    code, said = life.looked("drift", choice.one.stack, environ={"STAGING_WORKSPACE_TOKEN": token})
    assert (code, "could not be checked" in said) == (1, True), said


def done_at_once(life: Life, acts: Sequence[Act]) -> list[Choice]:
    """As many of the acts as there are attributes of objects that none of the others is about."""
    done: list[Choice] = []
    with console_of(life.deployment) as (console, objects):
        for act in acts:
            taken = {(choice.one.address, choice.one.stack) for choice in done if choice.act.attribute in related(act)}
            for one in objects:
                if act.can_be_done_to(one) and (one.address, one.stack) not in taken:
                    try:
                        done += choosing.do_named(console, [one], [act.name])
                    except SandboxError:
                        continue
                    break
    return done


def related(act: Act) -> set[str]:
    """The attributes that one object shows only one change of at a time: a job starts in one of three ways."""
    starts = {"continuous", "schedule", "trigger"}
    return starts if act.attribute in starts else {act.attribute}


def of_attribute(choice: Choice, told: Classified, others: AbstractSet[str]) -> str:
    """What was told of one attribute of an object, `others` of which were changed too; `live` as in docs/drift.md."""
    attribute, kind = choice.act.attribute, choice.one.type
    for finding in told.findings:
        named = {attribute_of(one.attribute) for one in finding.differences}
        # One of several that exclude each other is told as another one, and an object that is gone by none.
        mine = attribute in named or (attribute not in named and named - others) or not named
        if finding.address == choice.one.address and mine:
            assert finding.severity == severity_of(kind, named), finding
            severity = severity_of(kind, [attribute] if named else [])
            return f"{finding.what}, {severity}{LIVE if ' leaves it as it is. ' in finding.remedy else ''}"
    return "nothing"


def table_of(measured: Mapping[str, str]) -> Iterator[str]:
    """The rows as docs/drift.md has them."""
    pairs = sorted({(act.about[0], act.attribute) for act in ACTS.values() if act.name in measured})
    for pair in pairs:
        cells = [measured.get(name) or ATTRIBUTES.get(name, "-") for name in (name_of(*pair, way) for way in Way)]
        yield f"| `{'.'.join(pair)}` | {' | '.join(cells)} |"
