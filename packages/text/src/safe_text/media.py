"""Text that others wrote, made safe for where it is shown.

Names, paths, values and messages come from ML repositories, pull requests and services. On their way out they must be
read as text only: no terminal control, no command to GitHub's runner, no markup, no mention. What could be more than
that becomes a visible escape (`\\x1b`, `\\u202e`); everything else stays as it is, byte for byte.

Each medium has one function: `line` and `lines` for terminals and CI logs, `markdown`, `code`, `cell` and `fenced` for
Markdown, `title` for the title of an issue, `json_document` for JSON, `mermaid` for diagrams.
"""

import re
from collections.abc import Iterable

# What a terminal, a browser or a person does not show as a character of its own: C0 (but tab and newline) and C1
# controls, DEL, soft hyphens, zero-width and bidirectional characters (https://www.unicode.org/reports/tr9/,
# https://trojansource.codes), separators of lines and paragraphs, fillers, tags, and surrogates, which are no text.
_UNSEEN = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"
)
_CONTROL = re.compile(f"[{_UNSEEN}]")
# Lines that are put together may hold a word joiner of `markdown`.
_CONTROL_BUT_JOINERS = re.compile(f"(?!\u2060)[{_UNSEEN}]")
_CONTROL_OF_A_LINE = re.compile(f"[\\t\\n{_UNSEEN}]")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}

# Commands of GitHub's runner: `::name::` at the start of a line, whatever white space comes before it, and
# `##[name]` anywhere in it (TryParseV2 and TryParse,
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs). .NET's
# comparison by culture passes over what is not seen
# (https://learn.microsoft.com/dotnet/standard/base-types/best-practices-strings).
_SELECTORS = "[\u2060\ufe00-\ufe0f]*"
_COMMAND = re.compile(f"^((?:[^\\S\\n]|[\u2060\ufe00-\ufe0f])*):(?={_SELECTORS}:)", re.MULTILINE)
_OLD_COMMAND = re.compile(f"#(?={_SELECTORS}#{_SELECTORS}\\[)")

# https://github.github.com/gfm/#backslash-escapes, as far as one of them begins anything inside a line; `$` begins
# mathematics (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting).
_MARKUP = re.compile(r"[\\`*_\[\]<>|#~$]|&(?=[#A-Za-z0-9]+;)")
_BLOCK = re.compile(r"^(?:([-+=:])|(\d{1,9})([.)]))")
# GitHub makes links and mentions from the text that is shown, so that a backslash does not prevent them. A word joiner
# in them does, and is not seen. ("Autolinked references and URLs" and "Mentioning people and teams" in
# https://docs.github.com/get-started/writing-on-github)
_JOINER = "\u2060"
_LINKED = re.compile(r"(?i)(@(?=\w)|#(?=\d)|:(?=//)|\b(?:www|gh|mailto|xmpp)(?=[-.:]))")
_SPANS = re.compile(r"`([^`]+)`")
_LONGEST_TITLE = 256

_MERMAID = re.compile(r"[#\"<>`&]|%(?=%)")


def line(text: str) -> str:
    """One line of a terminal or a CI log: a field, or a part of a sentence.

    >>> line("train\\n::error::\\x1b[31m")
    'train\\\\n::error::\\\\x1b[31m'
    >>> line("::stop-commands::x")
    '\\\\x3a:stop-commands::x'
    """
    return _without_commands(_CONTROL_OF_A_LINE.sub(_escape, text))


def lines(text: str) -> str:
    """Lines of a terminal or a CI log, which end with a newline and with nothing else."""
    return _without_commands(_CONTROL_BUT_JOINERS.sub(_escape, text))


def joined(text: str) -> str:
    """Prose of several lines as one; what is no white space of prose is escaped as in `line`."""
    return line(re.sub("[ \t\r\n]+", " ", text).strip(" "))


def markdown(text: str, *, in_table: bool = False) -> str:
    """Prose in Markdown. What stands between two backticks is code, and nothing else is markup.

    >>> markdown("`cdktf deploy prod` makes *x*")
    '`cdktf deploy prod` makes \\\\*x\\\\*'
    """
    words = joined(text)
    parts: list[str] = []
    end = 0
    for span in _SPANS.finditer(words):
        parts += [_plain(words[end : span.start()], first=not end), (cell if in_table else code)(span[1])]
        end = span.end()
    return "".join([*parts, _plain(words[end:], first=not end)])


def code(text: str) -> str:
    """Text as code in Markdown, whatever it holds: in it, GitHub sees neither mentions nor markup."""
    words = line(text)
    fence = "`" * (_longest(words) + 1)
    space = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{space}{words}{space}{fence}" if words else "` `"


def cell(text: str) -> str:
    """A value as code in a cell of a table in Markdown.

    With a backslash before a pipe it is plain text: parsers do not agree on where such a cell of code ends.
    """
    if "\\|" in text:
        return _plain(line(text).strip(" "), first=True)
    return code(text).replace("|", "\\|")


def fenced(commands: Iterable[str], language: str = "") -> list[str]:
    """Lines as a block of code in Markdown."""
    shown = [line(one) for one in commands]
    fence = "`" * max(3, 1 + max(map(_longest, shown), default=0))
    return [f"{fence}{language}", *shown, fence]


def title(text: str) -> str:
    """The title of an issue, at most 256 characters, in which nobody is mentioned."""
    shown = _LINKED.sub(rf"\1{_JOINER}", joined(text))
    return shown if len(shown) <= _LONGEST_TITLE else f"{shown[: _LONGEST_TITLE - 4]} ..."


def json_document(written: str) -> str:
    """JSON as a serialiser wrote it, with what is unsafe in a terminal or a CI log as JSON's own escapes.

    A reader of the JSON gets the same values.
    """
    return _OLD_COMMAND.sub("\\\\u0023", _CONTROL.sub(_json_escape, written))


def mermaid(text: str) -> str:
    """A label between quotation marks in a Mermaid diagram (https://mermaid.js.org/syntax/flowchart.html)."""
    return _MERMAID.sub(lambda found: f"#{ord(found[0])};", joined(text))


def whole(text: str) -> str:
    """Text that can be encoded: surrogates, of which file names and JSON may have single ones, are escaped."""
    return re.sub("[\ud800-\udfff]", _escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number > 0xFFFF:
        return f"\\U{number:08x}"
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _without_commands(text: str) -> str:
    return _OLD_COMMAND.sub("\\\\x23", _COMMAND.sub("\\1\\\\x3a", text))


def _plain(text: str, *, first: bool) -> str:
    """Text in which nothing is markup, nor a link by itself; `first` says that a line may begin with it."""
    begun = _BLOCK.match(text) if first else None
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    if begun is not None:
        at = len(begun[2] or "")
        escaped = f"{escaped[:at]}\\{escaped[at:]}"
    return _LINKED.sub(rf"\1{_JOINER}", escaped)


def _longest(text: str) -> int:
    """The length of the longest row of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
