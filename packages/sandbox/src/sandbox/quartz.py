"""Cron expressions as Quartz reads them: six fields or seven, from seconds to years.

http://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html, which the
reference of jobs names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_MONTHS = MappingProxyType(
    {name: n for n, name in enumerate(re.findall(r"\w+", "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"), 1)}
)
_DAYS = MappingProxyType({name: n for n, name in enumerate(re.findall(r"\w+", "SUN MON TUE WED THU FRI SAT"), 1)})


@dataclass(frozen=True, slots=True)
class _Field:
    least: int
    most: int
    names: Mapping[str, int] = field(default_factory=dict)
    special: re.Pattern[str] | None = None  # what only this field may say

    def holds(self, text: str) -> bool:
        return all(self._part(part) for part in text.split(","))

    def _part(self, part: str) -> bool:
        if self.special is not None and self.special.fullmatch(part):
            return True
        span, slash, step = part.partition("/")
        if slash and not (step.isdigit() and 0 < int(step) <= self.most):
            return False
        if span in ("*", ""):
            return span == "*" or bool(slash)
        ends = span.split("-")
        return len(ends) <= 2 and all(self._value(end) for end in ends)

    def _value(self, text: str) -> bool:
        return text in self.names or (text.isdigit() and self.least <= int(text) <= self.most)


_FIELDS = (
    _Field(0, 59),
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31, special=re.compile(r"\?|L(-\d{1,2})?W?|LW|([1-9]|[12]\d|3[01])W")),
    _Field(1, 12, _MONTHS),
    _Field(1, 7, _DAYS, special=re.compile(r"\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])")),
    _Field(1970, 2199),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5


def is_quartz(expression: str) -> bool:
    """Whether Quartz would take the expression; of the two days exactly one is left open by `?`."""
    fields = expression.upper().split()
    if not 6 <= len(fields) <= 7:
        return False
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        return False
    return all(one.holds(text) for one, text in zip(_FIELDS, fields, strict=False))
