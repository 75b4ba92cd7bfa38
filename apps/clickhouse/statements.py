"""Splitting a .sql file into statements. Pure."""

import re

# What a semicolon may stand in without ending a statement: strings and quoted names (with \ and doubled-quote escapes),
# comments. Each alternative also matches when its end is missing, so that the splitter can say so.
_TOKEN = re.compile(
    r"""
      (?P<quoted>'(?:[^'\\]|\\.|'')*+(?P<end1>')? | "(?:[^"\\]|\\.|"")*+(?P<end2>")? | `(?:[^`\\]|\\.|``)*+(?P<end3>`)?)
    | (?P<line>--[^\n]*)
    | (?P<block>/\*.*?(?P<end4>\*/|\Z))
    | (?P<semicolon>;)
    """,
    re.VERBOSE | re.DOTALL,
)


class UnfinishedSqlError(ValueError):
    """A string, quoted name or comment that never ends."""


def split_statements(sql: str) -> list[str]:
    """The statements of `sql`, in order, without their semicolons; what holds only comments and blanks is left out.

    Comments inside a statement stay in it. Raises UnfinishedSqlError with the line where the open end began.
    """
    statements: list[str] = []
    begin = 0
    has_code = False
    position = 0
    for token in _TOKEN.finditer(sql):
        has_code = has_code or bool(sql[position : token.start()].strip())
        position = token.end()
        if token["semicolon"]:
            if has_code:
                statements.append(sql[begin : token.start()].strip())
            begin, has_code = token.end(), False
        elif token["quoted"]:
            has_code = True
            if not (token["end1"] or token["end2"] or token["end3"]):
                raise UnfinishedSqlError(f"The quote opened on line {_line(sql, token.start())} is never closed.")
        elif token["block"] and token["end4"] != "*/":
            raise UnfinishedSqlError(f"The comment opened on line {_line(sql, token.start())} is never closed.")
    if has_code or sql[position:].strip():
        statements.append(sql[begin:].strip())
    return statements


def _line(sql: str, position: int) -> int:
    return sql.count("\n", 0, position) + 1
