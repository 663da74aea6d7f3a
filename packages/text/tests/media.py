"""What reads our output, in small: a terminal, GitHub's runner, and GitHub's Markdown."""

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

# https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs and its extensions.
COMMANDS = frozenset(
    [
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "set-output"),
        *("internal-set-repo-path", "remove-matcher", "save-state", "set-env", "stop-commands", "warning"),
    ]
)
# Signs that a digit or more follow, which are seen, although Unicode counts them among the formats.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Of other categories, and seen by nobody (Default_Ignorable_Code_Point).
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_IGNORED = re.compile("[\ufe00-\ufe0f\u2060]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

PLAIN = frozenset({"text", "text_special", "code_inline"})
"""Tokens inside a paragraph that are nothing but text."""
LINKED = re.compile(r"(?i)@\w|#\d|://|\bwww\.|\bgh-\d|\bmailto:|\bxmpp:")
"""What GitHub makes a link or a mention of, outside code."""


def commands(output: str) -> list[str]:
    """The lines that GitHub's runner takes for commands to itself (ActionCommand.TryParseV2 and TryParse)."""
    return [line for line in re.split(r"\r\n|\r|\n", output) if _new_command(line) or _old_command(line)]


def _new_command(line: str) -> bool:
    message = _seen(line).lstrip()
    if not message.startswith("::") or (end := message.find("::", 2)) < 0:
        return False
    return message[2:end].partition(" ")[0].lower() in COMMANDS


def _old_command(line: str) -> bool:
    message = _seen(line)
    if (start := message.find("##[")) < 0 or (end := message.find("]", start)) < 0:
        return False
    return message[start + 3 : end].partition(" ")[0].lower() in COMMANDS


def _seen(line: str) -> str:
    """A line as a comparison by culture sees it."""
    return _IGNORED.sub(
        "", "".join(one for one in line if unicodedata.category(one) not in ("Cf", "Cc") or one == "\t")
    )


def unseen(output: str, *, allowed: str = "\n") -> set[str]:
    """Characters that a terminal obeys, or shows as nothing or as something else."""
    return {
        one
        for one in set(output)
        if one not in allowed
        and one not in _SEEN
        and (unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") or one in _BLANK)
    }


def without_colours(output: str) -> str:
    """What a terminal shows of lines that were coloured by us."""
    return _COLOUR.sub("", output)


def parsed(document: str) -> list[Token]:
    """The tokens of a document in GitHub's Markdown."""
    return MarkdownIt("gfm-like", {"linkify": False}).parse(document)


def inline(document: str) -> Iterator[Token]:
    """Every token inside a block."""
    for token in parsed(document):
        yield from token.children or ()


def prose(document: str) -> str:
    """What GitHub looks through for links and mentions: text outside code."""
    return "\n".join(token.content for token in inline(document) if token.type in ("text", "text_special"))
