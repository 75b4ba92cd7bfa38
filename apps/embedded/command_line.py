"""What bin/demo and bin/dev may be told.

Nothing but the standard library is imported here: `--help` is answered before anything is installed, by
`python -m apps.embedded.command_line demo --help`.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

_DESCRIPTIONS: Final = {
    "demo": "Shows the whole product on this machine: engines, web, worker, beat, a shop with bugs, replayed visits, "
    "the incidents. Serves until Ctrl-C.",
    "dev": "The whole product on this machine with reload, for people who work on it. Ctrl-C stops everything.",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """`what` (demo or dev, the first argument), `port` (or None) and, of demo, `once`.

    Ends the process with the usage of that program when it is asked for, or when an argument is not understood.
    """
    what = arguments[0] if arguments else ""
    if what not in _DESCRIPTIONS:
        sys.exit("usage: python -m apps.embedded demo|dev …; people start bin/demo or bin/dev")
    parser = argparse.ArgumentParser(
        prog=f"bin/{what}",
        description=_DESCRIPTIONS[what],
        epilog=f"The data is kept in the folder that IRK_DATA_DIR names, otherwise in .data/{what}.",
    )
    parser.set_defaults(what=what)
    if what == "demo":
        parser.add_argument("--once", action="store_true", help="end after the incidents opened; the last line is JSON")
    parser.add_argument("--port", type=_port, help="of the web server; otherwise 8000 or, if taken, a free one")
    return parser.parse_args(arguments[1:])


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    parse(sys.argv[1:])
