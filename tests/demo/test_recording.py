"""The recording that is checked in."""

import json
from pathlib import Path

import pytest

from apps.demo import recording
from apps.demo.recording import RecordingBrokenError
from apps.demo.shoppers import SHOPPERS

# Bytes. It is read by people in diffs and cloned by everybody.
LARGEST = 300_000


def test_the_recording_is_small_and_has_every_shopper() -> None:
    visits = recording.load()

    assert sorted(visit.name for visit in visits) == sorted(shopper.name for shopper in SHOPPERS)
    assert sum(path.stat().st_size for path in recording.FOLDER.iterdir()) < LARGEST


def test_nothing_that_a_shopper_typed_is_in_the_recording() -> None:
    text = "".join(path.read_text() for path in recording.FOLDER.glob("*.jsonl"))

    for typed in ("Ada", "Example", "Sample", "1000", "Lisbon", "SPRING", "WELCOME", "FRIENDS"):
        assert typed not in text


def test_the_times_of_a_visit_rise_and_leave_no_batch_before_its_page() -> None:
    for visit in recording.load():
        arrivals = [batch.at_ms for batch in visit.batches]
        assert arrivals == sorted(arrivals)
        assert all(visit.began_ms + batch.at_ms >= batch.integer("origin") for batch in visit.batches)


def test_saving_and_loading_gives_the_same_visits(tmp_path: Path) -> None:
    (tmp_path / "gone.jsonl").write_text("{}\n")
    recording.save(recording.load(), tmp_path)

    assert recording.load(tmp_path) == recording.load()


@pytest.mark.parametrize(
    "line",
    ["", "not json", "[]", '{"at": 1}', '{"at": 1, "body": {}}', '{"at": 1, "body": {"origin": 1, "events": []}}'],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"at": 0, "body": {"origin": 1, "events": [{"n": 0}]}})
    (tmp_path / "one.jsonl").write_text(f"{good}\n{line}\n{good}\n")

    with pytest.raises(RecordingBrokenError, match=r"one\.jsonl, line 2"):
        recording.load(tmp_path)


def test_an_empty_folder_says_how_to_make_a_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingBrokenError, match="bin/record-demo"):
        recording.load(tmp_path)
