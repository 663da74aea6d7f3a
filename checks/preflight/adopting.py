"""Writing mlops.yaml, when told to: what exists already into `adopt`, and what databricks.yml declares."""

from collections.abc import Iterable, Iterator, Mapping

from checks.check import UncheckableError
from checks.live import Live
from checks.preflight.existing import found_in, not_taken_over
from checks.synthesized import Stack
from checks.terraform import Terraform
from settings import Undeclared
from settings.editing import Text, UneditableError, flow
from settings.reading import dotted
from settings.unity_names import said

_COMMENT = "# What exists already and becomes part of the stacks; these lines may go after the next deploy."


def write_adoptions(live: Live, terraform: Terraform, stacks: Iterable[Stack]) -> Iterator[str]:
    """Bring `adopt` up to date for some stacks: what is in their way goes in, what is in their state goes out.

    What was written is told; of what there are several, nothing is written. UncheckableError where mlops.yaml cannot be
    edited.
    """
    settings = live.settings
    before = {
        stack: {adoption.address: adoption.id for adoption in adoptions}
        for stack, adoptions in settings.adoptions.items()
    }
    after = {name: dict(entries) for name, entries in before.items()}
    left: list[str] = []
    for stack in stacks:
        held = {one.address for one in terraform.state(stack)}
        entries = {address: id_ for address, id_ in before.get(stack.name, {}).items() if address not in held}
        entries |= {one.address: one.ids[0] for one in found_in(live, terraform, stack) if len(one.ids) == 1}
        after[stack.name] = entries
        left += not_taken_over(live, stack, entries)
    if {name: one for name, one in after.items() if one} == {name: one for name, one in before.items() if one}:
        yield "Nothing was written: `adopt` of mlops.yaml is up to date."
        return
    text = Text.of(settings.path)
    adopt(text, before, after)
    text.save(settings.path)
    for name, entries in sorted(after.items()):
        for address, id_ in sorted(entries.items()):
            if before.get(name, {}).get(address) != id_:
                yield f"{settings.path.name}: {name} takes over {address} ({id_})."
        for address in sorted(before.get(name, {}).keys() - entries.keys()):
            yield f"{settings.path.name}: {name} has taken over {address}; its entry is removed."
    yield from left


def adopt(text: Text, before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> None:
    """Make the entries of `adopt` from those of before to those of after; UncheckableError where that cannot be."""
    try:
        for stack, entries in sorted(after.items()):
            for address, id_ in sorted(entries.items()):
                if before.get(stack, {}).get(address) != id_:
                    text.put(("adopt", stack, address), id_, comment=_COMMENT)
        for stack, entries in before.items():
            for address in entries.keys() - after.get(stack, {}).keys():
                text.take_out(("adopt", stack, address), comment=_COMMENT)
    except UneditableError as reason:
        raise UncheckableError(str(reason)) from None


def lines_of(missing: Undeclared) -> Iterator[str]:
    """What would be written into mlops.yaml, each line with the place that declares it."""
    for one in missing.additions:
        place = f"{said(one.place.file)}:{one.place.line}:{one.place.column}"
        yield f"{dotted(one.path)}: {flow(one.value)}  ({place})"


def write_declared(missing: Undeclared) -> None:
    """Write what databricks.yml declares, all or nothing; UncheckableError where mlops.yaml cannot be edited."""
    text = Text.of(missing.path)
    try:
        for one in missing.additions:
            text.put(one.path, one.value)
    except UneditableError as reason:
        raise UncheckableError(str(reason)) from None
    text.save(missing.path)
