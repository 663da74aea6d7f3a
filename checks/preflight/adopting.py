"""Writing `adopt` of mlops.yaml: the one thing that preflight changes, and only when told to."""

from collections.abc import Iterable, Iterator, Mapping

import yaml

from checks.check import UncheckableError
from checks.live import Live
from checks.preflight.existing import found_in, not_taken_over
from checks.synthesized import Stack
from checks.terraform import Terraform
from yaml_source import MappingNode, ScalarNode, compose

_COMMENT = "# What exists already and becomes part of the stacks; these lines may go after the next deploy.\n"


def write_adoptions(live: Live, terraform: Terraform, stacks: Iterable[Stack]) -> Iterator[str]:
    """Bring `adopt` up to date for some stacks: what is in their way goes in, what is in their state goes out.

    What was written is told; of what there are several, nothing is written.
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
    if after == before or not any([*after.values(), *before.values()]):
        yield "Nothing was written: `adopt` of mlops.yaml is as it has to be."
        return
    text = with_adoptions(settings.path.read_text(encoding="utf-8"), after, file=settings.path.name)
    draft = settings.path.with_name(f".{settings.path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(settings.path)
    for name, entries in sorted(after.items()):
        for address, id_ in sorted(entries.items()):
            if before.get(name, {}).get(address) != id_:
                yield f"{settings.path.name}: {name} takes over {address} ({id_})."
        for address in sorted(before.get(name, {}).keys() - entries.keys()):
            yield f"{settings.path.name}: {name} has {address}; its entry is gone."
    yield from left


def with_adoptions(text: str, adopt: Mapping[str, Mapping[str, str]], *, file: str) -> str:
    """The text of mlops.yaml with `adopt` put in place of what it had; everything else stays as it is, byte for byte.

    UncheckableError for a file in flow style, which cannot be added to by lines.
    """
    root = compose(text, file=file)
    assert isinstance(root, MappingNode)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if text.lstrip()[:1] == "{":
        raise UncheckableError(f"{file} is written in braces: add `adopt` by hand, or write it with one key per line")
    begin = end = len(lines)
    keys = [key for key, _ in root.entries if isinstance(key, ScalarNode)]
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        if key.text == "adopt":
            begin = key.position.line - 1
            end = following.position.line - 1 if following else len(lines)
            if begin and lines[begin - 1] == _COMMENT:
                begin -= 1
            # Comments above the next key are its own.
            while end > begin + 1 and lines[end - 1].lstrip()[:1] in ("#", ""):
                end -= 1
    written = _written(adopt) if any(adopt.values()) else ""
    if written and begin == len(lines):
        written = f"\n{written}"
    elif not written and end == len(lines):
        # The empty line that stood above it goes as well.
        begin -= begin > 0 and not lines[begin - 1].strip()
    return "".join([*lines[:begin], written, *lines[end:]])


def _written(adopt: Mapping[str, Mapping[str, str]]) -> str:
    plain = {stack: dict(sorted(entries.items())) for stack, entries in sorted(adopt.items()) if entries}
    return _COMMENT + yaml.safe_dump({"adopt": plain}, sort_keys=False, allow_unicode=True, width=10_000)
