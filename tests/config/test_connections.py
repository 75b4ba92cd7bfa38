"""The pool of Postgres connections."""

import os

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
