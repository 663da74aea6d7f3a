"""SECURITY.md names tests and modules that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.split("## Attacks, walls, tests")[1].splitlines()
    if line.startswith("| ") and not line.startswith("| attack ")
]
FILES = {path.name: path for folder in ("tests", "packages") for path in (ROOT / folder).rglob("test_*.py")}


def named(cell: str) -> list[tuple[str, str]]:
    """The tests of a cell: file and name; an ellipsis for the file means the one before, one in a name any end."""
    found: list[tuple[str, str]] = []
    for text in re.findall("`([^`]+)`", cell):
        file, _, name = text.partition("::")
        found.append((found[-1][0] if file == "…" else file, name))
    return found


def test_the_table_has_rows_of_four_cells() -> None:
    assert len(ROWS) > 40
    assert {len(row) for row in ROWS} == {4}
    assert {row[3] for row in ROWS} == {"yes", "-"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_each_attack_names_tests_that_exist(row: list[str]) -> None:
    tests = named(row[2])
    assert tests
    for file, name in tests:
        source = FILES[file].read_text(encoding="utf-8")
        if name.endswith("…"):
            assert f"def {name.removesuffix('…')}" in source, name
        elif name:
            assert f"def {name}(" in source, name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_each_wall_names_files_that_exist(row: list[str]) -> None:
    for path in re.findall(r"`([\w./]+\.(?:py|hcl))`", row[1]):
        places = (ROOT, *(ROOT / "packages" / name / "src" for name in ("bundle", "sandbox", "text")))
        generated = path == "locks/providers.lock.hcl"
        assert generated or any((place / path).exists() or list(place.rglob(path)) for place in places), path
