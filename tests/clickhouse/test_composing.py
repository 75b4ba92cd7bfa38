"""SQL that is put together from several files."""

from pathlib import Path

import pytest

from apps.clickhouse.composing import composed


def test_a_part_stands_where_it_is_named_and_a_comment_that_names_one_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "whole.sql").write_text("-- $missing is named here alone.\nSELECT * FROM ($inner)\n  -- $missing\n")
    (tmp_path / "inner.sql").write_text("-- All.\nSELECT 1")
    assert composed(tmp_path, "whole.sql", inner=composed(tmp_path, "inner.sql")) == "SELECT * FROM (SELECT 1)"


def test_a_part_that_nobody_gives_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "whole.sql").write_text("SELECT * FROM ($inner)")
    with pytest.raises(KeyError, match="inner"):
        composed(tmp_path, "whole.sql")
