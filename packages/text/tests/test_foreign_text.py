"""What others wrote stays text in every medium: the functions by themselves, with whatever text there is."""

import doctest
import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packages.text.tests.media import LINKED, PLAIN, commands, inline, parsed, prose, unseen
from safe_text import media as foreign_text
from safe_text.media import cell, code, fenced, json_document, line, lines, markdown, mermaid, title, whole

# Pieces of attacks, to be put together in any order with any text between them.
PIECES = [
    *("::add-mask::x", "::error file=a::b", "::set-output name=a::b", "::stop-commands::t", "::", ":", "##[error]x"),
    *("##[add-mask]", "##[", "#", "[", "]", "\n", "\r", "\r\n", "\t", " ", "\u2028", "\x85", "\u3000", "\ufe0f"),
    *("\x1b[2J", "\x1b]8;;https://x\x07", "\x9b31m", "\x7f", "\b", "\x00", "\u202e", "\u2066", "\u200b", "\ufeff"),
    *("\ud800", "\udc80", "\U000e0041", "\u2060", "\u00ad", "\u115f", "`", "``", "```", "~~~", "|", "\\", "\\|", "\\`"),
    *("*", "_", "# h", "- x", "1. x", "> q", "===", "---", "<img src=x>", "<!-- -->", "<!--", "-->", "<details>"),
    *("[a](http://b)", "![a](b)", "[a]: b", "<http://a.b>", "http://a.b", "www.a.b", "a@b.cd", "@team", "@org/team"),
    *("#12", "acme/x#1", "GH-3", "mailto:a@b", "&lt;", "&#64;", "$x$", "\\", "|---|", "</td>", "%%{init: {}}%%", '"'),
]
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=8).map("".join)
EXAMPLES = settings(max_examples=60)
ONE_LINE = [line, foreign_text.joined, title]


def test_the_examples_of_the_module_are_true() -> None:
    assert doctest.testmod(foreign_text).failed == 0


@EXAMPLES
@given(TEXT)
@pytest.mark.parametrize("function", ONE_LINE)
def test_a_line_stays_one_line_and_text_wherever_it_stands(function: Callable[[str], str], text: str) -> None:
    shown = function(text)
    for output in (shown, f"   {shown}", f"{shown}: {shown}", f"prod: {shown}", f"\u2003{shown}{shown}"):
        assert commands(output) == []
        assert unseen(output, allowed="\u2060" if function is title else "") == set()


@EXAMPLES
@given(TEXT)
def test_lines_have_no_other_end_than_a_newline_and_none_is_a_command(text: str) -> None:
    assert commands(lines(text)) == []
    assert unseen(lines(text), allowed="\n\t\u2060") == set()
    assert lines(text).count("\n") == text.count("\n")


UNSEEN_LETTERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0100-\U000e01ef]")
ORDINARY = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])).filter(
    lambda text: not re.search(r"^\s*:[\ufe00-\ufe0f]*:|\[", text) and not UNSEEN_LETTERS.search(text)
)


@EXAMPLES
@given(ORDINARY)
def test_an_ordinary_name_is_shown_byte_for_byte(text: str) -> None:
    assert line(text) == lines(text) == text
    assert json_document(json.dumps(text, ensure_ascii=False)) == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize(
    "name",
    ["taxi-fare", "dev_taxi.fare", "${var.catalog}.x", "Zürich €5", "日本語", "שלום", "a::b", "C:\\x", "50%", "~/x #1"],
)
def test_names_that_people_use_are_ordinary(name: str) -> None:
    assert line(name) == title(name).replace("\u2060", "") == name
    assert [token.content for token in inline(code(name))] == [name]


@EXAMPLES
@given(TEXT)
def test_what_is_escaped_can_be_told_from_what_was_left_out(text: str) -> None:
    """Nothing disappears: each character is shown as itself or as an escape."""
    assert len(line(text)) >= len(text)


@EXAMPLES
@given(TEXT)
def test_prose_in_markdown_is_text_and_code_wherever_it_stands(text: str) -> None:
    shown = markdown(text)
    for document in (shown, f"- {shown}", f"### high · {shown}", f"before\n\n{shown}\n\nafter"):
        assert {token.type for token in inline(document)} <= PLAIN, document
        assert LINKED.search(prose(document)) is None, document
    blocks = {token.type for token in parsed(f"before\n\n{shown}\n\nafter")}
    assert blocks <= {"paragraph_open", "inline", "paragraph_close"}
    assert unseen(shown, allowed="\u2060") == set()
    assert commands(shown) == []


@EXAMPLES
@given(TEXT)
def test_prose_in_markdown_reads_as_it_was_written(text: str) -> None:
    def letters(shown: str) -> str:
        return re.sub(r"[`\s\u2060]", "", shown.replace("\\x3a", ":").replace("\\x23", "#"))

    shown = "".join(token.content for token in inline(markdown(text)))
    assert letters(shown) == letters(foreign_text.joined(text))


@EXAMPLES
@given(TEXT)
def test_code_in_markdown_is_one_span_of_code(text: str) -> None:
    (token,) = inline(f"{code(text)}")
    assert token.type == "code_inline"
    assert token.content.strip() == line(text).strip()


@EXAMPLES
@given(TEXT, TEXT)
@pytest.mark.parametrize("function", [cell, lambda text: markdown(text, in_table=True)])
def test_a_cell_of_a_table_is_one_cell(function: Callable[[str], str], one: str, other: str) -> None:
    table = f"| a | b |\n|---|---|\n| {function(one)} | {function(other)} |\n\nafter"
    kinds = [token.type for token in parsed(table)]
    assert (kinds.count("tr_open"), kinds.count("td_open"), kinds.count("paragraph_open")) == (2, 2, 1)
    assert {token.type for token in inline(table)} <= PLAIN
    assert LINKED.search(prose(table)) is None
    last = [token.content for token in parsed(table) if token.type == "inline"][-1]
    assert last == "after"


def cells(row: str) -> int:
    """How many cells cmark-gfm, which GitHub has, sees in a row: a backslash takes the next sign with it."""
    return len(re.sub(r"\\[!-/:-@\[-`{-~]", "", row).strip().strip("|").split("|"))


@EXAMPLES
@given(TEXT)
def test_github_s_own_parser_sees_the_same_cells(text: str) -> None:
    assert cells(f"| {cell(text)} | {markdown(text, in_table=True)} | x |") == 3


@EXAMPLES
@given(st.lists(TEXT, max_size=3))
def test_a_block_of_code_ends_where_it_ends(texts: list[str]) -> None:
    kinds = [(token.type, token.content) for token in parsed("\n".join([*fenced(texts, "sh"), "", "after"]))]
    assert kinds[0] == ("fence", "".join(f"{line(text)}\n" for text in texts))
    assert [kind for kind, _ in kinds[1:]] == ["paragraph_open", "inline", "paragraph_close"]


@EXAMPLES
@given(TEXT, TEXT)
def test_json_has_the_same_values_and_nothing_raw(key: str, value: str) -> None:
    data = {key: [value, 1]}
    for ascii_only in (True, False):
        document = json_document(json.dumps(data, ensure_ascii=ascii_only, indent=2))
        # Two surrogates that stand together are one character in JSON.
        assert json.loads(document) == json.loads(json.dumps(data))
        assert unseen(document) == set()
        assert commands(document) == []
        document.encode()


@EXAMPLES
@given(TEXT)
def test_a_title_fits_and_links_nothing(text: str) -> None:
    assert len(title(text)) <= 256
    assert LINKED.search(title(text)) is None
    assert len(title(text * 100)) <= 256


@EXAMPLES
@given(TEXT)
def test_a_label_of_a_diagram_ends_nothing(text: str) -> None:
    shown = mermaid(text)
    assert not re.search(r"[\"<>`\n]|%%|#(?!\d+;)|&", shown)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), shown) == foreign_text.joined(text)
    assert unseen(shown, allowed="") == set()


@EXAMPLES
@given(TEXT)
def test_whole_text_can_be_encoded(text: str) -> None:
    whole(text).encode()
    assert whole(text) == text or re.search("[\ud800-\udfff]", text)


EVERY: list[Callable[[str], object]] = [
    *(line, lines, foreign_text.joined, markdown, code, cell, title, mermaid, json_document, whole),
    lambda text: fenced([text]),
]


@pytest.mark.parametrize("piece", [*PIECES, "a", "`a", "a`", "#\ufe0f", ":\u2060", "1", "&a", "@a ", "\\`a"])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    began = time.process_time()
    for function in EVERY:
        function(text)
    assert time.process_time() - began < 2
