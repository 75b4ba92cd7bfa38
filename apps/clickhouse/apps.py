from django.apps import AppConfig


class ClickHouseConfig(AppConfig):
    """The client and the migrator: the only folder that imports the driver."""

    name = "apps.clickhouse"
