"""Imports point one way."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What each part may import of ours. Everything else of ours is forbidden to it.
LEAVES = {"faults", "foreign_text", "terminal", "yaml_source", "unity_catalog", "limits", "confinement"}
ARROWS = {
    "foreign_text": set(),
    "terminal": {"foreign_text"},
    "faults": {"foreign_text"},
    "limits": set(),
    "confinement": {"limits"},
    "yaml_source": {"limits"},
    "unity_catalog": set(),
    "terraform_text": set(),
    "settings": {"bundle", "terraform_text", *LEAVES},
    "bundle": LEAVES,
    "constructs": {"unity_catalog", "terraform_text"},
    "stacks": {"constructs", "settings", "bundle", "terraform_text", *LEAVES},
    "main": {"stacks", "settings", "faults", "terminal"},
    "sandbox": LEAVES,
    "checks": {"settings", "bundle", *LEAVES},
    "demo": {"settings", "faults", "foreign_text", "terminal"},
    "bootstrap": set(),
    "diagram": {"foreign_text", "terminal"},
}
# Modules that have one more arrow than their part, and the reason is in docs/architecture.md.
EXCEPTIONS = {"sandbox/seed.py": {"settings"}}


def modules() -> list[Path]:
    found = [ROOT / f"{part}.py" for part in ARROWS if (ROOT / f"{part}.py").exists()]
    for part in ARROWS:
        found += sorted((ROOT / part).rglob("*.py"))
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
    relative = path.relative_to(ROOT).as_posix()
    part = relative.split("/")[0].removesuffix(".py")
    allowed = ARROWS[part] | {part} | EXCEPTIONS.get(relative, set())
    wrong = {name for name in imported(path) if (target := ours(name)) and target not in allowed}
    assert not wrong, f"{relative} may import {sorted(allowed)} of ours, not {sorted(wrong)}"


@pytest.mark.parametrize("part", ["bundle", "settings", "unity_catalog", "sandbox", "checks"])
def test_only_stacks_and_constructs_know_cdktf(part: str) -> None:
    paths = [ROOT / f"{part}.py"] if (ROOT / f"{part}.py").exists() else sorted((ROOT / part).rglob("*.py"))
    assert paths
    assert not [path for path in paths if any(name.startswith("cdktf") for name in imported(path))]


def test_the_stand_ins_and_the_server_never_import_one_another() -> None:
    for path in (ROOT / "sandbox").rglob("*.py"):
        inside = path.is_relative_to(ROOT / "sandbox" / "standins")
        names = {name for name in imported(path) if name.startswith("sandbox.")}
        if inside:
            assert all(name.startswith("sandbox.standins") for name in names), path
        elif path.parent != ROOT / "sandbox":
            assert not any(name.startswith("sandbox.standins") for name in names), path


def test_acts_behind_terraform_s_back_see_neither_the_settings_nor_the_stand_ins() -> None:
    modules = sorted((ROOT / "sandbox" / "tampering").rglob("*.py"))
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
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if not path.is_relative_to(ROOT / "sandbox") and reads_the_process_environment(path)
    }
    assert readers == {
        "settings/loading.py",
        "bundle/__main__.py",
        "checks/app_runs.py",  # gives the app the environment that it is to read
        "checks/cli.py",
        "checks/notes.py",
        "demo/job_run.py",
        "demo/token_check.py",
    }


# What writes to a stream that people or GitHub's runner read, and is not terminal.py. Programs read the others.
WRITERS = {
    "terminal.py": {"stream.write"},
    "checks/screen.py": {"console.print"},
    "demo/stage.py": {"console.print"},
    "demo/__main__.py": {"console.print"},  # a table of numbers, whose one text is escaped
    "checks/app_runs.py": {"print"},  # JSON for checks/synthesized.py
    "demo/job_run.py": {"sys.stdout.write"},  # JSON for the demo
    "demo/token_check.py": {"sys.stdout.write"},
    "sandbox/standins/plugin.py": {"sys.stdout.write", "sys.exit"},  # Terraform's handshake; text of our own
    "sandbox/daemon.py": {"os.write"},  # to the pipe that its parent reads
    "sandbox/standins/nursery.py": {"sys.stderr.write"},  # to Terraform's log
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
    writers = {path.relative_to(ROOT).as_posix(): written_by(path) for path in modules()}
    assert {path: calls for path, calls in writers.items() if calls} == WRITERS


@pytest.mark.parametrize("entry", ["main.py", "checks/notes.py", *sorted(MAINS)])
def test_every_program_that_people_start_shows_tracebacks_as_text(entry: str) -> None:
    assert "clean_tracebacks()" in (ROOT / entry).read_text(encoding="utf-8")


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


def test_constructs_and_stacks_are_no_packages_of_ours() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "stacks" / "__init__.py").exists()
