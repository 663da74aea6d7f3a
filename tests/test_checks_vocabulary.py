"""Checks that need one another, what becomes of a list of them, and how it is told."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from databricks.sdk.errors import PermissionDenied
from markdown_it import MarkdownIt

from checks.check import Check, Finding, Line, Outcome, Remedy, Skipped, Status, UncheckableError, perform
from checks.rendering import WRITER, markdown, summary
from checks.report import Report

REMEDY = Remedy("mend it", ("mend it",), by="a mender")


def check(id_: str, run: Callable[[], Outcome] = lambda: "x", *, needs: tuple[str, ...] = ()) -> Check:
    return Check(id_, f"{id_} is well", needs, run, REMEDY)


def refuse() -> Outcome:
    raise PermissionDenied("You may not. Config: host=https://x, client_secret=***")


def cannot_tell() -> Outcome:
    raise UncheckableError("it is dark")


def statuses(*checks: Check, skip: frozenset[str] = frozenset()) -> dict[str, Status]:
    return {line.id: line.status for line in perform(checks, skip=skip)}


def test_lines_come_in_the_order_of_the_list_whatever_they_need() -> None:
    lines = perform([check("b", needs=("c",)), check("a"), check("c", needs=("a",))])
    assert [line.id for line in lines] == ["b", "a", "c"]
    assert {line.status for line in lines} == {Status.PASSED}


def test_what_needs_a_failed_check_is_not_checkable_and_names_the_root_alone() -> None:
    ran: list[str] = []

    def notes(name: str) -> Outcome:
        ran.append(name)
        return "x"

    lines = perform(
        [
            check("a", lambda: Finding("broken")),
            check("b", lambda: notes("b"), needs=("a",)),
            check("c", lambda: notes("c"), needs=("b",)),
            check("d", lambda: notes("d")),
        ]
    )
    assert [line.status for line in lines] == [Status.FINDING, Status.BLOCKED, Status.BLOCKED, Status.PASSED]
    assert [line.blocked_by for line in lines] == [(), ("a",), ("a",), ()]
    assert lines[2].detail == "not checkable because of a"
    assert ran == ["d"]


def test_a_check_that_cannot_tell_says_why_and_blocks_as_well() -> None:
    lines = perform([check("a", cannot_tell), check("b", needs=("a",)), check("c", refuse)])
    assert [(line.status, line.detail) for line in lines] == [
        (Status.UNCHECKED, "it is dark"),
        (Status.BLOCKED, "not checkable because of a"),
        (Status.UNCHECKED, "You may not"),
    ]


def test_a_check_that_looked_at_nothing_does_not_pass() -> None:
    (line,) = perform([check("a", lambda: "")])
    assert (line.status, line.detail) == (Status.UNCHECKED, "there was nothing to look at")


def test_what_needs_a_skipped_check_is_skipped() -> None:
    made = (check("a"), check("b", needs=("a",)), check("c", lambda: Skipped("not here")), check("d", needs=("c",)))
    assert set(statuses(*made, skip=frozenset({"a"})).values()) == {Status.SKIPPED}


def test_a_fault_of_ours_is_not_taken_for_an_answer() -> None:
    def broken() -> Outcome:
        raise KeyError("x")

    with pytest.raises(KeyError):
        perform([check("a", broken)])


def test_a_list_that_cannot_be_performed_is_refused() -> None:
    with pytest.raises(ValueError, match="what b need is not there"):
        perform([check("a"), check("b", needs=("z",))])
    with pytest.raises(ValueError, match="what a, b need"):
        perform([check("a", needs=("b",)), check("b", needs=("a",))])
    with pytest.raises(ValueError, match="one id"):
        perform([check("a"), check("a")])


def test_checks_that_do_not_need_one_another_run_at_the_same_time() -> None:
    met = threading.Barrier(3, timeout=10)

    def meet() -> Outcome:
        met.wait()
        return "x"

    assert set(statuses(*(check(name, meet) for name in "abc")).values()) == {Status.PASSED}


def report(*lines: Line) -> Report:
    return Report.of("preflight", project="taxi-fare", at=datetime(2026, 1, 15, tzinfo=UTC), lines=lines)


FOUND = Line("a", "a | is well", Status.FINDING, "it is\nbroken", REMEDY)
PASSED, BLOCKED = Line("b", "b is well", Status.PASSED), Line("c", "c is well", Status.BLOCKED, "because of a")
DARK, SKIPPED = Line("d", "d is well", Status.UNCHECKED, "dark"), Line("e", "e is well", Status.SKIPPED)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((PASSED, SKIPPED), 0),
        ((PASSED, DARK), 1),
        ((PASSED, BLOCKED), 1),
        ((FOUND, BLOCKED, DARK), 2),
        ((), 0),
    ],
)
def test_the_exit_code_says_the_worst(lines: tuple[Line, ...], code: int) -> None:
    assert report(*lines).exit_code == code


def test_text_is_a_line_per_check_with_what_to_do_below_a_finding() -> None:
    assert WRITER.text(report(FOUND, PASSED, BLOCKED)).splitlines() == [
        " FAIL  a | is well  [a]",
        "       it is broken",
        "       to do, by a mender: mend it",
        "         $ mend it",
        "   ok  b is well  [b]",
        "    -  c is well  [c] because of a",
        "",
        "3 checks: 1 passed, 1 failed, 1 not checkable because of others.",
    ]


def test_markdown_is_one_table_and_a_section_for_each_finding() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(report(FOUND, PASSED, BLOCKED)))
    kinds = [token.type for token in tokens]
    assert kinds.count("tr_open") == 4
    cells = [token.content for token in tokens if token.type == "inline"]
    assert "a \\| is well<br>`a`" in cells or "a | is well<br>`a`" in cells
    assert [token.content for token in tokens if token.type == "fence"] == ["mend it\n"]


def test_the_summary_counts_every_status() -> None:
    assert summary(report(PASSED, FOUND, DARK, BLOCKED, SKIPPED)) == (
        "5 checks: 1 passed, 1 failed, 1 not checkable because of others, 1 could not be checked, 1 skipped."
    )
