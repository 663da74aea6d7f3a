"""What bench.fuzz feeds: sound settings and bundles, and the ways to spoil them. The same seed, the same input."""

# The tables of hostile values are easier to look through when they are wide.
# ruff: noqa: E501

import copy
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MLOPS: dict[str, Any] = {
    "project": "fares",
    "cloud": "aws",
    "account": {"id": "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11", "host": "https://accounts.cloud.databricks.com"},
    "github": {
        "owner": "acme",
        "repository": "fares",
        "actions": {"allowed": "selected", "patterns": ["acme/*"]},
        "required_checks": ["unit_tests"],
        "other_secrets": ["WORKFLOW_TOKEN"],
        "secret_scope": "environment",
    },
    "state": {"type": "s3", "config": {"bucket": "b", "key": "k/{stack}", "region": "eu-west-1"}},
    "ml_project": {"path": "ml", "code": "upload", "git_metadata": "none"},
    "adopt": {"staging": {"databricks_service_principal.ci": "4711"}},
    "environments": {
        "staging": {
            "host": "https://acme-staging.cloud.databricks.com",
            "targets": ["staging", "test"],
            "token": {"lifetime_days": 90, "rotation_days": 30, "generation": 2},
            "entitlements": {"allow_cluster_create": True},
            "catalogs": {
                "staging": {"schema": "fares", "may_create_schemas": True},
                "test": {"schema": "fares", "create": True, "may_create_schemas": True},
            },
            "input_tables": ["staging.raw.trips", "a.b.c"],
        },
        "prod": {
            "host": "https://acme-prod.cloud.databricks.com",
            "branch": "release",
            "secret": "PROD_TOKEN",
            "catalogs": {"prod": {"schemas": ["fares"], "may_create_schemas": True}},
            "input_tables": ["a.b.c"],
        },
    },
}

ENTRY: dict[str, Any] = {
    "bundle": {"name": "fares", "databricks_cli_version": ">= 0.200.0, <= 0.300.0"},
    "include": ["conf/*.yml"],
    "sync": {"paths": ["."], "include": ["data/*.csv"], "exclude": ["*.tmp", "!keep.tmp"]},
    "variables": {
        "catalog": {"default": "${bundle.target}"},
        "name": {"default": "${var.catalog}-${bundle.name}"},
        "cluster": {"type": "complex", "default": {"num_workers": 2, "spark_version": "15.4.x", "node_type_id": "i3"}},
    },
    "permissions": [{"level": "CAN_VIEW", "group_name": "users"}],
    "targets": {
        "staging": {"workspace": {"host": "https://acme-staging.cloud.databricks.com"}, "default": True},
        "test": {"mode": "development", "presets": {"name_prefix": "[dev ${workspace.current_user.short_name}] ", "tags": {"a": "b"}},
                 "workspace": {"host": "https://acme-staging.cloud.databricks.com"}},
        "prod": {"mode": "production",
                 "workspace": {"host": "https://acme-prod.cloud.databricks.com", "root_path": "/Shared/${bundle.name}"},
                 "variables": {"name": "p"}, "resources": {"jobs": {"train": {"name": "t"}}}},
    },
}  # fmt: skip

CONF: dict[str, Any] = {
    "resources": {
        "jobs": {
            "train": {
                "name": "${var.name}-train",
                "tags": {"x": "y"},
                "schedule": {"quartz_cron_expression": "0 0 9 * * ?", "timezone_id": "UTC"},
                "job_clusters": [{"job_cluster_key": "main", "new_cluster": "${var.cluster}"}],
                "environments": [
                    {"environment_key": "e", "spec": {"dependencies": ["pandas==2.1.0", "-r ../requirements.txt"]}}
                ],
                "tasks": [
                    {"task_key": "a", "job_cluster_key": "main", "notebook_task": {"notebook_path": "../nb.py"},
                     "libraries": [{"pypi": {"package": "x"}}]},
                    {"task_key": "b", "existing_cluster_id": "c-1",
                     "spark_python_task": {"python_file": "../src/run.py"}, "depends_on": [{"task_key": "a"}]},
                    {"task_key": "c", "for_each_task": {"inputs": "[1]", "task": {
                        "task_key": "d", "notebook_task": {"notebook_path": "../nb2.ipynb"}}}},
                ],
            },
            "again": {"tasks": [{"task_key": "t", "run_job_task": {"job_id": "${resources.jobs.train.id}"}}]},
        },
        "experiments": {"e": {"name": "/Users/${workspace.current_user.userName}/e"}},
        "registered_models": {"m": {"name": "m", "catalog_name": "${var.catalog}", "schema_name": "fares",
                                    "grants": [{"principal": "users", "privileges": ["EXECUTE"]}]}},
        "schemas": {"s": {"catalog_name": "${var.catalog}", "name": "s"}},
        "volumes": {"v": {"catalog_name": "${var.catalog}", "schema_name": "s", "name": "v"}},
        "pipelines": {"p": {"name": "p", "libraries": [{"notebook": {"path": "../n*.py"}}], "continuous": True,
                            "clusters": [{"label": "default", "num_workers": 1}]}},
        "quality_monitors": {"q": {"table_name": "a.b.c", "output_schema_name": "${var.catalog}.fares", "assets_dir": "/x",
                                   "snapshot": {}, "schedule": {"quartz_cron_expression": "x"}}},
        "models": {"l": {"name": "l"}},
    },
    "artifacts": {"whl": {"type": "whl", "path": "../src", "files": [{"source": "../src/*.py"}]}},
    "scripts": {"echo": {"content": "echo 1"}},
}  # fmt: skip

# What a stack does not deploy, and the command reads.
OTHERS: dict[str, Any] = {
    "variables": {"looked_up": {"lookup": {"cluster": "shared"}}},
    "run_as": {"user_name": "jane@example.com"},
    "resources": {
        "dashboards": {"d": {"display_name": "d", "warehouse_id": "w", "file_path": "../src/d.lvdash.json"}},
        "model_serving_endpoints": {"w": {"name": "w", "config": {"served_models": [{"model_name": "m"}]}}},
        "clusters": {"k": {"num_workers": 0, "spark_version": "9.1.x"}},
        "apps": {"a": {"name": "a", "source_code_path": "../src"}},
        "alerts": {"x": {"display_name": "x", "warehouse_id": "${var.looked_up}"}},
        "sql_warehouses": {"y": {"name": "y", "tags": {"custom_tags": [{"key": "k", "value": "v"}]}}},
        "secret_scopes": {"z": {"name": "z", "permissions": [{"level": "READ", "group_name": "users"}]}},
    },
    "experimental": {"python": {"resources": ["x:y"]}, "scripts": {"preinit": "x"}},
    "python": {"mutators": ["a:b"]},
}  # fmt: skip

NOTEBOOK = "# Databricks notebook source\n"
CODE: dict[str, str] = {
    "nb.py": NOTEBOOK,
    "nb2.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4}',
    "src/run.py": "print(1)\n",
    "src/d.lvdash.json": "{}",
    "requirements.txt": "pandas\n",
    "data/a.csv": "1\n",
    ".gitignore": "*.log\n!keep.log\nbuild/\n**/cache\n",
    "src/.gitignore": "x/*.txt\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/refs/heads/main": "8abca425566663dc2f0e61f2747e868ead9b60b4\n",
    ".git/config": '[remote "origin"]\n\turl = https://x@github.com/acme/fares.git\n',
}

SCALARS: tuple[Any, ...] = (
    None, True, 0, -1, 10**18, 2**63, 1.5, float("inf"), float("nan"), 1e300, "", " ", "~", "null", "yes", "0x1F", "010",
    "1e400", "1" * 5000, "0x" + "f" * 5000, "-" * 3000, " " * 5000, "a" * 100_000, "²", "٣.٣", "\u2028", "\ud7ff", "\x7f",
    "\x1b[31m", "::add-mask::x", "a\nb", "\ufeff", "é", "\U0001f600", "..", "../..", "../../../../../etc", "/etc/passwd",
    "/dev/zero", "/proc/self/environ", "./.git/config", "a\0b", "%00", "file:///etc/passwd", "dbfs:/x", "://", ":x", "x:y",
    "https://[", "https://x:y@z", "http://\u2100.com", "~/x", "${", "${}", "${var.}", "${var.name }", "${var.name}" * 50,
    "${var." + "a-" * 5000, "${var.a[0]}", "${var.a[" + "9" * 5000 + "]}", "${var.cluster}", "${var.cluster.num_workers}",
    "${bundle}", "${workspace}", "${resources}", "${variables}", "${var}", "${resources.jobs.train}", "${resources.x.y.z}",
    "${bundle.target}${bundle.target}", "${variables.name.value}", "$${x}", "%{if}", "${TfToken[TOKEN.0]}", "*", "**",
    "**/*", "[", "[a-", "[]", "*/*/*/*/*", "a" + "*a" * 200 + "b", "(a+)+$", "\\", "!", "#", "-r x", "-e .", "--x=y z",
    "pkg[" + "]==1" * 2000 + "!", "pkg" + "==1.0" * 2000 + "x", "-r ../../../etc/passwd", ">= 0.1.0, < 9.9.9, x", "1.2.3.4",
    "UNPAUSED", "CAN_MANAGE", "IS_OWNER", "development", "production", "2001-01-01", "2001-13-45", "12:30:45", ".inf", "<<", "=",
    "dapi" + "0" * 40, "://" + "a:" * 5000,
)  # fmt: skip
KEYS = (
    "", "<<", "*", "x y", "a.b", "a[0]", "${var.name}", "1", "true", "null", "~", "name", "default", "lookup", "type", "value",
    "resources", "targets", "environments", "variables", "include", "sync", "workspace", "bundle", "artifacts", "presets",
    "run_as", "permissions", "experimental", "python", "git", "mode", "grants", "tasks", "new_cluster", "libraries", "path",
    "\x00", "\ud7ff", "a" * 300, "\n", "-", "?", "compute_id", "cluster_id", "root_path", "files", "source", "build",
)  # fmt: skip
TOKENS = (
    "\t", "\0", "\r", "\ufeff", "\x85", "\u2028", "---\n", "...\n", "%YAML 9.9\n", "&a ", "*a", "<<: *a", "!!int ", "!!float ",
    "!!binary ", "!!python/object:x ", "!!timestamp ", "!!null ", "!!bool ", "!!merge ", "!x ", "? ", "- ", ": ", "{", "}", "[",
    "]", ",", "|", ">", "|9", "'", '"', "#", "@", "`", '"\\ud800"', '"\\x00"', "!!float null", "!!int x", "${", "}", "0" * 5000,
    "[" * 200, "{a: " * 200, "- " * 200, "? " * 200, "\n" * 100, "é", "&a [*a]", "x: &a [1]\ny: *a\n",
)  # fmt: skip
LINES = (
    "(a+)+b", "**a*a*a*a*a*b", "a" * 5000, "*" * 500, "[", "]", "(", ")", "{1000}", "((a{100}){100}){100}", "\\", "\\p{L}", "!", "#",
    "/**/", "a/**/b", "!**", "x/*.y", "(?i)x", "^$", "$^", "|", "a|b", "[[:alpha:]]", "[^]", "a++", "\x00", "/", "//", "**",
)  # fmt: skip


def _sites(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value below the top."""
    found: list[tuple[Any, ...]] = [path] if path else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += _sites(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += _sites(value, (*path, index))
    return found


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def _hostile(rng: random.Random, data: Any) -> Any:
    """A value that stands somewhere it should not."""
    kind = rng.randrange(8)
    if kind < 5:
        return rng.choice(SCALARS)
    if kind == 5:
        return copy.deepcopy(_at(data, rng.choice(_sites(data))))
    if kind == 6:
        return [rng.choice(SCALARS) for _ in range(rng.randrange(4))]
    return {rng.choice(KEYS): rng.choice(SCALARS) for _ in range(rng.randrange(4))}


def spoil_structure(rng: random.Random, data: Any) -> Any:
    """One change to a tree."""
    sites = _sites(data)
    if not sites:
        return _hostile(rng, {"a": 1})
    path = rng.choice(sites)
    holder, step = _at(data, path[:-1]), path[-1]
    act = rng.randrange(7)
    if act <= 2:
        holder[step] = _hostile(rng, data)
    elif act == 3:
        del holder[step]
    elif act == 4 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = holder.pop(step)
    elif act == 5 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = _hostile(rng, data)
    elif isinstance(holder, list):
        holder += [copy.deepcopy(holder[step])] * rng.choice((1, 3, 50))
    else:
        depth = rng.choice((1, 3, 120))
        inner = holder[step]
        for _ in range(depth):
            inner = [inner] if act == 6 else {"x": inner}
        holder[step] = inner
    return data


def spoil_text(rng: random.Random, text: str) -> bytes:
    """Some changes to a text, down to its bytes."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice((1, 1, 5, 40, 400)))
        act = rng.randrange(4)
        if act == 0:
            text = text[:at] + text[end:]
        elif act == 1:
            text = text[:at] + text[at:end] * rng.choice((2, 2, 30)) + text[end:]
        else:
            text = text[:at] + rng.choice(TOKENS) + text[at if act == 2 else end :]
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.2:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + rng.randrange(2) :]
    if rng.random() < 0.02:
        data = data.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-32", "utf-8-sig")))
    return data


def dumped(data: Any) -> str:
    """YAML of a tree, whatever is in it."""
    return str(yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))


def spoilt(rng: random.Random, data: Any) -> bytes:
    """A tree as a file, changed in structure, in text, or in both."""
    data = copy.deepcopy(data)
    way = rng.randrange(3)
    if way < 2:
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = spoil_structure(rng, data)
    text = dumped(data)
    return spoil_text(rng, text) if way > 0 else text.encode("utf-8", "surrogatepass")


def write(root: Path, files: dict[str, bytes]) -> None:
    """Files below a folder."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@cache
def _configuration() -> dict[str, bytes]:
    return {"databricks.yml": dumped(ENTRY).encode(), "conf/all.yml": dumped(CONF).encode()}


def sound_project() -> dict[str, bytes]:
    """The files of a bundle that nothing is wrong with."""
    return {**{name: text.encode() for name, text in CODE.items()}, **_configuration()}


def spoil_project(rng: random.Random, root: Path) -> None:
    """Writes a bundle with something wrong in its configuration, its files, or both."""
    files = sound_project()
    way = rng.randrange(4)
    if way != 1:
        files["databricks.yml"] = spoilt(rng, ENTRY)
    if way != 0:
        files["conf/all.yml"] = spoilt(rng, CONF)
    if rng.random() < 0.3:
        files["conf/others.yml"] = spoilt(rng, OTHERS)
    if rng.random() < 0.2:
        files["conf/more.job.yml"] = spoilt(rng, {"resources": {"jobs": {"more": {"name": "m"}}}})
    if rng.random() < 0.3:
        name = rng.choice((".gitignore", "src/.gitignore"))
        files[name] = "\n".join(rng.choice(LINES) for _ in range(rng.choice((1, 3, 30)))).encode()
    if rng.random() < 0.15:
        name = rng.choice(
            (".git/HEAD", ".git/config", ".git/refs/heads/main", "nb2.ipynb", "src/d.lvdash.json", "nb.py")
        )
        files[name] = spoil_text(rng, files[name].decode())
    write(root, files)
    if rng.random() < 0.3:
        _spoil_tree(rng, root)


def _spoil_tree(rng: random.Random, root: Path) -> None:
    """Links, pipes, odd names, things that are gone."""
    victim = root / rng.choice(
        ("databricks.yml", "conf/all.yml", "conf", "src", "nb.py", "nb2.ipynb", ".gitignore", "data", ".git", ".git/HEAD",
         ".git/config", "src/d.lvdash.json", "requirements.txt", "new", "conf/new.yml", "data/new.csv")
    )  # fmt: skip
    if victim.exists():
        victim.rename(root / "moved")
    act = rng.randrange(6)
    if not victim.parent.is_dir():
        return
    if act <= 2:
        victim.symlink_to(
            rng.choice(("moved", "/etc/passwd", "/dev/zero", "/proc/self/environ", "..", ".", victim.name, "nowhere", "/",
                        "../mlops.yaml", "a" * 255))
        )  # fmt: skip
    elif act == 3:
        os.mkfifo(victim)
    elif act == 4:
        victim.mkdir()
    else:
        name = rng.choice(
            (b"a\nb.py", b"\xff\xfe.py", b"x" * 255, b"\x1b[31m.py", b"*.yml", b"[.yml", b"${x}.py", b"%s")
        )
        (root / os.fsdecode(name)).write_bytes(NOTEBOOK.encode())
