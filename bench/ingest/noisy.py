"""`bin/bench ingest --noisy`: what one key far over its rate costs the others.

Several keys send at a steady pace, first alone and then beside one that sends at a hundred times its rate, in turns, so
that a busy machine is busy for both. The ratio is that of their 95th percentiles; a latency counts from when a request
was due, so that one which had to wait for the connection's former one is not taken for fast.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.ingest import contenders
from bench.ingest.bodies import bodies
from bench.ingest.contenders import ROOT
from bench.ingest.load import read_status

# Requests a minute that a key may send here. A hundred times the default's 6,000 is more than one core can even refuse.
RATE = 600
TIMES = 100
_OTHERS = 16
# Requests a second of each of the others: below their rate.
_PACE = 5.0
_NOISY_CONNECTIONS = 64
_ROUNDS = 3
_EVENTS = 10
_THREADS = 64


@dataclass
class Noise:
    """What came of it: latencies of the others' 200s in seconds, and how often which status came, by who sent."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    others: dict[int, int] = field(default_factory=dict)
    noisy: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0


def run(folder: Path, environment: Mapping[str, str], *, seconds: float, as_json: bool) -> int:
    """Measures, prints, the ratio first, and returns the exit code."""
    words = {
        "noisy_p95_ratio": f"p95 of {_OTHERS} keys beside a noisy one, to theirs without it",
        "p95_alone_ms": "ms without it",
        "p95_beside_ms": "ms beside it",
        "noisy_times_its_rate": "times its rate is what the noisy key sent",
        "noisy_rate": "requests a second",
        "noisy_accepted_rate": "of them accepted",
        "others_not_accepted": "requests of the others not accepted",
    }
    figures = _figures(_measure(folder, environment, seconds=seconds))
    for name, value in figures.items():
        print(f"{value:12.2f}  {words[name]}")
    if as_json:
        print(json.dumps(figures))
    return 0


def _measure(folder: Path, environment: Mapping[str, str], *, seconds: float) -> Noise:
    """Runs `_ROUNDS` times `seconds` without and with the noisy key."""
    noise = Noise()
    noisy, *others = _make_keys(environment, 1 + _OTHERS)
    limited = {**environment, "INGEST_REQUESTS_PER_MINUTE": str(RATE)}
    with contenders.ours(limited, key=noisy, threads=_THREADS, log=folder / "noisy.log") as server:
        asyncio.run(_run(server.port, [], others, seconds=1.0, latencies=[], noise=Noise()))
        for _ in range(_ROUNDS):
            asyncio.run(_run(server.port, [], others, seconds=seconds, latencies=noise.alone, noise=noise))
            asyncio.run(_run(server.port, [noisy], others, seconds=seconds, latencies=noise.beside, noise=noise))
            noise.seconds += seconds
    return noise


def _figures(noise: Noise) -> dict[str, float]:
    """The ratio, ms, and requests a second."""
    rate = sum(noise.noisy.values()) / noise.seconds
    return {
        "noisy_p95_ratio": _p95(noise.beside) / _p95(noise.alone),
        "p95_alone_ms": _p95(noise.alone) * 1000,
        "p95_beside_ms": _p95(noise.beside) * 1000,
        "noisy_times_its_rate": rate / (RATE / 60),
        "noisy_rate": rate,
        "noisy_accepted_rate": noise.noisy.get(200, 0) / noise.seconds,
        "others_not_accepted": sum(count for status, count in noise.others.items() if status != 200),
    }


def _p95(latencies: list[float]) -> float:
    return sorted(latencies)[int(0.95 * len(latencies))]


async def _run(
    port: int, noisy: list[str], others: list[str], *, seconds: float, latencies: list[float], noise: Noise
) -> None:
    begin = time.perf_counter() + 0.1
    body = bodies(events=_EVENTS)[0]
    # Each begins at its own moment of the first turn.
    senders = [
        _Sender(_request(key, body, number), begin + number / _OTHERS / _PACE, _PACE, latencies, noise.others)
        for number, key in enumerate(others)
    ]
    pace = TIMES * RATE / 60 / _NOISY_CONNECTIONS
    senders += [
        _Sender(_request(key, body, 100 + number), begin + number / _NOISY_CONNECTIONS / pace, pace, [], noise.noisy)
        for key in noisy
        for number in range(_NOISY_CONNECTIONS)
    ]
    await asyncio.gather(*(_send(port, sender, begin + seconds) for sender in senders))


@dataclass
class _Sender:
    """Sends `request` `pace` times a second, next when it is `due`."""

    request: bytes
    due: float
    pace: float
    latencies: list[float]
    statuses: dict[int, int]


async def _send(port: int, sender: _Sender, end: float) -> None:
    while sender.due < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while sender.due < end and time.perf_counter() < end:
                await asyncio.sleep(max(sender.due - time.perf_counter(), 0))
                writer.write(sender.request)
                status = await read_status(reader)
                sender.statuses[status] = sender.statuses.get(status, 0) + 1
                if status == 200:
                    sender.latencies.append(time.perf_counter() - sender.due)
                sender.due += 1 / sender.pace
        except (OSError, EOFError):
            sender.statuses[0] = sender.statuses.get(0, 0) + 1
        else:
            return
        finally:
            writer.close()


def _request(key: str, body: bytes, number: int) -> bytes:
    head = (
        f"POST /v1/events?k={key} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
        # Browsers of people at many places.
        f"X-Forwarded-For: 10.0.0.{number}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_MAKE_KEYS = """
import sys
import django; django.setup()
from apps.organizations.models import Organization
from apps.projects import keys
from apps.projects.models import Project
for number in range(int(sys.argv[1])):
    organization = Organization.objects.create(name=f"Noise {number}", slug=f"noise-{number}")
    project = Project.objects.create(organization=organization, name="Noise", slug="noise")
    print(keys.create(project=project, name="bench", actor=None).plain)
"""


def _make_keys(environment: Mapping[str, str], count: int) -> list[str]:
    command = [sys.executable, "-c", _MAKE_KEYS, str(count)]
    output = subprocess.run(command, cwd=ROOT, env=dict(environment), check=True, stdout=subprocess.PIPE).stdout
    return output.decode().split()
