"""Shell scripts of workflows, as far as they can be told without running them: their commands, and what these deploy.

https://www.gnu.org/software/bash/manual/html_node/Shell-Syntax.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Stands in a script for what only a run knows. A script that holds it already is none the better understood for it.
BLANK = "\ue000"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_OPENING = {"if", "case", "while", "until", "for", "select"}
_CLOSING = {"fi", "esac", "done"}
_LEADING = {*_OPENING, *_CLOSING, "then", "else", "elif", "do", "!", "{", "}", "time", "in"}
_TESTS = {"[", "[[", "test", "grep", "!"}
# Their words are text, and run as nothing.
_TEXT_ONLY = {"echo", "printf", ":", "grep", "git", "gh", "cat", "test", "[", "[[", "read", "for", "case", "select"}
_SHELLS = {"sh", "bash", "dash", "zsh", "eval"}
# Options of `databricks` that take the next word, of those that may stand in front of `deploy` or behind it
# (https://docs.databricks.com/dev-tools/cli/reference/bundle-commands).
_WITH_VALUE = {"--profile", "--output", "--log-level", "--log-file", "--log-format", "--progress-format", "--var"}
_WITH_VALUE |= {"--target", "--environment", "--cluster-id", "--compute-id", "--plan"}
_SHORT_WITH_VALUE = "ptoec"
_VARIABLES = ("DATABRICKS_BUNDLE_TARGET", "DATABRICKS_BUNDLE_ENV")
_DEEPEST = 8
_LONGEST_VALUE = 1_000


@dataclass(frozen=True, slots=True)
class BundleDeploy:
    """A `databricks bundle deploy`: its target, None where only a run knows it, and whether it stands under a test."""

    target: str | None
    conditional: bool
    why: str = ""


@dataclass(slots=True)
class Command:
    """One command: the variables that are set for it alone, its words, and whether it stands under a test."""

    words: list[str] = field(default_factory=list)
    conditional: bool = False


def deploys(script: str, variables: Mapping[str, str]) -> Iterator[BundleDeploy]:
    """What a script deploys. `variables` are its environment; those that it has not are not known."""
    if not any(word in text for text in (script, *variables.values()) for word in ("databricks", "deploy")):
        return
    known = {name: value if len(value) <= _LONGEST_VALUE else BLANK for name, value in variables.items()}
    yield from _deploys(script, known, 0, False)


def _deploys(script: str, variables: dict[str, str], depth: int, conditional: bool) -> Iterator[BundleDeploy]:
    reader = _Reader(script, variables)
    for command in reader.commands():
        words, own = command.words, dict[str, str]()
        under = conditional or command.conditional
        while words and (set_ := _assigned(words[0])):
            own[set_[0]] = set_[1]
            words = words[1:]
        program = _program(words[0]) if words else ""
        if program in _SHELLS and depth < _DEEPEST:
            inner = " ".join(words[1:]) if program == "eval" else _after_c(words[1:])
            if inner:
                yield from _deploys(inner, {**reader.variables, **own}, depth + 1, under)
                continue
        if program == "env":
            own |= dict(filter(None, map(_assigned, words[1:])))
        found = None if program in _TEXT_ONLY else _deployed(words)
        if found is not None:
            target, why = found
            if target == "":
                named = {**reader.variables, **own}
                target = next((named[name] for name in _VARIABLES if named.get(name)), "")
                why = "it names no target"
            if target == "" or BLANK in target:
                yield BundleDeploy(None, under, why or "its target is known in a run alone")
            else:
                yield BundleDeploy(target, under)
    for inner in reader.inner:
        if depth < _DEEPEST:
            yield from _deploys(inner, dict(reader.variables), depth + 1, conditional)
        elif "deploy" in inner:
            yield BundleDeploy(None, True, "its script is nested too deep")


def _program(word: str) -> str:
    return word.rsplit("/", 1)[-1].removesuffix(".exe")


def _after_c(words: list[str]) -> str:
    for index, word in enumerate(words):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return words[index + 1] if index + 1 < len(words) else ""
        if not word.startswith("-"):
            return ""
    return ""


def _assigned(word: str) -> tuple[str, str] | None:
    found = _NAME.match(word)
    if found and word.startswith("=", found.end()):
        return found[0], word[found.end() + 1 :]
    return None


def _deployed(words: list[str]) -> tuple[str, str] | None:
    """The target of a deploy, empty where none is named; None for any other command."""
    start = next((index for index, word in enumerate(words) if _program(word) == "databricks"), None)
    if start is None:
        # A program that only a run knows may be the CLI.
        start = 0 if words and BLANK in words[0] and {"bundle", "deploy"} <= set(words) else None
    if start is None:
        return None
    target, positional, at, blank = "", list[str](), start + 1, False
    while at < len(words):
        word = words[at]
        at += 1
        name, equals, value = word.partition("=")
        if word == "--":
            positional += words[at:]
            break
        if word.startswith("--"):
            if name in _WITH_VALUE and not equals:
                value = words[at] if at < len(words) else ""
                at += 1
            if name in ("--target", "--environment"):
                target = value
        elif word.startswith("-") and len(word) > 1:
            letter = next((index for index, char in enumerate(word) if char in _SHORT_WITH_VALUE), None)
            if letter is not None:
                value = word[letter + 1 :].removeprefix("=")
                if not word[letter + 1 :]:
                    value = words[at] if at < len(words) else ""
                    at += 1
                if word[letter] in "te":
                    target = value
        elif word == BLANK and len(positional) >= 2:
            blank = True
        else:
            positional.append(word)
    if positional[:1] not in (["bundle"], [BLANK]):
        return None
    verb = positional[1] if len(positional) > 1 else ""
    if verb == "deploy" or (BLANK in verb and len(positional) > 1) or positional[:1] == [BLANK]:
        certain = verb == "deploy" and positional[0] == "bundle"
        return (target or (BLANK if blank else ""), "") if certain else (BLANK, "its command is known in a run alone")
    return None


class _Reader:
    """A script, read once from its beginning to its end."""

    def __init__(self, script: str, variables: dict[str, str]) -> None:
        self.text = script.replace("\r\n", "\n").replace("\\\n", "")
        self.at = 0
        self.variables = variables
        self.inner: list[str] = []
        self.heredocs: list[tuple[str, bool]] = []
        self.depth = 0
        self.branching = any(word in _OPENING for word in re.findall(r"[a-z]++", self.text))

    def commands(self) -> Iterator[Command]:
        words: list[str] = []
        tested = False
        while True:
            kind, found = self._token()
            if kind == "words":
                words += found
                continue
            if kind == "skip":
                continue
            if words:
                yield from self._command(words, tested)
            if kind == "end":
                return
            tested = found[0] in ("&&", "||") and (tested or _program((words or [""])[0]) in _TESTS)
            words = []

    def _command(self, words: list[str], tested: bool) -> Iterator[Command]:
        while words and words[0] in _LEADING:
            if words[0] in _OPENING:
                self.depth += 1
                if words[0] in ("for", "case", "select"):
                    if len(words) > 1 and words[0] != "case":
                        self.variables[words[1]] = BLANK
                    return
            elif words[0] in _CLOSING:
                self.depth = max(self.depth - 1, 0)
            words = words[1:]
        if not words:
            return
        exported = words[1:] if words[0] in ("export", "local", "declare", "readonly") else words
        if exported and all(map(_assigned, exported)):
            for name, value in filter(None, map(_assigned, exported)):
                self.variables[name] = BLANK if self.branching or len(value) > _LONGEST_VALUE else value
            return
        if words[0] == "read":
            self.variables.update(dict.fromkeys(words[1:], BLANK))
        yield Command(words, tested or self.depth > 0)

    def _token(self) -> tuple[str, list[str]]:
        """What comes next: words, something that is passed over, the sign that ends a command, or the end."""
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
        if self.at >= len(self.text):
            return "end", []
        char = self.text[self.at]
        if char == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return "skip", []
        if char == "\n":
            self.at += 1
            self._skip_heredocs()
            return "sign", ["\n"]
        if char in ";&|()":
            sign = self.text[self.at : self.at + 2]
            if sign == "&>":
                self.at += 1
                return self._redirected()
            sign = sign if sign in ("&&", "||", ";;") else char
            self.at += len(sign)
            return "sign", [sign]
        if char in "<>":
            return self._redirected()
        return "words", self._word()

    def _redirected(self) -> tuple[str, list[str]]:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "<>&|-":
            self.at += 1
        sign = self.text[start : self.at]
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] not in "\n;|&()<>#":
            word = self._word()
            if sign in ("<<", "<<-") and word:
                self.heredocs.append((word[0], sign == "<<-"))
        elif self.at < len(self.text) and self.text[self.at] == "(":
            pass  # <(...): its command is read like any other
        return "skip", []

    def _skip_heredocs(self) -> None:
        for delimiter, tabs in self.heredocs:
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = min(end + 1, len(self.text))
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
        self.heredocs = []

    def _word(self) -> list[str]:
        """One word; several where a variable that stands without quotes holds several."""
        found: list[list[str]] = [[]]
        quoted = False
        while self.at < len(self.text) and self.text[self.at] not in " \t\n;&|()<>":
            char = self.text[self.at]
            self.at += 1
            if char == "'":
                found[-1].append(self._until("'"))
                quoted = True
            elif char == '"':
                found[-1].append(self._double())
                quoted = True
            elif char == "\\":
                found[-1].append(self.text[self.at : self.at + 1])
                self.at += 1
            elif char in "$`":
                value = self._variable() if char == "$" else self._substitution("`")
                pieces = value.split()
                if pieces and not value[0].isspace():
                    found[-1].append(pieces.pop(0))
                found += [[piece] for piece in pieces]
            else:
                found[-1].append(char)
        words = ["".join(pieces) for pieces in found]
        return words if quoted or words != [""] else []

    def _until(self, sign: str) -> str:
        end = self.text.find(sign, self.at)
        end = len(self.text) if end < 0 else end
        found = self.text[self.at : end]
        self.at = end + 1
        return found

    def _double(self) -> str:
        found: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == '"':
                break
            if char == "\\" and self.text[self.at : self.at + 1] in ('"', "$", "`", "\\"):
                found.append(self.text[self.at])
                self.at += 1
            elif char == "$":
                found.append(self._variable())
            elif char == "`":
                found.append(self._substitution("`"))
            else:
                found.append(char)
        return "".join(found)

    def _variable(self) -> str:
        if self.text.startswith("(", self.at):
            self.at += 1
            return self._substitution(")")
        if self.text.startswith("{", self.at):
            self.at += 1
            inside = self._until("}")
            name = _NAME.match(inside)
            if name and name.end() == len(inside):
                return self.variables.get(inside, BLANK)
            if name and inside.startswith((":-", "-"), name.end()) and self.variables.get(name[0], ""):
                return self.variables[name[0]]
            return BLANK
        found = _NAME.match(self.text, self.at)
        if found is None:
            if self.text[self.at : self.at + 1] in ("?", "@", "*", "#", "$", "!") or self.text[self.at :][:1].isdigit():
                self.at += 1
                return BLANK
            return "$"
        self.at = found.end()
        return self.variables.get(found[0], BLANK)

    def _substitution(self, end: str) -> str:
        """A command whose output stands there; it is read as a script of its own."""
        start, depth = self.at, 1
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == end:
                depth -= 1
                if not depth:
                    break
            elif char == "(" and end == ")":
                depth += 1
        self.inner.append(self.text[start : self.at - 1])
        return BLANK
