"""`python -m apps.embedded.clickhouse_server --data DIR --port N --user NAME --password-file FILE`."""

import argparse
import fcntl
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from apps.embedded.clickhouse_server.connection import Credentials
from apps.embedded.clickhouse_server.engine import Engine, Limits
from apps.embedded.clickhouse_server.free_space import FreeSpace
from apps.embedded.clickhouse_server.listener import Listener

log = logging.getLogger("clickhouse_server")


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit code is 0 after an orderly stop."""
    options = _options()
    logging.basicConfig(level=options.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    data: Path = options.data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write(f"Another process has {data} open. Stop it first, or choose another --data.\n")
        return 1
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))  # a connection takes four, a part's merge more
    password = options.password_file.read_text().strip()
    defaults = Limits()
    limits = Limits(
        server_memory_bytes=options.max_server_memory or defaults.server_memory_bytes,
        query_memory_bytes=options.max_query_memory or defaults.query_memory_bytes,
        threads=options.max_threads,
    )
    free_space = FreeSpace(data)
    free_space.wait()
    free_space.watch()
    engine = Engine(data, limits=limits, fsync=options.fsync, free_space=free_space)
    for database in options.database:
        engine.create_database(database)
    listener = Listener(engine, Credentials(options.user, password), port=options.port)
    for number in (signal.SIGTERM, signal.SIGINT):  # after the engine has started, which sets handlers of its own
        signal.signal(number, lambda *_: listener.stop())
    log.info("ClickHouse %s serves on 127.0.0.1:%d", engine.version, listener.port)
    listener.serve()
    engine.close()
    log.info("Stopped.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.embedded.clickhouse_server", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="where the engine keeps everything")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one and logs it")
    parser.add_argument("--user", default="default")
    parser.add_argument("--password-file", type=Path, required=True, help="a file with the user's password, mode 0600")
    parser.add_argument("--database", action="append", default=[], help="created if it is missing; may be repeated")
    parser.add_argument("--max-server-memory", type=int, default=0, help="bytes, for all queries together")
    parser.add_argument("--max-query-memory", type=int, default=0, help="bytes, for one query")
    parser.add_argument("--max-threads", type=int, default=0, help="for one query; 0: all cores")
    parser.add_argument("--no-fsync", dest="fsync", action="store_false", help="survive kill -9, but not a power loss")
    parser.add_argument("--log-level", default="INFO")
    return parser.parse_args()


if __name__ == "__main__":
    status = main()
    # Straight out: the engine's own threads have nothing left to do, and waiting for its static destructors takes
    # longer than everything above.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
