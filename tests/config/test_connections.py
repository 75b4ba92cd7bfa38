"""The pool of Postgres connections."""

import os
import socket
import sys

import psycopg
import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import ConnectionHandler

from config.settings.strict import StrictEnv


@pytest.mark.django_db
def test_connections_that_died_with_the_server_are_replaced_before_anybody_gets_them() -> None:
    connection = ConnectionHandler({"default": StrictEnv().postgres("DATABASE_URL")})["default"]
    assert isinstance(connection, DatabaseWrapper)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        # Back to the pool, where it dies.
        connection.close()
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            assert cursor.fetchone() != (pid,)
    finally:
        connection.close()
        connection.close_pool()


@pytest.mark.django_db
@pytest.mark.skipif(sys.platform != "linux", reason="what the kernel was told is asked of Linux")
def test_nobody_waits_long_for_a_postgres_whose_machine_vanished() -> None:
    connection = ConnectionHandler({"default": StrictEnv().postgres("DATABASE_URL")})["default"]
    assert isinstance(connection, DatabaseWrapper)
    try:
        connection.ensure_connection()
        assert connection.connection is not None
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as duplicate:
            [unanswered, idle, interval, count] = [
                duplicate.getsockopt(socket.IPPROTO_TCP, option)
                for option in (
                    socket.TCP_USER_TIMEOUT,
                    socket.TCP_KEEPIDLE,
                    socket.TCP_KEEPINTVL,
                    socket.TCP_KEEPCNT,
                )
            ]
            assert duplicate.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    finally:
        connection.close()
        connection.close_pool()
    # ms and seconds.
    assert 0 < unanswered <= 20_000
    assert idle + interval * count <= 20
