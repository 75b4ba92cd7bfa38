from django.apps import AppConfig


class ClickHouseConfig(AppConfig):
    """The client and the migrator: the only folder that imports the driver."""

    name = "apps.clickhouse"

    def ready(self) -> None:
        """Makes `/readyz` ask ClickHouse."""
        from apps.clickhouse import client
        from apps.core import health

        health.add_check("clickhouse", lambda: client.command("SELECT 1", seconds=health.PATIENCE))
