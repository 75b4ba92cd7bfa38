"""What a query text asks for, as far as the protocol must know: does it wait for data, does it change settings?

The engine parses SQL; this module only finds words outside of quotes, comments and parentheses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<space>   \s+ | --[^\n]* | \#[!\ ][^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<word>    [A-Za-z_]\w* )
    | (?P<quoted>  `(?:[^`\\]|\\.|``)*` | "(?:[^"\\]|\\.|"")*" | '(?:[^'\\]|\\.|'')*' )
    | (?P<other>   \d[\w.]* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMAT_WORD: Final = re.compile(r"\bFORMAT\b", re.IGNORECASE)
_STARTS_INSERT_SOURCE: Final = frozenset({"VALUES", "FORMAT", "SELECT", "WITH", "FROM", "WATCH", "EXPLAIN"})


class Kind(Enum):
    """What the protocol must do around a statement."""

    SELECT = "run it and send its result as it comes"
    PLAIN = "run it and send its result, if it has one"
    SET = "run it; it changes the session's settings"
    INSERT_DATA = "ask the client for blocks"


@dataclass(frozen=True)
class Statement:
    """A query text made ready for the engine.

    `text` is what to run: for others than INSERT_DATA without a trailing FORMAT, which over the native protocol is the
    client's business; for INSERT_DATA as far as its columns. `table`, `columns` and `settings` are parts of an
    INSERT_DATA's text.
    """

    kind: Kind
    text: str
    table: str = ""
    columns: str = ""
    settings: str = ""


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    is_word: bool
    depth: int

    def means(self, *words: str) -> bool:
        return self.is_word and self.text.upper() in words


def read(text: str) -> Statement:
    """Tell what `text` asks for."""
    first = next(_tokens(text), None)
    if first is None:
        return Statement(Kind.PLAIN, text)
    if first.means("INSERT"):
        return _read_insert(text, _outer_tokens(text))
    if first.means("SET"):
        return Statement(Kind.SET, text)
    is_select = first.means("SELECT", "WITH") or first.text == "("
    if _FORMAT_WORD.search(text):  # else the text, which may hold a list of 100,000 ids, is not looked at any further
        text = _without_format(text, _outer_tokens(text))
    return Statement(Kind.SELECT if is_select else Kind.PLAIN, text)


def _outer_tokens(text: str) -> list[_Token]:
    """The tokens outside of all parentheses, without the semicolons at the end."""
    tokens = [token for token in _tokens(text) if token.depth == 0]
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    return tokens


def _tokens(text: str) -> Iterator[_Token]:
    """All tokens but spaces and comments; a pair of parentheses is at the depth around it, what it holds is deeper."""
    depth = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "space":
            continue
        token = match.group()
        if token in (")", "]", "}"):
            depth = max(0, depth - 1)
        yield _Token(token, match.start(), match.end(), match.lastgroup == "word", depth)
        if token in ("(", "[", "{"):
            depth += 1


def _without_format(text: str, tokens: list[_Token]) -> str:
    """`SELECT … FORMAT x` without its last two words, also where SETTINGS follow them."""
    for index in range(len(tokens) - 2, 0, -1):
        if tokens[index].means("FORMAT") and tokens[index + 1].is_word:
            is_last = index + 2 == len(tokens)
            if is_last or tokens[index + 2].means("SETTINGS"):
                return text[: tokens[index].start] + text[tokens[index + 1].end :]
        if tokens[index].means("FROM"):
            break
    return text


def _read_insert(text: str, tokens: list[_Token]) -> Statement:
    """`INSERT INTO [TABLE] [FUNCTION] name [(columns)] [SETTINGS …] [VALUES | FORMAT x | SELECT …]`."""
    position = 1
    while position < len(tokens) and tokens[position].means("INTO", "TABLE"):
        position += 1
    if position >= len(tokens) or tokens[position].means("FUNCTION"):
        return Statement(Kind.PLAIN, text)  # a table function tells no columns beforehand; the engine judges the rest
    first = position
    position += 1
    while position + 1 < len(tokens) and tokens[position].text == ".":
        position += 2
    table = text[tokens[first].start : tokens[position - 1].end]
    columns = ""
    if position + 1 < len(tokens) and tokens[position].text == "(" and tokens[position + 1].text == ")":
        inside = text[tokens[position].end : tokens[position + 1].start]
        if not (inside_tokens := list(_tokens(inside))) or not inside_tokens[0].means("SELECT", "WITH"):
            columns = inside
            position += 2
    source = next((i for i in range(position, len(tokens)) if tokens[i].means(*_STARTS_INSERT_SOURCE)), len(tokens))
    if any(token.text == "(" for token in tokens[position:source]):
        return Statement(Kind.PLAIN, text)  # INSERT INTO t (SELECT …)
    words = 2 if source < len(tokens) and tokens[source].means("FORMAT") else 1
    has_source = source < len(tokens) and not tokens[source].means("VALUES", "FORMAT")
    if has_source or source + words < len(tokens):
        return Statement(Kind.PLAIN, text)  # a SELECT, or values in the text itself
    settings = text[tokens[position].start : tokens[source - 1].end] if position < source else ""
    return Statement(Kind.INSERT_DATA, text[: tokens[position - 1].end], table, columns, settings)


def column_names(columns: str) -> list[str] | None:
    """The names in an INSERT's column list, or None when it is an expression (`* EXCEPT (a)`) or no list at all."""
    names: list[str] = []
    parts: list[str] = []
    for token in [*_tokens(columns), _Token(",", 0, 0, is_word=False, depth=0)]:
        if token.text == "," and token.depth == 0:
            if not parts:
                return None
            names.append("".join(parts))
            parts = []
        elif token.is_word or token.text == ".":
            parts.append(token.text)
        elif token.text[0] in '`"':
            quote = token.text[0]
            parts.append(re.sub(r"\\(.)", r"\1", token.text[1:-1].replace(quote * 2, quote)))
        else:
            return None
    return names
