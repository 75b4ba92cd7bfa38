"""Who is measured: our endpoint under gunicorn, and the reference in Go, each on one core, over the same engines."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "bench" / "reference"
# The measured server alone has the first core; engines and load share the others. With one core all share it.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = {CORES[0]}
OTHER_CORES = set(CORES[1:]) or SERVER_CORE
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A server that runs. `path` is where to send batches."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """What the server and its children have used so far."""
        return cpu_seconds(self.process.pid)

    def resident_bytes(self) -> int:
        """The memory that the server and its children hold, what they share counted once for each."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _family(self.process.pid))
        return pages * os.sysconf("SC_PAGE_SIZE")

    def inserts(self) -> tuple[float, float]:
        """How many inserts it made so far, and how many rows were in them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        value = {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("irk_insert_rows_")}
        return value.get("irk_insert_rows_count", 0.0), value.get("irk_insert_rows_sum", 0.0)


def cpu_seconds(pid: int) -> float:
    """What a process and its descendants have used so far."""
    return sum(_cpu_seconds(each) for each in _family(pid))


def build_reference(target: Path) -> bool:
    """Builds the reference in Go. False where there is no Go (Debian: apt-get install golang-go)."""
    go = shutil.which("go")
    if go is None:
        return False
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    subprocess.run([go, "build", "-o", str(target), "."], cwd=REFERENCE, env=environment, check=True)
    return True


@contextmanager
def ours(environment: Mapping[str, str], *, key: str, threads: int, log: Path) -> Iterator[Server]:
    """config.ingest_wsgi in one process."""
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.ingest_wsgi"]
    command += ["--workers", "1", "--threads", str(threads)]
    with _running(
        "irk", lambda port: [*command, "--bind", f"127.0.0.1:{port}"], environment, key=key, log=log
    ) as server:
        yield server


@contextmanager
def reference(
    binary: Path, environment: Mapping[str, str], *, key: str, project_id: int, log: Path
) -> Iterator[Server]:
    """bench/reference on one core."""
    url = urlsplit(environment["CLICKHOUSE_URL"])
    arguments = [f"{url.hostname}:{url.port}", url.path.strip("/"), url.username or ""]
    more = {
        "CLICKHOUSE_PASSWORD": url.password or "",
        "IRK_KEY": key,
        "IRK_PROJECT": str(project_id),
        "GOMAXPROCS": "1",
    }
    with _running(
        "go", lambda port: [str(binary), f"127.0.0.1:{port}", *arguments], {**environment, **more}, key=key, log=log
    ) as server:
        yield server


def limit(environment: Mapping[str, str], *, events: int, together: int, seconds: float) -> dict[str, float]:
    """The figures of bench/ingest/limit.py on the server's core."""
    command = [sys.executable, "-m", "bench.ingest.limit", str(events), str(together), str(seconds)]
    with on_server_core():
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit("The bare loop failed; its words are above.")
    figures: dict[str, float] = json.loads(output)
    return figures


@contextmanager
def _running(
    name: str, command: Callable[[int], list[str]], environment: Mapping[str, str], *, key: str, log: Path
) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port: int = reserved.getsockname()[1]
    with log.open("wb") as output, on_server_core():
        process = subprocess.Popen(
            command(port), cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, process, log)
        yield Server(name, port, f"/v1/events?k={key}", process)
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def on_server_core() -> Iterator[None]:
    """What is started within runs on the server's core."""
    os.sched_setaffinity(0, SERVER_CORE)
    try:
        yield
    finally:
        os.sched_setaffinity(0, OTHER_CORES)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"The server did not start:\n{log.read_text()}")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
