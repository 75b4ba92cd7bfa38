"""A TCP proxy before a server that is slow, but never as slow as any one wait may be."""

import socket
import threading
import time


class SlowProxy:
    """Passes bytes between clients and the server at `port`, each of the server's answers after `seconds`."""

    def __init__(self, port: int, *, seconds: float) -> None:
        self._server_port = port
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            threading.Thread(target=self._pass, args=(client, server, 0.0), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, self._seconds), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, seconds: float) -> None:
        try:
            while chunk := source.recv(65536):
                time.sleep(seconds)
                target.sendall(chunk)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            # One of the two is gone, which the other learns by itself.
            return
