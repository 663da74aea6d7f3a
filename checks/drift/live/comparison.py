"""Where an object of a service differs from what a stack asks for, beyond what the service fills in by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.drift.live.row import Answer, LiveRow, matches
from checks.drift.plan.difference import UNKNOWN, Leaf, covered, differences, settled

_KEYS = ("task_key", "job_cluster_key", "environment_key", "key", "name", "label", "id")
# Where a policy is named, it fills in what it likes of the cluster.
_POLICY = "policy_id"

Path = tuple[str, ...]


def compare(row: LiveRow, answer: Answer, wanted: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Leaf, ...]:
    """The leaves that lead from what is there to what is wanted.

    `known` are the values that the state has: what the provider has no name for is nobody's to configure.
    """
    there: Any = row.adapted(answer)
    for name in filter(None, row.inside.split(".")):
        there = there.get(name) or {}
    return _Comparison(row).leaves(there, wanted, known)


@dataclass(frozen=True, slots=True)
class _Comparison:
    row: LiveRow

    def leaves(self, answer: Answer, wanted: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Leaf, ...]:
        there = self._named((), (), answer)
        asked = self._wanted((), wanted, there)
        left = self._there((), there, asked, known)
        return tuple(leaf for leaf in differences(covered(left), covered(asked)) if not leaf.unknown)

    def _named(self, path: Path, said: Path, value: Any) -> Any:
        """With Terraform's names; `said` is the path in the service's."""
        if isinstance(value, Mapping):
            named: dict[str, Any] = {}
            for name, inner in value.items():
                pattern = next((one for one in self.row.names if matches(one, (*said, name))), None)
                ours = self.row.names[pattern] if pattern else name
                named[ours] = self._named((*path, ours), (*said, name), inner)
            return named
        return [self._named(path, said, item) for item in value] if isinstance(value, list) else value

    def _wanted(self, path: Path, value: Any, there: Any) -> Any:
        """What is wanted in the form of what is there: blocks of one are an object or a list, numbers may be texts."""
        if isinstance(there, Mapping) and isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(there, list) and isinstance(value, Mapping):
            value = [value]
        if isinstance(value, Mapping):
            held = there if isinstance(there, Mapping) else {}
            return {
                name: self._wanted((*path, name), inner, held.get(name))
                for name, inner in value.items()
                if not self._is_left_out((*path, name), inner, held.get(name))
            }
        if isinstance(value, list):
            return [self._wanted(path, item, _counterpart(item, there, n)) for n, item in enumerate(value)]
        return there if self._is_same(path, value, there) else value

    def _is_left_out(self, path: Path, value: Any, there: Any) -> bool:
        """Whether an attribute says nothing of the object, or the service's own default that it does not repeat."""
        if any(matches(pattern, path) for pattern in self.row.identity):
            return True
        default = self.row.default(path)
        return there is None and default is not None and default.silent and default.holds(value)

    def _is_same(self, path: Path, value: Any, there: Any) -> bool:
        if value is UNKNOWN or value == there:
            return False
        if isinstance(value, Mapping | list) or isinstance(there, Mapping | list) or value is None or there is None:
            return False
        alike = next((self.row.alike[one] for one in self.row.alike if matches(one, path)), str)
        return alike(_text(value)) == alike(_text(there))

    def _there(self, path: Path, value: Any, asked: Any, known: Any) -> Any:
        """What is there without what nobody has configured and nobody has done; `asked` is None for all of a block."""
        if isinstance(known, list) and not isinstance(value, list):
            known = known[0] if len(known) == 1 else None
        if isinstance(value, Mapping):
            held = asked if isinstance(asked, Mapping) else {}
            kept = {}
            for name, inner in value.items():
                further, mine = (*path, name), known.get(name) if isinstance(known, Mapping) else None
                if name in held:
                    kept[name] = self._there(further, inner, held[name], mine)
                elif not self._is_own(further, inner, asked, known):
                    rest = self._there(further, inner, None, mine)
                    if not _says_nothing(rest):
                        kept[name] = rest
            return kept
        if isinstance(value, list):
            own = self.row.own.get(".".join(path))
            members = [item for item in value if own is None or not (isinstance(item, Mapping) and own(item))]
            return [
                self._there(path, item, _counterpart(item, asked, n), _counterpart(item, known, n))
                for n, item in enumerate(members)
            ]
        return value

    def _is_own(self, path: Path, value: Any, asked: Any, known: Any) -> bool:
        """Whether what nobody has configured is the service's own, or unknown to the provider."""
        if isinstance(known, Mapping) and path[-1] not in known and self._is_attribute(path):
            return True
        if any(matches(pattern, path) for pattern in self.row.identity):
            return True
        if isinstance(asked, Mapping) and asked.get(_POLICY) and len(path) > 1:
            return True
        default = self.row.default(path)
        return default is not None and default.holds(value) and (asked is not None or not default.inner)

    def _is_attribute(self, path: Path) -> bool:
        """Whether the last name is an attribute's, and not a key of a map that people fill."""
        return path[-2:-1] == () or path[-2] not in _MAPS


# Maps that people fill, by name; a state that holds one has its keys, not the provider's.
_MAPS = frozenset(
    {"base_parameters", "configuration", "custom_tags", "job_parameters", "named_parameters", "notebook_params",
     "options", "parameters", "properties", "python_named_params", "spark_conf", "spark_env_vars", "sql_params", "tags"}
)  # fmt: skip


def _counterpart(item: Any, others: Any, position: int) -> Any:
    """The member of another list that is the same block: by its key, else by its place."""
    if not isinstance(others, list):
        return None
    if isinstance(item, Mapping):
        key = next((name for name in _KEYS if isinstance(item.get(name), str)), None)
        if key is not None:
            named = [one for one in others if isinstance(one, Mapping) and key in one]
            # What the service has named, nobody else has: it is the block in the same place.
            if named or not others:
                return next((one for one in named if one[key] == item[key]), None)
    return others[position] if position < len(others) else None


def _says_nothing(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_says_nothing, value.values()))
    if isinstance(value, list):
        return not value
    return settled(value) is None or value is False or value == 0


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
