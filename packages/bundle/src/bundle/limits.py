"""How much of what somebody else wrote is read: every limit with its reason. What goes beyond is refused by name.

The limits are far above what bundles are (the Databricks CLI's own tests go to 1,000 files and 100 jobs) and far below
what takes a machine minutes or all of its memory.
"""

from dataclasses import dataclass

_CHARACTERS_OF_A_VALUE = 100
_LONG = f"a long text counted once per {_CHARACTERS_OF_A_VALUE} characters"


class RefusedError(Exception):
    """Something that is not read or uploaded; its text says what was found, `remedy` what to do about it."""

    def __init__(self, found: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(found)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that there may be of something; `remedy` is what to do where there is more."""

    most: int
    unit: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.most:,} {self.unit}"

    def refusal(self, found: str) -> RefusedError:
        """The error for whatever goes beyond; `found` names it."""
        return RefusedError(f"{found}: the limit is {self}", self.remedy)

    def check(self, count: int, found: str) -> None:
        """RefusedError when there is more than allowed; `{count}` in `found` is how much."""
        if count > self.most:
            raise self.refusal(found.replace("{count}", f"{count:,}"))


def weight(value: object) -> int:
    """How much a value counts for: a long text is worth several."""
    return 1 + len(value) // _CHARACTERS_OF_A_VALUE if isinstance(value, str) else 1


class Tally:
    """How much there has been so far of what a limit is for."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.count = 0

    def add(self, count: int, found: str) -> None:
        """RefusedError, with `found` as its subject, once there has been more than allowed."""
        self.count += count
        if self.count > self.limit.most:
            raise self.limit.refusal(found)


# The service refuses larger imports (/api/2.0/workspace/import, which provider 1.99.0 uploads with): "exceeded max size
# (10485760 bytes)". https://docs.databricks.com/api/workspace/workspace/import
UPLOADED_BYTES = Limit(
    10_485_760,
    "bytes in a file that goes to the workspace",
    "keep data in a volume, or list the file under sync.exclude",
)
# A job of five tasks takes 2 KB: this is a thousand jobs in one file, and seconds of parsing.
YAML_BYTES = Limit(2_097_152, "bytes in one YAML file", "split the file, and list the parts under `include`")
# Git's own files with facts (HEAD, refs, config), and ignore files: real ones are a few kilobytes.
GIT_BYTES = Limit(1_048_576, "bytes in a file of Git's", "look at what is in it: real ones are a few kilobytes long")
# A cluster inside a task inside a job inside a target is 12 deep. Python's own stack ends near 300 levels.
DEPTH = Limit(100, "levels of nesting", "write it flatter")
# What all files of a bundle hold once aliases are replaced: a job of five tasks has some 60 values.
VALUES = Limit(
    100_000, f"values in the files of a bundle, aliases replaced, {_LONG}", "use fewer aliases, or split the bundle"
)
# The workspace's own paths are shorter; these are repeated for each file and resource.
FOLDER_CHARACTERS = Limit(1_000, "characters in a folder's path or a prefix", "shorten it")
# Each pattern is held against each file.
MATCHES = Limit(
    3_000_000,
    "pairs of a pattern and a file to match",
    "use fewer patterns under sync, or keep folders of data out of the bundle",
)
# The service keeps at most 12,000 jobs in a workspace (https://docs.databricks.com/resources/limits), and Terraform
# reads each resource on every plan.
RESOURCES = Limit(5_000, "resources in a bundle", "split the bundle")
TARGETS = Limit(500, "targets in a bundle", "split the bundle")
# Each is opened and merged for every target.
INCLUDES = Limit(10_000, "included files", "join files, or split the bundle")
# Folders full of data are walked too, unless .gitignore names the folder itself.
WALKED = Limit(
    250_000, "files and folders to look through", "name folders of data in .gitignore, so that they are passed over"
)
# Each is a resource of Terraform's, with a copy beside the stack.
UPLOADED_FILES = Limit(20_000, "files to upload", "list what need not be uploaded under sync.exclude")
LISTED_FILES = Limit(100_000, "files to synchronize", "list what need not be uploaded under sync.exclude")
# A text with ${...} may hold others that hold others, each twice as long.
TEXT_CHARACTERS = Limit(1_048_576, "characters in one text once ${...} is replaced", "shorten the variables in it")
# What variables hold is repeated wherever they are named, as aliases are.
EXPANDED = Limit(100_000, f"values that ${{...}} is replaced by, {_LONG}", "shorten the variables")
# Python's own stack again: each reference on the way to a value takes several frames.
REFERENCE_CHAIN = Limit(100, "references that lead to one another", "let variables name values instead of variables")
# Real ignore files have some hundred lines.
PATTERNS = Limit(5_000, "patterns in one ignore file", "use fewer patterns, or ones that match more")
# Patterns of .gitignore and of sync are run in parallel over a path; this many steps take seconds.
MATCHING_STEPS = Limit(
    5_000_000, "steps to match patterns", "use fewer patterns, or ones with fewer wildcards, in .gitignore and sync"
)
# No version or index has so many digits, and reading them takes time that grows with their square.
DIGITS = 100
