"""The bundles of bundle_vectors are read as the Databricks CLI reads them."""

from itertools import groupby
from pathlib import Path

import pytest

from packages.bundle.tests.bundle_vectors import vectors
from packages.bundle.tests.bundle_vectors.vectors import FOLLOWED, HERE, LATER, TERRAFORM, Answer

TABLES = {
    f"{theme}-{table}": list(cases)
    for theme in vectors.themes()
    for table, cases in groupby(vectors.cases(theme), key=lambda case: case.table)
}


def without_terraform(answer: Answer) -> Answer:
    """What is said before anything is converted for Terraform."""
    return {name: value for name, value in answer.items() if name != TERRAFORM}


@pytest.mark.parametrize("table", TABLES)
def test_bundles_become_what_the_cli_made_of_them(table: str, tmp_path: Path) -> None:
    differences = []
    for case in TABLES[table]:
        expected = without_terraform(vectors.expected(case, HERE if case.differs else FOLLOWED))
        found = vectors.unified(expected, vectors.answered_here(case, tmp_path / case.row / "bundle"))
        if found:
            differences.append(f"{case.name}\n{found}")
    assert not differences, "\n\n".join(["", *differences])


def test_every_case_has_an_answer_and_every_difference_a_reason() -> None:
    for theme in vectors.themes():
        told = vectors.answers(theme)
        assert [case.name for case in vectors.cases(theme)] == list(told)
        for case in vectors.cases(theme):
            answer = told[case.name]
            assert {*answer} <= {FOLLOWED, LATER, HERE}
            assert bool(answer.get(HERE)) is bool(case.differs), case.name
            for source in {*answer} - {FOLLOWED}:
                assert vectors.expected(case, source) != answer[FOLLOWED]


def test_a_difference_prints_as_a_readable_diff() -> None:
    with pytest.raises(AssertionError, match=r'-  "name": "a"\n.*\+  "name": "b"'):
        vectors.assert_same({"job": {"name": "a"}}, {"job": {"name": "b"}})
