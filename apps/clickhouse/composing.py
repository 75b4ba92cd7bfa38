"""SQL that is put together from several .sql files."""

from functools import cache
from pathlib import Path
from string import Template


def composed(folder: Path, name: str, **parts: str) -> str:
    """The SQL file `name` of `folder` with `parts` in the places of $part, its comments left out (they may name one).

    Raises KeyError for a part that is not given.
    """
    return _code(folder / name).substitute(parts)


@cache
def _code(path: Path) -> Template:
    lines = path.read_text(encoding="utf-8").splitlines()
    return Template("\n".join(line for line in lines if not line.lstrip().startswith("--")))
