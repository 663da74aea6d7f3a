"""What a resolved bundle offers, and the rules that the vectors and the broken bundles do not show."""

import ast
import json
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bundle import Git, Identity, ResolvedBundle, resolve
from bundle.__main__ import main
from bundle.derive import TYPES_FILE, text
from bundle.facts import read_git

USER = Identity.user("jane.doe@example.com")
NOTEBOOK = "# Databricks notebook source\n"
ROOT = Path(__file__).parents[3]


def write(folder: Path, **files: str) -> Path:
    """Files by name; two underscores stand for a slash, and the entry file is called `entry`."""
    for name, content in files.items():
        file = folder / ("databricks.yml" if name == "entry" else name.replace("__", "/"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def job_of(resolved: ResolvedBundle, key: str = "j") -> dict[str, object]:
    assert resolved.ok, list(map(str, resolved.diagnostics))
    return dict(next(one for one in resolved.of("jobs") if one.key == key).settings)


def tags_of(folder: Path, scalars: dict[str, str]) -> dict[str, object]:
    lines = "".join(f"        {name}: {scalar}\n" for name, scalar in scalars.items())
    write(folder, entry=f"bundle: {{name: b}}\nresources:\n  jobs:\n    j:\n      tags:\n{lines}")
    tags = job_of(resolve(folder, identity=USER, git=Git()))["tags"]
    return dict(tags)  # type: ignore[call-overload, no-any-return]


def test_scalars_mean_what_they_mean_to_the_cli(tmp_path: Path) -> None:
    written = {
        "octal": "010",
        "new_octal": "0o17",
        "hex": "0x1F",
        "grouped": "1_000",
        "date": "2016-02-06",
        "moment": "2001-12-14t21:59:43.10-05:00",
        "no_date": "2016-13-45",
        "yes": "yes",
        "flag": "True",
        "float": "1.50",
        "exponent": "1e3",
        "time": "1:30",
        "quoted": '"007"',
        "huge": "99999999999999999999",
    }
    assert tags_of(tmp_path, written) == {
        "octal": "10",
        "new_octal": "15",
        "hex": "31",
        "grouped": "1000",
        "date": "2016-02-06",
        "moment": "2001-12-14t21:59:43.10-05:00",
        "no_date": "2016-13-45",
        "yes": "yes",
        "flag": "true",
        "float": "1.5",
        "exponent": "1000",
        "time": "1:30",
        "quoted": "007",
        "huge": "100000000000000000000",
    }


def test_words_for_yes_are_true_where_a_flag_is_expected(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nresources: {jobs: {j: {queue: {enabled: 'on'}}}}\n")
    assert job_of(resolve(tmp_path, identity=USER))["queue"] == {"enabled": True}


def test_of_merged_aliases_the_later_wins_and_nothing_below_is_merged(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\na: &a {tags: {x: '1', y: '1'}, timeout_seconds: 1}\nb: &b {tags: {x: '2'}}\n"
        "resources: {jobs: {j: {<<: [*a, *b], name: n}}}\n",
    )
    job = job_of(resolve(tmp_path, identity=USER))
    assert (job["tags"], job["timeout_seconds"], job["name"]) == ({"x": "2"}, 1, "n")


def test_anchors_may_stand_under_unknown_keys_without_a_warning(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nshared: &s {a: b}\nresources: {jobs: {j: {tags: *s}}}\n")
    assert resolve(tmp_path, identity=USER).diagnostics == ()


def test_a_deep_key_that_stands_twice_means_the_last_as_for_the_cli(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nresources: {jobs: {j: {tags: {a: x, a: y}}}}\n")
    assert job_of(resolve(tmp_path, identity=USER))["tags"] == {"a": "y"}


def test_a_resource_that_stands_twice_in_one_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nresources:\n  jobs:\n    j: {}\n    j: {}\n")
    resolved = resolve(tmp_path, identity=USER)
    assert not resolved.ok
    assert 'key "j" is already defined at line 4' in resolved.diagnostics[0].summary
    assert resolved.diagnostics[0].position.line == 5


def test_variables_come_from_flags_then_environment_then_file_then_target_then_default(tmp_path: Path) -> None:
    names = ["flag", "environment", "file", "target", "default"]
    declared = "".join(f"  {name}: {{default: default}}\n" for name in names)
    target = "".join(f"      {name}: target\n" for name in names[:4])
    write(tmp_path, entry=f"bundle: {{name: b}}\nvariables:\n{declared}targets:\n  t:\n    variables:\n{target}")
    overrides = tmp_path / ".databricks/bundle/t/variable-overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(dict.fromkeys(names[:3], "file")))
    resolved = resolve(
        tmp_path,
        identity=USER,
        variables={"flag": "flag"},
        environ={"BUNDLE_VAR_flag": "environment", "BUNDLE_VAR_environment": "environment"},
    )
    assert resolved.variables == {name: name for name in names}


def test_a_lookup_stays_a_lookup_and_its_references_stay_in_place(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\nvariables: {p: {lookup: {cluster_policy: 'policy ${bundle.target}'}}}\n"
        "resources: {jobs: {j: {name: 'x ${var.p}'}}}\n",
    )
    resolved = resolve(tmp_path, identity=USER)
    assert resolved.lookups == {"p": {"cluster_policy": "policy default"}}
    assert job_of(resolved)["name"] == "x ${var.p}"
    assert job_of(resolve(tmp_path, identity=USER, variables={"p": "42"}))["name"] == "x 42"


def test_git_facts_are_read_from_the_checkout_without_the_password(tmp_path: Path) -> None:
    bundle = write(tmp_path / "sub", entry="bundle: {name: b}\n")
    git = tmp_path / ".git"
    (git / "refs/heads/feature").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/feature/x\n")
    (git / "refs/heads/feature/x").write_text("a" * 40 + "\n")
    (git / "config").write_text('[remote "origin"]\n\turl = https://me:secret@github.com/acme/x.git\n')
    assert read_git(str(bundle)) == Git(
        origin_url="https://github.com/acme/x.git", branch="feature/x", commit="a" * 40, worktree=str(tmp_path)
    )
    assert resolve(bundle, identity=USER).configuration["bundle"]["git"]["bundle_root_path"] == "sub"


def test_the_sync_set_obeys_gitignore_include_and_exclude(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    bundle = tmp_path / "sub"
    write(tmp_path, **{".gitignore": "*.log\n!keep.log\n/sub/top.txt\nbuild/\n"})
    write(
        bundle,
        entry="bundle: {name: b}\nsync: {include: ['build/a.whl'], exclude: ['*.md']}\n",
        **dict.fromkeys(["a.py", "x.log", "keep.log", "top.txt", "build/a.whl", "build/b.whl", "r.md", "d/k.txt"], ""),
    )
    write(bundle, **{"d/.gitignore": "k.txt\n", ".databricks/state": ""})
    assert resolve(bundle, identity=USER).files == ("a.py", "build/a.whl", "d/.gitignore", "databricks.yml", "keep.log")


def test_sync_paths_may_reach_above_the_bundle(tmp_path: Path) -> None:
    bundle = write(tmp_path / "b", entry="bundle: {name: b}\nsync: {paths: [../common, .]}\n")
    write(tmp_path, common__c="", other__o="")
    resolved = resolve(bundle, identity=USER, git=Git())
    assert resolved.sync_root == tmp_path
    assert resolved.files == ("b/databricks.yml", "common/c")


def test_development_mode_renames_pauses_and_tags(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\ntargets: {d: {mode: development}}\nresources:\n"
        "  jobs: {j: {name: j, schedule: {quartz_cron_expression: x, timezone_id: UTC}}}\n"
        "  registered_models: {m: {name: m, catalog_name: c, schema_name: s}}\n"
        "  experiments: {e: {name: /Shared/e}}\n",
    )
    resolved = resolve(tmp_path, identity=USER)
    job = job_of(resolved)
    assert (job["name"], job["tags"], job["max_concurrent_runs"]) == ("[dev jane_doe] j", {"dev": "jane_doe"}, 4)
    assert job["schedule"] == {"quartz_cron_expression": "x", "timezone_id": "UTC", "pause_status": "PAUSED"}
    names = {resource.kind: resource.settings["name"] for resource in resolved.resources}
    assert (names["registered_models"], names["experiments"]) == ("dev_jane_doe_m", "/Shared/[dev jane_doe] e")


def test_tasks_of_one_key_become_one_and_are_sorted(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\nresources: {jobs: {j: {tasks: [{task_key: b, timeout_seconds: 1}, {task_key: a}]}}}\n"
        "targets: {t: {resources: {jobs: {j: {tasks: [{task_key: b, max_retries: 2}]}}}}}\n",
    )
    assert job_of(resolve(tmp_path, identity=USER))["tasks"] == (
        {"task_key": "a"},
        {"task_key": "b", "timeout_seconds": 1, "max_retries": 2},
    )


def test_a_path_starts_at_the_file_in_which_it_is_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\ninclude: [conf/*.yml]\n",
        **{
            "conf/j.yml": "resources: {jobs: {j: {tasks: [{task_key: t, "
            "notebook_task: {notebook_path: ../src/n.py}}]}}}\n",
            "src/n.py": NOTEBOOK,
        },
    )
    tasks = job_of(resolve(tmp_path, identity=USER))["tasks"]
    folder = "/Workspace/Users/jane.doe@example.com/.bundle/b/default/files"
    assert tasks[0]["notebook_task"]["notebook_path"] == f"{folder}/src/n"  # type: ignore[index]


def test_nothing_of_a_resolved_bundle_can_be_changed(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nresources: {jobs: {j: {tags: {a: b}}}}\n")
    resolved = resolve(tmp_path, identity=USER)
    with pytest.raises(FrozenInstanceError):
        resolved.target = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        resolved.configuration["bundle"]["name"] = "x"
    with pytest.raises(TypeError):
        resolved.resources[0].settings["tags"]["a"] = "x"


def test_every_value_knows_where_it_was_written(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle:\n  name: b\nresources:\n  jobs:\n    j:\n      name: n\n")
    resolved = resolve(tmp_path, identity=USER)
    place = resolved.position("resources.jobs.j.name")
    assert place is not None
    assert (Path(place.file).name, place.line, place.column) == ("databricks.yml", 6, 13)
    assert resolved.resources[0].position is not None
    assert resolved.resources[0].position.line == 6


def test_the_command_prints_json_warnings_and_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, entry="bundle: {name: b}\nfoo: bar\nvariables: {v: {default: '<&>'}}\n")
    arguments = [str(tmp_path), "--service-principal", "b9c7f1de-0000-4000-8000-00000000abcd", "--display-name", "ci"]
    assert main([*arguments, "--git-branch", "main"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "Warning: unknown field: foo\n  in databricks.yml:2:1\n\n"
    assert '"value": "\\u003c\\u0026\\u003e"' in printed.out
    document = json.loads(printed.out)
    assert document["workspace"]["current_user"]["short_name"] == "ci"
    assert document["bundle"]["git"]["branch"] == "main"
    assert main([*arguments, "-t", "nope"]) == 1
    assert "Error: nope: no such target. Available targets: default\n" in capsys.readouterr().err


def test_no_output_without_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--user", "jane@example.com"]) == 1
    assert capsys.readouterr().out == ""


def test_types_are_those_of_the_installed_packages() -> None:
    assert text() == TYPES_FILE.read_text(encoding="utf-8"), "run `python -m bundle.derive`"


def test_the_package_imports_nothing_of_the_app() -> None:
    allowed = {"bundle", "databricks", "pathspec", "safe_text", "yaml", *sys.stdlib_module_names}
    for file in (ROOT / "packages" / "bundle" / "src" / "bundle").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, file


def test_reading_a_bundle_loads_none_of_the_official_packages(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nresources: {jobs: {j: {}}}\n")
    code = (
        "import sys; from bundle import *; "
        f"assert resolve({str(tmp_path)!r}, identity=Identity.user('a@b')).ok; "
        "assert 'databricks' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_sync_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\nsync:\n  paths:\n    - gone\n")
    (found,) = resolve(tmp_path, identity=USER, git=Git()).diagnostics
    assert (found.summary, found.position.line) == ("stat gone: no such file or directory", 4)


def test_the_command_finds_the_bundle_from_within_and_splits_variables_at_commas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, entry="bundle: {name: b}\nvariables: {v: {default: x}, w: {default: x}}\n", sub__a="")
    assert main([str(tmp_path / "sub"), "--user", "jane@example.com", "--no-git", "--var", "v=1,w=2"]) == 0
    variables = json.loads(capsys.readouterr().out)["variables"]
    assert (variables["v"]["value"], variables["w"]["value"]) == ("1", "2")


def test_running_python_is_refused_aloud(tmp_path: Path) -> None:
    write(tmp_path, entry="bundle: {name: b}\npython: {resources: ['a:b']}\n")
    resolved = resolve(tmp_path, identity=USER)
    assert [one.summary for one in resolved.diagnostics] == ["resources and mutators in Python are not run"]


def test_a_cluster_override_from_the_environment_needs_development_mode(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry="bundle: {name: b}\ntargets: {d: {mode: development}, t: {}}\n"
        "resources: {jobs: {j: {tasks: [{task_key: k, existing_cluster_id: a, "
        "notebook_task: {notebook_path: /n}}]}}}\n",
    )
    environ = {"DATABRICKS_CLUSTER_ID": "b"}
    for target, cluster in (("d", "b"), ("t", "a")):
        tasks = job_of(resolve(tmp_path, target=target, identity=USER, environ=environ))["tasks"]
        assert tasks[0]["existing_cluster_id"] == cluster  # type: ignore[index]
