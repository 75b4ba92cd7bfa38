"""Where one SQL statement ends and the next begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.clickhouse.statements import UnfinishedSqlError, split_statements


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        ("  \n;;\n ; ", []),
        ("-- nothing; at all\n/* nor; here */", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        ("SELECT 1;\nSELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';';SELECT 2", ["SELECT ';'", "SELECT 2"]),
        (r"SELECT 'it\';s';SELECT 2", [r"SELECT 'it\';s'", "SELECT 2"]),
        ("SELECT 'it'';s';SELECT 2", ["SELECT 'it'';s'", "SELECT 2"]),
        ('SELECT `a;b`, "c;d";SELECT 2', ['SELECT `a;b`, "c;d"', "SELECT 2"]),
        ("SELECT 1 -- one; it's\n;SELECT 2", ["SELECT 1 -- one; it's", "SELECT 2"]),
        ("SELECT 1 /* ; ' */;SELECT 2", ["SELECT 1 /* ; ' */", "SELECT 2"]),
        ("-- why\nSELECT 1;\n-- the end;", ["-- why\nSELECT 1"]),
        ("SELECT '--', '/*' ;SELECT 2", ["SELECT '--', '/*'", "SELECT 2"]),
        ("SELECT 5-3;SELECT 4/2", ["SELECT 5-3", "SELECT 4/2"]),
        ("'only';", ["'only'"]),
    ],
)
def test_semicolons_end_statements_except_in_texts_names_and_comments(sql: str, statements: list[str]) -> None:
    assert split_statements(sql) == statements


@pytest.mark.parametrize("sql", ["SELECT 1;\nSELECT 'a", 'SELECT\n"a', "SELECT\n`a;", "SELECT 1\n/* a", "SELECT\n'\\'"])
def test_what_is_never_closed_is_refused_with_its_line(sql: str) -> None:
    with pytest.raises(UnfinishedSqlError, match="line 2"):
        split_statements(sql)


_PIECES = st.lists(
    st.sampled_from(["SELECT 1", "'a;b'", "''", '"c;"', "`d;`", "/* ; */", "-- ;\n", "\n", " "]), min_size=1
)


@given(st.lists(_PIECES.filter(lambda pieces: any(piece[0] in "S'\"`" for piece in pieces)).map("".join), max_size=5))
def test_joining_statements_and_splitting_them_gives_them_back(statements: list[str]) -> None:
    assert split_statements("\n;\n".join(statements)) == [statement.strip() for statement in statements]
