"""How one connection comes about: clickhouse-driver's client, with less to ask and less to wait for."""

import time
from collections.abc import Mapping
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.result import QueryInfo

# Seconds after its last use in which a connection is trusted to live.
_ALIVE_FOR = 1


class StoreClient(Client):  # type: ignore[misc]
    """The driver's client, which can be told to trust a connection that was used just now.

    The driver asks before each query whether the connection still lives. `used` is when the last one ended.
    `greeting_seconds` is how long to wait for a new connection's greeting; None: as long as for anything else.
    """

    trusting = False
    used = float("-inf")
    greeting_seconds: float | None = None

    def establish_connection(self, settings: Mapping[str, Any]) -> None:
        """Connects where there is no connection that lives, as far as is known."""
        connection = self.connection
        if not (self.trusting and connection.connected and time.monotonic() < self.used + _ALIVE_FOR):
            if self.greeting_seconds is None:
                super().establish_connection(settings)
            else:
                self._establish_soon(settings, self.greeting_seconds)
            return
        self.make_query_settings(settings)
        connection.check_query_execution()
        self.last_query = QueryInfo()

    def _establish_soon(self, settings: Mapping[str, Any], seconds: float) -> None:
        # The driver waits for the greeting as long as for the answer to a query.
        connection, patience = self.connection, self.connection.send_receive_timeout
        connection.send_receive_timeout = seconds
        try:
            super().establish_connection(settings)
            if connection.connected:
                connection.socket.settimeout(patience)
        finally:
            connection.send_receive_timeout = patience
