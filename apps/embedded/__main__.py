"""`python -m apps.embedded demo [--once]` and `python -m apps.embedded dev`: what bin/demo and bin/dev start."""

import argparse
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType

from apps.embedded import command_line
from apps.embedded.account import NoAccountError
from apps.embedded.leftovers import StillRunningError
from apps.embedded.lock import AlreadyRunningError
from apps.embedded.product import CHECKOUT, Product, data_dir
from apps.embedded.programs import ProgramMissingError
from apps.embedded.reloading import reload_forever
from apps.embedded.supervisor import StartFailedError


class _Stopped(BaseException):
    """Somebody asked this process to end."""


def main() -> int:
    """Runs what the command line asks for and returns the exit code."""
    options = command_line.parse(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return _demo(options) if options.what == "demo" else _dev(options)
    except _Stopped:
        return 0
    except (AlreadyRunningError, NoAccountError, ProgramMissingError, StartFailedError, StillRunningError) as error:
        _say(f"error: {error}")
        return 1


def _demo(options: argparse.Namespace) -> int:
    last_line = ""
    with _until_stopped(Product(data_dir("demo"), port=options.port, progress=_say)) as product:
        exit_code, last_line = _replay(product, once=options.once)
        if exit_code == 0 and not options.once:
            _say(f"Serving at {product.url} until Ctrl-C.")
            threading.Event().wait()
    # Held back until everything has stopped: it is the last line whatever is read, standard output or both.
    print(last_line, end="", flush=True)  # noqa: T201
    return exit_code


def _replay(product: Product, *, once: bool) -> tuple[int, str]:
    """Runs the replay and passes its output on. Returns its exit code and, with `once`, the last line, held back."""
    command = [sys.executable, "manage.py", "demo_replay", *(["--once"] if once else [])]
    environment = {**product.environment(), "PYTHONUNBUFFERED": "1"}
    held = ""
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as replay:
        try:
            for line in replay.stdout or ():
                print(held, end="", flush=True)  # noqa: T201
                held = line if once else ""
                if not once:
                    print(line, end="", flush=True)  # noqa: T201
            replay.wait()
        finally:
            replay.kill()  # does nothing to one that has ended
    return replay.returncode, held


def _dev(options: argparse.Namespace) -> int:
    with _until_stopped(Product(data_dir("dev"), port=options.port, debug=True, progress=_say)) as product:
        _say(product.manage("seed_demo").rstrip())
        _say(f"Logs: {product.stack.log_dir}")
        reload_forever(product, say=_say)
    return 0


class _until_stopped:  # noqa: N801 reads as the context manager that it is
    """Stops the product in order, whatever happens; a second signal does not break off the stopping."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def __enter__(self) -> Product:
        self._product.start()
        return self._product

    def __exit__(self, *error: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _say("Stopping …")
        self._product.stop()


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped


_say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731, T201


if __name__ == "__main__":
    sys.exit(main())
