"""Nothing that an ML repository or mlops.yaml says becomes anything but text in a stack."""

import json
import re
import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cdktf
import pytest
import yaml

from bundle import ResolvedBundle, Resource
from bundle.schema import Type, root_type
from bundle.yaml_source import Position
from settings import Adoption, BundleSettings, EnvironmentSettings, Settings
from settings.deployability import notebooks_of, undeployable
from settings.faults import FaultsError
from settings.placeholder import PLACEHOLDER_PRINCIPAL
from settings.resolved import CatalogSettings, ProviderAuth
from stacks.bundle import BundleStack
from stacks.bundle_code import Digests
from stacks.bundle_conversion import SHAPES
from stacks.environment import EnvironmentStack
from stacks.expression_check import check_expressions, faults_of, places_of
from stacks.repository import RepositoryStack
from terraform_text import literal
from tests.hostile_text import HOSTILE, REFERENCE, as_terraform_keeps_it, bodies, evaluated, mapped
from tests.ml_project import ASSETS, BUNDLE, NOTEBOOK, project_config, write_project
from tests.synthesis import NOW, config, loaded, synthesize

MARK = re.compile(r"z\d+z")
# What names of files, of tables and of hosts can hold.
IN_FILES = tuple(text for text in HOSTILE if text.strip() and not {"/", "\0"} & set(text) and len(text) < 200)
IN_NAMES = tuple(text for text in HOSTILE if text and "." not in text)
ROUNDS = 6


@dataclass(slots=True)
class Texts:
    """Gives one text after the other, and knows which it has given: hostile ones, or marks in their place.

    With `together` every text is all the hostile ones.
    """

    hostile: bool
    together: bool = False
    given: list[str] = field(default_factory=list)

    def __call__(self, among: Sequence[str] = HOSTILE) -> str:
        number = len(self.given)
        hostile = f"{number} {' '.join(among)}" if self.together else among[number % len(among)]
        self.given.append(hostile if self.hostile else f"z{number}z")
        return self.given[-1]


def filled_tree(kind: Type, texts: Texts, above: tuple[str, ...] = ()) -> Any:
    """A value of a type with every setting given: each string another text, maps with a text as key."""
    if kind.kind == "struct":
        below = (*above, kind.name)
        fields = {
            name: inner
            for name, inner in kind.fields.items()
            if name not in ("lifecycle", "grants") and above.count((inner.item or inner).name or "-") == 0
        }
        return MappingProxyType({name: filled_tree(inner, texts, below) for name, inner in fields.items()})
    if kind.kind == "map":
        return MappingProxyType({texts(): filled_tree(kind.of, texts, above)})
    if kind.kind == "list":
        return (filled_tree(kind.of, texts, above),)
    if kind.kind == "any":
        return MappingProxyType({texts(): (texts(), MappingProxyType({texts(): texts()}))})
    return texts() if kind.kind == "string" else {"int": 1, "bool": True, "float": 1.5}[kind.kind]


def resources_of(texts: Texts) -> tuple[Resource, ...]:
    """A resource of every kind that is deployed, with everything that it can have."""
    kinds = root_type().at("resources")
    assert kinds is not None
    made = []
    for kind in SHAPES:
        group = kinds.at(kind)
        assert group is not None
        made.append(Resource(kind, "x", filled_tree(group.of, texts), Position("databricks.yml", 7, 3)))
    return tuple(made)


def document(stack: cdktf.TerraformStack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cdktf.Testing.synth(stack, True))
    return found


def settled(value: Any) -> Any:
    """Bodies of resources by kind, in an order that does not depend on their names."""
    return {kind: sorted(found, key=lambda body: json.dumps(body, sort_keys=True)) for kind, found in value.items()}


def assert_all_arrived(marked: Any, arrived: Any, marks: Texts, given: Texts) -> None:
    """Terraform reads hostile texts exactly where it reads the marks that were given in their place."""
    by_mark = dict(zip(marks.given, given.given, strict=True))
    wanted = settled(
        mapped(marked, lambda text: as_terraform_keeps_it(MARK.sub(lambda found: by_mark[found[0]], text)))
    )
    found = settled(arrived)
    assert found.keys() == wanted.keys()
    for kind in wanted:
        for one, other in zip(found[kind], wanted[kind], strict=True):
            assert one == other, kind


def hostile_bundle(settings: Settings, folder: Path, texts: Texts) -> BundleSettings:
    """A target of which every resource, path, file and fact of Git is another text."""
    bundle = settings.bundles[0]
    texts.together = True
    branch, checked_out, checkout = texts(), texts(), texts()
    root = f"/Workspace/{texts()}/{bundle.placeholder_principal}/{texts()}"
    workspace = {**bundle.resolved.workspace, "root_path": root, "file_path": f"{root}/{texts()}"}
    entries = [{"level": "CAN_VIEW", "group_name": texts()}, {"level": "CAN_MANAGE", "user_name": texts()}]
    texts.together = False
    files = []
    for number in range(len(IN_FILES)):
        name = f"{number} {texts(IN_FILES)}.py"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(NOTEBOOK if number % 2 else "print(1)\n", encoding="utf-8")
        files.append(name)
    resolved = replace(
        bundle.resolved,
        configuration={**bundle.resolved.configuration, "workspace": workspace, "permissions": tuple(entries)},
        resources=resources_of(texts),
        files=tuple(files),
        sync_root=folder,
    )
    assert bundle.environment is not None
    environment = replace(bundle.environment, branch=branch)
    return replace(
        bundle,
        environment=environment,
        checked_out=checked_out,
        checkout=checkout,
        resolved=resolved,
        notebooks=notebooks_of(resolved.sync_root, files),
    )


def test_every_setting_path_file_and_branch_of_a_bundle_arrives_as_itself(tmp_path: Path) -> None:
    write_project(tmp_path)
    settings = loaded(tmp_path, project_config())
    marks, given = Texts(hostile=False), Texts(hostile=True)
    read = []
    for texts in (marks, given):
        case = tmp_path / str(texts.hostile)
        bundle = hostile_bundle(settings, case / "files", texts)
        app = cdktf.Testing.app(fake_cdktf_json_path=False)
        stack = BundleStack(app, bundle.stack, settings=settings, bundle=bundle, digests=Digests())
        made = document(stack)
        assert list(faults_of(bundle.stack, made, stack.expressions, places_of(bundle))) == []
        values = bodies(made)
        guard = made["output"]["deployed_branch"]["precondition"]
        values["said"] = [{"branch": made["locals"]["branch"], "refusal": guard["error_message"]}]
        values["held"] = [{"condition": guard["condition"]}]
        read.append(evaluated(case / "terraform", values, branch=literal(str(bundle.branch))))
    marked, arrived = read
    assert_all_arrived(marked, arrived, marks, given)
    assert read[1]["held"] == [{"condition": True}]
    assert len(given.given) > 1000


def hostile_environment(like: EnvironmentSettings, texts: Texts) -> EnvironmentSettings:
    """An environment of which every name is another text."""
    catalogs = [
        CatalogSettings(
            texts(IN_NAMES),
            texts(IN_NAMES),
            made,
            made,
            texts(),
            texts(),
            may_create_schemas=True,
            may_create_volumes=made,
        )
        for made in (True, False)
    ]
    return replace(
        like,
        workspace=ProviderAuth(host=texts(), auth_type="pat", profile=texts()),
        branch=texts(IN_NAMES),
        principal=texts(),
        secret=texts(),
        secret_branch=texts(),
        token_users_group=texts(),
        catalogs=tuple(catalogs),
        input_tables=(".".join(texts(IN_NAMES) for _ in range(3)),),
        output_tables=(".".join(texts(IN_NAMES) for _ in range(3)),),
    )


def test_every_name_of_an_environment_and_of_the_repository_arrives_as_itself(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config(github__secret_scope="environment"))
    marks, given = Texts(hostile=False), Texts(hostile=True)
    read = []
    for texts in (marks, given):
        app = cdktf.Testing.app(fake_cdktf_json_path=False)
        values: dict[str, Any] = {}
        environments = []
        for number in range(ROUNDS):
            texts.together = number == 0
            environment = hostile_environment(settings.environments[0], texts)
            environments.append(environment)
            name = f"e{number}"
            adopted = "github_actions_environment_secret.deployment_secret_3B652248"
            adoption = Adoption(adopted, texts(), "adopt", Position("mlops.yaml", 1, 1))
            changed = replace(settings, adoptions={name: (adoption,)})
            stack = EnvironmentStack(app, name, settings=changed, environment=environment, now=NOW)
            made = document(stack)
            assert list(faults_of(name, made, stack.expressions, {})) == []
            for kind, found in bodies(made).items():
                values.setdefault(kind, []).extend(found)
            values.setdefault("provider", []).append(made["provider"])
            values.setdefault("adopted", []).append([block["id"] for block in made["import"]])
        github = settings.github.model_copy(
            update={
                "owner": texts(),
                "repository": texts(),
                "required_checks": (texts(), texts()),
                "actions": settings.github.actions.model_copy(
                    update={"allowed": "selected", "patterns": (texts(), texts())}
                ),
            }
        )
        changed = replace(settings, github=github, environments=tuple(environments))
        repository = RepositoryStack(app, "repository", settings=changed)
        made = document(repository)
        assert list(faults_of("repository", made, repository.expressions, {})) == []
        values |= {**bodies(made), "owner": [made["provider"]]}
        values["imports"] = [
            {"id": block["id"], "found": re.sub(r"data\.[\w.-]+\.rules", "local.rules", block["for_each"])}
            for block in made["import"]
        ]
        branches = ["main", *(environment.branch for environment in environments)]
        rules = [{"pattern": literal(branch)} for branch in (*branches, "another")]
        read.append(evaluated(tmp_path / str(texts.hostile), values, rules=rules))
    marked, arrived = read
    assert_all_arrived(marked, arrived, marks, given)
    assert len(given.given) > 100


PLANTED: dict[str, tuple[tuple[str, ...], Any]] = {
    "a function": (("resource", "databricks_job", "again", "name"), '${file("/etc/passwd")}'),
    "a function in a key": (("resource", "databricks_job", "again", "tags"), {'${file("/etc/passwd")}': "x"}),
    "a directive": (("resource", "databricks_job", "again", "name"), "%{ if true }x%{ endif }"),
    "what another sign escapes": (("resource", "databricks_job", "again", "name"), "$$${local.branch}"),
    "a token": (("resource", "databricks_job", "again", "name"), "${TfToken[TOKEN.0]}"),
    "a token of a list": (("resource", "databricks_job", "again", "name"), ["#{TfToken[TOKEN.0]}"]),
    "something that is not there": (("resource", "databricks_job", "again", "name"), "${databricks_job.none.id}"),
    "a resource as a whole": (("resource", "databricks_job", "again", "name"), "${databricks_job.train}"),
    "a token's value": (("resource", "databricks_job", "again", "name"), "${databricks_obo_token.x.token_value}"),
    "a variable": (("resource", "databricks_job", "again", "name"), "${var.x}"),
    "a local": (("resource", "databricks_job", "again", "name"), "${local.branch}"),
    "the guard's condition": (("resource", "databricks_job", "again", "name"), '${local.branch == "main"}'),
    "an index that is a string": (("resource", "databricks_job", "again", "name"), '${databricks_job.train["id"]}'),
    "a nested template": (("resource", "databricks_job", "again", "name"), '${"${local.branch}"}'),
    "a command": (("resource", "databricks_job", "again", "provisioner"), {"local-exec": {"command": "id"}}),
    "copies": (("resource", "databricks_job", "again", "for_each"), ["a"]),
    "a block for each": (("resource", "databricks_job", "again", "dynamic"), {"task": {"for_each": []}}),
    "another provider": (("resource", "databricks_job", "again", "provider"), "databricks.account"),
    "an order that there is not": (("resource", "databricks_job", "again", "depends_on"), ["databricks_job.none"]),
    "another stack's state": (("data", "terraform_remote_state", "x", "backend"), "local"),
    "a program": (("data", "external", "x", "program"), ["id"]),
    "another output": (("output", "cross-stack-output-x", "value"), "x"),
    "a module": (("module", "x", "source"), "example.com/x"),
    "a variable's block": (("variable", "x", "default"), "x"),
    "an import of nothing": (("import",), [{"to": "databricks_job.none", "id": "1"}]),
}  # fmt: skip


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], frozenset[str], dict[str, Position]]:
    """The JSON of a target, the expressions that it may contain, and where its resources are declared."""
    folder = tmp_path_factory.mktemp("synthesized")
    write_project(folder)
    settings = loaded(folder, project_config())
    app = cdktf.Testing.app(fake_cdktf_json_path=False)
    stack = BundleStack(app, "bundle-staging", settings=settings, bundle=settings.bundles[0], digests=Digests())
    return document(stack), stack.expressions, places_of(settings.bundles[0])


@pytest.mark.parametrize("what", PLANTED)
def test_what_has_passed_beside_the_border_is_found(
    what: str, synthesized: tuple[dict[str, Any], frozenset[str], dict[str, Position]]
) -> None:
    made, expressions, places = synthesized
    assert list(faults_of("bundle-staging", made, expressions, places)) == []
    path, value = PLANTED[what]
    changed = json.loads(json.dumps(made))
    node = changed
    for step in path[:-1]:
        node = node.setdefault(step, {})
    node[path[-1]] = value
    faults = list(faults_of("bundle-staging", changed, expressions, places))
    assert faults
    assert all(fault.key.startswith(f"bundle-staging: {path[0]}") for fault in faults)
    if path[:3] == ("resource", "databricks_job", "again"):
        line = ASSETS.splitlines().index("    again:") + 2
        assert {(fault.file, fault.line) for fault in faults} == {("ml/assets/all.yml", line)}


def test_a_token_s_value_goes_into_the_secret_and_nowhere_else(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config())
    app = cdktf.Testing.app(fake_cdktf_json_path=False)
    environment = settings.environments[0]
    made = document(EnvironmentStack(app, "staging", settings=settings, environment=environment, now=NOW))
    (secret,) = made["resource"]["github_actions_secret"].values()
    value = secret["plaintext_value"]
    assert value.endswith(".token_value}")
    assert list(faults_of("staging", made, (), {})) == []
    (principal,) = made["resource"]["databricks_service_principal"].values()
    principal["display_name"] = value
    (fault,) = faults_of("staging", made, (), {})
    assert fault.key.endswith(".display_name")


def of_the_reader(folder: Path, resources: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The stack of target staging, from a databricks.yml with these resources."""
    document_ = {
        "bundle": {"name": "fares"},
        "resources": resources,
        "targets": {"staging": {}, "test": {}, "prod": {"mode": "production"}},
        **more,
    }
    text = yaml.safe_dump(document_, default_style='"')
    for value in ("true", "1"):
        text = text.replace(f'!!bool "{value}"', value).replace(f'!!int "{value}"', value)
    write_project(folder, {"databricks.yml": text}, only=True)
    made: dict[str, Any] = synthesize(folder, project_config())["bundle-staging"]
    return made


def job(**changes: Any) -> dict[str, Any]:
    return {"jobs": {"a": {"name": "a"}, "b": {"name": "b", **changes}}}


def test_what_is_no_reference_for_the_reader_is_text(tmp_path: Path) -> None:
    plain = [text for text in HOSTILE if text and "${var." not in text]
    tags = {text: text for text in plain} | {"id": "job ${resources.jobs.a.id} of ${bundle.name}"}
    stack = of_the_reader(tmp_path, job(tags=tags))
    found = {"tags": stack["resource"]["databricks_job"]["b"]["tags"]}
    arrived = evaluated(tmp_path / "terraform", found)["tags"]
    assert arrived.pop("id") == f"job {REFERENCE} of fares"
    assert arrived == {as_terraform_keeps_it(text): as_terraform_keeps_it(text) for text in plain}


def test_the_placeholder_of_the_deployer_stays_in_keys_and_files_and_is_the_deployer_elsewhere(tmp_path: Path) -> None:
    name = f"{PLACEHOLDER_PRINCIPAL} $"
    texts = {"name": f"${PLACEHOLDER_PRINCIPAL}$", "tags": {name: f"%{PLACEHOLDER_PRINCIPAL}{{", "${x}": name}}
    write_project(tmp_path, {f"{PLACEHOLDER_PRINCIPAL}.py": "print(1)\n"}, only=True)
    stack = of_the_reader(tmp_path, job(**texts))
    body = stack["resource"]["databricks_job"]["b"]
    arrived = evaluated(tmp_path / "terraform", {"name": body["name"], "tags": body["tags"]})
    assert arrived == {
        "name": f"${REFERENCE}$",
        "tags": {name: f"%{REFERENCE}{{", "${x}": f"{REFERENCE} $"},
    }
    files = [file["path"] for file in stack["resource"]["databricks_workspace_file"].values()]
    assert any(path.endswith(f"/files/{PLACEHOLDER_PRINCIPAL}.py") for path in files)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a resource that there is not": (
        job(name="${resources.jobs.c.id}"),
        {},
        "ml/databricks.yml:8:15: resources.jobs.b.name\n  found    resources.jobs.c, which the bundle does not have",
    ),
    "a resource as a whole": (
        job(name="${resources.jobs.a}"),
        {},
        "ml/databricks.yml:8:15: resources.jobs.b.name\n  found    resources.jobs.a, which names no attribute\n"
        "  allowed  an attribute of a resource, such as its id\n"
        "  to do    write ${resources.jobs.a.id}, or another attribute",
    ),
    "an attribute that is a number to cdktf": (
        job(name="${resources.jobs.a.id-82e297}"),
        {},
        "resources.jobs.a.id-82e297, which names no attribute",
    ),
    "a key that is a number to cdktf": (
        {"jobs": {"a-82e297": {"name": "a"}}},
        {},
        "resources.jobs.a-82e297\n  found    a-82e297\n  allowed  letters, digits, _ and -",
    ),
    "a key that is a template": (
        {"jobs": {"${x}": {"name": "a"}}},
        {},
        "found    ${x}\n  allowed  letters, digits, _ and -",
    ),
    "a variable that there is not": (job(name="${var.x}"), {}, "reference does not exist: ${var.x}"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_text_is_refused_with_its_place(what: str, tmp_path: Path) -> None:
    resources, more, said = REFUSED[what]
    with pytest.raises(FaultsError) as refused:
        of_the_reader(tmp_path, resources, **more)
    assert said in str(refused.value)


@pytest.mark.parametrize("target", ["a/../staging", "..", "a b", "${x}", "-82e297", "x-82e297", "a:b", "a\nb", "é", ""])
def test_a_target_whose_name_would_lead_elsewhere_is_refused(target: str, tmp_path: Path) -> None:
    write_project(tmp_path, {"databricks.yml": BUNDLE.replace("  dev:\n", f"  {json.dumps(target)}:\n")})
    with pytest.raises(FaultsError, match=r"letters, digits, _, - and \."):
        loaded(tmp_path, project_config(), MLOPS_DEPLOYER="jane.doe@example.com")


def test_infinity_is_refused_with_its_place(tmp_path: Path) -> None:
    odd = replace(
        loaded_bundle(tmp_path), resources=(Resource("jobs", "j", MappingProxyType({"x": (1.0, float("inf"))}), None),)
    )
    (fault,) = undeployable(odd, code="upload", place=lambda path: Position(path, 3, 4))
    assert (fault.file, fault.found) == ("resources.jobs.j.x[1]", "infinity, or no number at all")


def test_loops_in_loops_are_refused_before_they_are_too_deep_for_cdktf(tmp_path: Path) -> None:
    task: dict[str, Any] = {"task_key": "a", "notebook_task": {"notebook_path": "/Shared/x"}}
    for _ in range(60):
        task = {"task_key": "a", "for_each_task": {"inputs": "[]", "task": task}}
    with pytest.raises(FaultsError, match="begins level 101: the limit is 100 levels of nesting"):
        of_the_reader(tmp_path, job(tasks=[task]))


def test_a_file_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    (project / "training/\udcff.py").write_text("print(1)\n", encoding="utf-8")
    with pytest.raises(FaultsError, match=r"a file whose name is not UTF-8: b'training/\\xff\.py'"):
        loaded(tmp_path, project_config())


def loaded_bundle(folder: Path) -> ResolvedBundle:
    write_project(folder)
    return loaded(folder, project_config()).bundles[0].resolved


HOSTILE_TAGS = """\
resources:
  jobs:
    evil:
      name: evil
      tags: {'${file("/etc/hostname")}': x}
"""


def run_main(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """main.py in this process, on the mlops.yaml of a folder."""
    for name, value in (("MLOPS_CONFIG", str(folder / "mlops.yaml")), ("CDKTF_OUTDIR", str(folder / "out"))):
        monkeypatch.setenv(name, value)
    runpy.run_path(str(Path(__file__).parents[1] / "main.py"), run_name="__main__")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").rglob("*") if path.name in ("manifest.json", "cdk.tf.json"))


def test_without_the_border_synthesis_stops_and_leaves_nothing_to_deploy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(tmp_path, {"assets/evil.yml": HOSTILE_TAGS})
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    run_main(tmp_path, monkeypatch)
    assert left(tmp_path) == ["cdk.tf.json"] * 6 + ["manifest.json"]
    monkeypatch.setattr("terraform_text._OPENING", re.compile(r"(?!)"))
    with pytest.raises(SystemExit) as stopped:
        run_main(tmp_path, monkeypatch)
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert "ml/assets/evil.yml:4:7: bundle-staging: resource.databricks_job.evil.tags." in said
    assert "6 faults; nothing was changed." in said
    assert left(tmp_path) == []


def test_what_a_broken_synthesis_has_written_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlops.yaml").write_text(json.dumps(config()), encoding="utf-8")

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("stacks.synthesis.keep_private", broken)
    with pytest.raises(RuntimeError, match="broken"):
        run_main(tmp_path, monkeypatch)
    assert left(tmp_path) == []


def test_hcl_which_cannot_be_checked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlops.yaml").write_text(json.dumps(config()), encoding="utf-8")
    run_main(tmp_path, monkeypatch)
    (tmp_path / "out/stacks/staging/cdk.tf.json").unlink()
    with pytest.raises(FaultsError, match="synthesize without --hcl"):
        check_expressions(tmp_path / "out", {"staging": Anything()}, loaded(tmp_path, config()))


@dataclass
class Anything:
    """A stack without expressions."""

    expressions: frozenset[str] = frozenset()
