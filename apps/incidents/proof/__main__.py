"""`bin/verify-proof FILE`: verifies a proof offline. No database, no network, no package but the standard library.

Exit code 0: identical. 1: it differs, and the first difference is named. 2: it was not asked right.
"""

import sys
from pathlib import Path

from apps.incidents.proof.document import Proof, UnreadableProofError, from_bytes
from apps.incidents.proof.verifying import first_difference
from apps.incidents.sentences import plain

# Characters. Text in a proof comes from other people's pages and may be long.
_LONGEST = 600


def main(arguments: list[str]) -> int:
    """Verifies the one file named, says how it went on standard output, and returns the exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: bin/verify-proof FILE\n")
        return 2
    try:
        data = Path(arguments[0]).read_bytes()
    except OSError as error:
        sys.stderr.write(f"error: {arguments[0]} cannot be read: {error.strerror}\n")
        return 2
    try:
        proof, sha256 = from_bytes(data)
        difference = first_difference(proof)
    except UnreadableProofError as error:
        difference = str(error)
    if difference:
        sys.stdout.write(f"different: {plain(difference, _LONGEST)}\n")
        return 1
    sys.stdout.write(f"identical: {_summary(proof)}\nsha256 {sha256}\n")
    return 0


def _summary(proof: Proof) -> str:
    trace = ", ".join(f"{each.name} {each.value} ≥ {each.bound}" for each in proof.verdict.trace)
    return (
        f"incident {proof.opening.incident_id}\n{proof.opening.sentence}\n"
        f"events {len(proof.events)}, signals {len(proof.signals)}, {trace}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
