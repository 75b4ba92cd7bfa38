"""The recorded visits: what real browsers with the real SDK sent while shoppers used the demo shop.

One file a visit, one line a batch: {"at": ms since the visit's first page began, "body": the batch as it was sent}.
The bodies are verbatim (docs/wire.md). `manage.py record_demo` makes them anew; nothing here is written by hand.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "recording"

Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Body = dict[str, Json]


class RecordingBrokenError(Exception):
    """A line of a recording is not what `save` writes."""


@dataclass(frozen=True)
class Batch:
    """One batch and when it arrived, in ms since the visit began."""

    at_ms: int
    body: Body

    def integer(self, name: str) -> int:
        """The envelope's whole number `name`. Raises RecordingBrokenError where it is anything else."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise RecordingBrokenError(f"A batch's “{name}” is not a whole number.")
        return value

    def text(self, name: str) -> str:
        """The envelope's text `name`. Raises RecordingBrokenError where it is anything else."""
        value = self.body.get(name)
        if not isinstance(value, str):
            raise RecordingBrokenError(f"A batch's “{name}” is not a text.")
        return value

    def events(self) -> list[Body]:
        """The batch's events. Raises RecordingBrokenError where there are none."""
        value = self.body.get("events")
        if not isinstance(value, list) or not value:
            raise RecordingBrokenError("A batch has no events.")
        return [event for event in value if isinstance(event, dict)]


@dataclass(frozen=True)
class Visit:
    """One shopper's batches, in the order in which they arrived."""

    name: str
    batches: tuple[Batch, ...]

    @property
    def began_ms(self) -> int:
        """When the first page began, by the browser's wall clock: ms since 1970."""
        return min(batch.integer("origin") for batch in self.batches)


def load(folder: Path = FOLDER) -> tuple[Visit, ...]:
    """Every visit of `folder`, by name. Raises RecordingBrokenError, naming the file and the line."""
    visits = tuple(_read(path) for path in sorted(folder.glob("*.jsonl")))
    if not visits:
        raise RecordingBrokenError(f"There is no recording in {folder}. Make one with bin/record-demo.")
    return visits


def save(visits: Sequence[Visit], folder: Path = FOLDER) -> None:
    """Writes `visits` and removes every other visit of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.jsonl"):
        path.unlink()
    for visit in visits:
        lines = [
            json.dumps({"at": batch.at_ms, "body": batch.body}, ensure_ascii=False, separators=(",", ":"))
            for batch in visit.batches
        ]
        (folder / f"{visit.name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read(path: Path) -> Visit:
    batches: list[Batch] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            batch = Batch(at_ms=entry["at"], body=entry["body"])
            batch.integer("origin")
            batch.events()
        except (ValueError, KeyError, TypeError, AttributeError, RecordingBrokenError) as error:
            raise RecordingBrokenError(f"{path.name}, line {number}: {error}") from error
        batches.append(batch)
    if not batches:
        raise RecordingBrokenError(f"{path.name} is empty.")
    return Visit(name=path.stem, batches=tuple(batches))
