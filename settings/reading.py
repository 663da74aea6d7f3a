"""From the text of mlops.yaml to its plain data and the position of every key."""

from dataclasses import dataclass, field
from typing import Any

from bundle.limits import DEPTH, VALUES, RefusedError, Tally, weight
from bundle.yaml_source import (
    MalformedError,
    Node,
    Position,
    ScalarNode,
    SequenceNode,
    compose,
    core_scalar,
)
from settings.faults import Fault, FaultsError

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Source:
    """What stands in the file: `data` as plain Python, `positions` of keys and list items by path.

    `data` is a map for mlops.yaml.
    """

    file: str
    data: Any
    positions: dict[Path, Position] = field(default_factory=dict)

    def position(self, path: Path) -> Position:
        """Where `path` stands; for a path that is not in the file, where the nearest enclosing key does."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, Position(self.file, 1, 1))

    def fault(self, path: Path, *, found: str, allowed: str, remedy: str) -> Fault:
        """A fault of the value at `path`."""
        return Fault.at(self.position(path), dotted(path), found=found, allowed=allowed, remedy=remedy)


def read(text: str, *, file: str) -> Source:
    """Read mlops.yaml in YAML 1.2.

    Raises FaultsError for malformed text, duplicate keys, anything but a map, and what goes beyond a limit.
    """
    source, faults = read_plain(text, file=file)
    if not isinstance(source.data, dict):
        found = (
            "a list" if isinstance(source.data, list) else "an empty file" if source.data is None else "a single value"
        )
        faults = [
            Fault.at(
                Position(file, 1, 1),
                "",
                found=found,
                allowed="a map with the keys project, account, github and environments",
                remedy="start from the mlops.yaml of the example, which is filled in",
            )
        ]
    if faults:
        raise FaultsError(faults)
    return source


def read_plain(text: str, *, file: str) -> tuple[Source, list[Fault]]:
    """Read any YAML 1.2 that people write for this program: what stands there, None for nothing, and duplicate keys.

    Raises FaultsError for malformed text and for what goes beyond a limit.
    """
    try:
        root = compose(text, file=file)
    except MalformedError as error:
        raise FaultsError(
            [
                Fault.at(
                    error.position,
                    "",
                    found=f"text that is not YAML: {error.problem}",
                    allowed="one YAML document",
                    remedy="correct the line, or the one above it; indentation and quotes are the usual causes",
                )
            ]
        ) from None
    except RefusedError as error:
        raise FaultsError([refusal(error, file=file)]) from None
    faults: list[Fault] = []
    source = Source(file=file, data=None)
    if root is None:
        return source, faults
    try:
        source.data = _plain(root, (), source.positions, faults, Tally(VALUES))
    except RefusedError as error:
        raise FaultsError([refusal(error, file=file)]) from None
    return source, faults


def refusal(error: RefusedError, *, file: str) -> Fault:
    """A limit that a file goes beyond, or what it is instead of a file, as a fault."""
    return Fault.of_file(file, found=str(error), allowed="", remedy=error.remedy)


def dotted(path: Path) -> str:
    """A path as users write it: environments.prod.targets[0]."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _plain(node: Node, path: Path, positions: dict[Path, Position], faults: list[Fault], held: Tally) -> Any:
    positions.setdefault(path, node.position)
    held.add(
        weight(node.text) if isinstance(node, ScalarNode) else 1, f"{node.position.file} is too large, aliases replaced"
    )
    DEPTH.check(
        len(path), f"{node.position.file}:{node.position.line}:{node.position.column} lies {{count}} levels deep"
    )
    if isinstance(node, ScalarNode):
        return core_scalar(node)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), positions, faults, held) for index, item in enumerate(node.items)]
    plain: dict[str, Any] = {}
    for key, value in node.entries:
        name = key.text if isinstance(key, ScalarNode) else "?"
        here = (*path, name)
        if name in plain:
            faults.append(
                Fault.at(
                    key.position,
                    dotted(here),
                    found=f"the key a second time; the first stands in line {positions[here].line}",
                    allowed="each key once",
                    remedy="merge the two or remove one",
                )
            )
            continue
        positions[here] = key.position
        plain[name] = _plain(value, here, positions, faults, held)
    return plain
