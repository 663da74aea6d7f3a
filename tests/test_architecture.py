"""Imports point one way."""

import ast
import re
from pathlib import Path

import pytest

from sandbox.databricks.routes import ROUTES as DATABRICKS_ROUTES
from sandbox.github.routes import ROUTES as GITHUB_ROUTES

ROOT = Path(__file__).parent.parent
SANDBOX = ROOT / "packages" / "sandbox" / "src" / "sandbox"

# The parts that are packages of their own, by the folder that they are imported from.
PACKAGES = {
    part: ROOT / "packages" / folder / "src"
    for part, folder in {"safe_text": "text", "bundle": "bundle", "sandbox": "sandbox"}.items()
}

# What each part may import of ours. Everything else of ours is forbidden to it.
ARROWS = {
    "safe_text": set(),
    "bundle": {"safe_text"},
    "sandbox": {"safe_text"},
    "unity_catalog": set(),
    "rotation": set(),
    "deployed_kinds": {"unity_catalog"},
    "terraform_text": set(),
    "settings": {"bundle", "deployed_kinds", "rotation", "safe_text", "terraform_text", "unity_catalog"},
    "constructs": {"rotation", "terraform_text", "unity_catalog"},
    "stacks": {
        "bundle",
        "constructs",
        "deployed_kinds",
        "rotation",
        "safe_text",
        "settings",
        "terraform_text",
        "unity_catalog",
    },
    "main": {"safe_text", "settings", "stacks"},
    "checks": {"bundle", "deployed_kinds", "rotation", "safe_text", "settings", "unity_catalog"},
    "demo": {"safe_text", "settings"},
    "bootstrap": set(),
    "diagram": {"safe_text"},
}


def folder_of(part: str) -> Path:
    return PACKAGES.get(part, ROOT) / part


def name_of(path: Path) -> str:
    """The path of a module as it is imported: bundle/entry.py."""
    outer = next((folder for folder in PACKAGES.values() if path.is_relative_to(folder)), ROOT)
    return path.relative_to(outer).as_posix()


def modules() -> list[Path]:
    found = [ROOT / f"{part}.py" for part in ARROWS if (ROOT / f"{part}.py").exists()]
    for part in ARROWS:
        found += sorted((folder_of(part)).rglob("*.py"))
    return found


def imported(path: Path) -> set[str]:
    """Every dotted name that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def ours(name: str) -> str | None:
    """The part of ours that a dotted name belongs to; `constructs.Construct` is PyPI's."""
    head, *rest = name.split(".")
    if head == "constructs":
        return "constructs" if rest and (ROOT / "constructs" / f"{rest[0]}.py").exists() else None
    return head if head in ARROWS else None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    relative = name_of(path)
    part = relative.split("/")[0].removesuffix(".py")
    allowed = ARROWS[part] | {part}
    wrong = {name for name in imported(path) if (target := ours(name)) and target not in allowed}
    assert not wrong, f"{relative} may import {sorted(allowed)} of ours, not {sorted(wrong)}"


@pytest.mark.parametrize("part", ["bundle", "settings", "unity_catalog", "rotation", "sandbox", "checks"])
def test_only_stacks_and_constructs_know_cdktf(part: str) -> None:
    paths = [ROOT / f"{part}.py"] if (ROOT / f"{part}.py").exists() else sorted((folder_of(part)).rglob("*.py"))
    assert paths
    assert not [path for path in paths if any(name.startswith("cdktf") for name in imported(path))]


def test_the_stand_ins_and_the_server_never_import_one_another() -> None:
    for path in (SANDBOX).rglob("*.py"):
        inside = path.is_relative_to(SANDBOX / "standins")
        names = {name for name in imported(path) if name.startswith("sandbox.")}
        if inside:
            assert all(name.startswith("sandbox.standins") for name in names), path
        elif path.parent != SANDBOX:
            assert not any(name.startswith("sandbox.standins") for name in names), path


SERVICES = {"databricks": {"rest", "world"}, "github": {"graphql", "rest", "world"}}
# What the world under a service may import of the sandbox beside itself: no routes, no calls, no answers.
BENEATH = {"sandbox.clock", "sandbox.context", "sandbox.source", "sandbox.store", "sandbox.world"}
STORED = {"all", "delete", "get", "next", "put"}


def layer(service: str, name: str) -> list[Path]:
    found = sorted((SANDBOX / service / name).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_a_table_over_its_layers(service: str) -> None:
    folder = SANDBOX / service
    assert {path.name for path in folder.glob("*.py")} == {"routes.py", "service.py"}
    assert {path.name for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))} == SERVICES[service]


@pytest.mark.parametrize("service", SERVICES)
def test_the_world_under_a_service_knows_no_http(service: str) -> None:
    # Jobs take their code from the sandbox's GitHub.
    below = {f"sandbox.{service}.world", "sandbox.github.world"}
    for path in layer(service, "world"):
        names = {name.rpartition(".")[0] for name in imported(path) if name.startswith("sandbox.")}
        wrong = {name for name in names if name not in BENEATH and not any(name.startswith(one) for one in below)}
        assert not wrong, f"{path.relative_to(ROOT)} must not import {sorted(wrong)}"


@pytest.mark.parametrize("service", SERVICES)
def test_rest_resources_leave_what_is_remembered_to_the_world(service: str) -> None:
    for path in [path for name in SERVICES[service] - {"world"} for path in layer(service, name)]:
        used = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value).endswith("store")
        }
        assert not used & STORED, f"{path.relative_to(ROOT)} reads or writes documents itself"


def test_handlers_are_called_by_the_table_alone() -> None:
    """A module with a handler is a resource; two resources share what lies beneath them or beside them."""
    handlers = {route.handler for route in (*DATABRICKS_ROUTES, *GITHUB_ROUTES)}
    resources = {handler.__module__ for handler in handlers}
    names = {f"{handler.__module__}.{handler.__name__}" for handler in handlers}
    assert len(resources) > 50
    for path in sorted((SANDBOX).rglob("*.py")):
        if path.name != "routes.py":
            wrong = {name for name in imported(path) if {name, name.rpartition(".")[0]} & resources}
            assert not wrong, f"{path.relative_to(ROOT)} must not import {sorted(wrong)}"
        module = ".".join(path.relative_to(SANDBOX.parent).with_suffix("").parts)
        if module in resources:
            called = {
                f"{module}.{node.func.id}"
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & names, path


def test_a_readme_of_the_sandbox_names_every_module() -> None:
    """In the folder itself or in one above it."""
    for path in sorted((SANDBOX).rglob("*.py")):
        # One file per resource type, as the README says; `derive` would name them all.
        if path.parent.parent == SANDBOX / "standins":
            continue
        above = [folder / "README.md" for folder in path.parents if folder.is_relative_to(SANDBOX.parent.parent)]
        texts = [readme.read_text(encoding="utf-8") for readme in above if readme.exists()]
        folder = path.parent.name
        assert any(path.name in text or f"`{path.stem}`" in text for text in texts), f"{folder}/{path.name}"


CHECKS = ROOT / "checks"
COMMANDS = {"preflight", "verify", "audit", "drift"}
# The layers of drift, and what each may import of the others beside the wording of remedies. Commands lie on top.
DRIFT = {"plan": set[str](), "live": {"plan"}, "findings": {"plan"}, "report": {"findings"}}


# What several commands need and takes several modules: a language of others that is read in full.
SHARED = {"workflows"}


def test_a_folder_of_checks_is_a_command() -> None:
    assert {path.name for path in CHECKS.iterdir() if path.is_dir() and any(path.glob("*.py"))} == COMMANDS | SHARED
    assert {path.name for path in (CHECKS / "drift").iterdir() if path.is_dir() and any(path.glob("*.py"))} == {*DRIFT}


@pytest.mark.parametrize("path", sorted(CHECKS.rglob("*.py")), ids=lambda path: str(path.relative_to(CHECKS)))
def test_commands_of_checks_share_what_belongs_to_none_of_them(path: Path) -> None:
    """What several need lies in `checks` itself, which knows no command; cli.py alone starts them."""
    own = path.relative_to(CHECKS).parts[0]
    others = COMMANDS - {own} if own != "cli.py" else set()
    wrong = {name for name in imported(path) if name.startswith("checks.") and name.split(".")[1] in others}
    assert not wrong, f"{path.relative_to(ROOT)} must not import {sorted(wrong)}"


@pytest.mark.parametrize("layer", DRIFT)
def test_drift_goes_from_plans_to_findings_to_reports(layer: str) -> None:
    paths = sorted((CHECKS / "drift" / layer).glob("*.py"))
    assert len(paths) > 1
    for path in paths:
        names = {name.split(".")[2] for name in imported(path) if name.startswith("checks.drift.")}
        wrong = names - DRIFT[layer] - {layer, "remedies"}
        assert not wrong, f"{path.relative_to(ROOT)} must not import {sorted(wrong)} of drift"


@pytest.mark.parametrize("folder", [CHECKS, CHECKS / "drift"], ids=lambda folder: folder.name)
def test_a_readme_of_checks_names_every_module(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    members = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    if folder == CHECKS:
        members = [path for path in members if not path.is_relative_to(CHECKS / "drift")]
    missing = [name for path in members if f"`{(name := path.relative_to(folder).as_posix())}`" not in text]
    assert not missing, f"{folder.name}/README.md does not list {missing}"


@pytest.mark.parametrize(
    "part", ["settings", "stacks", "constructs", "bundle", "safe_text", "demo", "bench", "bootstrap"]
)
def test_a_readme_names_every_module(part: str) -> None:
    for path in sorted(folder_of(part).rglob("*.py")):
        if path.name in ("__init__.py", "__main__.py"):
            continue
        readme = next(folder / "README.md" for folder in path.parents if (folder / "README.md").exists())
        text = readme.read_text(encoding="utf-8")
        assert f"`{path.name}`" in text or (path.parent != readme.parent and f"`{path.stem}`" in text), path


def test_acts_behind_terraform_s_back_see_neither_the_settings_nor_the_stand_ins() -> None:
    modules = sorted((SANDBOX / "tampering").rglob("*.py"))
    assert modules
    for path in modules:
        assert not [
            name for name in imported(path) if name.startswith(("settings", "sandbox.seed", "sandbox.standins"))
        ]


def reads_the_process_environment(path: Path) -> bool:
    """Whether a module uses os.environ or os.getenv."""
    used = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    return bool({"environ", "getenv"} & used or {"os.environ", "os.getenv"} & imported(path))


def test_only_settings_and_commands_read_the_process_environment() -> None:
    readers = {
        name_of(path) for path in modules() if not path.is_relative_to(SANDBOX) and reads_the_process_environment(path)
    }
    assert readers == {
        "settings/loading.py",
        "bootstrap/lock_providers.py",
        "bundle/__main__.py",
        "checks/app_runs.py",  # gives the app the environment that it is to read
        "checks/cli.py",
        "checks/notes.py",
        "demo/job_run.py",
        "demo/token_check.py",
    }


# What writes to a stream that people or GitHub's runner read, and is not safe_text.terminal. Programs read the others.
WRITERS = {
    "safe_text/terminal.py": {"stream.write"},
    "checks/screen.py": {"console.print"},
    "demo/stage.py": {"console.print"},
    "demo/__main__.py": {"console.print"},  # a table of numbers, whose one text is escaped
    "bootstrap/lock_providers.py": {"sys.exit"},  # for administrators: files and providers of their own
    "bootstrap/pin_tools.py": {"sys.exit"},  # for developers: names of packages
    "bootstrap/python_sbom.py": {"print"},  # JSON
    "checks/app_runs.py": {"print"},  # JSON for checks/synthesized.py
    "demo/job_run.py": {"sys.stdout.write"},  # JSON for the demo
    "demo/token_check.py": {"sys.stdout.write"},
    "sandbox/standins/plugin.py": {"sys.stdout.write", "sys.exit"},  # Terraform's handshake; text of our own
    "sandbox/daemon.py": {"os.write"},  # to the pipe that its parent reads
    "sandbox/standins/launch.py": {"sys.stdout.write"},  # to Terraform; text of our own
    "sandbox/standins/fork_server.py": {"sys.stderr.write"},  # to Terraform's log
    "sandbox/standins/__main__.py": {"sys.exit"},  # text of our own
    "sandbox/standins/derive.py": {"sys.stdout.write"},  # for developers: names of files of ours
}
# Programs that people and CI start.
MAINS = {f"{part}/__main__.py" for part in ("bundle", "checks", "demo", "sandbox", "settings")}
_STREAMS = re.compile(
    r"(builtins\.)?print|(rich\.)?print_json|(click\.)?(echo|secho|echo_via_pager|style)|os\.write|warnings\.warn|"
    r"(sys\.)?(__)?(stdout|stderr)(__)?\..*write.*|(.*\.)?(console|stream)\.(print|write|log|out|rule|print_json)|"
    r"logging\.(debug|info|warning|error|critical|exception|log)"
)
_ENDS = re.compile(r"(sys\.)?exit|SystemExit|quit")


def written_by(path: Path) -> set[str]:
    """The calls of a module that write to a stream, and those that end the process with a text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if _STREAMS.fullmatch(called):
            found.add(called.removeprefix("self.").removeprefix("stage."))
        if _ENDS.fullmatch(called) and any(may_be_text(argument) for argument in node.args):
            found.add(called)
    return found


def may_be_text(argument: ast.expr) -> bool:
    """Whether a process that ends with it could say it: an f-string, str(...), a text."""
    if isinstance(argument, ast.Constant):
        return isinstance(argument.value, str)
    return isinstance(argument, ast.JoinedStr) or (
        isinstance(argument, ast.Call) and ast.unparse(argument.func) in ("str", "repr", "format")
    )


def test_nothing_is_said_but_through_the_terminal_s_module() -> None:
    writers = {name_of(path): written_by(path) for path in modules()}
    assert {path: calls for path, calls in writers.items() if calls} == WRITERS


@pytest.mark.parametrize("entry", ["main.py", "checks/notes.py", *sorted(MAINS)])
def test_every_program_that_people_start_shows_tracebacks_as_text(entry: str) -> None:
    outer = PACKAGES.get(entry.split("/")[0], ROOT)
    assert "clean_tracebacks()" in (outer / entry).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        *("print(x)", "click.echo(x)", "sys.stdout.write(x)", "sys.stderr.buffer.write(x)", "sys.exit(str(x))"),
        *("sys.exit(f'{x}')", "raise SystemExit('x')", "console.print(x)", "self.console.print(x)", "os.write(1, x)"),
        *("warnings.warn(x)", "logging.error(x)", "sys.__stdout__.write(x)", "stream.write(x)", "click.secho(x)"),
    ],
)
def test_a_line_that_would_say_something_by_itself_is_found(tmp_path: Path, line: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"{line}\n", encoding="utf-8")
    assert written_by(module)


def test_names_of_bundle_stacks_are_made_and_known_in_one_place() -> None:
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if not path.is_relative_to(SANDBOX)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(r"bundle-", node.value)
    }
    assert knowing == {"settings/naming.py"}


def test_constructs_and_stacks_are_no_packages_of_ours() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "stacks" / "__init__.py").exists()


# The tests of a package lie beside it, with what they share; those of the app, which may use all of that, in tests/.
PACKAGE_TESTS = {
    part: sorted(path for path in (folder.parent / "tests").rglob("*.py")) for part, folder in PACKAGES.items()
}
TESTS = [*sorted((ROOT / "tests").rglob("*.py")), *(path for paths in PACKAGE_TESTS.values() for path in paths)]


@pytest.mark.parametrize("part", PACKAGES)
def test_the_tests_of_a_package_know_the_package_and_what_lies_below_it(part: str) -> None:
    """Neither the app nor its tests: a package is tested as somebody gets it who has nothing else."""
    assert PACKAGE_TESTS[part]
    allowed = ARROWS[part] | {part}
    folders = {f"packages.{PACKAGES[name].parent.name}.tests" for name in allowed}
    for path in PACKAGE_TESTS[part]:
        names = imported(path)
        wrong = {name for name in names if (target := ours(name)) and target not in allowed}
        wrong |= {name for name in names if name.split(".")[0] in ("tests", "bench", "conftest")}
        wrong |= {
            name for name in names if name.startswith("packages.") and ".".join(name.split(".")[:3]) not in folders
        }
        assert not wrong, f"{path.relative_to(ROOT)} may import {sorted(allowed)} of ours, not {sorted(wrong)}"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_nothing_imports_from_a_test(path: Path) -> None:
    """What tests share is a module of its own, which can be changed without looking for tests that lean on it."""
    assert not [name for name in imported(path) if re.search(r"\btests?\.(.+\.)?test_", name)]


# From a test's own file upwards.
_UPWARDS = re.compile(r"Path\(__file__\)(?:\.resolve\(\))?((?:\.parent\b|\.parents\[\d+\])+)")


def climbs(source: str) -> list[int]:
    """How many folders each expression goes up from the file that it stands in."""
    return [
        sum(
            int(step[9:-1]) + 1 if step.startswith(".parents[") else 1 for step in re.findall(r"\.parents?[^.]*", found)
        )
        for found in _UPWARDS.findall(source)
    ]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_a_test_reads_nothing_outside_the_repository(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert all(up <= len(path.relative_to(ROOT).parts) for up in climbs(source))
    assert not re.search(r"\b(ROOT|PROJECT)\.parent\b", source)


def test_going_up_is_counted() -> None:
    file = "Path(__file__)"
    assert climbs(f"x = {file}.parent.parent\ny = {file}.resolve().parents[2] / 'other'\n") == [2, 3]
