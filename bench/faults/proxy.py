"""A TCP proxy between two parts, on which the network's faults are made."""

import contextlib
import random
import socket
import struct
import threading
import time
from typing import Literal

Mode = Literal["pass", "reset", "half-close", "delay"]
# An address already in TIME_WAIT or a thread that ends later is no fault of the proxied parts.
_CHUNK = 65_536
# Bytes after which a new connection is broken while connections are: some break at once, some within an exchange.
_BREAK_AFTER = (0, 200, 5_000, 50_000)


class Proxy:
    """Passes bytes from its own `port` to `target` on the loopback interface, and back."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._mode: Mode = "pass"
        self._delay = 0.0
        self._random = random.Random(target)
        self._lock = threading.Lock()
        self._pairs: set[_Pair] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"proxy to {target}", daemon=True).start()

    def close(self) -> None:
        """Stops taking connections, and breaks those that there are."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in self._all():
            pair.reset()

    def disturb(self, mode: Mode, *, delay: float = 0.0, seed: int = 0) -> None:
        """Breaks all connections, and new ones after some bytes; or delays each chunk by up to `delay` seconds."""
        with self._lock:
            self._mode, self._delay, self._random = mode, delay, random.Random(seed)
        if mode in {"reset", "half-close"}:
            for pair in self._all():
                self._break(pair, mode)

    def heal(self) -> None:
        """Passes bytes again. What is broken stays so; new connections are whole."""
        with self._lock:
            self._mode, self._delay = "pass", 0.0

    def _all(self) -> list["_Pair"]:
        with self._lock:
            return list(self._pairs)

    def _break(self, pair: "_Pair", mode: Mode) -> None:
        if mode == "reset":
            pair.reset()
        else:
            with self._lock:
                towards_server = self._random.random() < 0.5
            pair.half_close(towards_server=towards_server)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            pair = _Pair(client, server)
            with self._lock:
                self._pairs.add(pair)
                pair.breaks_after = self._random.choice(_BREAK_AFTER) if self._mode in {"reset", "half-close"} else None
            threading.Thread(target=self._serve, args=(pair,), daemon=True).start()

    def _serve(self, pair: "_Pair") -> None:
        answers = threading.Thread(target=self._pass, args=(pair, pair.server, pair.client), daemon=True)
        answers.start()
        self._pass(pair, pair.client, pair.server)
        answers.join()
        with self._lock:
            self._pairs.discard(pair)
        pair.close()

    def _pass(self, pair: "_Pair", source: socket.socket, target: socket.socket) -> None:
        """Bytes of one direction, until it ends; then says so to the other side."""
        while chunk := _receive(source):
            if self._delay:
                with self._lock:
                    pause = self._random.uniform(0, self._delay)
                time.sleep(pause)
            pair.passed += len(chunk)
            if pair.breaks_after is not None and pair.passed > pair.breaks_after and self._mode != "pass":
                pair.breaks_after = None
                self._break(pair, self._mode)
            try:
                target.sendall(chunk)
            except OSError:
                break
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


class _Pair:
    """A connection of a client and the one that was made for it."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.passed = 0
        self.breaks_after: int | None = None
        for connection in (client, server):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reset(self) -> None:
        """Both ends see a reset."""
        for connection in (self.client, self.server):
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                # Wakes the thread that reads from it, which close alone does not.
                connection.shutdown(socket.SHUT_RD)
        self.close()

    def half_close(self, *, towards_server: bool) -> None:
        """One side is told that nothing more will come; the other may go on."""
        with contextlib.suppress(OSError):
            (self.server if towards_server else self.client).shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for connection in (self.client, self.server):
            with contextlib.suppress(OSError):
                connection.close()


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:
        return b""


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
