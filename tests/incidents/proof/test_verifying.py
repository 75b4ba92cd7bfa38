"""Verifying: offline, every altered byte found, and every contradiction in a file that was made to look whole."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from apps.detection.catalog import by_name
from apps.incidents.lifecycle import fingerprint, incident_id
from apps.incidents.proof import document
from apps.incidents.proof.__main__ import main
from apps.incidents.proof.document import (
    FORMAT,
    Opening,
    Proof,
    UnreadableProofError,
    UsedDefinition,
    from_bytes,
    to_bytes,
)
from apps.incidents.proof.recomputing import counted_signals, sentence_of, verdict_on
from apps.incidents.proof.verifying import first_difference
from apps.thresholds.evaluation import Rule
from tests.conftest import NOW_MS
from tests.detection.sessions import click

ROOT = Path(__file__).resolve().parents[3]
# When the page of every visitor was opened, and the tick that judged the window.
ORIGIN_MS, AS_OF_MS = NOW_MS - 8_000, NOW_MS
RULE = Rule(
    threshold_id=7, version_id=9, version=1, signals=("rage_click",), group_by="route_element", metric="sessions",
    window_ms=900_000, at_least=2,
)  # fmt: skip
GROUP = (("route", "/checkout"), ("element", "button[data-testid=pay]"))


@pytest.fixture(scope="module")
def proof_file() -> bytes:
    """Two visitors' rage on one button: four clicks and five."""
    events = tuple(
        click(
            n, n * 200, session_id=f"session-{clicks}", page=f"page-{clicks}", origin_ms=ORIGIN_MS,
            stored_at_ms=AS_OF_MS - 4_000,
        )
        for clicks in (4, 5)
        for n in range(clicks)
    )  # fmt: skip
    definitions = (UsedDefinition(name="rage_click", version=1, parameters=by_name("rage_click").values()),)
    signals = counted_signals(
        events,
        definitions,
        rule=RULE,
        group=GROUP,
        window_end_ms=AS_OF_MS,
        settled_before_ms=0,
        hidings=(),
        as_of_ms=AS_OF_MS,
    )
    verdict = verdict_on(signals, (), rule=RULE, as_of_ms=AS_OF_MS, window_end_ms=AS_OF_MS, settled_before_ms=0)
    of_fingerprint = fingerprint(1, RULE.threshold_id, GROUP)
    return to_bytes(
        Proof(
            format=FORMAT,
            opening=Opening(
                incident_id=str(incident_id(of_fingerprint, AS_OF_MS)),
                fingerprint=str(of_fingerprint),
                project_id=1,
                group=GROUP,
                opened_ms=AS_OF_MS,
                settled_before_ms=0,
                sentence=sentence_of(signals, rule=RULE, group=GROUP, verdict=verdict, settled_before_ms=0),
            ),
            threshold="Rage clicks",
            rule=RULE,
            definitions=definitions,
            settle_ms=3_000,
            events=events,
            signals=tuple(signals),
            verdict=verdict,
        )
    )


def rehashed(content: Any) -> bytes:
    """A file of `content` whose hashes are true, as somebody would write it who means to deceive."""
    hashes = {part: document._sha256(value) for part, value in content.items()}
    return document._file({"content": content, "hashes": hashes, "sha256": document._sha256(hashes)})


def difference_in(data: bytes) -> str | None:
    """What is said of a file: the reason why it cannot be read, the first difference, or None."""
    try:
        proof, _ = from_bytes(data)
    except UnreadableProofError as error:
        return str(error)
    return first_difference(proof)


def test_a_proof_is_identical(proof_file: bytes) -> None:
    assert difference_in(proof_file) is None
    proof, _ = from_bytes(proof_file)
    assert to_bytes(proof) == proof_file
    assert rehashed(json.loads(proof_file)["content"]) == proof_file


def test_every_byte_that_is_flipped_is_found(proof_file: bytes) -> None:
    random = Random(1)
    missed = []
    for place in range(len(proof_file)):
        altered = bytearray(proof_file)
        altered[place] ^= random.choice((0x01, 0x02, 0x20, 0x80))
        if difference_in(bytes(altered)) is None:
            missed.append(place)
    assert missed == []


@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_many_bytes_is_found(proof_file: bytes, bit: int) -> None:
    for place in Random(bit).sample(range(len(proof_file)), 300):
        altered = bytearray(proof_file)
        altered[place] ^= 1 << bit
        assert difference_in(bytes(altered)) is not None, place


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null\n",
        b"[]\n",
        b"{}\n",
        b'{"content":[],"hashes":{},"sha256":""}\n',
        b"[" * 100_000,
        b"9" * 10_000,
        b"\xff\xfe",
        b'{"content":NaN}',
    ],
)
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableProofError):
        from_bytes(data)


def test_a_cut_or_lengthened_file_is_found(proof_file: bytes) -> None:
    for altered in (proof_file[:-1], proof_file[:-100], proof_file + b"\n", b" " + proof_file, proof_file[1:]):
        assert difference_in(altered) is not None


def test_of_another_format_it_is_said_who_verifies_it(proof_file: bytes) -> None:
    assert difference_in(proof_file.replace(b"irk-proof-1", b"irk-proof-2")) == (
        "This is no proof of the format irk-proof-1. Another format is verified by the release that exported it."
    )


def test_an_altered_part_is_named(proof_file: bytes) -> None:
    altered = proof_file.replace(b'"at_least":2', b'"at_least":1', 1)
    assert difference_in(altered) == "“rule” was altered: its SHA-256 is not the one that the file states."


def _drop_event(content: Any) -> None:
    del content["events"][2]


def _drop_session(content: Any) -> None:
    content["events"] = [event for event in content["events"] if event["session_id"] != "session-5"]


def _answer_a_click(content: Any) -> None:
    content["events"][1]["answers"] = {"mut": 3}


def _move_events_to_another_page(content: Any) -> None:
    for event in content["events"]:
        event["route"] = "/cart"


def _store_late(content: Any) -> None:
    content["events"][0]["stored_at_ms"] += 1000


def _repeat_event(content: Any) -> None:
    content["events"].insert(1, content["events"][0])


def _shuffle_events(content: Any) -> None:
    content["events"].reverse()


def _of_another_project(content: Any) -> None:
    content["events"][0]["project_id"] += 1


def _drop_signal(content: Any) -> None:
    del content["signals"][0]


def _another_user(content: Any) -> None:
    content["signals"][0]["user_id"] = "somebody"


def _lower_bound(content: Any) -> None:
    content["rule"]["at_least"] = 1


def _higher_measure(content: Any) -> None:
    content["verdict"]["measure"]["sessions"] = 3


def _softer_trace(content: Any) -> None:
    content["verdict"]["trace"][0]["margin"] = 1


def _clear(content: Any) -> None:
    """Consistent throughout, and no breach."""
    content["rule"]["at_least"] = 3
    content["verdict"]["trace"][0] |= {"bound": 3, "margin": -1, "holds": False}
    content["verdict"]["status"] = "clear"


def _another_tick(content: Any) -> None:
    content["opening"]["opened_ms"] += 10_000


def _another_id(content: Any) -> None:
    content["opening"]["incident_id"] = "00000000-0000-0000-0000-000000000000"


def _another_fingerprint(content: Any) -> None:
    content["opening"]["fingerprint"] = "00000000-0000-0000-0000-000000000000"


def _another_sentence(content: Any) -> None:
    content["opening"]["sentence"] = "All is well."


def _other_parameters(content: Any) -> None:
    content["definitions"][0]["parameters"]["min_clicks"] = 5


def _unknown_parameter(content: Any) -> None:
    content["definitions"][0]["parameters"]["mercy"] = 5


def _another_definition(content: Any) -> None:
    content["definitions"][0]["version"] += 1


def _other_signals(content: Any) -> None:
    content["rule"]["signals"] = ["rage_click", "dead_click"]


def _unknown_signal(content: Any) -> None:
    content["rule"]["signals"] = ["hunch"]
    content["definitions"][0]["name"] = "hunch"


def _idle_session(content: Any) -> None:
    content["events"].append({**content["events"][0], "session_id": "session-9"})


def _wrong_type(content: Any) -> None:
    content["events"][0]["n"] = "1"


def _said_twice(content: Any) -> None:
    content["events"][0]["subtype"] = ""


def _an_extra_field(content: Any) -> None:
    content["note"] = "trust me"


@pytest.mark.parametrize(
    ("forge", "place"),
    [
        (_drop_event, "signals[0].count: the proof states 4, and its content gives 3."),
        (_drop_session, "signals: the proof states 2, and its events make 1."),
        (_answer_a_click, "signals[0].count: the proof states 4, and its content gives 3."),
        (_move_events_to_another_page, "signals: the proof states 2, and its events make 0."),
        (_store_late, "events[0]: stored at"),
        (_repeat_event, "events: not each"),
        (_shuffle_events, "events: not each"),
        (_of_another_project, "events[0]: it is of project"),
        (_drop_signal, "signals[0]."),
        (_another_user, "signals[0].user_id: the proof states 'somebody'"),
        (_lower_bound, "verdict.trace[0].bound: the proof states 2, and its content gives 1."),
        (_higher_measure, "verdict.measure.sessions: the proof states 3, and its content gives 2."),
        (_softer_trace, "verdict.trace[0].margin: the proof states 1, and its content gives 0."),
        (_clear, "verdict.status: clear"),
        (_another_tick, "verdict.as_of_ms"),
        (_another_id, "opening.incident_id"),
        (_another_fingerprint, "opening.fingerprint"),
        (_another_sentence, "opening.sentence: the proof states 'All is well.'"),
        (_other_parameters, "signals[0].session_id"),
        (_unknown_parameter, "definitions: Rage click has no parameter “mercy”"),
        (_another_definition, "definitions: the proof is about version 2"),
        (_other_signals, "definitions: those of rage_click"),
        (_unknown_signal, "definitions: There is no signal “hunch”"),
        (_idle_session, "events: session session-9 shows no signal"),
        (_wrong_type, "The content is not that of a proof. events[0].n: not of type int but '1'."),
        (_said_twice, "The file was altered"),
        (_an_extra_field, "The file was altered"),
    ],
)
def test_a_forged_proof_with_true_hashes_contradicts_itself(
    proof_file: bytes, forge: Callable[[Any], None], place: str
) -> None:
    content = json.loads(proof_file)["content"]
    forge(content)
    difference = difference_in(rehashed(content))
    assert difference is not None
    assert difference.startswith(place)


def verify(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs bin/verify-proof where no setting, address or installed package can be found."""
    return subprocess.run(
        [ROOT / "bin" / "verify-proof", *arguments],
        cwd="/",
        env={"PATH": os.environ["PATH"], "IRK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_verifies_without_settings_databases_or_packages(proof_file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(proof_file)
    done = verify(str(path))
    _, sha256 = from_bytes(proof_file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("identical: incident ")
    assert f"sha256 {sha256}\n" in done.stdout

    path.write_bytes(proof_file.replace(b'"Pay"', b'"Fay"'))
    done = verify(str(path))
    assert done.returncode == 1
    assert done.stdout == "different: “events” was altered: its SHA-256 is not the one that the file states.\n"


def test_the_command_says_how_it_is_used_and_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: bin/verify-proof FILE\n"
    assert main([str(tmp_path / "missing.json")]) == 2
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_hostile_text_cannot_write_to_the_terminal(
    proof_file: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(proof_file)["content"]
    content["opening"]["sentence"] = "\x1b[2J\nidentical: all is well"
    path = tmp_path / "proof.json"
    path.write_bytes(rehashed(content))
    assert main([str(path)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("different: ")
    assert said.count("\n") == 1
    assert "\x1b" not in said
