"""A TCP proxy that cuts connections where an insert's outcome is known to the test and to nobody else."""

import socket
import threading
from typing import Final, Literal

# Stands in a batch's session id; lz4 leaves a text that it sees for the first time as it is.
MARKER: Final = "cut-here-0001"

Moment = Literal["before the rows arrive", "after the rows were stored"]


class CuttingProxy:
    """Passes bytes between clients and the server at `port`, and cuts the next `cuts` connections that carry MARKER."""

    def __init__(self, port: int, *, moment: Moment, cuts: int) -> None:
        self._server_port = port
        self._moment = moment
        self._cuts = cuts
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            armed = threading.Event()
            answers = threading.Thread(target=self._pass_answers, args=(server, client, armed), daemon=True)
            answers.start()
            self._pass_questions(client, server, armed)
            _shut(client)
            _shut(server)
            answers.join()

    def _pass_questions(self, client: socket.socket, server: socket.socket, armed: threading.Event) -> None:
        seen = b""
        while chunk := _receive(client):
            seen = (seen + chunk)[-200_000:]
            if MARKER.encode() in seen and self._may_cut():
                seen = b""
                if self._moment == "before the rows arrive":
                    return
                armed.set()
            server.sendall(chunk)

    def _pass_answers(self, server: socket.socket, client: socket.socket, armed: threading.Event) -> None:
        while chunk := _receive(server):
            # The server answers only after the last block: what it says now is that the rows are stored.
            if armed.is_set():
                break
            client.sendall(chunk)
        _shut(client)

    def _may_cut(self) -> bool:
        with self._lock:
            self._cuts -= 1
            return self._cuts >= 0


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is gone already.
        return
