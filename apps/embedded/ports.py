"""Free ports on the loopback interface."""

import socket
from collections.abc import Collection


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not matter
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(besides: Collection[int] = ()) -> int:
    """A free port, by the kernel's choice, that is none of `besides`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address: tuple[str, int] = probe.getsockname()
        # Asked anew while this one is still bound, so that another one comes.
        return address[1] if address[1] not in besides else choose(besides)


def reserve(port: int) -> socket.socket:
    """Keep everybody off the port until the returned socket is closed, except servers that bind with SO_REUSEPORT.

    The socket is bound and never listens, so it takes no connection. Raises OSError when the port is taken.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        reserved.bind(("127.0.0.1", port))
    except OSError:
        reserved.close()
        raise
    return reserved


def answers(port: int) -> bool:
    """Whether something accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
