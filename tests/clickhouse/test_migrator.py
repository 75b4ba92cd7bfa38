"""Migrations run once, in order, and nothing is guessed at when files and database differ."""

import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from apps.clickhouse import client, migrator
from apps.clickhouse.management.commands import migrate_clickhouse
from apps.clickhouse.migrator import MigrationRefusedError

_DATABASE = "irk_migrator_test"


@pytest.fixture(autouse=True)
def database(settings: Settings) -> Iterator[None]:
    """A database of our own that is not there yet."""
    server = settings.CLICKHOUSE_URL
    client.command(f"DROP DATABASE IF EXISTS {_DATABASE} SYNC")
    settings.CLICKHOUSE_URL = urlunsplit(urlsplit(server)._replace(path=f"/{_DATABASE}"))
    yield
    client.pool().close()
    settings.CLICKHOUSE_URL = server
    client.command(f"DROP DATABASE IF EXISTS {_DATABASE} SYNC")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations that apply."""
    (tmp_path / "0001_first.sql").write_text(
        "-- Two statements;\nCREATE TABLE first (a String DEFAULT '100%; sure') ENGINE = MergeTree ORDER BY a;\n"
        "INSERT INTO first SELECT '%(not_a_parameter)s';\n"
    )
    (tmp_path / "0002_second.sql").write_text(
        "CREATE TABLE second (a UInt8) ENGINE = MergeTree ORDER BY a;\nSELECT sleep(0.05);\n"
    )
    return tmp_path


def tables() -> set[str]:
    rows = client.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
    return {name for (name,) in rows} - {"schema_migrations"}


def test_migrating_creates_the_database_and_applies_every_file_once(folder: Path) -> None:
    assert [str(migration) for migration in migrator.migrate(folder)] == ["0001_first", "0002_second"]
    assert tables() == {"first", "second"}
    assert client.query("SELECT a FROM first") == [("%(not_a_parameter)s",)]
    assert migrator.migrate(folder) == []


def test_a_new_file_is_applied_after_the_others(folder: Path) -> None:
    migrator.migrate(folder)
    (folder / "0010_tenth.sql").write_text("CREATE TABLE tenth (a UInt8) ENGINE = MergeTree ORDER BY a")
    assert [migration.number for migration in migrator.migrate(folder)] == [10]


def test_what_is_recorded_says_when_it_ran_and_from_what_file(folder: Path) -> None:
    migrator.migrate(folder)
    rows = client.query(
        "SELECT number, name, checksum, finished_at >= started_at + toIntervalMillisecond(if(number = 2, 50, 0)) "
        "FROM schema_migrations FINAL ORDER BY number"
    )
    assert rows == [(m.number, m.name, m.checksum, 1) for m in migrator.load(folder)]


def test_a_file_changed_after_it_was_applied_is_refused(folder: Path) -> None:
    migrator.migrate(folder)
    (folder / "0001_first.sql").write_text("SELECT 1")
    with pytest.raises(MigrationRefusedError, match=r"0001_first was changed .* new migration"):
        migrator.migrate(folder)


def test_a_renamed_file_is_refused(folder: Path) -> None:
    migrator.migrate(folder)
    (folder / "0002_second.sql").rename(folder / "0002_zweite.sql")
    with pytest.raises(MigrationRefusedError, match="0002_second was changed"):
        migrator.migrate(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    migrator.migrate(folder)
    (folder / "0001_first.sql").unlink()
    with pytest.raises(MigrationRefusedError, match="0001_first is applied but its file is missing"):
        migrator.migrate(folder)


def test_a_new_file_before_an_applied_one_is_refused(folder: Path) -> None:
    (folder / "0001_first.sql").rename(folder / "0005_fifth.sql")
    migrator.migrate(folder)
    (folder / "0003_third.sql").write_text("SELECT 1")
    with pytest.raises(MigrationRefusedError, match="0003_third is new but stands before 0005"):
        migrator.migrate(folder)


def test_every_fault_is_named_at_once(folder: Path) -> None:
    migrator.migrate(folder)
    (folder / "0001_first.sql").write_text("SELECT 1")
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationRefusedError, match=r"(?s)0001_first.*0002_second"):
        migrator.migrate(folder)


@pytest.fixture
def unfinished(folder: Path) -> Path:
    """The second migration failed in the middle."""
    broken = folder / "0002_second.sql"
    broken.write_text("CREATE TABLE second (a UInt8) ENGINE = MergeTree ORDER BY a;\nCREATE NONSENSE;\n")
    with pytest.raises(client.QueryFailedError):
        migrator.migrate(folder)
    return folder


def test_a_migration_that_failed_in_the_middle_stops_everything_until_somebody_looked(unfinished: Path) -> None:
    (unfinished / "0003_third.sql").write_text("CREATE TABLE third (a UInt8) ENGINE = MergeTree ORDER BY a")
    for _ in range(2):
        with pytest.raises(MigrationRefusedError, match=r"0002_second was begun and not finished.*--mark-finished 2"):
            migrator.migrate(unfinished)
    assert tables() == {"first", "second"}


def test_one_completed_by_hand_counts_as_applied_once_marked(unfinished: Path) -> None:
    migrator.mark_finished(2, unfinished)
    assert migrator.migrate(unfinished) == []


def test_one_undone_by_hand_runs_again_once_marked(unfinished: Path) -> None:
    client.command("DROP TABLE second")
    (unfinished / "0002_second.sql").write_text("CREATE TABLE second (b UInt8) ENGINE = MergeTree ORDER BY b")
    migrator.mark_undone(2, unfinished)
    assert [migration.number for migration in migrator.migrate(unfinished)] == [2]
    assert migrator.migrate(unfinished) == []


def test_only_an_unfinished_migration_can_be_marked(folder: Path) -> None:
    migrator.migrate(folder)
    for mark in (migrator.mark_finished, migrator.mark_undone):
        with pytest.raises(MigrationRefusedError, match="not unfinished"):
            mark(2, folder)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("1_short.sql", "SELECT 1", "not named like"),
        ("0003_Upper.sql", "SELECT 1", "not named like"),
        ("0003_empty.sql", "-- later;\n", "holds no statement"),
        ("0003_open.sql", "SELECT 'a", "never closed"),
        ("0002_again.sql", "SELECT 1", "same number"),
    ],
)
def test_a_file_that_cannot_be_a_migration_is_refused_before_anything_runs(
    folder: Path, name: str, text: str, words: str
) -> None:
    (folder / name).write_text(text)
    with pytest.raises(MigrationRefusedError, match=words):
        migrator.migrate(folder)
    assert tables() == set()


def test_the_command_plans_checks_and_applies_the_product_s_migrations(db: None) -> None:
    with pytest.raises(CommandError, match="Not applied yet: 0001_events, 0002_signals"):
        call_command("migrate_clickhouse", "--check")
    planned = StringIO()
    call_command("migrate_clickhouse", "--plan", stdout=planned)
    assert "CREATE TABLE events" in planned.getvalue()
    call_command("migrate_clickhouse", stdout=StringIO())
    assert {"events", "signals"} <= tables()
    call_command("migrate_clickhouse", "--check", stdout=StringIO())
    again = StringIO()
    call_command("migrate_clickhouse", stdout=again)
    assert again.getvalue() == "Nothing to apply.\n"


def test_planning_and_checking_change_nothing(db: None) -> None:
    call_command("migrate_clickhouse", "--plan", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("migrate_clickhouse", "--check")
    with pytest.raises(client.ClickHouseError):
        tables()


@pytest.mark.django_db(transaction=True)
def test_a_second_migrator_waits_for_the_first() -> None:
    outputs = [StringIO(), StringIO()]

    def run(output: StringIO) -> None:
        try:
            call_command("migrate_clickhouse", stdout=output)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(output,)) for output in outputs]
    with connection.cursor() as cursor:
        # Both have to wait for us, so that they certainly meet.
        cursor.execute("SELECT pg_advisory_lock(%s)", [migrate_clickhouse.LOCK])
        try:
            for thread in threads:
                thread.start()
            while not all("Waiting" in output.getvalue() for output in outputs):
                threads[0].join(timeout=0.02)
            with pytest.raises(client.ClickHouseError):
                tables()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [migrate_clickhouse.LOCK])
    for thread in threads:
        thread.join(timeout=60)
    count = len(list(migrator.MIGRATIONS.glob("*.sql")))
    assert sorted(output.getvalue().splitlines()[-1] for output in outputs) == [
        f"Applied {count}.",
        "Nothing to apply.",
    ]
