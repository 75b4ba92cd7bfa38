import socket

import pytest

from apps.embedded import ports


def test_a_reserved_port_is_taken_for_everybody_else() -> None:
    port = ports.choose()
    with ports.reserve(port):
        assert not ports.is_free(port)
        assert not ports.answers(port)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
    assert ports.is_free(port)


def test_our_own_server_takes_the_reserved_port_and_its_connections() -> None:
    port = ports.choose()
    with ports.reserve(port), socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        assert all(ports.answers(port) for _ in range(20))


def test_a_port_in_use_cannot_be_reserved() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            ports.reserve(other.getsockname()[1])
