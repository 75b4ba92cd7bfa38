"""Postgres, Redis and ClickHouse as child processes, for `bin/dev`, `bin/demo` and the tests.

Plain Python: nothing here imports Django or another app. Callers start at `apps.embedded.stack.Stack`.
"""
