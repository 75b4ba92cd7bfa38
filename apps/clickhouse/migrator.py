"""Numbered, literal .sql files, applied forward only, each once.

ClickHouse has no transactions for DDL. So a migration is written down before its first statement and after its last
one, and whatever is not as it was left (changed, missing, out of order, unfinished) is refused with words on what to do
instead of guessed at. The rows live in ClickHouse, beside the tables that they speak of.

`migrate` is not meant to run twice at once: the command `migrate_clickhouse` holds a Postgres advisory lock around it.
Should two run all the same, the second finds the first one's unfinished migration and stops.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from apps.clickhouse import client
from apps.clickhouse.statements import UnfinishedSqlError, split_statements

MIGRATIONS = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
# Seconds. Rewriting a large table's parts takes as long as it takes; silence for this long means a broken connection.
_STATEMENT_SECONDS = 6 * 3600

# ClickHouse's codes for "not there yet".
_UNKNOWN_TABLE = 60
_UNKNOWN_DATABASE = 81

# The newest row of a number counts. `withdrawn`: an operator undid the migration by hand; it is as if never begun.
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number UInt16,
    name String,
    checksum String COMMENT 'SHA-256 of the file, hexadecimal',
    started_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    finished_at Nullable(DateTime64(3, 'UTC')),
    withdrawn Bool,
    version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""


class MigrationRefusedError(Exception):
    """The files and what was applied do not fit together. The message says what a person has to do."""


@dataclass(frozen=True)
class Migration:
    """One file. `statements` are what it runs, in order."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number:04d}_{self.name}"


@dataclass(frozen=True)
class Record:
    """What ClickHouse knows of a migration."""

    number: int
    name: str
    checksum: str
    finished: bool

    def __str__(self) -> str:
        return f"{self.number:04d}_{self.name}"


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations in `folder`, by number. Raises MigrationRefusedError for a file that cannot be one."""
    migrations: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationRefusedError(f"{path.name} is not named like 0007_what_it_does.sql. Rename it.")
        text = path.read_bytes()
        try:
            statements = tuple(split_statements(text.decode()))
        except (UnfinishedSqlError, UnicodeDecodeError) as error:
            raise MigrationRefusedError(f"{path.name} cannot be read: {error}") from error
        if not statements:
            raise MigrationRefusedError(f"{path.name} holds no statement. Remove it, or write one.")
        migration = Migration(int(match[1]), match[2], sha256(text).hexdigest(), statements)
        if migration.number in migrations:
            raise MigrationRefusedError(
                f"{migrations[migration.number]} and {migration} have the same number. Renumber the newer one."
            )
        migrations[migration.number] = migration
    return list(migrations.values())


def recorded() -> list[Record]:
    """What was begun or applied, by number. Nothing when the database or the table is not there yet."""
    try:
        rows = client.query(
            "SELECT number, name, checksum, isNotNull(finished_at) FROM schema_migrations FINAL "
            "WHERE NOT withdrawn ORDER BY number"
        )
    except client.QueryFailedError as error:
        if error.code in {_UNKNOWN_TABLE, _UNKNOWN_DATABASE}:
            return []
        raise
    return [Record(number, name, checksum, bool(finished)) for number, name, checksum, finished in rows]


def pending(migrations: Sequence[Migration], records: Sequence[Record]) -> list[Migration]:
    """The migrations still to run, in order. Pure.

    Raises MigrationRefusedError, naming every fault, when one that was begun did not finish, was changed or is missing
    since, or when a new one stands before one already applied.
    """
    files = {migration.number: migration for migration in migrations}
    faults = [fault for record in records if (fault := _fault(record, files)) is not None]
    known = {record.number for record in records}
    newest = max(known, default=0)
    todo = [migration for migration in migrations if migration.number not in known]
    faults += [
        f"{migration} is new but stands before {newest:04d}, which is applied. Give it a number above {newest:04d}."
        for migration in todo
        if migration.number < newest
    ]
    if faults:
        raise MigrationRefusedError("\n".join(faults))
    return todo


def _fault(record: Record, files: Mapping[int, Migration]) -> str | None:
    file = files.get(record.number)
    if not record.finished:
        return (
            f"{record} was begun and not finished: it failed, or its migrator died, or is still running. Compare the "
            f"tables with the file. Then either complete its statements by hand and run "
            f"`migrate_clickhouse --mark-finished {record.number}`, or undo them by hand and run "
            f"`migrate_clickhouse --mark-undone {record.number}`."
        )
    if file is None:
        return (
            f"{record} is applied but its file is missing. Restore the file; this code may be older than the database."
        )
    if file.checksum != record.checksum or file.name != record.name:
        return (
            f"{record} was changed after it was applied. Restore the file as it was (SHA-256 {record.checksum}) and "
            "put the change into a new migration."
        )
    return None


def migrate(folder: Path = MIGRATIONS, *, report: Callable[[str], None] = lambda line: None) -> list[Migration]:
    """Applies what is pending, creating the database if needed, and returns what it applied.

    `report` gets a line for each step. Raises MigrationRefusedError; ClickHouseUnavailableError or
    QueryFailedError when a statement fails, after which that migration counts as unfinished.
    """
    client.create_database()
    client.command(_LEDGER)
    todo = pending(load(folder), recorded())
    for migration in todo:
        _write_started(migration)
        for place, statement in enumerate(migration.statements, start=1):
            report(f"{migration}: statement {place} of {len(migration.statements)}")
            client.command(statement, seconds=_STATEMENT_SECONDS)
        _write_ended(migration, withdrawn=False)
    return todo


def mark_finished(number: int, folder: Path = MIGRATIONS) -> None:
    """Writes down that an operator completed the unfinished migration `number` by hand."""
    _write_ended(_unfinished(number, folder), withdrawn=False)


def mark_undone(number: int, folder: Path = MIGRATIONS) -> None:
    """Writes down that an operator undid the unfinished migration `number` by hand; the next run applies it again."""
    _write_ended(_unfinished(number, folder), withdrawn=True)


def _unfinished(number: int, folder: Path) -> Migration:
    if not any(record.number == number and not record.finished for record in recorded()):
        raise MigrationRefusedError(f"Migration {number:04d} is not unfinished: nothing to mark.")
    for migration in load(folder):
        if migration.number == number:
            return migration
    raise MigrationRefusedError(f"The file of migration {number:04d} is missing. Restore it first.")


def _write_started(migration: Migration) -> None:
    client.command(
        "INSERT INTO schema_migrations (number, name, checksum) SELECT %(number)s, %(name)s, %(checksum)s",
        {"number": migration.number, "name": migration.name, "checksum": migration.checksum},
    )


def _write_ended(migration: Migration, *, withdrawn: bool) -> None:
    client.command(
        "INSERT INTO schema_migrations (number, name, checksum, started_at, finished_at, withdrawn) "
        "SELECT number, %(name)s, %(checksum)s, started_at, now64(3, 'UTC'), %(withdrawn)s "
        "FROM schema_migrations FINAL WHERE number = %(number)s",
        {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
            "withdrawn": int(withdrawn),
        },
    )
