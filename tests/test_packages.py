"""The packages of packages/ as their users get them: wheels, in an environment that was empty, without the app.

What they depend on comes from the index that pip is configured for here, in the versions of Pipfile.lock.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
FOLDERS = {path.parent.name: path.parent for path in sorted(ROOT.glob("packages/*/pyproject.toml"))}
PROJECTS = {
    name: tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8")) for name, path in FOLDERS.items()
}
DISTRIBUTIONS = {name: project["project"]["name"] for name, project in PROJECTS.items()}
LOCK = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))
# The categories of the lock file that hold what a package asks for; of these, a deploy installs the first alone.
CATEGORIES = {"text": ["default"], "bundle": ["default"], "sandbox": ["default", "sandbox"]}
WORLD = {
    "version": 1,
    "account": {
        "id": "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11",
        "host": "accounts.cloud.databricks.com",
        "cloud": "aws",
    },
    "workspaces": [{"host": "acme.cloud.databricks.com"}],
    "github": {"owner": "acme-ml", "repository": "taxi-fare"},
}
_INSTALL_SECONDS, _RUN_SECONDS = 180, 60


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of each package, by its folder's name; built with the setuptools of the lock file."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheels")
    # setuptools leaves its work where the sources are.
    for name, folder in FOLDERS.items():
        shutil.copytree(folder, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = ["wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(target)]
    pip(*command, *(str(sources / name) for name in FOLDERS))
    built = {path.name.partition("-")[0].replace("_", "-"): path for path in target.glob("*.whl")}
    return {name: built[distribution] for name, distribution in DISTRIBUTIONS.items()}


@pytest.fixture(params=["bundle", "sandbox"])
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def python(package: str, wheels: Mapping[str, Path], tmp_path: Path) -> Path:
    """The Python of an environment with a package, those of ours below it, and what they ask for."""
    versions = {name: one["version"] for category in LOCK.keys() - {"_meta"} for name, one in LOCK[category].items()}
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("".join(f"{name}{version}\n" for name, version in versions.items()), encoding="utf-8")
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    found = folder / "bin" / "python"
    pip(
        *("--python", str(found), "install", "--quiet", "--only-binary", ":all:", "--constraint", str(constraints)),
        *(str(wheels[name]) for name in below(package)),
    )
    return found


def below(package: str) -> list[str]:
    """The package, and those of ours that it depends on."""
    names = {distribution: name for name, distribution in DISTRIBUTIONS.items()}
    wanted = [one.partition("==")[0] for one in PROJECTS[package]["project"].get("dependencies", ())]
    return [package, *(other for one in wanted if one in names for other in below(names[one]))]


def pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """What a command says; it finds nothing of the app, neither in its folder nor by a variable."""
    done = subprocess.run(
        [str(one) for one in command],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), **environ},
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_wheel_does_what_its_readme_says(package: str, python: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    found = run(
        python,
        "-c",
        "import importlib.util as u; print([u.find_spec(name) for name in ('settings', 'checks')])",
        cwd=place,
    )
    assert found == "[None, None]\n"
    DOES[package](python, place)


def reads_a_bundle(python: Path, place: Path) -> None:
    """As the app's own environment reads it."""
    shutil.copytree(ROOT / "examples" / "taxi_fare", place / "project")
    arguments = ("project", "-t", "staging", "--user", "jane.doe@example.com")
    here = run(
        sys.executable, "-m", "bundle", *arguments, cwd=place, PYTHONPATH=os.pathsep.join(paths("text", "bundle"))
    )
    assert json.loads(here)["bundle"]["target"] == "staging"
    assert run(python, "-m", "bundle", *arguments, cwd=place) == here
    assert run(python.parent / "databricks-mlops-bundle", *arguments, cwd=place) == here


def plays_a_world(python: Path, place: Path) -> None:
    (place / "world.json").write_text(json.dumps(WORLD), encoding="utf-8")
    state: dict[str, Any] = {"cwd": place, "SANDBOX_DIR": str(place / "state")}
    run(python, "-m", "sandbox", "up", "--world", "world.json", **state)
    try:
        assert "https://acme.cloud.databricks.com" in run(python.parent / "databricks-mlops-sandbox", "status", **state)
    finally:
        run(python, "-m", "sandbox", "down", **state)


def paths(*names: str) -> list[str]:
    return [str(FOLDERS[name] / "src") for name in names]


DOES = {"bundle": reads_a_bundle, "sandbox": plays_a_world}


def test_every_package_is_tried_or_lies_below_one_that_is() -> None:
    assert {name for package in DOES for name in below(package)} == set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_lock_file_holds_what_a_package_asks_for(name: str) -> None:
    for text in PROJECTS[name]["project"].get("dependencies", ()):
        asked = Requirement(text)
        if asked.name in DISTRIBUTIONS.values():
            continue
        held = [LOCK[category].get(asked.name.lower()) for category in CATEGORIES[name]]
        versions = {one["version"].removeprefix("==") for one in held if one is not None}
        assert versions, f"{text} is in no category of {CATEGORIES[name]}"
        assert all(asked.specifier.contains(version) for version in versions), f"{text} is not what {versions} are"
