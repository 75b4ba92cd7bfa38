"""The ingest endpoint alone, in its own gunicorn, spoken to byte by byte."""

import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from apps.projects.keys import NewKey
from tests.ingest.batches import batch, click, encoded, zipped
from tests.ingest.own_clickhouse import OwnClickHouse
from tests.ingest.own_server import Server, chunked, head, read_answer

pytestmark = pytest.mark.django_db(transaction=True)

Stored = Callable[..., list[tuple[Any, ...]]]


@pytest.mark.parametrize("write", [encoded, zipped])
def test_a_chunked_body_is_read_to_its_end(server: Server, key: NewKey, stored: Stored, write: Any) -> None:
    request = head(key, "Transfer-Encoding: chunked") + chunked(write(batch(click(1), click(2))))
    assert server.exchange(request)[::2] == (200, {"accepted": 2, "rejected": []})
    assert stored("n") == [(1,), (2,)]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux can hold back a packet, and counts them")
def test_an_answer_comes_in_one_packet(server: Server, key: NewKey) -> None:
    body = encoded(batch(click(1)))
    with server.connect() as sock:
        sock.sendall(head(key, f"Content-Length: {len(body)}") + body)
        assert read_answer(sock)[0] == 200
        # tcp_info: tcpi_data_segs_in.
        assert struct.unpack_from("=I", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160), 152) == (1,)


def test_an_endless_chunked_body_is_refused_before_its_end(server: Server, key: NewKey, stored: Stored) -> None:
    with server.connect() as sock:
        sock.sendall(head(key, "Transfer-Encoding: chunked"))
        sock.sendall(chunked(b" " * 600_000, size=60_000)[: -len(b"0\r\n\r\n")])
        status, _, body = read_answer(sock)
    assert (status, body["error"]["code"]) == (413, "too_large")
    assert stored("n") == []


def test_a_declared_length_over_the_limit_is_refused_before_a_byte_of_it_came(server: Server, key: NewKey) -> None:
    status, _, body = server.exchange(head(key, "Content-Length: 10000000000"))
    assert (status, body["error"]["code"]) == (413, "too_large")


def test_a_body_without_length_or_chunks_is_taken_for_empty(server: Server, key: NewKey) -> None:
    status, _, body = server.exchange(head(key))
    assert (status, body["error"]["code"]) == (400, "malformed")
    assert "empty" in body["error"]["message"]
    assert "empty" in body["error"]["message"]


@pytest.mark.parametrize("how", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
def test_a_connection_cut_in_the_middle_stores_nothing_and_harms_nobody(
    server: Server, key: NewKey, stored: Stored, how: str
) -> None:
    body = encoded(batch(click(1)))
    with server.connect() as sock:
        sock.sendall(head(key, how) + (body if "Length" in how else chunked(body)[:-20]))
        sock.shutdown(socket.SHUT_WR)
        status, _, answer = read_answer(sock)
    assert (status, answer["error"]["code"]) == (408, "incomplete")
    assert stored("n") == []
    assert server.exchange(head(key, f"Content-Length: {len(body)}") + body)[0] == 200


@pytest.mark.parametrize("size", [b"zz", b"-5", b"ffffffffffffffffffff"])
def test_broken_chunks_store_nothing(server: Server, key: NewKey, stored: Stored, size: bytes) -> None:
    with server.connect() as sock:
        sock.sendall(head(key, "Transfer-Encoding: chunked") + size + b"\r\n" + encoded(batch()) + b"\r\n0\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        status, _, body = read_answer(sock)
    assert (status, body["error"]["code"]) == (408, "incomplete")
    assert stored("n") == []


def test_one_connection_carries_many_batches(server: Server, key: NewKey, stored: Stored) -> None:
    with server.connect() as sock:
        for n in range(20):
            body = zipped(batch(click(n))) if n % 2 else encoded(batch(click(n)))
            sock.sendall(head(key, f"Content-Length: {len(body)}", "Origin: https://shop.example.com") + body)
            status, headers, _ = read_answer(sock)
            assert (status, headers["access-control-allow-origin"]) == (200, "https://shop.example.com")
    assert stored("n") == [(n,) for n in range(20)]


@pytest.mark.parametrize(
    "charset",
    ["base64", "zlib", "rot13", "idna", "utf-7", "undefined", "unicode_escape", "x" * 8000],
    ids=lambda charset: charset[:20],
)
def test_a_charset_that_means_something_else_is_refused(server: Server, key: NewKey, charset: str) -> None:
    status, answer = send_as(server, key, f"text/plain; charset={charset}")
    assert (status, answer["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "parameter", ["charset*=nonsense''%41", "charset*=base64''%41", "charset*0*=idna''%41", "a;;=", "é"]
)
def test_other_parameters_of_the_content_type_do_not_matter(server: Server, key: NewKey, parameter: str) -> None:
    assert send_as(server, key, f"text/plain; {parameter}")[0] == 200


def send_as(server: Server, key: NewKey, content_type: str) -> tuple[int, Any]:
    """Sends a batch under `content_type`, with a key that has to be unescaped."""
    body = encoded(batch())
    request = head(key, f"Content-Length: {len(body)}").replace(b"text/plain", content_type.encode())
    return server.exchange(request.replace(b"k=irk", b"k=%69rk") + body)[::2]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"POST", b"post"),
        (b" HTTP/1.1", b"\xff HTTP/1.1"),
        (b"HTTP/1.1", b"HTTP/9.9"),
        (b"\r\nHost:", b"a" * 5000 + b"\r\nHost:"),
        (b"text/plain", b"a" * 9000),
        (b"text/plain", b"text/plain\r\n folded"),
        (b"text/plain", b"text/plain\r\nContent-Length: 5"),
        (b"text/plain", b"text/plain\r\nTransfer-Encoding: chunked"),
        (b"Content-Length: ", b"Content-Length: -"),
        (b"Content-Length: ", b"Content-Length: " + b"9" * 5000),
        (b"text/plain", b"text/plain\r\nExpect: the unexpected"),
    ],
    ids=lambda part: part.decode("latin-1")[:20],
)
def test_what_is_no_http_is_refused_in_the_same_form_and_leaves_no_key_in_the_log(
    server: Server, key: NewKey, stored: Stored, good: bytes, bad: bytes
) -> None:
    body = encoded(batch())
    request = head(key, f"Content-Length: {len(body)}").replace(good, bad)
    status, headers, answer = server.exchange(request + body)
    assert (status, answer["error"]["code"]) == (400, "malformed")
    assert headers["access-control-allow-origin"] == "*"
    assert key.plain not in server.log.read_text()
    assert key.plain not in str(answer)
    assert stored("n") == []


@pytest.mark.parametrize("header", ["SCRIPT_NAME: /elsewhere", "SCRIPT_NAME: /v1", "PATH_INFO: /", "REMOTE_USER: root"])
def test_no_header_moves_the_endpoint_elsewhere(server: Server, key: NewKey, header: str) -> None:
    body = encoded(batch())
    assert server.exchange(head(key, f"Content-Length: {len(body)}", header) + body)[0] == 200


@pytest.mark.parametrize("path", ["/", "/admin/", "/v2/events", "/v1/events/%00", "/%ff"])
def test_it_serves_nothing_but_ingest_and_says_so_in_json(server: Server, path: str) -> None:
    status, _, body = server.exchange(f"GET {path} HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n".encode())
    assert (status, body["error"]["code"]) == (404, "not_found")


def test_it_answers_probes_and_tells_its_figures(server: Server) -> None:
    for path in ("healthz", "readyz", "metrics"):
        assert server.exchange(f"GET /{path} HTTP/1.1\r\nHost: 10.0.0.7\r\n\r\n".encode())[0] == 200


def test_a_request_begun_before_sigterm_is_answered(
    key: NewKey, clickhouse: None, stored: Stored, tmp_path: Path
) -> None:
    server = Server(tmp_path / "log")
    try:
        body = encoded(batch(click(1)))
        with server.connect() as sock:
            sock.sendall(head(key, f"Content-Length: {len(body)}", "Expect: 100-continue"))
            # From here on a thread of the server waits for the body.
            assert sock.recv(64).startswith(b"HTTP/1.1 100")
            server.tell_to_stop()
            sock.sendall(body)
            assert read_answer(sock)[0] == 200
        assert server.process.wait(timeout=30) == 0
    finally:
        server.stop()
    assert stored("n") == [(1,)]


def test_requests_that_share_an_insert_are_all_answered_when_the_server_is_told_to_stop(
    key: NewKey, own_clickhouse: OwnClickHouse, stored: Stored, tmp_path: Path
) -> None:
    server = Server(tmp_path / "log", CLICKHOUSE_URL=own_clickhouse.url)
    with ExitStack() as stack:
        stack.callback(server.stop)
        connections = [stack.enter_context(server.connect()) for _ in range(4)]
        for n, sock in enumerate(connections):
            body = encoded(batch(click(n)))
            sock.sendall(head(key, f"Content-Length: {len(body)}", "Expect: 100-continue"))
            assert sock.recv(64).startswith(b"HTTP/1.1 100")
        own_clickhouse.signal(signal.SIGSTOP)
        stack.callback(own_clickhouse.signal, signal.SIGCONT)
        for n, sock in enumerate(connections):
            sock.sendall(encoded(batch(click(n))))
        server.tell_to_stop()
        own_clickhouse.signal(signal.SIGCONT)
        assert [read_answer(sock)[0] for sock in connections] == [200] * 4
        assert server.process.wait(timeout=30) == 0
    assert stored("n") == [(n,) for n in range(4)]


def test_requests_that_wait_for_a_thread_when_the_server_is_told_to_stop_are_answered_too(
    key: NewKey, own_clickhouse: OwnClickHouse, stored: Stored, tmp_path: Path
) -> None:
    server = Server(tmp_path / "log", CLICKHOUSE_URL=own_clickhouse.url)
    with ExitStack() as stack:
        stack.callback(server.stop)
        own_clickhouse.signal(signal.SIGSTOP)
        stack.callback(own_clickhouse.signal, signal.SIGCONT)
        # Three times as many as threads.
        connections = [stack.enter_context(server.connect()) for _ in range(12)]
        for n, sock in enumerate(connections):
            body = encoded(batch(click(n)))
            sock.sendall(head(key, f"Content-Length: {len(body)}") + body)
        while connections_not_accepted(server.port):
            time.sleep(0.01)
        server.tell_to_stop()
        own_clickhouse.signal(signal.SIGCONT)
        assert [read_answer(sock)[0] for sock in connections] == [200] * 12
        assert server.process.wait(timeout=30) == 0
    assert stored("n") == [(n,) for n in range(12)]


def connections_not_accepted(port: int) -> int:
    """How many connections to `port` the kernel has and the server has not taken yet."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    # proc(5): of a listening socket (0A), rx_queue is the length of that queue.
    return sum(
        int(line[4].partition(":")[2], 16) for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"
    )


def test_figures_of_a_process_that_died_are_taken_off_what_all_processes_hold(key: NewKey, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir()
    server = Server(tmp_path / "log", PROMETHEUS_MULTIPROC_DIR=str(figures))
    try:
        body = encoded(batch())
        assert server.exchange(head(key, f"Content-Length: {len(body)}") + body)[0] == 200
        [live] = figures.glob("gauge_livesum_*.db")
        worker = int(live.stem.rpartition("_")[2])
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while live.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not live.exists()
    finally:
        server.stop()


def test_without_postgres_the_client_is_asked_to_come_back(key: NewKey, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    server = Server(tmp_path / "log", DATABASE_URL=f"postgres://irk:irk@127.0.0.1:{port}/irk")
    try:
        body = encoded(batch())
        status, headers, answer = server.exchange(head(key, f"Content-Length: {len(body)}") + body)
    finally:
        server.stop()
    assert (status, answer["error"]["code"]) == (503, "unavailable")
    assert int(headers["retry-after"]) >= 1
