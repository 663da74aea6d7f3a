"""Input that never ends does: each limit is named in the message, and nothing takes seconds or hundreds of megabytes.

Sparse files and repeated text make the inputs, so that the tests themselves stay small.
"""

# The tables of inputs are easier to look through when they are wide.
# ruff: noqa: E501

import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from bundle import Identity, Severity, limits, resolve
from bundle.limits import Limit
from bundle.yaml_source import Position
from checks.check import UncheckableError
from checks.workflows import workflows
from settings import load
from settings.deployability import undeployable
from settings.faults import FaultsError
from tests.ml_project import project_config, write_project

USER = Identity.user("jane.doe@example.com")
SECONDS = 4.0  # of the processor; other tests have the machine as well
MEGABYTES = 500
HEAD = "bundle: {name: b}\ntargets: {t: {}}\n"


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No case takes long or much."""
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - start < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEGABYTES


def errors(root: Path) -> str:
    found = resolve(root, target="t", identity=USER, confined=True)
    return "\n".join(f"{one.summary} {one.detail}" for one in found.diagnostics if one.severity is Severity.ERROR)


def variables(texts: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"variables": {name: {"default": text} for name, text in texts.items()}})


def complex_variables(trees: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump(
        {"variables": {name: {"type": "complex", "default": tree} for name, tree in trees.items()}}
    )


LAUGHS = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(12))
MERGES = "".join(
    f"m{n}: &m{n} {{x{n}: 1, {', '.join(f'k{i}: *m{n - 1}' for i in range(9)) if n else 'y: 1'}}}\n" for n in range(12)
)
DEEP_ALIASES = "".join(f"a{n}: &a{n} [*a{n - 1}]\n" if n else "a0: &a0 [x]\n" for n in range(5000))

# A databricks.yml, and the limit or the words that the error names.
ENTRIES: dict[str, tuple[Callable[[], str], str | Limit]] = {
    "fifty_megabytes": (lambda: HEAD + "#" * 50_000_000, limits.YAML_BYTES),
    "a_hundred_thousand_jobs": (lambda: HEAD + "resources: {jobs: {" + ", ".join(f"j{n}: {{}}" for n in range(100_000)) + "}}\n", limits.VALUES),
    "six_thousand_jobs": (lambda: HEAD + "resources: {jobs: {" + ", ".join(f"j{n}: {{}}" for n in range(6000)) + "}}\n", limits.RESOURCES),
    "jobs_spread_over_kinds": (lambda: HEAD + "resources:\n" + "".join(f"  {kind}: {{" + ", ".join(f"{kind}{n}: {{}}" for n in range(2600)) + "}\n" for kind in ("jobs", "schemas")), limits.RESOURCES),
    "jobs_of_a_target": (lambda: "bundle: {name: b}\ntargets: {t: {resources: {jobs: {" + ", ".join(f"j{n}: {{}}" for n in range(6000)) + "}}}}\n", limits.RESOURCES),
    "a_thousand_targets": (lambda: "bundle: {name: b}\ntargets: {" + ", ".join(f"t{n}: {{}}" for n in range(1000)) + "}\n", limits.TARGETS),
    "nested_lists": (lambda: HEAD + "x: " + "[" * 10_000 + "]" * 10_000, limits.DEPTH),
    "nested_lists_without_end": (lambda: HEAD + "x: " + "[" * 200_000, limits.DEPTH),
    "nested_maps": (lambda: HEAD + "x: " + "{a: " * 10_000 + "}" * 10_000, limits.DEPTH),
    "nested_blocks": (lambda: HEAD + "".join(" " * n + "a:\n" for n in range(1500)), limits.DEPTH),
    "nested_dashes": (lambda: HEAD + "x:\n" + "- " * 10_000 + "a\n", limits.DEPTH),
    "nested_questions": (lambda: "? " * 10_000 + "a\n", limits.DEPTH),
    "nested_by_aliases": (lambda: HEAD + DEEP_ALIASES, limits.DEPTH),
    "a_billion_laughs": (lambda: HEAD + LAUGHS, limits.VALUES),
    "a_billion_laughs_by_merges": (lambda: HEAD + MERGES + "z: {<<: *m11}\n", limits.VALUES),
    "an_alias_of_a_long_text": (lambda: HEAD + f"a: &a {'x' * 1_000_000}\nb: [" + ", ".join(["*a"] * 1000) + "]\n", limits.VALUES),
    "a_list_of_everything": (lambda: HEAD + "a: [" + "0," * 210_000 + "]\n", limits.VALUES),
    "doubling_variables": (lambda: variables({f"v{n}": f"${{var.v{n + 1}}}" * 2 for n in range(40)} | {"v40": "x"}), limits.TEXT_CHARACTERS),
    "a_long_variable_everywhere": (lambda: variables({"v": "x" * 500_000} | {f"w{n}": "${var.v}" for n in range(2000)}), limits.EXPANDED),
    "doubling_complex_variables": (lambda: complex_variables({f"v{n}": ["${var.v" + str(n + 1) + "}"] * 9 for n in range(9)} | {"v9": ["x"]}), limits.EXPANDED),
    "a_chain_of_variables": (lambda: variables({f"v{n}": f"${{var.v{n + 1}}}" for n in range(3000)} | {"v3000": "x"}), limits.REFERENCE_CHAIN),
    "a_chain_of_complex_variables": (lambda: complex_variables({f"v{n}": eval("[" * 60 + f"'${{var.v{n + 1}}}'" + "]" * 60) for n in range(5)} | {"v5": ["x"]}), limits.DEPTH),
    "many_permissions_for_many_resources": (lambda: HEAD + "permissions: [" + "{level: CAN_VIEW, group_name: u}," * 2000 + "]\nresources: {jobs: {" + ", ".join(f"j{n}: {{name: x}}" for n in range(2000)) + "}}\n", limits.VALUES),
    "many_tags_for_many_resources": (lambda: HEAD + "presets: {tags: {" + ", ".join(f"t{n}: x" for n in range(2000)) + "}}\nresources: {jobs: {" + ", ".join(f"j{n}: {{name: x}}" for n in range(2000)) + "}}\n", limits.VALUES),
    "a_prefix_without_end": (lambda: HEAD + f"presets: {{name_prefix: {'x' * 100_000}}}\nresources: {{jobs: {{a: {{name: x}}}}}}\n", limits.FOLDER_CHARACTERS),
    "a_folder_without_end": (lambda: HEAD + f"workspace: {{root_path: /{'x' * 100_000}}}\n", limits.FOLDER_CHARACTERS),
    "an_index_without_end": (lambda: variables({"v": f"${{var.w[{'9' * 10_000}]}}", "w": "x"}), "expected a sequence to index"),
    "an_index_beyond_a_list": (lambda: complex_variables({"v": ["${var.w[" + "9" * 10_000 + "]}"], "w": ["x"]}), "index out of bounds"),
    "an_integer_by_tag": (lambda: HEAD + "x: !!int " + "9" * 100_000, "invalid int value"),
    "a_null_as_float": (lambda: HEAD + "x: !!float null\n", "invalid float value"),
    "a_python_object": (lambda: HEAD + "x: !!python/object/apply:os.system [id]\n", ""),
    "a_version_without_end": (lambda: "bundle: {name: b, databricks_cli_version: '" + "1" * 10_000 + ".0.0'}\n", "invalid version constraint"),
    "a_pattern_of_includes_without_end": (lambda: HEAD + f"include: ['{'*a' * 5000}b.yml']\n", ""),
    "a_reference_without_end": (lambda: HEAD + f"x: ${{var.{'a-' * 100_000}\n", ""),
    "a_typo_in_a_reference": (lambda: HEAD + "variables: {a: {default: '${var." + "a" * 60 + " }'}}\n", ""),
    "a_script_without_end": (lambda: HEAD + "scripts: {s: {content: '" + "${" * 200_000 + "'}}\n", ""),
    "a_requirement_without_end": (lambda: HEAD + "resources: {jobs: {j: {environments: [{environment_key: e, spec: {dependencies: ['a" + "==1.0" * 20_000 + "x']}}]}}}\n", ""),
    "a_byte_that_is_no_text": (lambda: HEAD + "x: \udcff", "invalid leading UTF-8 octet"),
    "a_control_character": (lambda: HEAD + "x: a\0b\n", "control characters are not allowed"),
    "half_a_character": (lambda: HEAD + 'x: "\\ud800"\n', "invalid Unicode character escape code"),
    "two_documents": (lambda: f"---\n{HEAD}---\nbundle: 1\n", ""),
    "a_byte_order_mark": (lambda: f"\ufeff{HEAD}", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_a_bundle_beyond_a_limit_is_refused_by_name(name: str, tmp_path: Path) -> None:
    text, expected = ENTRIES[name]
    (tmp_path / "databricks.yml").write_bytes(text().encode("utf-8", "surrogateescape"))
    assert str(expected) in errors(tmp_path)


@pytest.mark.parametrize(
    "number",
    [
        "0x" + "f" * 10_000,
        "9" * 100_000,
        "0b" + "1" * 100_000,
        "1e" + "9" * 1000,
        "-" + "0" * 100_000,
        "1" * 5000 + ".5",
        ".inf",
        "-.inf",
        ".nan",
        "1_0" * 3000,
    ],
)
@pytest.mark.parametrize(
    "field",
    ["max_concurrent_runs: {}", "max_concurrent_runs: '{}'", "timeout_seconds: {}", "name: {}", "tags: {{a: {}}}"],
)
def test_a_number_without_end_is_no_traceback(number: str, field: str, tmp_path: Path) -> None:
    (tmp_path / "databricks.yml").write_text(f"{HEAD}resources: {{jobs: {{j: {{{field.format(number)}}}}}}}\n")
    assert resolve(tmp_path, target="t", identity=USER).target == "t"


@pytest.mark.parametrize("version", ["²", "9" * 10_000, "٣", "-1"])
def test_a_runtime_whose_version_is_odd_is_no_traceback(version: str, tmp_path: Path) -> None:
    task = f"{{task_key: a, new_cluster: {{spark_version: '{version}.x'}}, libraries: [{{whl: ./a.whl}}]}}"
    (tmp_path / "databricks.yml").write_text(f"{HEAD}resources: {{jobs: {{j: {{tasks: [{task}]}}}}}}\n")
    resolve(tmp_path, target="t", identity=USER)


@pytest.mark.parametrize(
    "text",
    ["variables: {v: '${var.x}'}\ntargets: {t: {variables: {v: y}}}", "bundle: '${x}'\ntargets: {t: {mode: development}}",
     "resources: {model_serving_endpoints: {m: {config: {served_models: ['${var.x}']}}}}", "variables: '${x}'", "workspace: '${x}'",
     "'${x}'", "resources: '${x}'", "resources: {jobs: {'a[*b]c': {x: y}}}", "targets: {t: {workspace: {host: 'https://['}}}",
     "resources: {jobs: {j: '${x}'}}", "artifacts: {a: '${x}'}", "targets: {t: '${x}'}", "sync: {paths: '${x}'}", "presets: '${x}'"],
)  # fmt: skip
def test_a_reference_in_the_place_of_a_section_is_no_traceback(text: str, tmp_path: Path) -> None:
    (tmp_path / "databricks.yml").write_text(f"{text}\n")
    resolve(tmp_path, target="t", identity=USER).to_json()


SETTINGS: dict[str, tuple[Callable[[], bytes], str | Limit]] = {
    "fifty_megabytes": (lambda: b"#" * 50_000_000, limits.YAML_BYTES),
    "nested_lists": (lambda: b"[" * 200_000, limits.DEPTH),
    "nested_maps": (lambda: b"{a: " * 10_000, limits.DEPTH),
    "nested_by_aliases": (lambda: DEEP_ALIASES.encode(), limits.DEPTH),
    "a_billion_laughs": (lambda: LAUGHS.encode(), limits.VALUES),
    "bytes": (lambda: b"\xff\xfe\x00", "UTF-8"),
    "nul": (lambda: b"project: a\0b", "not YAML"),
    "half_a_character": (lambda: b'project: "\\ud800"', "not YAML"),
    "a_map_as_cloud": (lambda: b"cloud: {a: b}", "faults"),
    "a_list_as_environments": (lambda: b"environments: [[a]]\nstate: 1", "faults"),
    "a_number_without_end": (lambda: b"project: " + b"9" * 10_000, "faults"),
    "a_python_object": (lambda: b"!!python/object/apply:os.system [id]", "a list"),
    "a_path_without_end": (lambda: json.dumps(project_config(ml_project={"path": "a" * 5000})).encode(), "where no databricks.yml is"),
    "a_path_with_nul": (lambda: json.dumps(project_config(ml_project={"path": "a\0b"})).encode(), "where no databricks.yml is"),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_beyond_a_limit_are_refused_by_name(name: str, tmp_path: Path) -> None:
    text, expected = SETTINGS[name]
    (tmp_path / "mlops.yaml").write_bytes(text())
    with pytest.raises(FaultsError) as caught:
        load(folder=tmp_path, environ={})
    assert str(expected) in str(caught.value)


@pytest.mark.parametrize("config", ["/dev/zero", "/proc/self/mem", ".", "a" * 5000, "a\0b"])
def test_settings_that_are_no_file_are_refused(config: str, tmp_path: Path) -> None:
    with pytest.raises(FaultsError):
        load(folder=tmp_path, environ={"MLOPS_CONFIG": config})


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "x", "2026-01-31"])
def test_a_clock_that_is_out_of_reach_is_refused(moment: str, tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="a date and time with its offset"):
        load(folder=tmp_path, environ={"MLOPS_NOW": moment})


def test_a_file_that_the_service_refuses_is_a_fault_with_its_name_and_size(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"data/fits.csv": "", "data/large.csv": ""})
    with (root / "data/fits.csv").open("r+b") as file:
        file.truncate(10_485_760)
    with (root / "data/large.csv").open("r+b") as file:
        file.truncate(10_485_761)
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()))
    with pytest.raises(FaultsError) as caught:
        load(folder=tmp_path, environ={})
    assert "data/large.csv has 10,485,761 bytes: the limit is 10,485,760 bytes in a file" in str(caught.value)
    assert "sync.exclude" in str(caught.value)
    assert "fits" not in str(caught.value)
    write_project(tmp_path, {"databricks.yml": (root / "databricks.yml").read_text() + "sync: {exclude: [data/*]}\n"})
    load(folder=tmp_path, environ={})


def test_code_that_jobs_take_from_git_may_have_any_size(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"data/large.csv": ""})
    with (root / "data/large.csv").open("r+b") as file:
        file.truncate(20_000_000)
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert not [
        fault for fault in undeployable(found, code="git", place=lambda _: Position("", 0, 0)) if "large" in fault.found
    ]


def test_ten_thousand_files_are_read_and_more_than_can_be_uploaded_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path, {".gitignore": "*.pyc\n__pycache__/\n.venv\n"})
    for number in range(10_000):
        folder = root / f"data/d{number // 500}"
        if not number % 500:
            folder.mkdir(parents=True)
        (folder / f"f{number}").touch()
    found = resolve(root, target="staging", identity=USER, confined=True)
    assert found.ok, found.diagnostics
    assert len(found.files) > 10_000
    few = Limit(5_000, limits.UPLOADED_FILES.unit, limits.UPLOADED_FILES.remedy)
    monkeypatch.setattr("settings.deployability.UPLOADED_FILES", few)
    faults = [fault.found for fault in undeployable(found, code="upload", place=lambda _: Position("", 0, 0))]
    assert any(str(few) in fault for fault in faults)
    for name in ("WALKED", "LISTED_FILES"):
        with monkeypatch.context() as patch:
            patch.setattr(f"bundle.file_set.{name}", few)
            assert str(few) in errors_of(root)


def errors_of(root: Path) -> str:
    found = resolve(root, target="staging", identity=USER, confined=True)
    return "\n".join(f"{one.summary} {one.detail}" for one in found.diagnostics if one.severity is Severity.ERROR)


@pytest.mark.parametrize(
    ("line", "refused"),
    [("(a+)+b", False), ("**a*a*a*a*a*b", False), ("*a" * 500 + "b", False), ("((a{100}){100}){100}", False), ("a{1000}{1000}", False),
     ("(a|b|ab)*(c|d)*" * 50, False), ("*" * 1000, False), ("x/*" * 1000, False), ("a" * 100_000, False), ("\0", False),
     ("\n".join(f"*a{n}*b*c" for n in range(6000)), True)],
)  # fmt: skip
def test_ignore_files_are_matched_in_bounded_time(line: str, refused: bool, tmp_path: Path) -> None:
    root = write_project(tmp_path, {".gitignore": f"{line}\n", "a" * 200: "", "a/" * 20 + "x": ""})
    assert bool(errors_of(root)) is refused


def test_an_ignore_file_without_end_is_refused(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / ".gitignore").symlink_to("/dev/zero")
    assert ".gitignore is a symbolic link to /dev/zero" in errors_of(root)


def test_patterns_of_sync_times_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.sizes.MATCHES", Limit(100, limits.MATCHES.unit, limits.MATCHES.remedy))
    root = write_project(tmp_path, {f"f{n}": "" for n in range(20)})
    text = (root / "databricks.yml").read_text()
    (root / "databricks.yml").write_text(text + "sync: {exclude: [" + ", ".join(f"'*{n}'" for n in range(20)) + "]}\n")
    assert "pairs of a pattern and a file" in errors_of(root)


def test_globs_look_through_no_more_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.includes.WALKED", Limit(1000, limits.WALKED.unit, limits.WALKED.remedy))
    (tmp_path / "databricks.yml").write_text(HEAD + "include: ['*/*/*/*/*/*.yml']\n")
    for number in range(10):
        (tmp_path / f"again{number}").symlink_to(".")
    assert "files and folders to look through" in errors(tmp_path)


def test_includes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.includes.INCLUDES", Limit(5, limits.INCLUDES.unit, limits.INCLUDES.remedy))
    (tmp_path / "databricks.yml").write_text(HEAD + "include: ['*.yml']\n")
    for number in range(6):
        (tmp_path / f"{number}.yml").touch()
    assert "names 6 files: the limit is 5 included files" in errors(tmp_path)


def test_values_of_all_files_count_together(tmp_path: Path) -> None:
    (tmp_path / "databricks.yml").write_text(HEAD + "include: ['*.yml']\n")
    for number in range(3):
        (tmp_path / f"{number}.yml").write_text("x: [" + "0," * 40_000 + "]\n")
    assert str(limits.VALUES) in errors(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        "{" * 10,
        '{"cells": [], "metadata": {}, "nbformat": "x"}',
        "9" * 10_000,
        '"\\ud800"',
        "",
        "\ufeff{}",
    ],
)
def test_a_jupyter_notebook_that_is_none_is_an_error(content: str, tmp_path: Path) -> None:
    root = write_project(tmp_path, {"training/Check.ipynb": content})
    assert "unable to determine if" in errors_of(root)


@pytest.mark.parametrize(
    "content", ["[" * 100_000, '{"a": ' * 2000, "{", "[]", "9" * 10_000, '{"a": "\\ud800"}', "\xff"]
)
def test_overrides_of_variables_that_are_none_are_an_error(content: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    file = root / ".databricks/bundle/staging/variable-overrides.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content.encode("latin-1"))
    assert errors_of(root)


@pytest.mark.parametrize("text", ["[" * 100_000, LAUGHS, "x: " + "{a: " * 5000, "#" * 3_000_000])
def test_a_workflow_beyond_a_limit_cannot_be_checked(text: str, tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "x.yml").write_text(text)
    project: Any = SimpleNamespace(folder=tmp_path, worktree=tmp_path)
    with pytest.raises(UncheckableError, match="the limit is"):
        workflows(project)


def test_targets_are_found_in_scripts_of_any_length(tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    script = "databricks bundle validate; " * 20_000 + "databricks bundle deploy -t prod"
    jobs = {
        "a": {
            "steps": [
                {"run": script},
                {"run": "databricks bundle validate; x -t no\ndatabricks  bundle deploy --target=test"},
            ]
        }
    }
    (folder / "x.yml").write_text(json.dumps({"on": "push", "jobs": jobs}))
    project: Any = SimpleNamespace(folder=tmp_path, worktree=tmp_path)
    (found,) = workflows(project)
    assert [deployment.target for deployment in found.deployments()] == ["prod", "test"]


def test_every_limit_says_what_to_do() -> None:
    named = [limit for limit in vars(limits).values() if isinstance(limit, Limit)]
    assert len(named) > 15
    for limit in named:
        refusal = limit.refusal("something")
        assert f"{limit.most:,}" in str(refusal)
        assert refusal.remedy
