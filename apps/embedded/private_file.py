"""Files with secrets in them."""

from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, completely or not at all."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)
