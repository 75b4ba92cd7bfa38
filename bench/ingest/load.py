"""Load: connections that each send a batch, wait for the answer, and send the next."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came of one run of `seconds`. `latencies` in seconds, of the answers that were 200."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    # Answers other than 200, and connections that broke, by status (0: broke).
    failures: dict[int, int] = field(default_factory=dict)

    def quantile_ms(self, share: float) -> float | None:
        """The latency, in ms, that `share` of the answers did not exceed; None without answers."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000 if ordered else None


def drive(port: int, path: str, bodies: list[bytes], *, connections: int, seconds: float) -> Load:
    """Sends `bodies` round and round over `connections`."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: "
    requests = [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]
    return asyncio.run(_drive(port, requests, connections=connections, seconds=seconds))


async def _drive(port: int, requests: list[bytes], *, connections: int, seconds: float) -> Load:
    load = Load(seconds)
    end = time.perf_counter() + seconds
    await asyncio.gather(*(_connection(port, requests, number, load, end) for number in range(connections)))
    return load


async def _connection(port: int, requests: list[bytes], number: int, load: Load, end: float) -> None:
    while time.perf_counter() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while (sent := time.perf_counter()) < end:
                writer.write(requests[number % len(requests)])
                number += 7
                status = await read_status(reader)
                now = time.perf_counter()
                if now <= end:
                    if status == 200:
                        load.latencies.append(now - sent)
                    else:
                        load.failures[status] = load.failures.get(status, 0) + 1
            writer.close()
        except (OSError, EOFError):
            load.failures[0] = load.failures.get(0, 0) + 1
            await asyncio.sleep(0.01)


async def read_status(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, which is read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    place = head.find(b"content-length:")
    if place >= 0:
        await reader.readexactly(int(head[place + 15 : head.index(b"\r", place)]))
    return int(head[9:12])
