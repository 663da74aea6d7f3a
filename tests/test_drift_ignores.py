"""drift-ignore.yaml."""

from datetime import date
from pathlib import Path

import pytest

from checks.drift.findings.finding import Class, Difference, DriftFinding
from checks.drift.findings.ignores import Ignore, read_ignores, sift
from checks.drift.findings.severity import Severity
from settings.faults import FaultsError

STACKS = ("repository", "prod")
TODAY = date(2026, 1, 15)


def read(folder: Path, text: str) -> tuple[Ignore, ...]:
    path = folder / "drift-ignore.yaml"
    path.write_text(text, encoding="utf-8")
    return read_ignores(path, stacks=STACKS, name="drift-ignore.yaml")


def faults_of(folder: Path, text: str) -> str:
    with pytest.raises(FaultsError) as refused:
        read(folder, text)
    return str(refused.value)


def test_an_entry_is_read_with_its_place(tmp_path: Path) -> None:
    text = """\
# What we know of.
- stack: prod
  address: databricks_job.*
  attribute: schedule
  reason: paused over the holidays
  until: 2026-01-31
"""
    assert read(tmp_path, text) == (
        Ignore(
            "drift-ignore.yaml:2:3", "prod", "databricks_job.*", "schedule", "paused over the holidays",
            date(2026, 1, 31),
        ),
    )  # fmt: skip
    assert read(tmp_path, "") == ()
    assert read(tmp_path, "[]") == ()


def test_all_faults_are_told_at_once_each_with_its_place_and_remedy(tmp_path: Path) -> None:
    text = """\
- {stack: production, address: x, reason: y, until: 2026-01-31}
- {stack: prod, adress: x, reason: y, until: 2026-02-30}
- {stack: prod, address: x, reason: '', until: tomorrow, attribute: [a]}
- prod
- {stack: prod, stack: prod, address: x, reason: y, until: '2026-01-31'}
"""
    assert (
        faults_of(tmp_path, text)
        == """\
drift-ignore.yaml:1:4: [0].stack
  found    production
  allowed  repository, prod
  to do    correct the name of the stack

drift-ignore.yaml:2:3: [1].address
  found    nothing
  allowed  a resource's address in Terraform; * matches anything
  to do    add `address:` here

drift-ignore.yaml:2:17: [1].adress
  found    a key that does not exist
  allowed  stack, address, reason, until, attribute
  to do    write address

drift-ignore.yaml:2:39: [1].until
  found    2026-02-30
  allowed  the last day on which it is left out, as 2026-12-31
  to do    write the day like this

drift-ignore.yaml:3:29: [2].reason
  found    no text
  allowed  text that is not blank
  to do    write a value, in quotes if need be

drift-ignore.yaml:3:41: [2].until
  found    tomorrow
  allowed  the last day on which it is left out, as 2026-12-31
  to do    write the day like this

drift-ignore.yaml:3:58: [2].attribute
  found    no text
  allowed  text that is not blank
  to do    write a value, in quotes if need be

drift-ignore.yaml:4:3: [3]
  found    something other than a map
  allowed  a map with stack, address, reason, until
  to do    write it as a map

drift-ignore.yaml:5:17: [4].stack
  found    the key a second time
  allowed  each key once
  to do    remove one of the two

9 faults; nothing was changed."""
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stack: prod", "something other than a list"),
        ("- [", "text that is not YAML"),
        ("- {stack: prod}\n---\n- {}", "text that is not YAML"),
    ],
)
def test_what_is_no_list_of_entries_is_a_fault(text: str, found: str, tmp_path: Path) -> None:
    assert found in faults_of(tmp_path, text)


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="No such file"):
        read_ignores(tmp_path / "none.yaml", stacks=STACKS, name="none.yaml")


def finding(address: str, *attributes: str, stack: str = "prod", what: Class = Class.CHANGED_OUTSIDE) -> DriftFinding:
    return DriftFinding(
        stack=stack,
        what=what,
        severity=Severity.HIGH,
        address=address,
        resource="it",
        differences=tuple(Difference(attribute=name, before="a", after="b") for name in attributes),
        remedy="Deploy.",
    )


def entry(address: str, attribute: str = "", *, stack: str = "prod", until: date = TODAY) -> Ignore:
    return Ignore(f"ignore:{address}", stack, address, attribute, "known", until)


def test_a_finding_is_left_out_by_a_pattern_of_its_address_on_the_last_day_too() -> None:
    sifted = sift([finding("a.b"), finding("a.c"), finding("b.b")], [entry("a.*")], stacks=STACKS, today=TODAY)
    assert [one.address for one in sifted.findings] == ["b.b"]
    assert [(one.address, one.reason, one.until) for one in sifted.ignored] == [
        ("a.b", "known", "2026-01-15"),
        ("a.c", "known", "2026-01-15"),
    ]
    assert sifted.notes == ()


def test_of_a_finding_only_an_attribute_can_be_left_out_and_the_rest_says_how_bad_it_is() -> None:
    one = finding("databricks_job.x", "run_as.user_name", "schedule.pause_status", "name")
    sifted = sift([one], [entry("*", "run_as"), entry("*", "schedule.pause_status")], stacks=STACKS, today=TODAY)
    (left,) = sifted.findings
    assert ([two.attribute for two in left.differences], left.severity) == (["name"], Severity.LOW)
    assert [two.attributes for two in sifted.ignored] == [("run_as.user_name",), ("schedule.pause_status",)]
    nothing = sift([one], [entry("*", name) for name in ("run_as", "schedule", "name")], stacks=STACKS, today=TODAY)
    assert nothing.findings == ()
    assert sift([finding("a.b")], [entry("*", "name")], stacks=STACKS, today=TODAY).findings == (finding("a.b"),)


def test_an_expired_entry_ignores_nothing_and_is_told() -> None:
    sifted = sift([finding("a.b")], [entry("a.b", until=date(2026, 1, 14))], stacks=STACKS, today=TODAY)
    assert len(sifted.findings) == 1
    assert sifted.notes == ("ignore:a.b: this entry expired on 2026-01-14 and ignores nothing",)


def test_an_entry_that_matched_nothing_is_told_unless_its_stack_was_not_looked_at() -> None:
    entries = [entry("x"), entry("y", stack="repository"), entry("a.b", "name")]
    sifted = sift([finding("a.b", "other")], entries, stacks=["prod"], today=TODAY)
    assert sifted.notes == ("ignore:x: this entry matched nothing", "ignore:a.b: this entry matched nothing")


def test_another_stacks_findings_and_a_stack_that_is_gone_cannot_be_ignored() -> None:
    gone = finding("", what=Class.STACK_GONE)
    other = finding("a.b", stack="repository")
    assert sift([gone, other], [entry("*")], stacks=STACKS, today=TODAY).findings == (gone, other)
